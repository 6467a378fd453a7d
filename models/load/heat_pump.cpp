#include "models/load/heat_pump.h"

#include <algorithm>
#include <cmath>

#include "models/invalid_parameter.h"
#include "models/load/load_step.h"

namespace hil::models {

HeatPump::HeatPump(const Parameters& parameters, std::chrono::nanoseconds step)
    : parameters_(parameters), step_s_(checked_load_step_s(step)) {
  const auto require_time = [](const char* field, double value, bool zero_too) {
    require((value > 0.0 || (zero_too && value == 0.0)) && std::isfinite(value), field, value,
            zero_too ? ">= 0" : "> 0");
  };
  require_time("ramp_s", parameters.ramp_s, false);
  require(parameters.lowest_modulation > 0.0 && parameters.lowest_modulation <= 1.0, "lowest_modulation",
          parameters.lowest_modulation, "> 0, <= 1");
  require_time("min_run_s", parameters.min_run_s, true);
  require_time("min_stop_s", parameters.min_stop_s, true);
  require_time("buffer_s", parameters.buffer_s, false);
  require(parameters.design_c >= -50.0 && parameters.design_c <= 60.0, "design_c", parameters.design_c, "-50..60");
  require(parameters.heating_limit_c > parameters.design_c && parameters.heating_limit_c <= 60.0, "heating_limit_c",
          parameters.heating_limit_c, "> design_c, <= 60");
  if (parameters.direct_on_line) motor_.emplace(*parameters.direct_on_line, step);
  lowest_ = motor_ ? 1.0 : parameters.lowest_modulation;
  most_change_ = std::min(1.0, step_s_ / parameters.ramp_s);
  since_s_ = parameters.min_stop_s;
}

void HeatPump::command(std::optional<double> request) {
  if (request) require(*request >= 0.0 && *request <= 1.0, "request", *request, "0..1");
  command_ = request;
}

double HeatPump::request(double ambient_c) const {
  if (command_) return *command_;
  const double share = (parameters_.heating_limit_c - ambient_c) / (parameters_.heating_limit_c - parameters_.design_c);
  return std::clamp(share, 0.0, 1.0);
}

Demand HeatPump::advance(const LoadConditions& conditions) {
  const double asked = request(conditions.ambient_c);
  const bool supplied = conditions.switched_on && conditions.voltage_pu >= lowest_voltage_pu;
  const bool was_running = running_;
  constexpr double rounding_s = 1e-9;
  if (!supplied) {
    running_ = false;
    output_ = 0.0;
  } else if (running_) {
    const bool enough = asked <= 0.0 || (asked < lowest_ && lack_s_ <= 0.0);
    if (enough && since_s_ >= parameters_.min_run_s - rounding_s) running_ = false;
  } else {
    const bool wanted = asked >= lowest_ || (asked > 0.0 && lack_s_ >= parameters_.buffer_s);
    if (wanted && since_s_ >= parameters_.min_stop_s - rounding_s) running_ = true;
  }
  since_s_ = running_ == was_running ? since_s_ + step_s_ : step_s_;

  Demand demand;
  if (motor_) {
    LoadConditions at_motor = conditions;
    at_motor.switched_on = running_;
    demand = motor_->advance(at_motor);
    output_ = motor_->phase() == Motor::Phase::stopped ? 0.0 : 1.0;
  } else {
    const double target = running_ ? std::max(asked, lowest_) : 0.0;
    output_ = std::clamp(target, output_ - most_change_, output_ + most_change_);
    demand = {output_, output_, false};
  }
  lack_s_ = std::clamp(lack_s_ + (asked - output_) * step_s_, 0.0, parameters_.buffer_s);
  return demand;
}

}  // namespace hil::models
