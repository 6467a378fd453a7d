#pragma once

#include <span>
#include <utility>
#include <vector>

namespace hil::harness {

using PlotPoint = std::pair<double, double>;  ///< time_s, value

/// At most about `most` points that draw the same curve: of each of most / 2 equal slices the smallest and the largest
/// value, in their order in time, so that no peak is lost. First and last point stay. What is not a number is dropped.
/// `most`: >= 4.
std::vector<PlotPoint> decimate(std::span<const double> time_s, std::span<const double> values, std::size_t most);

}  // namespace hil::harness
