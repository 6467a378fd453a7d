#include "models/grid_code/grid_support.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/first_order.h"
#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

using Seconds = std::chrono::duration<double>;
using std::chrono::nanoseconds;

constexpr double smallest_power_factor = 0.01;
/// A frequency response that has decayed this far is over.
constexpr double settled_pu = 1e-3;

/// Share of the way in a step when 90 % are covered in the open-loop response time.
double response_gain(nanoseconds step, nanoseconds response) {
  if (response.count() == 0) return 1.0;
  return -std::expm1(-std::numbers::ln10 * (Seconds{step} / Seconds{response}));
}

double bounded(double value, double lowest, double highest, double otherwise) {
  return std::isnan(value) ? otherwise : std::clamp(value, lowest, highest);
}

double other_leg(double hypotenuse, double leg) {
  if (leg == 0.0) return hypotenuse;
  return std::sqrt(std::max(0.0, hypotenuse * hypotenuse - leg * leg));
}

double reactive_for(double power_factor, double active_pu) {
  const double magnitude = std::clamp(std::abs(power_factor), smallest_power_factor, 1.0);
  if (magnitude == 1.0) return 0.0;
  return std::copysign(std::abs(active_pu) * other_leg(1.0, magnitude) / magnitude, power_factor);
}

void check_curve(const PiecewiseCurve& curve, double lowest, double highest, const char* field, const char* allowed) {
  for (std::size_t i = 0; i < curve.points.size(); ++i) {
    const CurvePoint& point = curve.points[i];
    require(std::isfinite(point.x) && (i == 0 || point.x >= curve.points[i - 1].x), field, point.x, "ascending");
    require(point.y >= lowest && point.y <= highest, field, point.y, allowed);
  }
}

void check_response(nanoseconds response, const char* field) {
  require(response.count() >= 0, field, Seconds{response}.count(), ">= 0");
}

void check_side(const FrequencyResponse& side, const char* start, const char* gradient) {
  if (!side.enabled) return;
  require(side.start_hz >= 40.0 && side.start_hz <= 70.0, start, side.start_hz, "40..70");
  require(std::isfinite(side.gradient_pu_per_hz) && side.gradient_pu_per_hz >= 0.0, gradient, side.gradient_pu_per_hz,
          ">= 0");
}

GridSupport::Parameters checked(const GridSupport::Parameters& p, nanoseconds step) {
  const auto fraction = [](double value, const char* field) {
    require(value >= 0.0 && value <= 1.0, field, value, "0..1");
  };
  require(std::isfinite(p.apparent_pu) && p.apparent_pu >= 1.0, "apparent_pu", p.apparent_pu, ">= 1");
  fraction(p.capability.injection_pu, "reactive_injection_pu");
  fraction(p.capability.absorption_pu, "reactive_absorption_pu");
  fraction(p.capability.full_from_power_pu, "full_from_power_pu");
  require(std::abs(p.power_factor) > 0.0 && std::abs(p.power_factor) <= 1.0, "power_factor", p.power_factor,
          "-1..1, not 0");
  require(std::abs(p.constant_reactive_pu) <= 1.0, "constant_reactive_pu", p.constant_reactive_pu, "-1..1");
  check_curve(p.volt_var, -1.0, 1.0, "volt_var", "-1..1");
  check_curve(p.watt_var, -1.0, 1.0, "watt_var", "-1..1");
  check_curve(p.power_factor_of_power, smallest_power_factor, 1.0, "power_factor_of_power", "0.01..1");
  check_curve(p.volt_watt, 0.0, 1.0, "volt_watt", "0..1");
  check_curve(p.charge_volt_watt, 0.0, 1.0, "charge_volt_watt", "0..1");
  if (p.volt_watt_enabled) require(!p.volt_watt.empty(), "volt_watt", 0.0, "a curve of one point at least");
  check_response(p.reactive_response, "reactive_response_s");
  check_response(p.volt_watt_response, "volt_watt_response_s");
  check_response(p.frequency_response, "frequency_response_s");
  check_response(p.limit_response, "limit_response_s");
  require(p.reference_time_constant.count() > 0, "reference_time_constant_s",
          Seconds{p.reference_time_constant}.count(), "> 0");
  check_side(p.over_frequency, "over_frequency_start_hz", "over_frequency_gradient_pu_per_hz");
  check_side(p.under_frequency, "under_frequency_start_hz", "under_frequency_gradient_pu_per_hz");
  if (p.over_frequency.enabled && p.under_frequency.enabled) {
    require(p.under_frequency.start_hz <= p.over_frequency.start_hz, "under_frequency_start_hz",
            p.under_frequency.start_hz, "<= over_frequency_start_hz");
  }
  require(step >= std::chrono::milliseconds{1} && step <= std::chrono::seconds{1}, "step_s", Seconds{step}.count(),
          "0.001..1");
  return p;
}

double reference_pu(FrequencyReference reference, double pre_disturbance_pu) {
  switch (reference) {
    case FrequencyReference::rated:
      return 1.0;
    case FrequencyReference::pre_disturbance:
      return std::max(0.0, pre_disturbance_pu);
    case FrequencyReference::headroom:
      return std::max(0.0, 1.0 - pre_disturbance_pu);
  }
  return 1.0;
}

}  // namespace

GridSupport::GridSupport(const Parameters& parameters, nanoseconds step)
    : parameters_(checked(parameters, step)), step_(step) {
  follow_parameters();
}

void GridSupport::set_parameters(const Parameters& parameters) {
  parameters_ = checked(parameters, step_);
  rests_ = false;
  foreseen_ = {};
  follow_parameters();
}

void GridSupport::follow_parameters() {
  reactive_gain_ = response_gain(step_, parameters_.reactive_response);
  volt_watt_gain_ = response_gain(step_, parameters_.volt_watt_response);
  frequency_gain_ = response_gain(step_, parameters_.frequency_response);
  limit_gain_ = response_gain(step_, parameters_.limit_response);
  reference_gain_ = covered(step_, parameters_.reference_time_constant);
  if (!parameters_.volt_watt_enabled) state_.volt_watt_pu = state_.charge_volt_watt_pu = 1.0;
}

const GridSupport::Outputs& GridSupport::advance(const Inputs& inputs) {
  const Parameters& p = parameters_;
  const double active_pu = bounded_power_pu(inputs.active_power_pu);
  const double voltage_pu = bounded(
      p.voltage == SupportVoltage::mean ? inputs.grid.mean_pu : inputs.grid.positive_sequence_pu, 0.0, 10.0, 1.0);

  const Basis basis{voltage_pu, inputs.grid.frequency_hz, inputs.grid.valid,
                    active_pu,  inputs.active_limit_pu,   inputs.service_ceiling_pu};
  const bool commanded = inputs.power_factor || inputs.constant_reactive_pu;
  // Below full service the available power counts too.
  const bool same_basis = basis == basis_;
  if (rests_ && same_basis && !commanded && basis.service_ceiling_pu >= 1.0) return outputs_;
  basis_ = basis;
  // On another basis than before it does not rest, whatever the state does.
  std::optional<State> before;
  if (same_basis) before = state_;

  state_.limit_pu += limit_gain_ * (bounded(inputs.active_limit_pu, 0.0, 1.0, 1.0) - state_.limit_pu);
  if (p.volt_watt_enabled) {
    state_.volt_watt_pu += volt_watt_gain_ * (p.volt_watt.at(voltage_pu) - state_.volt_watt_pu);
    const double charge_pu = p.charge_volt_watt.empty() ? 1.0 : p.charge_volt_watt.at(voltage_pu);
    state_.charge_volt_watt_pu += volt_watt_gain_ * (charge_pu - state_.charge_volt_watt_pu);
  }
  respond_to_frequency(inputs, active_pu);

  if (p.autonomous_reference && inputs.grid.valid) {
    state_.reference_pu += reference_gain_ * (bounded(voltage_pu, 0.95, 1.05, 1.0) - state_.reference_pu);
  }
  const ReactiveRoom room = reactive_room(active_pu);
  const double target_pu = room.clamped(reactive_target_pu(inputs, active_pu, voltage_pu));
  state_.reactive_pu = room.clamped(state_.reactive_pu + reactive_gain_ * (target_pu - state_.reactive_pu));
  outputs_.reactive_injection_pu = state_.reactive_pu;
  if (p.priority == PowerPriority::reactive) {
    const double room_pu = other_leg(p.apparent_pu, state_.reactive_pu);
    outputs_.active_ceiling_pu = std::min(outputs_.active_ceiling_pu, room_pu);
    outputs_.import_ceiling_pu = std::min(1.0, room_pu);
  }
  outputs_.import_ceiling_pu = std::min(outputs_.import_ceiling_pu, state_.charge_volt_watt_pu);
  if (outputs_.active_wanted_pu) {
    const double available_pu = bounded(inputs.available_power_pu, 0.0, 1.0, 0.0);
    const double highest_pu = std::min(outputs_.active_ceiling_pu, available_pu);
    outputs_.active_wanted_pu = std::clamp(*outputs_.active_wanted_pu, -outputs_.import_ceiling_pu, highest_pu);
  }
  rests_ = before && state_ == *before && !state_.responding && !commanded;
  return outputs_;
}

void GridSupport::respond_to_frequency(const Inputs& inputs, double active_pu) {
  if (!state_.responding) state_.pre_disturbance_pu = active_pu;
  const double service_pu = bounded(inputs.service_ceiling_pu, 0.0, 1.0, 1.0);
  if (service_pu < 1.0) {
    const double available_pu = bounded(inputs.available_power_pu, 0.0, 1.0, 0.0);
    state_.pre_disturbance_pu = std::max(active_pu, std::min(available_pu, service_pu));
  }
  const FrequencyResponse& over = parameters_.over_frequency;
  const FrequencyResponse& under = parameters_.under_frequency;
  const double frequency_hz = inputs.grid.frequency_hz;
  double target_pu = 0.0;
  if (inputs.grid.valid && over.enabled && frequency_hz > over.start_hz) {
    target_pu = -over.gradient_pu_per_hz * (frequency_hz - over.start_hz) *
                reference_pu(over.reference, state_.pre_disturbance_pu);
  } else if (inputs.grid.valid && under.enabled && frequency_hz < under.start_hz) {
    target_pu = under.gradient_pu_per_hz * (under.start_hz - frequency_hz) *
                reference_pu(under.reference, state_.pre_disturbance_pu);
  }
  target_pu = bounded(target_pu, -2.0, 2.0, 0.0);  // from full import to full injection and back
  state_.droop_pu += frequency_gain_ * (target_pu - state_.droop_pu);
  state_.responding = target_pu != 0.0 || std::abs(state_.droop_pu) > settled_pu;

  outputs_.import_ceiling_pu = 1.0;
  if (!state_.responding) {
    state_.droop_pu = 0.0;
    outputs_.active_droop_pu.reset();
    outputs_.active_wanted_pu.reset();
    outputs_.active_ceiling_pu = std::min(state_.volt_watt_pu, state_.limit_pu);
    return;
  }
  const double wanted_pu = std::min(state_.pre_disturbance_pu, state_.limit_pu) + state_.droop_pu;
  outputs_.active_droop_pu = state_.droop_pu;
  outputs_.active_wanted_pu = wanted_pu;
  const double wanted_ceiling_pu = std::clamp(wanted_pu, 0.0, 1.0);
  const bool caps = state_.droop_pu > 0.0 ? under.caps : over.caps;
  outputs_.active_ceiling_pu =
      std::min(state_.volt_watt_pu, caps ? wanted_ceiling_pu : std::max(state_.limit_pu, wanted_ceiling_pu));
}

double GridSupport::reactive_target_pu(const Inputs& inputs, double active_pu, double voltage_pu) const {
  const Parameters& p = parameters_;
  switch (p.reactive_mode) {
    case ReactiveMode::constant_power_factor:
      return reactive_for(bounded(inputs.power_factor.value_or(p.power_factor), -1.0, 1.0, 1.0), active_pu);
    case ReactiveMode::constant_reactive:
      return bounded(inputs.constant_reactive_pu.value_or(p.constant_reactive_pu), -1.0, 1.0, 0.0);
    case ReactiveMode::volt_var:
      return p.volt_var.at(voltage_pu - (state_.reference_pu - 1.0));
    case ReactiveMode::watt_var:
      return p.watt_var.at(active_pu);
    case ReactiveMode::power_factor_of_power:
      return active_pu == foreseen_.active_pu ? foreseen_.reactive_pu : reactive_by_power_pu(active_pu);
  }
  return 0.0;
}

void GridSupport::foresee(double active_power_pu) {
  if (parameters_.reactive_mode != ReactiveMode::power_factor_of_power) return;
  const double active_pu = bounded_power_pu(active_power_pu);
  foreseen_ = {active_pu, reactive_by_power_pu(active_pu)};
}

double GridSupport::bounded_power_pu(double active_power_pu) const {
  return bounded(active_power_pu, -parameters_.apparent_pu, parameters_.apparent_pu, 0.0);
}

double GridSupport::reactive_by_power_pu(double active_pu) const {
  const PiecewiseCurve& curve = parameters_.power_factor_of_power;
  return curve.empty() || active_pu <= 0.0 ? 0.0 : -reactive_for(curve.at(active_pu), active_pu);
}

GridSupport::ReactiveRoom GridSupport::reactive_room(double active_pu) const {
  const ReactiveCapability& capability = parameters_.capability;
  const double magnitude_pu = std::abs(active_pu);
  const double share =
      magnitude_pu < capability.full_from_power_pu ? magnitude_pu / capability.full_from_power_pu : 1.0;
  ReactiveRoom room{-capability.absorption_pu * share, capability.injection_pu * share};
  const double widest_pu = std::max(room.highest_pu, -room.lowest_pu);
  const double apparent_pu = parameters_.apparent_pu;
  // Where the circle lies outside of both bounds its root need not be known.
  const bool circle_bounds = widest_pu * widest_pu + active_pu * active_pu > apparent_pu * apparent_pu;
  if (parameters_.priority == PowerPriority::active && circle_bounds) {
    const double most_pu = other_leg(apparent_pu, active_pu);
    room.highest_pu = std::min(room.highest_pu, most_pu);
    room.lowest_pu = std::max(room.lowest_pu, -most_pu);
  }
  return room;
}

}  // namespace hil::models
