#pragma once

#include <chrono>

#include "sim/devices/device_face.h"
#include "sim/kernel/kernel.h"

namespace hil::sim {

/// Clock of an ET in virtual time (45200.., 35100..): three words of two bytes, year - 2000 / month, day / hour,
/// minute / second. A master sets it with one write of all three, or word by word.
class EtClock {
 public:
  using Instant = std::chrono::sys_seconds;

  explicit EtClock(Instant start) : at_zero_(start) { refresh(Time{0}); }
  EtClock(const EtClock&) = delete;  // the face points into it
  EtClock& operator=(const EtClock&) = delete;

  /// Settings clock_year_month, clock_day_hour, clock_minute_second.
  void publish(DeviceFace& face);
  void refresh(Time now);

  Instant instant() const { return instant_; }
  std::chrono::sys_days day() const { return std::chrono::floor<std::chrono::days>(instant_); }

 private:
  void set_from_words();

  Instant at_zero_;  ///< of virtual time
  Instant instant_;
  std::chrono::seconds now_{0};
  double year_month_ = 0.0;
  double day_hour_ = 0.0;
  double minute_second_ = 0.0;
};

}  // namespace hil::sim
