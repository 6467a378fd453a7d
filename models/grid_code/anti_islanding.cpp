#include "models/grid_code/anti_islanding.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/first_order.h"
#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

/// Of the power: far above what rounding leaves of no reactive power, far below any that is meant.
constexpr double rounding = 1e-9;

using Seconds = std::chrono::duration<double>;
using std::chrono::nanoseconds;

double finite(double value) {
  return std::isfinite(value) ? value : 0.0;
}

double finite_positive(double value) {
  return std::isfinite(value) && value > 0.0 ? value : 0.0;
}

FrequencyShift::Parameters checked(const FrequencyShift::Parameters& p) {
  require(p.nominal_hz >= 40.0 && p.nominal_hz <= 70.0, "nominal_hz", p.nominal_hz, "40..70");
  require(p.gain_per_hz >= 0.0 && p.gain_per_hz <= 1.0, "gain_per_hz", p.gain_per_hz, "0..1");
  require(p.initial_chopping >= 0.0 && p.initial_chopping <= 0.1, "initial_chopping", p.initial_chopping, "0..0.1");
  require(p.highest_chopping >= 0.0 && p.highest_chopping <= 0.5, "highest_chopping", p.highest_chopping, "0..0.5");
  return p;
}

UnintendedIsland::Parameters checked(const UnintendedIsland::Parameters& p, nanoseconds step) {
  require(std::isfinite(p.nominal_ln_v) && p.nominal_ln_v > 0.0, "nominal_ln_v", p.nominal_ln_v, "> 0");
  require(p.nominal_hz >= 40.0 && p.nominal_hz <= 70.0, "nominal_hz", p.nominal_hz, "40..70");
  require(p.voltage_time_constant.count() >= 0, "voltage_time_constant_s", Seconds{p.voltage_time_constant}.count(),
          ">= 0");
  require(p.pll_time_constant.count() >= 0, "pll_time_constant_s", Seconds{p.pll_time_constant}.count(), ">= 0");
  require(std::isfinite(p.highest_pu) && p.highest_pu > 1.0, "highest_pu", p.highest_pu, "> 1");
  require(p.lowest_frequency_pu >= 0.1 && p.lowest_frequency_pu <= 1.0, "lowest_frequency_pu", p.lowest_frequency_pu,
          "0.1..1");
  require(p.highest_frequency_pu >= 1.0 && p.highest_frequency_pu <= 2.0, "highest_frequency_pu",
          p.highest_frequency_pu, "1..2");
  require(step >= std::chrono::milliseconds{1} && step <= std::chrono::seconds{1}, "step_s", Seconds{step}.count(),
          "0.001..1");
  return p;
}

}  // namespace

FrequencyShift::FrequencyShift(const Parameters& parameters) : parameters_(checked(parameters)) {}

double FrequencyShift::reactive_injection(double frequency_hz, double active_power) const {
  const Parameters& p = parameters_;
  if (p.gain_per_hz == 0.0 || !std::isfinite(frequency_hz) || !std::isfinite(active_power)) return 0.0;
  const double chopping = std::clamp(p.initial_chopping + p.gain_per_hz * (frequency_hz - p.nominal_hz),
                                     -p.highest_chopping, p.highest_chopping);
  return -std::abs(active_power) * std::tan(0.5 * std::numbers::pi * chopping);
}

UnintendedIsland::UnintendedIsland(const Parameters& parameters, const State& initial, nanoseconds step)
    : parameters_(checked(parameters, step)),
      voltage_gain_(covered(step, parameters.voltage_time_constant)),
      frequency_gain_(covered(step, parameters.pll_time_constant)) {
  require(std::isfinite(initial.ln_v) && initial.ln_v >= 0.0, "ln_v", initial.ln_v, ">= 0");
  require(std::isfinite(initial.frequency_hz) && initial.frequency_hz > 0.0, "frequency_hz", initial.frequency_hz,
          "> 0");
  reset(initial);
}

void UnintendedIsland::reset(const State& state) {
  const Parameters& p = parameters_;
  state_.ln_v = std::clamp(finite(state.ln_v), 0.0, p.highest_pu * p.nominal_ln_v);
  state_.frequency_hz = std::clamp(finite(state.frequency_hz), p.lowest_frequency_pu * p.nominal_hz,
                                   p.highest_frequency_pu * p.nominal_hz);
}

const UnintendedIsland::Outputs& UnintendedIsland::advance(const Inputs& inputs) {
  const double target_hz = settled_hz(inputs);
  state_.ln_v += voltage_gain_ * (settled_v(inputs) - state_.ln_v);
  state_.frequency_hz += frequency_gain_ * (target_hz - state_.frequency_hz);
  return state_;
}

double UnintendedIsland::settled_v(const Inputs& inputs) const {
  const double active_w = finite_positive(inputs.active_w);
  const double conductance_s = finite_positive(inputs.conductance_s);
  const double highest_v = parameters_.highest_pu * parameters_.nominal_ln_v;
  if (active_w == 0.0) return 0.0;
  if (active_w >= conductance_s * highest_v * highest_v) return highest_v;
  return std::sqrt(active_w / conductance_s);
}

// With x = f/fn and q = Q/V^2:  B_C x^2 + q x - B_L = 0. The root without cancellation, which also holds for B_C = 0.
double UnintendedIsland::settled_hz(const Inputs& inputs) const {
  const Parameters& p = parameters_;
  // A voltage near zero would blow up q; nothing is left to find a frequency in then.
  const double least_v = 0.01 * p.nominal_ln_v;
  if (state_.ln_v < least_v) return state_.frequency_hz;
  const double inductive_s = finite_positive(inputs.inductive_s);
  const double capacitive_s = finite_positive(inputs.capacitive_s);
  double q = finite(inputs.reactive_var) / (state_.ln_v * state_.ln_v);
  // Beside a load without L and C the sign of a rounding error would send the frequency from one bound to the other.
  if (std::abs(q) < rounding * finite_positive(inputs.conductance_s)) q = 0.0;
  const double root = std::sqrt(q * q + 4.0 * capacitive_s * inductive_s);
  const double numerator = q > 0.0 ? 2.0 * inductive_s : root - q;
  const double denominator = q > 0.0 ? q + root : 2.0 * capacitive_s;
  double x = p.highest_frequency_pu;
  if (denominator > 0.0) {
    x = numerator / denominator;
  } else if (numerator == 0.0) {
    return state_.frequency_hz;  // purely resistive on both sides: any frequency will do
  }
  return std::clamp(x, p.lowest_frequency_pu, p.highest_frequency_pu) * p.nominal_hz;
}

}  // namespace hil::models
