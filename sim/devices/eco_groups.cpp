#include "sim/devices/eco_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hil::sim {
namespace {

constexpr double highest_word = 65535.0;
constexpr int all_months = 0x0FFF;
constexpr double w_of_power_word = 10.0;    // of peak shaving; of a smart dry contact assumed
constexpr double s_of_least_time = 6000.0;  // a minute for each hundredth; assumed

/// High byte of the second form's third word while it is switched on (6.6).
enum Switch : int {
  eco = 0xFF,
  dry_contact = 0xFE,
  smart_dry_contact = 0xFD,
  peak_shaving = 0xFC,
  backup = 0xFB,
  eco_745 = 0xF9
};

int high_byte(double word) {
  return static_cast<int>(word) >> 8;
}
int low_byte(double word) {
  return static_cast<int>(word) & 0xFF;
}

/// Minutes of the day; nothing for a time that no clock has.
std::optional<int> minutes_of(double word) {
  if (high_byte(word) > 23 || low_byte(word) > 59) return std::nullopt;
  return high_byte(word) * 60 + low_byte(word);
}

bool covers(double start_word, double end_word, int minute) {
  const auto start = minutes_of(start_word);
  const auto end = minutes_of(end_word);
  if (!start || !end) return false;
  return *start <= *end ? minute >= *start && minute < *end : minute >= *start || minute < *end;
}

bool has_bit(int bits, unsigned bit) {
  return (static_cast<unsigned>(bits) >> bit & 1U) != 0;
}

std::optional<EcoGroups::Order> order_of(int type, double power, double soc) {
  switch (type) {
    case eco:
      return EcoGroups::Order{EcoGroups::Kind::eco, power / 100.0, 0.0, soc};
    case eco_745:
      return EcoGroups::Order{EcoGroups::Kind::eco, power / 1000.0, 0.0, soc};
    case peak_shaving:
      return EcoGroups::Order{EcoGroups::Kind::peak_shaving, 0.0, std::abs(power) * w_of_power_word, soc};
    case backup:
      return EcoGroups::Order{EcoGroups::Kind::backup, 0.0, 0.0, soc};
    default:
      return std::nullopt;
  }
}

}  // namespace

void EcoGroups::publish(DeviceFace& face) {
  const auto word = [&](const std::string& name, double* value) { face.setting(name, value, 0.0, highest_word); };
  const auto power = [&](const std::string& name, double* value) { face.setting(name, value, -32768.0, 32767.0); };
  for (std::size_t i = 0; i < first_.size(); ++i) {
    const std::string group = fmt::format("eco{}_", i + 1);
    word(group + "start", &first_[i].start);
    word(group + "end", &first_[i].end);
    power(group + "power", &first_[i].power);
    word(group + "days", &first_[i].days);
  }
  for (std::size_t i = 0; i < second_.size(); ++i) {
    const std::string group = fmt::format("group{}_", i + 1);
    word(group + "start", &second_[i].start);
    word(group + "end", &second_[i].end);
    word(group + "switch", &second_[i].switch_days);
    power(group + "power", &second_[i].power);
    word(group + "soc", &second_[i].soc);
    word(group + "months", &second_[i].months);
  }
}

void EcoGroups::clear_first_form() {
  first_ = {};
}

EcoGroups::Moment EcoGroups::moment_of(EtClock::Instant instant) {
  using namespace std::chrono;
  const sys_days day = floor<days>(instant);
  return {.minute = static_cast<int>(floor<minutes>(instant - day).count()),
          .weekday_bit = weekday{day}.c_encoding(),  // 0 is Sunday
          .month_bit = unsigned{year_month_day{day}.month()} - 1};
}

bool EcoGroups::acts(const Second& group, const Moment& moment) {
  const int months = static_cast<int>(group.months);
  const bool this_month = months == 0 || months == all_months || has_bit(months, moment.month_bit);
  return this_month && has_bit(low_byte(group.switch_days), moment.weekday_bit) &&
         covers(group.start, group.end, moment.minute);
}

std::optional<EcoGroups::Order> EcoGroups::order_at(EtClock::Instant instant) const {
  const Moment moment = moment_of(instant);
  for (const Second& group : second_) {
    if (!acts(group, moment)) continue;
    if (const auto order = order_of(high_byte(group.switch_days), group.power, group.soc)) return order;
  }
  for (const First& group : first_) {
    if (high_byte(group.days) != eco || !has_bit(low_byte(group.days), moment.weekday_bit)) continue;
    if (covers(group.start, group.end, moment.minute)) return order_of(eco, group.power, 0.0);
  }
  return std::nullopt;
}

bool EcoGroups::dry_contact_at(EtClock::Instant instant) const {
  const Moment moment = moment_of(instant);
  return std::any_of(second_.begin(), second_.end(), [&](const Second& group) {
    return high_byte(group.switch_days) == dry_contact && acts(group, moment);
  });
}

std::optional<EcoGroups::SmartContact> EcoGroups::smart_contact_at(EtClock::Instant instant) const {
  const Moment moment = moment_of(instant);
  const auto group = std::find_if(second_.begin(), second_.end(), [&](const Second& each) {
    return high_byte(each.switch_days) == smart_dry_contact && acts(each, moment);
  });
  if (group == second_.end()) return std::nullopt;
  return SmartContact{std::abs(group->power) * w_of_power_word, group->soc * s_of_least_time};
}

}  // namespace hil::sim
