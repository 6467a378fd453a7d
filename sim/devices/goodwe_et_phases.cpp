// Unbalanced output of the ET: what each phase gives, and its limit.
#include <algorithm>
#include <array>
#include <numeric>

#include "sim/devices/goodwe_et.h"

namespace hil::sim {
namespace {

using models::phase_count;
using models::PhaseValues;

/// Of `total_w` each phase gives the same beside its part of `uneven_w`, but no more than its limit; what one may not
/// give the others do. The limits themselves where they are all reached.
PhaseValues shared_within(const PhaseValues& limits_w, const PhaseValues& uneven_w, double total_w) {
  PhaseValues given_w = limits_w;
  std::array<bool, phase_count> at_limit{};
  for (bool settled = false; !settled;) {
    settled = true;
    double left_w = total_w;
    double free_phases = 0.0;
    for (std::size_t k = 0; k < phase_count; ++k) {
      left_w -= at_limit[k] ? limits_w[k] : uneven_w[k];
      if (!at_limit[k]) free_phases += 1.0;
    }
    for (std::size_t k = 0; k < phase_count; ++k) {
      if (at_limit[k]) continue;
      given_w[k] = uneven_w[k] + left_w / free_phases;
      if (given_w[k] <= limits_w[k]) continue;
      given_w[k] = limits_w[k];
      at_limit[k] = true;
      settled = false;
    }
  }
  return given_w;
}

}  // namespace

PhaseValues GoodweEt::phase_limits_w() const {
  PhaseValues limits_w{};
  for (std::size_t k = 0; k < phase_count; ++k) {
    limits_w[k] = set_.phase_power_limit[k] * identity_.rated_w / static_cast<double>(phase_count);
  }
  return limits_w;
}

/// Its deviation from its own mean is what the lane puts on top of the thirds.
PhaseValues GoodweEt::unbalance_w() const {
  if (unbalanced_output_ == 0.0) return {};
  const PhaseValues load_w = readings_.phase_load_w().value_or(PhaseValues{});
  const bool limited = std::any_of(set_.phase_power_limit.begin(), set_.phase_power_limit.end(),
                                   [](double limit) { return limit < 1.0; });
  if (!limited) return load_w;
  const double mean_w = std::accumulate(load_w.begin(), load_w.end(), 0.0) / static_cast<double>(phase_count);
  PhaseValues uneven_w{};
  for (std::size_t k = 0; k < phase_count; ++k) uneven_w[k] = load_w[k] - mean_w;
  return shared_within(phase_limits_w(), uneven_w, lane_view_.power.ac_injection_w);
}

}  // namespace hil::sim
