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

/// Judges a linearly converging iteration. It has settled when a step is within the tolerance; or, a step earlier, when
/// what is left after it is, and Kirchhoff's law holds ten times better than it must: after steps c_before and c with
/// r = c / c_before that is c r / (1 - r), a geometric sum; for r below 1/4 less than 4/3 c r.
class Convergence {
 public:
  explicit Convergence(const SettlingLimits& limits)
      : tolerance_v2_(limits.tolerance_v * limits.tolerance_v), residual_a_(limits.residual_a) {}

  /// `change_v2`: square of the last step's length.
  void take_step(double change_v2) {
    stands_ = change_v2 <= tolerance_v2_;
    const bool fast = 16.0 * change_v2 < last_change_v2_;
    near_ = fast && 16.0 / 9.0 * change_v2 * change_v2 <= tolerance_v2_ * last_change_v2_;
    last_change_v2_ = change_v2;
  }
  /// Whether it is worth looking at the currents.
  bool voltages_settled() const { return stands_ || near_; }
  bool settled(double residual_a) const {
    return (stands_ && residual_a <= residual_a_) || (near_ && residual_a <= 0.1 * residual_a_);
  }

 private:
  double tolerance_v2_;
  double residual_a_;
  double last_change_v2_ = 0.0;
  bool stands_ = false;
  bool near_ = false;
};

}  // namespace hil::models
