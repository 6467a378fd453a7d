#include "harness/plant/grid_actions.h"

#include <fmt/format.h>

#include <complex>
#include <numbers>

namespace hil::harness {
namespace {

std::string phases_text(const models::PhaseMask& phases) {
  if (phases == models::all_phases) return "";
  std::string text = " on";
  for (std::size_t k = 0; k < models::phase_count; ++k) {
    if (phases[k]) text += fmt::format(" l{}", k + 1);
  }
  return text;
}

std::string ramp_text(double ramp_s) {
  return ramp_s > 0.0 ? fmt::format(" within {:g} s", ramp_s) : "";
}

models::Phasor polar_deg(double magnitude, double degrees) {
  return std::polar(magnitude, degrees * std::numbers::pi / 180.0);
}

}  // namespace

std::string carry_out(const SetGridVoltage& order, models::GridSource& grid) {
  grid.ramp_voltage_pu(order.phases, order.pu ? *order.pu : order.ln_v / grid.parameters().nominal_ln_v, order.ramp_s);
  const std::string value = order.pu ? fmt::format("{:g} pu", *order.pu) : fmt::format("{:g} V", order.ln_v);
  return value + phases_text(order.phases) + ramp_text(order.ramp_s);
}

std::string carry_out(const RampFrequency& order, models::GridSource& grid) {
  const std::string value = fmt::format("{:g} Hz", order.frequency_hz);
  if (order.rocof_hz_per_s) {
    grid.ramp_frequency_at(order.frequency_hz, *order.rocof_hz_per_s);
    return value + fmt::format(" at {:g} Hz/s", *order.rocof_hz_per_s);
  }
  grid.ramp_frequency_hz(order.frequency_hz, order.ramp_s);
  return value + ramp_text(order.ramp_s);
}

std::string carry_out(const JumpPhase& order, models::GridSource& grid) {
  grid.jump_phase_deg(order.phases, order.degrees);
  return fmt::format("phase jump {:g} deg", order.degrees) + phases_text(order.phases);
}

std::string carry_out(const UnbalanceGrid& order, models::GridSource& grid) {
  grid.ramp_unbalance(polar_deg(order.negative_pu, order.negative_deg), polar_deg(order.zero_pu, order.zero_deg),
                      order.ramp_s);
  return fmt::format("unbalance negative {:g} pu, zero {:g} pu", order.negative_pu, order.zero_pu) +
         ramp_text(order.ramp_s);
}

std::string carry_out(const SetOutage& order, models::GridSource& grid) {
  grid.set_outage(order.outage);
  return order.outage ? "outage" : "back";
}

std::string carry_out(const ReturnToNominal& order, models::GridSource& grid) {
  grid.return_to_nominal(order.ramp_s);
  return "returns to nominal" + ramp_text(order.ramp_s);
}

std::string carry_out(const SetGridImpedance& order, models::GridSource& grid) {
  // As of the step before: of two orders in one step the later one rules alone.
  const models::GridSource::Outputs& now = grid.outputs();
  const models::Phasor phase{order.phase_ohm.value_or(now.phase_ohm.real()),
                             order.phase_reactance_ohm.value_or(now.phase_ohm.imag())};
  const models::Phasor neutral{order.neutral_ohm.value_or(now.neutral_ohm.real()),
                               order.neutral_reactance_ohm.value_or(now.neutral_ohm.imag())};
  grid.set_impedance(phase, neutral);
  return fmt::format("impedance {:g} + {:g}j ohm, neutral {:g} + {:g}j ohm", phase.real(), phase.imag(), neutral.real(),
                     neutral.imag());
}

}  // namespace hil::harness
