// What the ET offers to maps and recorders, by name.
#include <fmt/format.h>

#include <cmath>
#include <memory>

#include "sim/devices/goodwe_et.h"

namespace hil::sim {
namespace {

constexpr double highest_setting_a = 100.0;     // 45353, 45355: raw 0..1000 tenths (6.2)
constexpr double highest_reactive_share = 0.6;  // 45483 (6.3)
constexpr double soc_to_spare = 0.02;           // 47546 must exceed the present SOC by 2 % (1.4)
constexpr double least_fall_back_s = 60.0;      // 47118: 1..60 min
constexpr double longest_fall_back_s = 3600.0;
constexpr double highest_word = 65535.0;
constexpr double longest_start_delay_s = highest_word * 0.02;  // 45256
constexpr double highest_double_word_w = 4294967295.0;
constexpr double default_safety_country = 32.0;  // 35186: default 50 Hz 230 V

/// 45482: 0..20 and 80..100.
bool is_power_factor_code(double code) {
  return code <= 20.0 || code >= 80.0;
}

}  // namespace

void GoodweEt::publish_face() {
  face_.text("serial", &identity_.serial);
  face_.text("model", &identity_.model);
  face_.text("dsp_firmware", &dsp_name_);
  face_.text("arm_firmware", &arm_name_);
  face_.signal("rated_w", &identity_.rated_w);
  face_.signal("dsp_version", &identity_.dsp_version);
  face_.signal("arm_version", &identity_.arm_version);
  face_.signal("grid_mode", &grid_mode_);
  face_.signal("work_mode", &work_mode_);

  face_.signal("battery_mode", &battery_.mode);
  face_.signal("battery_soc", &battery_.soc);
  face_.signal("battery_soh", &battery_.soh);
  face_.signal("battery_modules", &battery_.modules);
  face_.signal("battery_c", &battery_.temperature_c);
  face_.signal("bms_max_charge_a", &battery_.max_charge_a);
  face_.signal("bms_max_discharge_a", &battery_.max_discharge_a);
  face_.signal("cell_max_c", &battery_.cell_max_c);
  face_.signal("cell_min_c", &battery_.cell_min_c);
  face_.signal("cell_max_v", &battery_.cell_max_v);
  face_.signal("cell_min_v", &battery_.cell_min_v);

  readings_.publish(face_);
  clock_.publish(face_);
  groups_.publish(face_);
  counters_.publish(face_);
  demand_response_.publish(face_);
  supplied_.publish(face_);
  alarm_words_.publish(face_);
  grid_code_.publish(face_);
  publish_settings();
  publish_battery_settings();
  publish_port_settings();
}

void GoodweEt::publish_settings() {
  face_.choice("work_mode_setting", &set_.work_mode, {0.0, 1.0, 2.0, 3.0, 4.0, 5.0});
  face_.choice("export_limit_enabled", &set_.export_limit_enabled, {0.0, 1.0});
  face_.setting("export_limit_w", &set_.export_limit_w, -highest_double_word_w, highest_double_word_w);
  face_.choice("ems_mode", &set_.ems_mode, {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 255.0});
  face_.when_written([this] { last_order_ = now_; });
  face_.setting("ems_power_w", &set_.ems_power_w, 0.0, highest_double_word_w);
  face_.when_written([this] { last_order_ = now_; });
  face_.setting("active_power_limit", &set_.active_power_limit, 0.0, 1.0);
  face_.setting("power_factor_code", &set_.power_factor_code, 0.0, 100.0);
  face_.accept_if(is_power_factor_code);
  face_.setting("reactive_share", &set_.reactive_share, -highest_reactive_share, highest_reactive_share);
  face_.choice("backup_enabled", &set_.backup_enabled, {0.0, 1.0});
  face_.choice("backup_autostart", &set_.backup_autostart, {0.0, 1.0});
  face_.choice("unbalanced_output", &set_.unbalanced_output, {0.0, 1.0});
  for (std::size_t phase = 0; phase < models::phase_count; ++phase) {
    face_.setting(fmt::format("l{}_power_limit", phase + 1), &set_.phase_power_limit[phase], 0.0, 1.0);
  }
  face_.choice("backup_from_grid", &set_.backup_from_grid, {0.0, 1.0});
  face_.setting("backup_grid_share", &set_.backup_grid_share, 0.0, 1.0);
  face_.setting("self_use_shift_export_w", &set_.shift_export_w, -highest_word, highest_word);
  face_.setting("peak_shaving_import_w", &set_.peak_import_w, 0.0, highest_double_word_w);
  face_.setting("peak_shaving_soc", &set_.peak_soc, 0.0, 1.0);
  face_.choice("remote_fall_back", &set_.fall_back, {0.0, 1.0});
  face_.setting("remote_fall_back_s", &set_.fall_back_s, least_fall_back_s, longest_fall_back_s);

  face_.action("clear_eco_groups", [this](double) {
    groups_.clear_first_form();
    set_.work_mode = 0.0;
  });
  face_.action("clear_energy", [this](double) { counters_.clear(); });
  face_.action("reconnect", [this](double) { restarts_until_ = now_ + reconnect_time; });
  face_.action("restart", [this](double) {
    restarts_until_ = now_ + restart_time;
    serial_change_at_ = restarts_until_;
    unbalanced_output_ = set_.unbalanced_output;
  });
}

void GoodweEt::publish_port_settings() {
  const auto change_soon = [this] {
    if (!serial_settings_need_restart_) serial_change_at_ = now_ + serial_change;
  };
  face_.setting("serial_address", &set_.serial_port.address, 1.0, 247.0);
  face_.when_written(change_soon);
  face_.choice("serial_baud", &set_.serial_port.baud,
               {1200.0, 2400.0, 4800.0, 9600.0, 19200.0, 38400.0, 57600.0, 115200.0});
  face_.when_written(change_soon);

  face_.setting("backup_start_delay_s", &set_.backup_start_delay_s, 0.0, longest_start_delay_s);
  face_.when_written([this] { backup_delay_written_ = true; });
  face_.choice("backup_voltage_code", &set_.backup_voltage_code, {0.0, 1.0, 2.0, 3.0});
  face_.when_written([this] { backup_voltage_written_ = true; });
  face_.choice("load_control", &set_.load_control, {0.0, 1.0, 2.0});
  face_.choice("load_control_on", &set_.load_control_on, {0.0, 1.0});
  face_.setting("load_control_soc", &set_.load_control_soc, 0.0, 1.0);

  // Acts on nothing, since the scenario's grid code decides: the face alone holds it.
  const auto safety_country = std::make_shared<double>(default_safety_country);
  face_.setting("safety_country", safety_country.get(), 0.0, highest_word);
  face_.when_written([safety_country] {});
}

void GoodweEt::publish_battery_settings() {
  face_.setting("battery_max_charge_a", &settings_.battery_max_charge_a, 0.0, highest_setting_a);
  face_.setting("battery_max_discharge_a", &settings_.battery_max_discharge_a, 0.0, highest_setting_a);
  face_.setting("battery_max_charge_v", &set_.max_charge_v, 0.0, highest_word);
  face_.setting("battery_min_discharge_v", &set_.min_discharge_v, 0.0, highest_word);
  face_.setting("battery_min_off_grid_v", &set_.min_off_grid_v, 0.0, highest_word);
  face_.setting("soc_floor", &settings_.soc_floor, 0.0, 1.0);
  face_.setting("soc_floor_off_grid", &set_.soc_floor_off_grid, 0.0, 1.0);
  face_.setting("soc_ceiling", &set_.soc_ceiling, 0.0, 1.0);
  face_.choice("floor_protection_off", &set_.floor_protection_off, {0.0, 1.0});
  face_.setting("forced_charge_from_soc", &set_.forced_from_soc, 0.0, 1.0);
  face_.setting("forced_charge_to_soc", &set_.forced_to_soc, 0.0, 1.0);
  face_.choice("fast_charge", &set_.fast_charge, {0.0, 1.0});
  face_.setting("fast_charge_soc", &set_.fast_charge_soc, 0.0, 1.0);
  face_.accept_if([this](double value) { return value >= soc() + soc_to_spare; });
  face_.setting("fast_charge_share", &set_.fast_charge_share, 0.0, 1.0);
}

void GoodweEt::register_signals(SignalRegistry& registry) const {
  const auto add = [&](const std::string& signal, const char* description, const double* value) {
    registry.add(name_ + "." + signal, description, value);
  };
  add("pv_w", "PV power taken", &live_.pv_w);
  add("pv_available_w", "PV power at the maximum power point", &live_.pv_available_w);
  add("battery_discharge_w", "battery power; negative: charge", &live_.battery_discharge_w);
  add("battery_soc", "state of charge, 0..1", &live_.battery_soc);
  add("battery_v", "battery terminal voltage", &live_.battery_v);
  add("ac_injection_w", "AC power into the site", &live_.ac_injection_w);
  add("export_limit_w", "register 47510 as written", &set_.export_limit_w);
  add("export_limit_enabled", "register 47509: 1 while the export limit acts", &set_.export_limit_enabled);
  add("ems_mode",
      "register 47511 as written: 1 automatic, 2 charge from PV, 3 discharge and PV, 4 import AC, 5 export AC, 6 "
      "conserve, "
      "7 off grid, 8 battery standby, 9 buy power, 10 sell power, 11 charge battery, 12 discharge battery, 255 stopped",
      &set_.ems_mode);
  add("ems_power_w", "register 47512 as written", &set_.ems_power_w);
  add("freeze_state", "export-limit freeze: 0 normal, 1 cut, 2 hold, 3 ramp", &live_.freeze_state);
  for (std::size_t phase = 0; phase < models::phase_count; ++phase) {
    add(fmt::format("l{}_voltage_ln_rms_v", phase + 1), "line to neutral at the inverter", &live_.voltage_ln_v[phase]);
  }
}

void GoodweEt::register_details(SignalRegistry& registry) const {
  const auto add = [&](const std::string& signal, const char* description) {
    registry.add(name_ + "." + signal, description, face_.find(signal)->value);
  };
  add("work_mode", "register 35187: 0 wait, 1 on grid, 2 off grid, 3 fault, 5 self check");
  add("errors", "register 35189: bits of its error word");
  add("diagnostics", "register 35220: bits of its diagnostic word");
  add("diagnostics_high", "register 35218: bits of its second diagnostic word");
  add("bms_alarms", "register 37006: bits of the battery's alarms");
  add("bms_warnings", "register 37010: bits of the battery's warnings");
  registry.add(name_ + ".asleep", "1 while it sleeps and draws standby", &asleep_);
  registry.add(name_ + ".unbalanced_output", "register 45264, in force: 1 each phase by itself", &unbalanced_output_);
  registry.add(name_ + ".load_contact", "relay of load control (47595..47597): 1 closed", &load_contact_);
}

}  // namespace hil::sim
