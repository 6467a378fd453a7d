#include "harness/scenario/time_stamp.h"

#include <array>
#include <chrono>

#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

constexpr int farthest_offset_h = 14;
constexpr int first_year = 1950;
constexpr int last_year = 2099;

/// Takes `count` digits off the front.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (const char digit : text.substr(0, count)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    value = value * 10 + (digit - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

/// Two digits up to `highest`, behind a separator.
std::optional<int> take_part(std::string_view& text, char separator, int highest) {
  if (!take(text, separator)) return std::nullopt;
  const std::optional<int> part = take_digits(text, 2);
  return part && *part <= highest ? part : std::nullopt;
}

/// Seconds from 1970 to the beginning of a day.
std::optional<double> take_day(std::string_view& text) {
  const auto year = take_digits(text, 4);
  const auto month = year ? take_part(text, '-', 12) : std::nullopt;
  const auto day = month ? take_part(text, '-', 31) : std::nullopt;
  if (!day || *year < first_year || *year > last_year) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return 86'400.0 * static_cast<double>(std::chrono::sys_days{date}.time_since_epoch().count());
}

}  // namespace

std::optional<double> parse_utc_offset(std::string_view text) {
  if (text == "Z") return 0.0;
  const double sign = text.starts_with('-') ? -1.0 : 1.0;
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const auto hours = take_digits(text, 2);
  const auto minutes = hours ? take_part(text, ':', 59) : std::nullopt;
  if (!minutes || !text.empty() || *hours * 60 + *minutes > farthest_offset_h * 60) return std::nullopt;
  return sign * (*hours * 3600.0 + *minutes * 60.0);
}

std::optional<TimeStamp> parse_time_stamp(std::string_view text) {
  const auto day_s = take_day(text);
  if (!day_s || text.empty()) return std::nullopt;
  const char between = text.front();
  if (between != 'T' && between != ' ') return std::nullopt;
  const auto hour = take_part(text, between, 23);
  const auto minute = hour ? take_part(text, ':', 59) : std::nullopt;
  if (!minute) return std::nullopt;
  TimeStamp stamp{*day_s + *hour * 3600.0 + *minute * 60.0, std::nullopt};
  if (text.starts_with(':')) {
    const auto second = take_part(text, ':', 59);
    if (!second) return std::nullopt;
    stamp.local_s += *second;
  }
  if (text.empty()) return stamp;
  stamp.offset_s = parse_utc_offset(text);
  return stamp.offset_s ? std::optional(stamp) : std::nullopt;
}

std::optional<double> parse_utc_stamp(std::string_view text) {
  text = trimmed(text);
  if (text.size() != time_stamp_form.size() || text[10] != 'T' || text.back() != 'Z') return std::nullopt;
  const std::optional<TimeStamp> stamp = parse_time_stamp(text);
  return stamp ? std::optional(stamp->local_s) : std::nullopt;
}

}  // namespace hil::harness
