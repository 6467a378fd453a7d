#include "sim/devices/pcs_power.h"

#include <algorithm>

namespace hil::sim {

double PcsPower::advance(double step_s, double set_w, double share, const Rates& rates) {
  soft_ = std::min(1.0, soft_ + rates.soft_pu_per_s * step_s);
  const bool reduces = set_w > 0.0 && share < 1.0;
  const double target_w = reduces ? set_w * share : set_w;
  const double change_w = rates.normal_pu_per_s * rates.rated_w * step_s;
  if (reduces) reduced_ = true;
  if (rates.ramps) {
    power_w_ = std::clamp(target_w, power_w_ - change_w, power_w_ + change_w);
    if (reduces) power_w_ = std::min(power_w_, target_w);
  } else {
    power_w_ = reduced_ ? std::min(target_w, power_w_ + change_w) : target_w;
  }
  if (!reduces && power_w_ == target_w) reduced_ = false;
  power_w_ = std::clamp(power_w_, -soft_ * rates.rated_w, soft_ * rates.rated_w);
  return power_w_;
}

void share_equally(double total, double most, std::span<const bool> takes, std::span<double> parts) {
  const auto takers = std::count(takes.begin(), takes.end(), true);
  const double part = takers == 0 ? 0.0 : std::clamp(total / static_cast<double>(takers), -most, most);
  for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = takes[i] ? part : 0.0;
}

}  // namespace hil::sim
