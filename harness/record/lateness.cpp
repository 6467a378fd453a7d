#include "harness/record/lateness.h"

#include <cmath>

namespace hil::harness {

std::size_t Lateness::fine_range(double by_ms) {
  if (by_ms <= first_end_ms) return 0;
  const double range = std::ceil(ranges_an_octave * std::log2(by_ms / first_end_ms));
  return std::min(static_cast<std::size_t>(range), fine_ranges - 1);
}

double Lateness::quantile_ms(double share) const {
  const auto within = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(instants)));
  std::uint64_t counted = 0;
  for (std::size_t range = 0; range + 1 < fine_ranges; ++range) {
    counted += in_fine_range_[range];
    const double end_ms = first_end_ms * std::exp2(static_cast<double>(range) / ranges_an_octave);
    if (counted >= within) return std::min(end_ms, worst_ms());
  }
  return worst_ms();
}

}  // namespace hil::harness
