#pragma once

namespace hil::models {

struct SettlingLimits {
  double tolerance_v = 0.0;
  double residual_a = 0.0;
  int max_iterations = 0;
};

/// How an iteration ended.
struct Settling {
  bool settled = false;
  int iterations = 0;
  double residual_a = 0.0;
};

/// Judges from the steps of a linearly converging iteration how far the solution is still away: what is left after a
/// step of length c with c / c_before = r is at most c r / (1 - r), a geometric sum. Below r = 1/4 that is less than
/// 4/3 c r; a slower iteration, and the first step, count with c itself.
class Convergence {
 public:
  /// Squares: from the length of the last step to the distance.
  double distance_v2(double change_v2) {
    const bool fast = change_v2 * 16.0 < last_change_v2_;
    const double distance_v2 = fast ? 16.0 / 9.0 * change_v2 * change_v2 / last_change_v2_ : change_v2;
    last_change_v2_ = change_v2;
    return distance_v2;
  }

 private:
  double last_change_v2_ = 0.0;
};

}  // namespace hil::models
