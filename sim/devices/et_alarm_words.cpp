#include "sim/devices/et_alarm_words.h"

#include <algorithm>
#include <cmath>

namespace hil::sim {
namespace {

using models::BatteryAlarm;
using models::BatteryWarning;

constexpr double dead_v = 46.0;      // a fifth of 230 V; assumed
constexpr double present_v = 150.0;  // the other phases, for a lost one; assumed

/// 35189 (7.1)
enum class Error : unsigned {
  grid_lost = 9,
  grid_phase = 14,
  grid_voltage = 17,
  backup_overload = 20,
  dsp_link = 28,
  grid_frequency = 29
};
/// 35220 (7.2)
enum class Diagnostic : unsigned {
  battery_voltage_low = 0,
  soc_low = 1,
  soc_not_recovered = 2,
  bms_forbids_discharge = 3,
  discharge_schedule = 4,
  charge_schedule = 5,
  discharge_drive = 6,
  bms_discharge_limit_low = 7,
  discharge_limit_low = 8,
  meter_lost = 9,
  meter_reversed = 10,
  load_light = 11,
  ems_forbids_discharge = 12,
  battery_disconnected = 14,
  over_charged = 15,
  bms_hot = 16,
  bms_over_charge = 17,
  bms_forbids_charge = 18,
  self_use_off = 19,
  soc_jump = 20,
  soc_low_off_grid = 22,
  export_limited = 24,
  power_factor_set = 25,
  active_power_limited = 26,
  dc_output_on = 27,
  floor_protection_off = 28,
  emergency_charge = 30,
};
/// 35218 (7.2)
enum class HighDiagnostic : unsigned { stopped_from_outside = 29, off_grid_depth = 30, soc_adjustment = 31 };
/// 37006 and 37010 have the first six in common (7.3, 7.4); `warning_...` are those of the warning alone.
enum class Bms : unsigned {
  charge_over_voltage = 0,
  discharge_under_voltage = 1,
  cell_hot = 2,
  cell_cold = 3,
  charge_over_current = 4,
  discharge_over_current = 5,
  warning_link = 6,
  warning_imbalance = 8,
  locked = 9,
  link = 12,
  cell_hot_level_3 = 13,
  under_voltage_level_3 = 14,
  over_voltage_level_3 = 15,
};

template <typename Bit>
void set(std::uint32_t& word, Bit bit, bool on) {
  if (on) word |= 1U << static_cast<unsigned>(bit);
}

std::uint32_t grid_errors(const models::Site::LaneView& lane, bool grid_returns) {
  std::uint32_t word = 0;
  double lowest_v = 1e9;
  double highest_v = 0.0;
  for (const models::Phasor& phase : lane.terminal_ln_v) {
    lowest_v = std::min(lowest_v, models::magnitude(phase));
    highest_v = std::max(highest_v, models::magnitude(phase));
  }
  set(word, Error::grid_lost, highest_v < dead_v);
  set(word, Error::grid_phase, lowest_v < dead_v && highest_v > present_v);
  if (lane.operation == models::Operation::tripped && lane.trip_cause && !grid_returns) {
    const models::TripKind kind = lane.trip_cause->kind;
    const bool voltage = kind == models::TripKind::overvoltage || kind == models::TripKind::undervoltage;
    set(word, voltage ? Error::grid_voltage : Error::grid_frequency, true);
  }
  return word;
}

std::uint32_t battery_alarms(const models::BatteryManagement& bms, bool charging, bool data_lost) {
  std::uint32_t word = 0;
  const std::uint32_t alarms = bms.alarms() | bms.opened_by();
  const bool over_current = has(alarms, BatteryAlarm::overcurrent) || has(alarms, BatteryAlarm::limit_ignored);
  set(word, Bms::charge_over_voltage, has(alarms, BatteryAlarm::cell_overvoltage));
  set(word, Bms::discharge_under_voltage, has(alarms, BatteryAlarm::cell_undervoltage));
  set(word, Bms::cell_hot, has(alarms, BatteryAlarm::overtemperature));
  set(word, Bms::cell_cold, has(alarms, BatteryAlarm::undertemperature));
  set(word, charging ? Bms::charge_over_current : Bms::discharge_over_current, over_current);
  set(word, Bms::link, data_lost);
  // What has opened the contactor is the gravest level; open after its end is locked.
  const std::uint32_t opened_by = bms.opened_by();
  set(word, Bms::cell_hot_level_3, has(opened_by, BatteryAlarm::overtemperature));
  set(word, Bms::under_voltage_level_3, has(opened_by, BatteryAlarm::cell_undervoltage));
  set(word, Bms::over_voltage_level_3, has(opened_by, BatteryAlarm::cell_overvoltage));
  set(word, Bms::locked, opened_by != 0 && bms.alarms() == 0);
  return word;
}

std::uint32_t battery_warnings(const models::BatteryPack& battery, bool charging, bool data_lost) {
  std::uint32_t word = 0;
  const std::uint32_t warnings = battery.management().warnings();
  set(word, Bms::charge_over_voltage, has(warnings, BatteryWarning::cell_voltage_high));
  set(word, Bms::discharge_under_voltage, has(warnings, BatteryWarning::cell_voltage_low));
  set(word, Bms::cell_hot, has(warnings, BatteryWarning::hot));
  set(word, Bms::cell_cold, has(warnings, BatteryWarning::cold));
  set(word, charging ? Bms::charge_over_current : Bms::discharge_over_current,
      has(warnings, BatteryWarning::above_limit));
  set(word, Bms::warning_link, data_lost);
  const models::CellSpread::Cells cells = battery.cells();
  set(word, Bms::warning_imbalance, cells.cell_max_v - cells.cell_min_v >= EtAlarmWords::imbalance_v);
  return word;
}

std::uint32_t battery_diagnostics(const models::Site::LaneView& lane, const models::BatteryManagement& bms,
                                  const EtAlarmWords::Firmware& firmware) {
  std::uint32_t word = 0;
  const double limit_a = firmware.max_discharge_a;
  set(word, Diagnostic::battery_voltage_low, has(bms.warnings(), BatteryWarning::cell_voltage_low));
  set(word, Diagnostic::soc_low, firmware.soc_low);
  set(word, Diagnostic::soc_not_recovered, lane.island_stop == models::InverterLane::IslandStop::battery_empty);
  set(word, Diagnostic::bms_forbids_discharge, limit_a <= 0.0);
  set(word, Diagnostic::discharge_drive, lane.battery.discharge_w > EtAlarmWords::drive_w);
  set(word, Diagnostic::bms_discharge_limit_low, limit_a > 0.0 && limit_a < EtAlarmWords::low_limit_a);
  set(word, Diagnostic::discharge_limit_low, firmware.discharge_setting_a < EtAlarmWords::low_limit_a);
  set(word, Diagnostic::battery_disconnected, !bms.contactor_closed());
  set(word, Diagnostic::over_charged, has(bms.alarms(), BatteryAlarm::cell_overvoltage));
  set(word, Diagnostic::bms_hot, has(bms.warnings(), BatteryWarning::hot));
  set(word, Diagnostic::bms_over_charge, has(bms.warnings(), BatteryWarning::cell_voltage_high));
  set(word, Diagnostic::bms_forbids_charge, firmware.max_charge_a <= 0.0);
  set(word, Diagnostic::soc_low_off_grid, firmware.soc_low_off_grid);
  set(word, Diagnostic::dc_output_on, lane.battery.discharge_a > 0.0);
  set(word, Diagnostic::floor_protection_off, firmware.floor_protection_off);
  set(word, Diagnostic::emergency_charge, firmware.emergency_charge);
  return word;
}

std::uint32_t control_diagnostics(const EtAlarmWords::Firmware& firmware) {
  std::uint32_t word = 0;
  set(word, Diagnostic::discharge_schedule, firmware.discharge_schedule);
  set(word, Diagnostic::charge_schedule, firmware.charge_schedule);
  set(word, Diagnostic::meter_lost, firmware.has_meter && firmware.meter_lost);
  set(word, Diagnostic::meter_reversed, firmware.has_meter && firmware.meter_reversed);
  set(word, Diagnostic::load_light, firmware.load_light);
  set(word, Diagnostic::ems_forbids_discharge, firmware.discharge_forbidden_by_mode);
  set(word, Diagnostic::self_use_off, !firmware.self_use);
  set(word, Diagnostic::export_limited, firmware.export_limited);
  set(word, Diagnostic::power_factor_set, firmware.power_factor_set);
  set(word, Diagnostic::active_power_limited, firmware.active_power_limited);
  return word;
}

std::uint32_t raised(const EtAlarmWords::Firmware& firmware, EtAlarmWord word) {
  return firmware.raised[static_cast<std::size_t>(word)];
}

}  // namespace

void EtAlarmWords::publish(DeviceFace& face) const {
  face.signal("errors", &errors_);
  face.signal("diagnostics", &diagnostics_);
  face.signal("diagnostics_high", &diagnostics_high_);
  face.signal("bms_alarms", &bms_alarms_);
  face.signal("bms_warnings", &bms_warnings_);
}

void EtAlarmWords::tell_dsp_link_lost() {
  auto errors = static_cast<std::uint32_t>(errors_);
  set(errors, Error::dsp_link, true);
  errors_ = errors;
}

bool EtAlarmWords::Event::shows(int now_counted, Time now) {
  if (now_counted != count) until = now + event_shown;
  count = now_counted;
  return now < until;
}

std::uint32_t EtAlarmWords::errors(const models::Site::LaneView& lane, const Firmware& firmware, Time now) {
  std::uint32_t word = grid_errors(lane, firmware.grid_returns);
  set(word, Error::backup_overload, overload_.shows(lane.overload_trips, now));
  set(word, Error::grid_voltage, overvoltage_.shows(lane.overvoltage_stops, now));
  return word;
}

/// Who supplies the battery's data cannot set the BMS right; it can only jump.
void EtAlarmWords::watch_soc(const Firmware& firmware, Time now) {
  const double soc_before = soc_.value_or(firmware.soc);
  soc_ = firmware.soc;
  if (std::abs(firmware.soc - soc_before) < soc_jump) return;
  soc_jump_until_ = now + event_shown;
  if (!firmware.battery_data_supplied && firmware.soc >= 1.0) soc_adjusted_until_ = now + event_shown;
}

void EtAlarmWords::refresh(const models::Site::LaneView& lane, const models::BatteryPack& battery,
                           const Firmware& firmware, Time now) {
  const models::BatteryManagement& bms = battery.management();
  const bool charging = lane.battery.discharge_a < 0.0;
  watch_soc(firmware, now);
  std::uint32_t diagnostics = battery_diagnostics(lane, bms, firmware) | control_diagnostics(firmware);
  set(diagnostics, Diagnostic::soc_jump, now < soc_jump_until_);
  std::uint32_t high = 0;
  set(high, HighDiagnostic::stopped_from_outside, firmware.stopped);
  set(high, HighDiagnostic::off_grid_depth, firmware.soc_low_off_grid);
  set(high, HighDiagnostic::soc_adjustment, now < soc_adjusted_until_);

  errors_ = errors(lane, firmware, now) | raised(firmware, EtAlarmWord::errors);
  diagnostics_ = diagnostics | raised(firmware, EtAlarmWord::diagnostics);
  diagnostics_high_ = high | raised(firmware, EtAlarmWord::diagnostics_high);
  bms_alarms_ = battery_alarms(bms, charging, firmware.battery_data_lost) |
                static_cast<std::uint32_t>(firmware.supplied_alarms) | raised(firmware, EtAlarmWord::bms_alarms);
  bms_warnings_ = battery_warnings(battery, charging, firmware.battery_data_lost) |
                  static_cast<std::uint32_t>(firmware.supplied_warnings) | raised(firmware, EtAlarmWord::bms_warnings);
}

}  // namespace hil::sim
