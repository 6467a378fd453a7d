#pragma once

#include <optional>
#include <string_view>

namespace hil::harness {

inline constexpr std::string_view time_stamp_form = "2026-06-21T10:00:00Z";

/// An instant of the calendar, 1950 to 2099.
struct TimeStamp {
  double local_s = 0.0;            ///< since 1970 by the clock that was read
  std::optional<double> offset_s;  ///< of that clock against UTC, east positive; nullopt: not told
};

/// "2026-06-21T10:00:00Z", "2026-06-21 12:00:00+02:00", "2026-06-21T12:00": a blank for the T, no seconds, no zone are
/// allowed. nullopt: it is none.
std::optional<TimeStamp> parse_time_stamp(std::string_view text);

/// Seconds since 1970 of "2026-06-21T10:00:00Z", blanks around it aside; nullopt: it looks otherwise.
std::optional<double> parse_utc_stamp(std::string_view text);

/// "Z", "+02:00", "-05:30": seconds east of UTC, within 14 h of it.
std::optional<double> parse_utc_offset(std::string_view text);

}  // namespace hil::harness
