#include "sim/devices/solax_clock.h"

namespace hil::sim {
namespace {

constexpr int first_year = 2000;

}  // namespace

void SolaxClock::publish(DeviceFace& face) {
  const auto setting = [&](const char* name, Word word, double lowest, double highest) {
    face.setting(name, &words_[word], lowest, highest);
    face.when_written([this] { set_from_words(); });
  };
  setting("clock_second", second, 0.0, 59.0);
  setting("clock_minute", minute, 0.0, 59.0);
  setting("clock_hour", hour, 0.0, 23.0);
  setting("clock_day", day_of_month, 1.0, 31.0);
  setting("clock_month", month, 1.0, 12.0);
  setting("clock_year", year, 0.0, 99.0);
}

void SolaxClock::refresh(Time now) {
  now_ = std::chrono::floor<std::chrono::seconds>(now);
  const Instant instant = at_zero_ + now_;
  if (instant == instant_ && now != Time{0}) return;
  instant_ = instant;
  const std::chrono::year_month_day date{day()};
  const std::chrono::hh_mm_ss time{instant_ - day()};
  words_[second] = static_cast<double>(time.seconds().count());
  words_[minute] = static_cast<double>(time.minutes().count());
  words_[hour] = static_cast<double>(time.hours().count());
  words_[day_of_month] = unsigned{date.day()};
  words_[month] = unsigned{date.month()};
  words_[year] = static_cast<int>(date.year()) - first_year;
}

int SolaxClock::minute_of_day() const {
  return static_cast<int>(std::chrono::floor<std::chrono::minutes>(instant_ - day()).count());
}

// A day that its month does not have runs on into the next month.
void SolaxClock::set_from_words() {
  const auto word = [this](Word place) { return static_cast<int>(words_[place]); };
  const std::chrono::year_month_day first{std::chrono::year{first_year + word(year)},
                                          std::chrono::month{static_cast<unsigned>(word(month))}, std::chrono::day{1}};
  instant_ = std::chrono::sys_days{first} + std::chrono::days{word(day_of_month) - 1} + std::chrono::hours{word(hour)} +
             std::chrono::minutes{word(minute)} + std::chrono::seconds{word(second)};
  at_zero_ = instant_ - now_;
}

}  // namespace hil::sim
