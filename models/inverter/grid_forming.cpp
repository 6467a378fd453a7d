#include "models/inverter/grid_forming.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

using Seconds = std::chrono::duration<double>;

constexpr double full_turn_rad = 2.0 * std::numbers::pi;
// A held-down phase recovers this share of its EMF per second; assumed, some cycles from deep limiting to full.
constexpr double recovery_per_s = 10.0;
// Sums of steps miss a time by less; it must not cost a step.
constexpr double rounding_s = 1e-9;

GridForming::Parameters checked(const GridForming::Parameters& p, std::chrono::nanoseconds step) {
  const auto positive = [](double value, const char* field) {
    require(std::isfinite(value) && value > 0.0, field, value, "> 0");
  };
  const auto at_least_zero = [](double value, const char* field) {
    require(std::isfinite(value) && value >= 0.0, field, value, ">= 0");
  };
  positive(p.nominal_ln_v, "nominal_ln_v");
  positive(p.nominal_hz, "nominal_hz");
  at_least_zero(p.frequency_droop_hz_per_w, "frequency_droop_hz_per_w");
  at_least_zero(p.voltage_droop_v_per_var, "voltage_droop_v_per_var");
  positive(p.max_phase_a, "max_phase_a");
  positive(p.series_ohm.real(), "series_ohm (resistance)");
  at_least_zero(p.series_ohm.imag(), "series_ohm (reactance)");
  require(p.overload_emf_pu >= 0.0 && p.overload_emf_pu <= 1.0, "overload_emf_pu", p.overload_emf_pu, "0..1");
  at_least_zero(Seconds{p.soft_start}.count(), "soft_start_s");
  at_least_zero(Seconds{p.power_filter}.count(), "power_filter_s");
  at_least_zero(Seconds{p.overload_time}.count(), "overload_time_s");
  at_least_zero(Seconds{p.restart_delay}.count(), "restart_delay_s");
  positive(Seconds{step}.count(), "step_s");
  return p;
}

}  // namespace

GridForming::Parameters GridForming::of_rating(double rated_va, double max_phase_a, double nominal_ln_v,
                                               double nominal_hz, bool split_phase) {
  const double base_ohm = static_cast<double>(phases_of(split_phase)) * nominal_ln_v * nominal_ln_v / rated_va;
  return {.nominal_ln_v = nominal_ln_v,
          .nominal_hz = nominal_hz,
          .split_phase = split_phase,
          .frequency_droop_hz_per_w = 0.001 * nominal_hz / rated_va,
          .max_phase_a = max_phase_a,
          .series_ohm = base_ohm * Phasor{0.003, 0.05}};
}

GridForming::GridForming(const Parameters& parameters, std::chrono::nanoseconds step)
    : parameters_(checked(parameters, step)), step_s_(Seconds{step}.count()), frequency_hz_(parameters.nominal_hz) {
  const double filter_s = Seconds{parameters_.power_filter}.count();
  if (filter_s > 0.0) filter_gain_ = -std::expm1(-step_s_ / filter_s);
}

void GridForming::set_supply(double nominal_ln_v, std::chrono::nanoseconds restart_delay) {
  Parameters changed = parameters_;
  changed.nominal_ln_v = nominal_ln_v;
  changed.restart_delay = restart_delay;
  parameters_ = checked(changed, std::chrono::duration_cast<std::chrono::nanoseconds>(Seconds{step_s_}));
}

void GridForming::start(double angle_rad, bool seamless) {
  state_ = seamless ? State::running : State::soft_start;
  ramp_ = seamless ? 1.0 : 0.0;
  in_state_s_ = 0.0;
  held_.fill(1.0);
  overload_s_ = 0.0;
  supply_w_ = 0.0;
  supply_var_ = 0.0;
  frequency_hz_ = parameters_.nominal_hz + frequency_bias_hz_;
  angle_rad_ = angle_rad;
}

void GridForming::join(double angle_rad, double voltage_pu) {
  start(angle_rad, false);
  in_state_s_ = std::clamp(voltage_pu, 0.0, 1.0) * Seconds{parameters_.soft_start}.count();
}

void GridForming::set_point(double voltage_pu, double frequency_bias_hz) {
  voltage_pu_ = voltage_pu;
  frequency_bias_hz_ = frequency_bias_hz;
}

bool GridForming::restart_due() const {
  return state_ == State::tripped && in_state_s_ + step_s_ >= Seconds{parameters_.restart_delay}.count() - rounding_s;
}

void GridForming::stop() {
  state_ = State::off;
  emf_v_ = {};
}

const PhasePhasors& GridForming::plan() {
  if (restart_due()) start(angle_rad_, false);
  in_state_s_ += step_s_;
  if (!live()) {
    emf_v_ = {};
    return emf_v_;
  }
  if (state_ == State::soft_start) {
    const double soft_start_s = Seconds{parameters_.soft_start}.count();
    ramp_ = in_state_s_ >= soft_start_s - rounding_s ? 1.0 : in_state_s_ / soft_start_s;
    if (ramp_ >= 1.0) state_ = State::running;
  }
  frequency_hz_ = parameters_.nominal_hz + frequency_bias_hz_ - parameters_.frequency_droop_hz_per_w * supply_w_;
  angle_rad_ =
      std::remainder(angle_rad_ + full_turn_rad * (frequency_hz_ - parameters_.nominal_hz) * step_s_, full_turn_rad);
  const double ln_v = std::max(
      0.0, ramp_ * (parameters_.nominal_ln_v * voltage_pu_ - parameters_.voltage_droop_v_per_var * supply_var_));
  emf_v_ = balanced(ln_v, angle_rad_, parameters_.split_phase);
  for (std::size_t phase = 0; phase < phase_count; ++phase) emf_v_[phase] *= held_[phase];
  return emf_v_;
}

void GridForming::settle(const PhasePhasors& phase_a, const PhasePhasors& phase_supply_va, bool overloaded) {
  if (!live()) return;
  Phasor supply_va;
  double lowest = 1.0;
  for (std::size_t phase = 0; phase < phase_count; ++phase) {
    supply_va += phase_supply_va[phase];
    const double current_a = magnitude(phase_a[phase]);
    const double room = current_a > 0.0 ? parameters_.max_phase_a / current_a : 2.0;
    held_[phase] = std::clamp(held_[phase] * std::min(room, 1.0 + recovery_per_s * step_s_), 1e-3, 1.0);
    lowest = std::min(lowest, held_[phase]);
  }
  supply_w_ += filter_gain_ * (supply_va.real() - supply_w_);
  supply_var_ += filter_gain_ * (supply_va.imag() - supply_var_);

  overload_s_ = overloaded || lowest < parameters_.overload_emf_pu ? overload_s_ + step_s_ : 0.0;
  if (overload_s_ > Seconds{parameters_.overload_time}.count() + rounding_s) drop();
}

void GridForming::drop() {
  if (!live()) return;
  state_ = State::tripped;
  in_state_s_ = 0.0;
  ++overload_trips_;
  emf_v_ = {};
}

}  // namespace hil::models
