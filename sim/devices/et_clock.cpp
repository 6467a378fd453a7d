#include "sim/devices/et_clock.h"

namespace hil::sim {
namespace {

using std::chrono::floor;

constexpr int first_year = 2000;
constexpr double highest_word = 65535.0;

int high_byte(double word) {
  return static_cast<int>(word) >> 8;
}
int low_byte(double word) {
  return static_cast<int>(word) & 0xFF;
}
double word_of(unsigned high, unsigned low) {
  return high << 8 | low;
}

}  // namespace

void EtClock::publish(DeviceFace& face) {
  const auto setting = [&](const char* name, double* word, int high_from, int high_to, int low_from, int low_to) {
    face.setting(name, word, 0.0, highest_word);
    face.accept_if([=](double value) {
      const int high = high_byte(value);
      const int low = low_byte(value);
      return high >= high_from && high <= high_to && low >= low_from && low <= low_to;
    });
    face.when_written([this] { set_from_words(); });
  };
  setting("clock_year_month", &year_month_, 0, 99, 1, 12);
  setting("clock_day_hour", &day_hour_, 1, 31, 0, 23);
  setting("clock_minute_second", &minute_second_, 0, 59, 0, 59);
}

void EtClock::refresh(Time now) {
  now_ = floor<std::chrono::seconds>(now);
  if (const Instant instant = at_zero_ + now_; instant != instant_ || now == Time{0}) {
    instant_ = instant;
    const std::chrono::year_month_day date{day()};
    const std::chrono::hh_mm_ss time{instant_ - day()};
    year_month_ = word_of(static_cast<unsigned>(static_cast<int>(date.year()) - first_year), unsigned{date.month()});
    day_hour_ = word_of(unsigned{date.day()}, static_cast<unsigned>(time.hours().count()));
    minute_second_ =
        word_of(static_cast<unsigned>(time.minutes().count()), static_cast<unsigned>(time.seconds().count()));
  }
}

// A day that its month does not have runs on into the next month.
void EtClock::set_from_words() {
  using namespace std::chrono;
  const year_month_day first{year{first_year + high_byte(year_month_)},
                             month{static_cast<unsigned>(low_byte(year_month_))}, std::chrono::day{1}};
  instant_ = sys_days{first} + days{high_byte(day_hour_) - 1} + hours{low_byte(day_hour_)} +
             minutes{high_byte(minute_second_)} + seconds{low_byte(minute_second_)};
  at_zero_ = instant_ - now_;
}

}  // namespace hil::sim
