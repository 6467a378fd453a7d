#include "models/load/motor.h"

#include <cmath>

#include "models/invalid_parameter.h"
#include "models/load/load_step.h"

namespace hil::models {

namespace {

void require_power_factor(const char* field, double value) {
  require(value > 0.0 && value < 1.0, field, value, "> 0, < 1");
}

double sine_of(double power_factor) {
  return std::sqrt((1.0 - power_factor) * (1.0 + power_factor));
}

}  // namespace

Motor::Motor(const Parameters& parameters, std::chrono::nanoseconds step) {
  require(parameters.locked_rotor_multiple >= 1.0 && parameters.locked_rotor_multiple <= 12.0, "locked_rotor_multiple",
          parameters.locked_rotor_multiple, "1..12");
  require_power_factor("starting_power_factor", parameters.starting_power_factor);
  require_power_factor("running_power_factor", parameters.running_power_factor);
  require(parameters.start_s > 0.0 && std::isfinite(parameters.start_s), "start_s", parameters.start_s, "> 0");
  const double multiple = parameters.locked_rotor_multiple / (parameters.star_delta ? 3.0 : 1.0);
  starting_ = {multiple * parameters.starting_power_factor / parameters.running_power_factor,
               multiple * sine_of(parameters.starting_power_factor) / sine_of(parameters.running_power_factor), true};
  start_share_ = checked_load_step_s(step) / parameters.start_s;
}

Demand Motor::advance(const LoadConditions& conditions) {
  const double u = conditions.voltage_pu;
  if (!conditions.switched_on || u < (phase_ == Phase::stopped ? pickup_pu : dropout_pu)) {
    phase_ = Phase::stopped;
    return {};
  }
  if (phase_ == Phase::stopped) {
    phase_ = Phase::starting;
    run_up_ = 0.0;
  }
  if (phase_ == Phase::starting) {
    // 1e-9: a start time of whole steps is to take just these, whatever rounding adds up to.
    if (run_up_ < 1.0 - 1e-9) {
      run_up_ += start_share_ * u * u;
      return starting_;
    }
    phase_ = Phase::running;
  }
  return {1.0, 1.0, false};
}

InrushLoad::InrushLoad(const Parameters& parameters, std::chrono::nanoseconds step) {
  require(parameters.peak_multiple >= 1.0 && parameters.peak_multiple <= 50.0, "peak_multiple",
          parameters.peak_multiple, "1..50");
  require(parameters.time_constant_s > 0.0 && std::isfinite(parameters.time_constant_s), "time_constant_s",
          parameters.time_constant_s, "> 0");
  const double x = checked_load_step_s(step) / parameters.time_constant_s;
  first_ = parameters.peak_multiple - 1.0;
  kept_ = std::exp(-x);
  // x is 0 for the longest time constants that a number can hold, infinite for the shortest.
  mean_ = x > 0.0 ? -std::expm1(-x) / x : 1.0;
}

Demand InrushLoad::advance(const LoadConditions& conditions) {
  const bool energised = conditions.switched_on && conditions.voltage_pu >= energised_pu;
  if (energised && !energised_) extra_ = first_;
  energised_ = energised;
  if (!energised) return {};
  if (extra_ <= 1e-3) return {1.0, 1.0, false};
  const double scale = 1.0 + extra_ * mean_;
  extra_ *= kept_;
  return {scale, scale, true};
}

}  // namespace hil::models
