#pragma once

#include <array>
#include <chrono>

#include "sim/devices/device_face.h"
#include "sim/kernel/kernel.h"

namespace hil::sim {

/// Clock of a SolaX inverter in virtual time: six words from second to year (two digits). A master sets it with one
/// write of all of them.
class SolaxClock {
 public:
  using Instant = std::chrono::sys_seconds;

  explicit SolaxClock(Instant start) : at_zero_(start) { refresh(Time{0}); }
  SolaxClock(const SolaxClock&) = delete;  // the face points into it
  SolaxClock& operator=(const SolaxClock&) = delete;

  /// Settings clock_second .. clock_year.
  void publish(DeviceFace& face);
  void refresh(Time now);

  std::chrono::sys_days day() const { return std::chrono::floor<std::chrono::days>(instant_); }
  int minute_of_day() const;

 private:
  enum Word : std::size_t { second, minute, hour, day_of_month, month, year, words };
  void set_from_words();

  Instant at_zero_;  ///< of virtual time
  Instant instant_;
  std::chrono::seconds now_{0};
  std::array<double, words> words_{};
};

}  // namespace hil::sim
