#pragma once

#include <cstdint>
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

/// Civil time as it is stored: local, as LAN command 05 sets it. Kept for showing; nothing is controlled by it.
struct StoredClock {
  bool valid = false;
  std::uint32_t seconds_since_2000 = 0;  ///< 2000-01-01 00:00:00
  bool operator==(const StoredClock&) const = default;
};

/// Civil time as an offset to the time since start: unknown until it is set. Stored when it is set and each hour, so
/// after a loss of power it is behind by that and by the time without power, until somebody sets it.
class CivilClock {
 public:
  /// False, and nothing is changed: there is no such time.
  bool set(const CivilTime& civil, Time now) noexcept;
  /// What was stored is the time now, at the start.
  void restore(const StoredClock& stored, Time now) noexcept;
  /// True once an hour, and after each set().
  bool save_due(Time now) noexcept;
  StoredClock stored(Time now) const noexcept;
  Time next_save() const noexcept { return offset_ ? save_at_ : Time::max(); }
  /// nullopt: never set.
  std::optional<CivilTime> at(Time now) const noexcept;

 private:
  std::optional<Time> offset_;  ///< from 1970-01-01 00:00:00
  Time save_at_{0};
};

}  // namespace hil::controller
