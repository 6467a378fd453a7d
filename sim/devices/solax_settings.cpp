#include "sim/devices/solax_settings.h"

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <utility>

namespace hil::sim {
namespace {

constexpr double user_password = 2014.0;
constexpr double advanced_password = 6868.0;
constexpr double highest_word = 65535.0;
constexpr double highest_current_a = 300.0;
constexpr double highest_limit_w = 655350.0;
constexpr int minutes_an_hour = 60;
constexpr int hours_a_day = 24;
constexpr double end_of_day = 23 << 8 | 59;
constexpr double percent = 100.0;

struct KeptGroup {
  const char* name;
  int count;  ///< of one name each: NAME, or NAME1, NAME2 ...
  double delivered;
};
// Raw words. What they mean stands in the map.
constexpr std::array kept_groups{
    KeptGroup{"safety_code", 1, 0.0},
    KeptGroup{"fast_trip", 4, 0.0},
    KeptGroup{"ten_minute_trip", 1, 2530.0},
    KeptGroup{"slow_trip", 4, 0.0},
    KeptGroup{"reactive_mode", 1, 0.0},
    KeptGroup{"power_factor_curve", 12, 0.0},
    KeptGroup{"volt_var_curve", 12, 0.0},
    KeptGroup{"fixed_reactive", 1, 0.0},
    KeptGroup{"trip_time", 8, 0.0},
    KeptGroup{"over_frequency", 8, 0.0},
    KeptGroup{"under_frequency", 6, 0.0},
    KeptGroup{"connect_slope", 2, 0.0},
    KeptGroup{"volt_watt_curve", 10, 0.0},
    KeptGroup{"ride_through", 3, 0.0},
    KeptGroup{"power_limit", 7, 0.0},
    KeptGroup{"main_breaker", 1, 100.0},
    KeptGroup{"ct_bias", 1, 0.0},
    KeptGroup{"phase_balance", 1, 0.0},
    KeptGroup{"battery_type", 1, 1.0},
    KeptGroup{"lead_acid_voltage", 3, 0.0},
    KeptGroup{"self_use_backup", 2, 10.0},
    KeptGroup{"heating_enabled", 1, 0.0},
    KeptGroup{"shut_down", 1, 0.0},
    KeptGroup{"micro_grid", 1, 0.0},
    KeptGroup{"hot_standby_disabled", 1, 0.0},
    KeptGroup{"leaves_idle", 1, 0.0},
    KeptGroup{"mute", 1, 0.0},
    KeptGroup{"off_grid_frequency", 1, 0.0},
    KeptGroup{"off_grid_restart", 1, 10.0},
    KeptGroup{"off_grid_without_battery", 1, 0.0},
    KeptGroup{"fast_off_grid", 1, 0.0},
    KeptGroup{"generator_control", 2, 0.0},
    KeptGroup{"generator_rule", 8, 0.0},
    KeptGroup{"generator_window", 11, 0.0},
    KeptGroup{"load_management", 14, 0.0},
    KeptGroup{"meter_setting", 5, 0.0},
    KeptGroup{"ct_type", 1, 0.0},
    KeptGroup{"meter_or_ct", 1, 0.0},
    KeptGroup{"ct_check", 1, 0.0},
    KeptGroup{"modbus_address", 1, 1.0},
    KeptGroup{"modbus_speed", 1, 4.0},
    KeptGroup{"accessory_address", 2, 0.0},
    KeptGroup{"bus_resistor", 1, 0.0},
    KeptGroup{"rs485_use", 1, 0.0},
};

constexpr std::array<const char*, SolaxSettings::times> time_names{
    "charge1_from",    "charge1_to",    "discharge1_from", "discharge1_to", "charge2_from",  "charge2_to",
    "discharge2_from", "discharge2_to", "heating1_from",   "heating1_to",   "heating2_from", "heating2_to",
    "peak1_from",      "peak1_to",      "peak2_from",      "peak2_to"};

/// Hour in the high byte.
int hour_of(double time) {
  return static_cast<int>(time) >> 8;
}
int minute_of(double time) {
  return static_cast<int>(time) & 0xFF;
}
bool is_time(double time) {
  return hour_of(time) < hours_a_day && minute_of(time) < minutes_an_hour;
}

double in_two_bytes(double high_soc, double low) {
  return std::round(high_soc * percent) * 256.0 + low;
}

}  // namespace

SolaxSettings::SolaxSettings(const Values& delivered, bool takes_slave)
    : values_(delivered), takes_slave_(takes_slave) {
  std::size_t count = 0;
  for (const KeptGroup& group : kept_groups) count += static_cast<std::size_t>(group.count);
  kept_.reserve(count);
  for (const KeptGroup& group : kept_groups) {
    kept_.insert(kept_.end(), static_cast<std::size_t>(group.count), group.delivered);
  }
  times_[discharge1_to] = end_of_day;
  show();
}

DeviceFace::Reception SolaxSettings::receive() const {
  return locked() ? DeviceFace::Reception::fail : DeviceFace::Reception::take;
}

void SolaxSettings::setting(DeviceFace& face, const char* name, double* value, double lowest, double highest) {
  face.setting(name, value, lowest, highest);
  face.receive_by([this] { return receive(); });
  face.when_written([this] { show(); });
}

void SolaxSettings::choice(DeviceFace& face, const char* name, double* value, std::vector<double> allowed) {
  face.choice(name, value, std::move(allowed));
  face.receive_by([this] { return receive(); });
  face.when_written([this] { show(); });
}

void SolaxSettings::publish_action(DeviceFace& face, const char* name, std::function<void()> act) {
  face.action(name, [does = std::move(act)](double) { does(); });
  face.receive_by([this] { return receive(); });
}

void SolaxSettings::publish(DeviceFace& face) {
  face.action("unlock_password", [this](double password) {
    lock_ = password == user_password ? 1.0 : password == advanced_password ? 2.0 : 0.0;
  });
  face.signal("lock_state", &lock_);
  choice(face, "system_on", &values_.system_on, {0.0, 1.0});
  choice(face, "work_mode", &values_.work_mode, {0.0, 1.0, 2.0, 3.0, 4.0});
  choice(face, "manual_action", &values_.manual_action, {0.0, 1.0, 2.0});
  std::vector<double> roles{0.0, 1.0};
  if (takes_slave_) roles.push_back(2.0);
  choice(face, "parallel_role_setting", &values_.parallel_role, std::move(roles));
  publish_battery(face);
  publish_grid(face);
  publish_times(face);
  publish_kept(face);
}

void SolaxSettings::publish_battery(DeviceFace& face) {
  setting(face, "battery_max_charge_a", &values_.max_charge_a, 0.0, highest_current_a);
  setting(face, "battery_max_discharge_a", &values_.max_discharge_a, 0.0, highest_current_a);
  setting(face, "charge_to_soc", &values_.charge_to_soc, 0.0, 1.0);
  setting(face, "self_use_min_soc", &values_.self_use_min_soc, 0.0, 1.0);
  choice(face, "self_use_grid_charge", &values_.self_use_grid_charge, {0.0, 1.0});
  setting(face, "self_use_grid_charge_to_soc", &values_.self_use_grid_charge_to_soc, 0.0, 1.0);
  setting(face, "feed_in_charge_to_soc", &values_.feed_in_charge_to_soc, 0.0, 1.0);
  setting(face, "feed_in_min_soc", &values_.feed_in_min_soc, 0.0, 1.0);
  setting(face, "backup_charge_to_soc", &values_.backup_charge_to_soc, 0.0, 1.0);
  setting(face, "backup_min_soc", &values_.backup_min_soc, 0.0, 1.0);
  setting(face, "off_grid_min_soc", &values_.off_grid_min_soc, 0.0, 1.0);
  choice(face, "second_windows", &values_.second_windows, {0.0, 1.0});
  setting(face, "peak_limit1_w", &values_.peak_limit_w[0], 0.0, highest_limit_w);
  setting(face, "peak_limit2_w", &values_.peak_limit_w[1], 0.0, highest_limit_w);
  choice(face, "peak_grid_charge", &values_.peak_grid_charge, {0.0, 1.0});
  setting(face, "peak_grid_charge_w", &values_.peak_grid_charge_w, 0.0, highest_word);
  setting(face, "peak_charge_to_soc", &values_.peak_charge_to_soc, 0.0, 1.0);
  setting(face, "peak_reserve_soc", &values_.peak_reserve_soc, 0.0, 1.0);
  // Settings, so that they read back at once.
  face.setting("self_use_word", &self_use_word_, 0.0, highest_word);
  face.setting("feed_in_word", &feed_in_word_, 0.0, highest_word);
  face.setting("backup_word", &backup_word_, 0.0, highest_word);
}

void SolaxSettings::publish_grid(DeviceFace& face) {
  setting(face, "export_limit_w", &values_.export_limit_w, 0.0, highest_limit_w);
  setting(face, "export_limit_factory_w", &values_.export_limit_factory_w, 0.0, highest_limit_w);
  setting(face, "active_power_limit", &values_.active_power_limit, 0.0, 1.0);
  setting(face, "reconnection_s", &values_.reconnection_s, 0.0, highest_word);
  setting(face, "checking_s", &values_.checking_s, 0.0, highest_word);
}

void SolaxSettings::publish_times(DeviceFace& face) {
  for (std::size_t i = 0; i < times; ++i) {
    setting(face, time_names[i], &times_[i], 0.0, highest_word);
    face.accept_if(is_time);
    face.setting(std::string(time_names[i]) + "_shown", &shown_times_[i], 0.0, highest_word);
  }
}

void SolaxSettings::publish_kept(DeviceFace& face) {
  auto value = kept_.begin();
  for (const KeptGroup& group : kept_groups) {
    for (int i = 1; i <= group.count; ++i, ++value) {
      const std::string name = group.count == 1 ? group.name : fmt::format("{}{}", group.name, i);
      setting(face, name.c_str(), &*value, 0.0, highest_word);
    }
  }
}

void SolaxSettings::show() {
  for (std::size_t i = 0; i < times; ++i) shown_times_[i] = minute_of(times_[i]) << 8 | hour_of(times_[i]);
  self_use_word_ = in_two_bytes(values_.self_use_min_soc, values_.self_use_grid_charge);
  feed_in_word_ = in_two_bytes(values_.feed_in_charge_to_soc, std::round(values_.feed_in_min_soc * percent));
  backup_word_ = in_two_bytes(values_.backup_charge_to_soc, std::round(values_.backup_min_soc * percent));
}

// A window of no length is closed; one that ends before it begins goes over midnight.
bool SolaxSettings::within(DayTime from, int minute_of_day) const {
  const auto minute_at = [this](std::size_t place) {
    return hour_of(times_[place]) * minutes_an_hour + minute_of(times_[place]);
  };
  const int begin = minute_at(from);
  const int end = minute_at(from + 1);
  if (begin == end) return false;
  const bool after_begin = minute_of_day >= begin;
  const bool before_end = minute_of_day <= end;
  return begin < end ? after_begin && before_end : after_begin || before_end;
}

bool SolaxSettings::charges_at(int minute_of_day) const {
  return within(charge1_from, minute_of_day) || (values_.second_windows != 0.0 && within(charge2_from, minute_of_day));
}

std::optional<double> SolaxSettings::peak_limit_w(int minute_of_day) const {
  if (within(peak1_from, minute_of_day)) return values_.peak_limit_w[0];
  if (within(peak2_from, minute_of_day)) return values_.peak_limit_w[1];
  return std::nullopt;
}

bool SolaxSettings::discharges_at(int minute_of_day) const {
  return within(discharge1_from, minute_of_day) ||
         (values_.second_windows != 0.0 && within(discharge2_from, minute_of_day));
}

}  // namespace hil::sim
