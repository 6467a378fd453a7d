#include "models/load/ev_charger.h"

#include <algorithm>
#include <cmath>

#include "models/invalid_parameter.h"
#include "models/load/load_step.h"

namespace hil::models {

EvCharger::EvCharger(const Parameters& parameters, std::chrono::nanoseconds step)
    : rated_a_(parameters.rated_a), step_s_(checked_load_step_s(step)), start_delay_s_(parameters.start_delay_s) {
  require(parameters.rated_a >= lowest_pilot_a && parameters.rated_a <= 80.0, "rated_a", parameters.rated_a, "6..80");
  require(parameters.start_delay_s >= 0.0 && parameters.start_delay_s <= 600.0, "start_delay_s",
          parameters.start_delay_s, "0..600");
  require(parameters.follow_s >= 0.0 && parameters.follow_s <= 60.0, "follow_s", parameters.follow_s, "0..60");
  const double steps = parameters.follow_s / step_s_;
  most_change_a_ = steps > 1.0 ? rated_a_ / steps : rated_a_;
  set_pilot_a(parameters.pilot_a);
}

void EvCharger::set_pilot_a(double pilot_a) {
  require(pilot_a >= 0.0 && pilot_a <= 80.0, "pilot_a", pilot_a, "0..80");
  const double whole_a = std::floor(std::min(pilot_a, rated_a_));
  allowed_a_ = whole_a >= lowest_pilot_a ? whole_a : 0.0;
}

Demand EvCharger::advance(const LoadConditions& conditions) {
  if (!conditions.switched_on || conditions.voltage_pu < lowest_voltage_pu) {
    current_a_ = 0.0;
    waited_s_ = 0.0;
    return {};
  }
  double target_a = 0.0;
  if (allowed_a_ == 0.0) {
    waited_s_ = 0.0;
  } else if (waited_s_ < start_delay_s_ - 1e-9) {  // 1e-9 s: rounding of whole steps
    waited_s_ += step_s_;
  } else {
    target_a = allowed_a_;
  }
  if (target_a > current_a_) {
    current_a_ = std::min(target_a, std::max(lowest_pilot_a, current_a_ + most_change_a_));
  } else {
    current_a_ = std::max(target_a, current_a_ - most_change_a_);
    if (current_a_ < lowest_pilot_a) current_a_ = 0.0;
  }
  const double scale = current_a_ / rated_a_;
  return {scale, scale, false};
}

}  // namespace hil::models
