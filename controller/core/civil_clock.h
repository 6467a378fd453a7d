#pragma once

#include <optional>

#include "controller/settings.h"

namespace hil::controller {

/// A local date and time of day, as the LAN protocol sets it; no time zone, no summer time.
struct CivilTime {
  int year = 2000;  ///< 2000..2099
  int month = 1;    ///< 1..12
  int day = 1;      ///< 1..31
  int hour = 0;     ///< 0..23
  int minute = 0;
  int second = 0;
  bool operator==(const CivilTime&) const = default;
};
/// False: no such date (leap years count) or time of day.
bool exists(const CivilTime& civil) noexcept;

/// Civil time as an offset to the time since start: unknown until it is set, lost with the power.
class CivilClock {
 public:
  /// False, and nothing is changed: there is no such time.
  bool set(const CivilTime& civil, Time now) noexcept;
  /// nullopt: never set.
  std::optional<CivilTime> at(Time now) const noexcept;

 private:
  std::optional<Time> offset_;  ///< from 1970-01-01 00:00:00
};

}  // namespace hil::controller
