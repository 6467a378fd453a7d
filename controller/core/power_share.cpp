#include "controller/core/power_share.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "controller/settings.h"

namespace hil::controller {

void share_power(double total_w, std::span<const double> weights, std::span<const double> limits_w,
                 std::span<double> shares_w) noexcept {
  std::array<bool, max_inverters> full{};
  std::fill(shares_w.begin(), shares_w.end(), 0.0);
  double rest_w = total_w;
  // Each round fills at least one to its limit, or ends.
  for (std::size_t round = 0; round < weights.size(); ++round) {
    double open_weight = 0.0;
    for (std::size_t k = 0; k < weights.size(); ++k) open_weight += full[k] ? 0.0 : weights[k];
    if (open_weight <= 0.0 || rest_w <= 0.0) return;
    bool clipped = false;
    double taken_w = 0.0;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      if (full[k] || rest_w * weights[k] / open_weight < limits_w[k]) continue;
      full[k] = true;
      clipped = true;
      shares_w[k] = limits_w[k];
      taken_w += limits_w[k];
    }
    if (!clipped) {
      for (std::size_t k = 0; k < weights.size(); ++k) {
        if (!full[k]) shares_w[k] = rest_w * weights[k] / open_weight;
      }
      return;
    }
    rest_w -= taken_w;
  }
}

}  // namespace hil::controller
