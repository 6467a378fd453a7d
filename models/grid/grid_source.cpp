#include "models/grid/grid_source.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/electrical/series_impedance.h"
#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

constexpr double turn_rad = 2.0 * std::numbers::pi;

void require_ramp(double ramp_s) {
  require(ramp_s >= 0.0 && std::isfinite(ramp_s), "ramp_s", ramp_s, ">= 0");
}

void require_frequency(const char* field, double hz) {
  require(hz >= GridSource::lowest_hz && hz <= GridSource::highest_hz, field, hz, "40..70");
}

double checked_step_s(std::chrono::nanoseconds step) {
  const double step_s = std::chrono::duration<double>(step).count();
  require(step >= std::chrono::milliseconds{1} && step <= std::chrono::seconds{1}, "step", step_s, "0.001..1 s");
  return step_s;
}

}  // namespace

void GridSource::Ramp::aim(double new_target, double ramp_s) {
  target = new_target;
  left_s = ramp_s;
  if (ramp_s > 0.0) {
    per_s = (target - value) / ramp_s;
    // A ramp so short that its slope has no number is a step.
    if (std::isfinite(per_s)) return;
    left_s = 0.0;
  }
  per_s = 0.0;
  value = target;
}

double GridSource::Ramp::advance(double step_s) {
  if (!moving()) return value * step_s;
  if (left_s > step_s) {
    const double integral = (value + 0.5 * per_s * step_s) * step_s;
    value += per_s * step_s;
    left_s -= step_s;
    return integral;
  }
  const double integral = 0.5 * (value + target) * left_s + target * (step_s - left_s);
  value = target;
  left_s = 0.0;
  return integral;
}

GridSource::GridSource(const Parameters& parameters, std::chrono::nanoseconds step)
    : parameters_(parameters),
      step_s_(checked_step_s(step)),
      phase_ohm_(parameters.phase_ohm),
      neutral_ohm_(parameters.neutral_ohm) {
  require(parameters.nominal_ln_v > 0.0 && std::isfinite(parameters.nominal_ln_v), "nominal_ln_v",
          parameters.nominal_ln_v, "> 0");
  require_frequency("nominal_hz", parameters.nominal_hz);
  require_impedance(parameters.phase_ohm, "phase_ohm");
  require_impedance(parameters.neutral_ohm, "neutral_ohm");
  for (Ramp& phase : voltage_pu_) phase.aim(1.0, 0.0);
  outputs_.emf_ln_v = balanced(parameters.nominal_ln_v, 0.0, parameters.split_phase);
  outputs_.frequency_hz = parameters.nominal_hz;
  outputs_.phase_ohm = phase_ohm_;
  outputs_.neutral_ohm = neutral_ohm_;
}

void GridSource::ramp_voltage_pu(const PhaseMask& phases, double target_pu, double ramp_s) {
  require(target_pu >= 0.0 && target_pu <= highest_voltage_pu, "target_pu", target_pu, "0..2");
  require_ramp(ramp_s);
  for (std::size_t k = 0; k < phase_count; ++k) {
    if (phases[k]) voltage_pu_[k].aim(target_pu, ramp_s);
  }
  shape_moves_ = true;
}

void GridSource::ramp_frequency_hz(double target_hz, double ramp_s) {
  require_frequency("target_hz", target_hz);
  require_ramp(ramp_s);
  frequency_offset_hz_.aim(target_hz - parameters_.nominal_hz, ramp_s);
}

void GridSource::ramp_frequency_at(double target_hz, double rocof_hz_per_s) {
  require_frequency("target_hz", target_hz);
  require(rocof_hz_per_s > 0.0 && std::isfinite(rocof_hz_per_s), "rocof_hz_per_s", rocof_hz_per_s, "> 0");
  const double offset_hz = target_hz - parameters_.nominal_hz;
  const double ramp_s = std::abs(offset_hz - frequency_offset_hz_.value) / rocof_hz_per_s;
  require_ramp(ramp_s);  // a slope near the smallest number there is
  frequency_offset_hz_.aim(offset_hz, ramp_s);
}

void GridSource::jump_phase_deg(const PhaseMask& phases, double degrees) {
  require(degrees >= -360.0 && degrees <= 360.0, "degrees", degrees, "-360..360");
  const double jump_rad = degrees / 360.0 * turn_rad;
  if (phases == all_phases) {
    angle_rad_ = std::remainder(angle_rad_ + jump_rad, turn_rad);
    return;
  }
  for (std::size_t k = 0; k < phase_count; ++k) {
    if (phases[k]) place_rad_[k].aim(std::remainder(place_rad_[k].value + jump_rad, turn_rad), 0.0);
  }
  shape_moves_ = true;
}

void GridSource::ramp_unbalance(Phasor negative, Phasor zero, double ramp_s) {
  const double sum = magnitude(negative) + magnitude(zero);
  require(sum < 1.0, "|negative| + |zero|", sum, "< 1");
  require(!parameters_.split_phase || sum == 0.0, "|negative| + |zero|", sum, "0 in split phase");
  require_ramp(ramp_s);
  const std::array targets{negative.real(), negative.imag(), zero.real(), zero.imag()};
  for (std::size_t i = 0; i < targets.size(); ++i) unbalance_[i].aim(targets[i], ramp_s);
  shape_moves_ = true;
}

void GridSource::return_to_nominal(double ramp_s) {
  require_ramp(ramp_s);
  for (Ramp& phase : voltage_pu_) phase.aim(1.0, ramp_s);
  for (Ramp& place : place_rad_) place.aim(0.0, ramp_s);
  for (Ramp& part : unbalance_) part.aim(0.0, ramp_s);
  frequency_offset_hz_.aim(0.0, ramp_s);
  shape_moves_ = true;
}

void GridSource::set_impedance(Phasor phase_ohm, Phasor neutral_ohm) {
  require_impedance(phase_ohm, "phase_ohm");
  require_impedance(neutral_ohm, "neutral_ohm");
  phase_ohm_ = phase_ohm;
  neutral_ohm_ = neutral_ohm;
}

/// Phasors in the grid's own frame, and whether they will go on moving.
void GridSource::shape() {
  const auto step = [this](Ramp& ramp) {
    ramp.advance(step_s_);
    shape_moves_ = shape_moves_ || ramp.moving();
  };
  shape_moves_ = false;
  for (Ramp& part : unbalance_) step(part);
  const Phasor negative{unbalance_[0].value, unbalance_[1].value};
  const Phasor zero{unbalance_[2].value, unbalance_[3].value};
  const PhasePhasors forward = balanced(1.0, 0.0, parameters_.split_phase);
  for (std::size_t k = 0; k < phase_count; ++k) {
    step(voltage_pu_[k]);
    step(place_rad_[k]);
    const Phasor unit = forward[k] + negative * std::conj(forward[k]) + zero;
    shape_ln_v_[k] = std::polar(parameters_.nominal_ln_v * voltage_pu_[k].value, place_rad_[k].value) * unit;
  }
}

const GridSource::Outputs& GridSource::advance() {
  bool stands = angle_rad_ == emf_angle_rad_;  // a jump moves it between two steps
  if (shape_moves_) {
    shape();
    stands = false;
  }
  const double turns = frequency_offset_hz_.advance(step_s_);
  if (turns != 0.0) {
    angle_rad_ = std::remainder(angle_rad_ + turn_rad * turns, turn_rad);
    stands = false;
  }
  if (!stands) {
    const Phasor rotation = std::polar(1.0, angle_rad_);
    for (std::size_t k = 0; k < phase_count; ++k) outputs_.emf_ln_v[k] = rotation * shape_ln_v_[k];
    emf_angle_rad_ = angle_rad_;
  }
  outputs_.frequency_hz = parameters_.nominal_hz + frequency_offset_hz_.value;
  outputs_.connected = !outage_;
  outputs_.phase_ohm = phase_ohm_;
  outputs_.neutral_ohm = neutral_ohm_;
  return outputs_;
}

}  // namespace hil::models
