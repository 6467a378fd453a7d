#include "harness/scenario/part_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <numbers>

#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

// Bounds beyond the models' own: they keep a slip of the pen from asking for gigabytes or for years of delay.
constexpr Bounds short_time{.lowest = 0.0, .highest = 60.0};
constexpr Bounds lag_time{.lowest = 0.0, .highest = 3600.0};
constexpr Bounds firmware_version{.lowest = 0.0, .highest = 65535.0};  // one register
constexpr Bounds ct_ratio_error{.lowest = -0.1, .highest = 0.1};
constexpr Bounds ct_phase_error_min{.lowest = -343.0, .highest = 343.0};  // 0.1 rad, as the model allows
constexpr double minutes_per_radian = 60.0 * 180.0 / std::numbers::pi;

void read_ascii(ElementReader& reader, std::string_view attribute, std::string& value, std::size_t shortest,
                std::size_t longest) {
  std::string given;
  if (!reader.text(attribute, given)) return;
  const bool printable = std::all_of(given.begin(), given.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (!printable || given.size() < shortest || given.size() > longest) {
    const std::string length =
        shortest == longest ? fmt::format("{}", longest) : fmt::format("{}..{}", shortest, longest);
    reader.fault_of(attribute,
                    fmt::format("{} is {}, must be {} ASCII characters", attribute, in_quotes(given), length));
    return;
  }
  value = given;
}

models::Phasor read_impedance(ElementReader& reader, std::string_view resistance, std::string_view reactance) {
  double ohm = 0.0;
  double reactance_ohm = 0.0;
  reader.number(resistance, ohm, positive);
  reader.number(reactance, reactance_ohm, not_negative);
  return {ohm, reactance_ohm};
}

}  // namespace

InverterPart read_inverter_part(ElementReader& reader) {
  InverterPart part;
  auto& stage = part.power_stage;
  read_ascii(reader, "model", part.identity.model, 1, 10);
  read_ascii(reader, "serial", part.identity.serial, 16, 16);
  reader.number("dsp_version", part.identity.dsp_version, firmware_version);
  reader.number("arm_version", part.identity.arm_version, firmware_version);
  reader.name("register_map", part.register_map);
  const bool rated = reader.number("rated_ac_w", stage.rated_ac_w, positive);
  if (reader.number("max_ac_va", stage.max_ac_va, positive) && rated && stage.max_ac_va < stage.rated_ac_w) {
    reader.fault_between({"max_ac_va", "rated_ac_w"},
                         fmt::format("max_ac_va is {}, must be >= rated_ac_w ({})", stage.max_ac_va, stage.rated_ac_w));
  }
  reader.number("max_phase_a", stage.max_phase_a, positive);
  reader.number("max_battery_charge_w", stage.max_battery_charge_w, not_negative);
  reader.number("max_battery_discharge_w", stage.max_battery_discharge_w, not_negative);
  models::LossCurve loss{.reference_w = stage.rated_ac_w};
  reader.number("loss_square_w", loss.square_w, not_negative);
  reader.number("loss_linear_w", loss.linear_w, not_negative);
  reader.number("loss_constant_w", loss.constant_w, not_negative);
  stage.losses = {loss, loss, loss, loss};
  reader.seconds("command_dead_time_s", stage.command_dead_time, short_time);
  reader.seconds("command_time_constant_s", stage.command_time_constant, lag_time);
  part.tracker = models::MpptTracker::healthy(180.0, 180.0, 850.0, 26.0);
  reader.number("pv_return_s", part.tracker.return_s, {.lowest = 0.0, .highest = 600.0});
  reader.seconds("turnaround_s", part.turnaround, short_time);
  part.identity.rated_w = stage.rated_ac_w;
  return part;
}

models::BatteryPack::Parameters read_battery_part(ElementReader& reader) {
  models::BatteryPack::Parameters battery;
  reader.number("capacity_ah", battery.capacity_ah, positive);
  reader.integer("cells_in_series", battery.cells_in_series, 1, 1000);
  reader.number("max_charge_a", battery.max_charge_a, not_negative);
  reader.number("max_discharge_a", battery.max_discharge_a, not_negative);
  reader.number("coulombic_efficiency", battery.coulombic_efficiency,
                {.lowest = 0.0, .highest = 1.0, .lowest_excluded = true});
  return battery;
}

models::PvArray::Module read_pv_module_part(ElementReader& reader) {
  models::PvArray::Module module;
  reader.number("a_ref_v", module.a_ref_v, positive);
  reader.number("light_current_ref_a", module.light_current_ref_a, positive);
  reader.number("saturation_current_ref_a", module.saturation_current_ref_a, positive);
  reader.number("series_resistance_ohm", module.series_resistance_ohm, not_negative);
  reader.number("shunt_resistance_ref_ohm", module.shunt_resistance_ref_ohm, positive);
  reader.number("alpha_isc_a_per_k", module.alpha_isc_a_per_k, any_number);
  reader.number("bandgap_ref_ev", module.bandgap_ref_ev, positive);
  reader.number("bandgap_slope_per_k", module.bandgap_slope_per_k, any_number);
  return module;
}

CablePart read_cable_part(ElementReader& reader) {
  CablePart cable;
  cable.phase_ohm_per_km = read_impedance(reader, "phase_ohm_per_km", "phase_reactance_ohm_per_km");
  cable.neutral_ohm_per_km = read_impedance(reader, "neutral_ohm_per_km", "neutral_reactance_ohm_per_km");
  return cable;
}

models::CurrentTransformer::Parameters read_ct_part(ElementReader& reader) {
  models::CurrentTransformer::Parameters ct;
  reader.number("rated_primary_a", ct.rated_primary_a, positive);
  reader.number("rated_secondary_a", ct.rated_secondary_a, positive);
  reader.number("ratio_error", ct.ratio_error, ct_ratio_error);
  double phase_error_min = 0.0;
  if (reader.number("phase_error_min", phase_error_min, ct_phase_error_min)) {
    ct.phase_error_rad = phase_error_min / minutes_per_radian;
  }
  return ct;
}

MeterPart read_meter_part(ElementReader& reader) {
  constexpr Bounds period{.lowest = 0.0, .highest = 60.0, .lowest_excluded = true};
  MeterPart meter;
  reader.name("register_map", meter.register_map);
  reader.seconds("averaging_window_s", meter.averaging_window, period);
  reader.seconds("refresh_period_s", meter.refresh_period, period);
  reader.number("power_quantum_w", meter.power_quantum_w, not_negative);
  reader.seconds("turnaround_s", meter.turnaround, short_time);
  return meter;
}

}  // namespace hil::harness
