#include "harness/scenario/part_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "harness/scenario/assuming_reader.h"
#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

// Bounds beyond the models' own: they keep a slip of the pen from asking for gigabytes or for years of delay.
constexpr Bounds short_time{.lowest = 0.0, .highest = 60.0};
constexpr Bounds lag_time{.lowest = 0.0, .highest = 3600.0};
constexpr Bounds firmware_version{.lowest = 0.0, .highest = 65535.0};  // one register
constexpr Bounds dc_voltage{.lowest = 1.0, .highest = 2000.0};
constexpr Bounds dc_current{.lowest = 0.1, .highest = 1000.0};
constexpr Bounds control_error_w{.lowest = -1000.0, .highest = 1000.0};

models::Phasor read_impedance(ElementReader& reader, std::string_view resistance, std::string_view reactance) {
  double ohm = 0.0;
  double reactance_ohm = 0.0;
  reader.number(resistance, ohm, positive);
  reader.number(reactance, reactance_ohm, not_negative);
  return {ohm, reactance_ohm};
}

}  // namespace

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

void read_losses(ElementReader& reader, models::HybridInverter::Parameters& stage, Diagnostics& diagnostics) {
  const std::vector<std::string> paths{"pv_to_ac", "battery_to_ac", "pv_to_battery", "ac_to_battery"};
  const std::vector<const Element*> given = reader.children("loss");
  const Need need = given.size() < paths.size() ? Need::required : Need::optional;
  models::LossCurve common{.reference_w = stage.rated_ac_w};
  reader.number("loss_square_w", common.square_w, not_negative, need);
  reader.number("loss_linear_w", common.linear_w, not_negative, need);
  reader.number("loss_constant_w", common.constant_w, not_negative, need);
  stage.losses = {common, common, common, common};
  const std::array<models::LossCurve*, 4> curves{&stage.losses.pv_to_ac, &stage.losses.battery_to_ac,
                                                 &stage.losses.pv_to_battery, &stage.losses.ac_to_battery};
  for (const Element* element : given) {
    ElementReader loss{*element, diagnostics};
    models::LossCurve curve{.reference_w = stage.rated_ac_w};
    std::string path;
    const bool known = loss.one_of("path", path, paths, "paths");
    loss.number("reference_w", curve.reference_w, positive, Need::optional);
    loss.number("square_w", curve.square_w, not_negative);
    loss.number("linear_w", curve.linear_w, not_negative);
    loss.number("constant_w", curve.constant_w, not_negative);
    loss.finish();
    if (known) *curves[static_cast<std::size_t>(std::find(paths.begin(), paths.end(), path) - paths.begin())] = curve;
  }
}

void read_tracker(ElementReader& reader, const Assuming& assuming, PvInputPart& input) {
  models::MpptTracker::Parameters& tracker = input.tracker;
  tracker = models::MpptTracker::healthy(180.0, 180.0, 850.0, 26.0);
  AssumingReader window{reader, assuming.owner + ": ", "assumed: usual for a three-phase hybrid, see the data sheet",
                        assuming.list};
  window.number("mppt_start_v", tracker.start_v, dc_voltage);
  window.number("mppt_min_v", tracker.min_mpp_v, dc_voltage);
  window.number("mppt_max_v", tracker.max_mpp_v, dc_voltage);
  window.number("mppt_max_a", tracker.max_input_a, dc_current);
  window.number("max_pv_v", input.max_pv_v, dc_voltage);
  if (tracker.max_mpp_v <= tracker.min_mpp_v) {
    reader.fault_between({"mppt_max_v", "mppt_min_v"}, fmt::format("mppt_max_v is {}, must be > mppt_min_v ({})",
                                                                   tracker.max_mpp_v, tracker.min_mpp_v));
  }
  if (tracker.start_v < tracker.min_mpp_v) {
    reader.fault_between({"mppt_start_v", "mppt_min_v"}, fmt::format("mppt_start_v is {}, must be >= mppt_min_v ({})",
                                                                     tracker.start_v, tracker.min_mpp_v));
  }
  reader.number("pv_return_s", tracker.return_s, {.lowest = 0.0, .highest = 600.0});
}

InverterPart read_inverter_part(ElementReader& reader, const Assuming& assuming, Diagnostics& diagnostics) {
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
  read_losses(reader, stage, diagnostics);
  reader.seconds("command_dead_time_s", stage.command_dead_time, short_time);
  reader.seconds("command_time_constant_s", stage.command_time_constant, lag_time);
  reader.number("max_ramp_w_per_s", stage.max_ramp_w_per_s, positive, Need::optional);
  reader.number("standby_w", stage.standby_w, {.lowest = 0.0, .highest = 1000.0}, Need::optional);
  reader.number("charge_error_w", stage.charge_error_w, control_error_w, Need::optional);
  reader.number("discharge_error_w", stage.discharge_error_w, control_error_w, Need::optional);
  read_tracker(reader, assuming, part.pv_input);
  reader.seconds("turnaround_s", part.turnaround, short_time);
  part.identity.rated_w = stage.rated_ac_w;
  return part;
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
  std::string cores;
  if (reader.one_of("cores", cores, {"2", "4"}, "numbers of cores", Need::optional)) {
    cable.cores = cores[0] - '0';
  } else if (reader.element().attribute("cores") != nullptr) {
    cable.cores = 0;
  }
  cable.phase_ohm_per_km = read_impedance(reader, "phase_ohm_per_km", "phase_reactance_ohm_per_km");
  cable.neutral_ohm_per_km = read_impedance(reader, "neutral_ohm_per_km", "neutral_reactance_ohm_per_km");
  return cable;
}

}  // namespace hil::harness
