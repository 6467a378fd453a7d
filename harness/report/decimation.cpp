#include "harness/report/decimation.h"

#include <algorithm>
#include <cmath>

namespace hil::harness {

std::vector<PlotPoint> decimate(std::span<const double> time_s, std::span<const double> values, std::size_t most) {
  std::vector<PlotPoint> all;
  for (std::size_t i = 0; i < std::min(time_s.size(), values.size()); ++i) {
    if (std::isfinite(values[i])) all.emplace_back(time_s[i], values[i]);
  }
  if (all.size() <= most) return all;

  const std::size_t slices = (most - 2) / 2;
  const auto by_value = [](const PlotPoint& left, const PlotPoint& right) { return left.second < right.second; };
  std::vector<PlotPoint> kept{all.front()};
  const auto inner = std::span(all).subspan(1, all.size() - 2);
  for (std::size_t slice = 0; slice < slices; ++slice) {
    const auto begin = inner.begin() + static_cast<std::ptrdiff_t>(inner.size() * slice / slices);
    const auto end = inner.begin() + static_cast<std::ptrdiff_t>(inner.size() * (slice + 1) / slices);
    auto [smallest, largest] = std::minmax_element(begin, end, by_value);
    if (largest < smallest) std::swap(smallest, largest);
    kept.push_back(*smallest);
    if (smallest != largest) kept.push_back(*largest);
  }
  kept.push_back(all.back());
  return kept;
}

}  // namespace hil::harness
