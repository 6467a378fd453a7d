#include "sim/devices/et_alarm_bits.h"

#include <array>

namespace hil::sim {
namespace {

using Word = EtAlarmWord;

std::vector<EtAlarmBit> error_bits() {
  constexpr Word word = Word::errors;
  return {{word, 0, "error_gfci_self_test", ""},
          {word, 1, "error_ac_sensor_self_test", ""},
          {word, 3, "error_dc_injection_mismatch", ""},
          {word, 4, "error_gfci_mismatch", ""},
          {word, 6, "error_gfci_device", ""},
          {word, 7, "error_relay_device", ""},
          {word, 8, "error_ac_sensor", ""},
          {word, 9, "error_grid_lost", "no phase of the grid has voltage"},
          {word, 10, "error_ground_current", ""},
          {word, 11, "error_dc_bus_high", ""},
          {word, 12, "error_inner_fan", ""},
          {word, 13, "error_over_temperature", ""},
          {word, 14, "error_grid_phase", "a phase has no voltage, another has"},
          {word, 15, "error_pv_over_voltage", ""},
          {word, 16, "error_outer_fan", ""},
          {word, 17, "error_grid_voltage",
           "tripped by a voltage, until the grid is back in its window; stopped itself by one, for 10 s (assumed)"},
          {word, 18, "error_insulation", ""},
          {word, 19, "error_dc_injection_high", ""},
          {word, 20, "error_backup_overload", "the backup port stopped by an overload, for 10 s (assumed)"},
          {word, 22, "error_frequency_mismatch", ""},
          {word, 23, "error_voltage_mismatch", ""},
          {word, 25, "error_relay_check", ""},
          {word, 27, "error_phase_angle", ""},
          {word, 28, "error_dsp_link", "fault dsp_link_lost"},
          {word, 29, "error_grid_frequency", "tripped by a frequency or its rate of change, until it is back"},
          {word, 30, "error_eeprom", ""},
          {word, 31, "error_internal_link", ""}};
}

std::vector<EtAlarmBit> diagnostic_bits() {
  constexpr Word word = Word::diagnostics;
  return {{word, 0, "diagnostic_battery_voltage_low", "the BMS stops discharge at a low cell"},
          {word, 1, "diagnostic_soc_low", "on the grid, SOC at its floor (45356) or below"},
          {word, 2, "diagnostic_soc_not_recovered", "backup port stopped by an empty battery, until it starts again"},
          {word, 3, "diagnostic_bms_forbids_discharge", "the BMS allows 0 A"},
          {word, 4, "diagnostic_discharge_schedule", "a time group discharges"},
          {word, 5, "diagnostic_charge_schedule", "a time group charges"},
          {word, 6, "diagnostic_discharge_drive", "the battery discharges by more than 10 W (assumed)"},
          {word, 7, "diagnostic_bms_discharge_limit_low", "the BMS allows more than 0 A, less than 1 A (assumed)"},
          {word, 8, "diagnostic_discharge_limit_low", "45355 is below 1 A (assumed)"},
          {word, 9, "diagnostic_meter_lost", "its own meter is silent: fault meter_link_lost"},
          {word, 10, "diagnostic_meter_reversed", "a CT of its own meter is reversed: fault ct_reversed"},
          {word, 11, "diagnostic_load_light", "in self use PV covers all that is consumed (assumed)"},
          {word, 12, "diagnostic_ems_forbids_discharge", "an EMS mode that lets nothing out: 2, 4, 6, 8"},
          {word, 13, "diagnostic_bus_too_high", ""},
          {word, 14, "diagnostic_battery_disconnected", "the contactor of the battery is open"},
          {word, 15, "diagnostic_over_charged", "the BMS alarms of a high cell"},
          {word, 16, "diagnostic_bms_hot", "the BMS warns of heat"},
          {word, 17, "diagnostic_bms_over_charge", "the BMS stops charge at a high cell"},
          {word, 18, "diagnostic_bms_forbids_charge", "the BMS allows 0 A"},
          {word, 19, "diagnostic_self_use_off", "EMS or work mode is another than self use (assumed)"},
          {word, 20, "diagnostic_soc_jump", "SOC moves by 2 % at once, for 10 s (assumed)"},
          {word, 21, "diagnostic_long_low_discharge", ""},
          {word, 22, "diagnostic_soc_low_off_grid", "off the grid, SOC at its floor (45358) or below"},
          {word, 23, "diagnostic_grid_waveform", ""},
          {word, 24, "diagnostic_export_limited", "47509 is 1"},
          {word, 25, "diagnostic_power_factor_set", "45482 is another than 0 and 100"},
          {word, 26, "diagnostic_active_power_limited", "45484 is below 100 %"},
          {word, 27, "diagnostic_dc_output", "the battery gives current"},
          {word, 28, "diagnostic_floor_protection_off", "47500 is 1"},
          {word, 30, "diagnostic_emergency_charge", "forced charge at a low SOC (47531)"}};
}

std::vector<EtAlarmBit> high_diagnostic_bits() {
  constexpr Word word = Word::diagnostics_high;
  return {{word, 0, "diagnostic_precharge_relay_open", ""},
          {word, 1, "diagnostic_bypass_relay_stuck", ""},
          {word, 28, "diagnostic_meter_voltage_sampling", ""},
          {word, 29, "diagnostic_stopped_from_outside", "47511 is 255, DRM0 or a restart"},
          {word, 30, "diagnostic_off_grid_depth", "off the grid, SOC at its floor (45358) or below"},
          {word, 31, "diagnostic_soc_adjustment", "the BMS sets its own SOC right at full, for 10 s (assumed)"}};
}

std::vector<EtAlarmBit> alarm_bits_of_the_bms() {
  constexpr Word word = Word::bms_alarms;
  return {{word, 0, "bms_alarm_charge_over_voltage", "the BMS alarms of a high cell"},
          {word, 1, "bms_alarm_discharge_under_voltage", "the BMS alarms of a low cell"},
          {word, 2, "bms_alarm_cell_hot", "the BMS alarms of heat"},
          {word, 3, "bms_alarm_cell_cold", "the BMS alarms of cold"},
          {word, 4, "bms_alarm_charge_over_current", ""},
          {word, 5, "bms_alarm_discharge_over_current", ""},
          {word, 6, "bms_alarm_precharge", ""},
          {word, 7, "bms_alarm_dc_bus", ""},
          {word, 8, "bms_alarm_battery_broken", ""},
          {word, 9, "bms_alarm_locked", "its alarm is over and the contactor still open (assumed)"},
          {word, 10, "bms_alarm_discharge_circuit", ""},
          {word, 11, "bms_alarm_charge_circuit", ""},
          {word, 12, "bms_alarm_communication", "an energy manager that plays the BMS is silent"},
          {word, 13, "bms_alarm_cell_hot_level_3", "heat has opened the contactor (assumed)"},
          {word, 14, "bms_alarm_under_voltage_level_3", "a low cell has opened the contactor (assumed)"},
          {word, 15, "bms_alarm_over_voltage_level_3", "a high cell has opened the contactor (assumed)"}};
}

std::vector<EtAlarmBit> warning_bits_of_the_bms() {
  constexpr Word word = Word::bms_warnings;
  return {{word, 0, "bms_warning_charge_over_voltage", "the BMS stops charge at a high cell"},
          {word, 1, "bms_warning_discharge_under_voltage", "the BMS stops discharge at a low cell"},
          {word, 2, "bms_warning_cell_hot", "the hottest cell is 5 K from its alarm"},
          {word, 3, "bms_warning_cell_cold", "the coldest cell is 5 K from its alarm"},
          {word, 4, "bms_warning_charge_over_current", ""},
          {word, 5, "bms_warning_discharge_over_current", ""},
          {word, 6, "bms_warning_communication", "an energy manager that plays the BMS is silent"},
          {word, 7, "bms_warning_reboot", ""},
          {word, 8, "bms_warning_cell_imbalance", "cells are 0.3 V apart (assumed)"},
          {word, 9, "bms_warning_system_cold_1", ""},
          {word, 10, "bms_warning_system_cold_2", ""},
          {word, 11, "bms_warning_system_hot", ""}};
}

std::vector<EtAlarmBit> all_bits() {
  std::vector<EtAlarmBit> bits;
  for (const auto& some :
       {error_bits(), diagnostic_bits(), high_diagnostic_bits(), alarm_bits_of_the_bms(), warning_bits_of_the_bms()}) {
    bits.insert(bits.end(), some.begin(), some.end());
  }
  return bits;
}

}  // namespace

const std::vector<EtAlarmBit>& et_alarm_bits() {
  static const std::vector<EtAlarmBit> bits = all_bits();
  return bits;
}

EtAlarmRegisters registers_of(EtAlarmWord word) {
  constexpr std::array<EtAlarmRegisters, et_alarm_word_count> registers{
      {{35189, 2}, {35220, 2}, {35218, 2}, {37006, 1}, {37010, 1}}};
  return registers.at(static_cast<std::size_t>(word));
}

}  // namespace hil::sim
