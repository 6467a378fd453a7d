#include "controller/core/civil_clock.h"

namespace hil::controller {
namespace {

std::chrono::year_month_day date_of(const CivilTime& civil) {
  return {std::chrono::year{civil.year}, std::chrono::month{static_cast<unsigned>(civil.month)},
          std::chrono::day{static_cast<unsigned>(civil.day)}};
}

constexpr Time between_saves = std::chrono::hours{1};
constexpr Time year_2000 = std::chrono::sys_days{std::chrono::year{2000} / 1 / 1}.time_since_epoch();

bool within(int value, int lowest, int highest) {
  return value >= lowest && value <= highest;
}

}  // namespace

bool exists(const CivilTime& civil) noexcept {
  return within(civil.year, 2000, 2099) && within(civil.month, 1, 12) && within(civil.day, 1, 31) &&
         date_of(civil).ok() && within(civil.hour, 0, 23) && within(civil.minute, 0, 59) && within(civil.second, 0, 59);
}

bool CivilClock::set(const CivilTime& civil, Time now) noexcept {
  if (!exists(civil)) return false;
  const Time since_epoch = std::chrono::sys_days{date_of(civil)}.time_since_epoch() + std::chrono::hours{civil.hour} +
                           std::chrono::minutes{civil.minute} + std::chrono::seconds{civil.second};
  offset_ = since_epoch - now;
  save_at_ = now;
  return true;
}

void CivilClock::restore(const StoredClock& stored, Time now) noexcept {
  if (!stored.valid) return;
  offset_ = year_2000 + std::chrono::seconds{stored.seconds_since_2000} - now;
  save_at_ = now + between_saves;
}

bool CivilClock::save_due(Time now) noexcept {
  if (!offset_ || now < save_at_) return false;
  save_at_ = now + between_saves;
  return true;
}

StoredClock CivilClock::stored(Time now) const noexcept {
  if (!offset_) return {};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*offset_ + now - year_2000);
  return {true, static_cast<std::uint32_t>(seconds.count())};
}

std::optional<CivilTime> CivilClock::at(Time now) const noexcept {
  if (!offset_) return std::nullopt;
  const std::chrono::sys_time<Time> instant{*offset_ + now};
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(instant - day)};
  return CivilTime{static_cast<int>(date.year()),
                   static_cast<int>(static_cast<unsigned>(date.month())),
                   static_cast<int>(static_cast<unsigned>(date.day())),
                   static_cast<int>(time.hours().count()),
                   static_cast<int>(time.minutes().count()),
                   static_cast<int>(time.seconds().count())};
}

}  // namespace hil::controller
