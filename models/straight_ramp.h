#pragma once

#include <algorithm>
#include <cmath>

namespace hil::models {

/// A value on its straight line to a target.
struct StraightRamp {
  double value = 1.0;
  double target = 1.0;
  double per_step = 0.0;  ///< >= 0; 0: at once

  void advance() { value = per_step <= 0.0 ? target : value + std::clamp(target - value, -per_step, per_step); }
  bool moving() const { return value != target; }
  /// `steps` within which it gets there; up to 1: in the next.
  void aim(double at, double steps) {
    target = at;
    per_step = steps > 1.0 ? std::abs(at - value) / steps : 0.0;
  }
};

}  // namespace hil::models
