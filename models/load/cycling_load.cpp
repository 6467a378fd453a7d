#include "models/load/cycling_load.h"

#include <cmath>

#include "models/invalid_parameter.h"
#include "models/load/load_step.h"

namespace hil::models {

CyclingLoad::CyclingLoad(const Parameters& parameters, std::chrono::nanoseconds step) : step_ns_(step.count()) {
  checked_load_step_s(step);
  require(parameters.period_s >= 0.1 && parameters.period_s <= 3600.0, "period_s", parameters.period_s, "0.1..3600");
  period_ns_ = std::llround(parameters.period_s * 1e9);
  set_duty(parameters.duty);
  position_ns_ = static_cast<std::int64_t>(SplitMix64(parameters.seed).uniform() * static_cast<double>(period_ns_));
}

void CyclingLoad::set_duty(double duty) {
  require(duty >= 0.0 && duty <= 1.0, "duty", duty, "0..1");
  on_ns_ = std::llround(duty * static_cast<double>(period_ns_));
}

Demand CyclingLoad::advance(const LoadConditions& conditions) {
  const bool on = conditions.switched_on && position_ns_ < on_ns_;
  position_ns_ = (position_ns_ + step_ns_) % period_ns_;
  return on ? Demand{1.0, 1.0, false} : Demand{};
}

WeldingLoad::WeldingLoad(const Parameters& parameters, std::chrono::nanoseconds step)
    : parameters_(parameters), generator_(parameters.seed), step_s_(checked_load_step_s(step)) {
  const auto require_lengths = [](const char* low_name, double low, const char* high_name, double high) {
    require(low >= 0.01 && std::isfinite(low), low_name, low, ">= 0.01");
    require(high >= low && std::isfinite(high), high_name, high, ">= the lowest");
  };
  require_lengths("lowest_burst_s", parameters.lowest_burst_s, "highest_burst_s", parameters.highest_burst_s);
  require_lengths("lowest_pause_s", parameters.lowest_pause_s, "highest_pause_s", parameters.highest_pause_s);
  require(parameters.lowest_scale >= 0.0 && parameters.lowest_scale <= 1.0, "lowest_scale", parameters.lowest_scale,
          "0..1");
}

Demand WeldingLoad::advance(const LoadConditions& conditions) {
  if (!conditions.switched_on) return {};
  const auto between = [this](double low, double high) { return low + (high - low) * generator_.uniform(); };
  // Ends: each turn adds at least 0.01 s, and a step is 1 s at most.
  while (left_s_ <= 0.0) {
    burst_ = !burst_;
    left_s_ += burst_ ? between(parameters_.lowest_burst_s, parameters_.highest_burst_s)
                      : between(parameters_.lowest_pause_s, parameters_.highest_pause_s);
    scale_ = burst_ ? between(parameters_.lowest_scale, 1.0) : 0.0;
  }
  left_s_ -= step_s_;
  return {scale_, scale_, false};
}

}  // namespace hil::models
