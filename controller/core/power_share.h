#pragma once

#include <span>

namespace hil::controller {

/// Shares `total_w` (>= 0) in proportion to `weights`, clips each share at its limit and hands the rest to the
/// others until none is over (water filling): with weights of usable energy all unclipped batteries reach their stop
/// at the same moment. What nobody can take is left out. Source: physics-and-standards 10.
/// All spans have the same length, at most max_inverters; weights and limits are >= 0.
void share_power(double total_w, std::span<const double> weights, std::span<const double> limits_w,
                 std::span<double> shares_w) noexcept;

}  // namespace hil::controller
