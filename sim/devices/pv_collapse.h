#pragma once

namespace hil::sim {

/// Some ET firmware lets PV fall instead of curtailing it once the battery is full: from `full_soc` up PV gives no more
/// than `pv_floor_ratio` of what is there, until the battery has served down to `release_soc`.
/// Source: the bench's list of field observations; nobody has measured it, all parameters assumed.
class PvCollapse {
 public:
  struct Parameters {
    double full_soc = 0.99;
    double release_soc = 0.97;  ///< below full_soc
    double pv_floor_ratio = 0.05;
  };
  explicit PvCollapse(const Parameters& parameters) : parameters_(parameters) {}

  /// Highest PV power from now on, once a step; `no_ceiling_w` while it does not act.
  double pv_ceiling_w(double soc, double pv_available_w, double no_ceiling_w) {
    if (soc >= parameters_.full_soc) collapsed_ = true;
    if (soc <= parameters_.release_soc) collapsed_ = false;
    return collapsed_ ? parameters_.pv_floor_ratio * pv_available_w : no_ceiling_w;
  }
  bool collapsed() const { return collapsed_; }

 private:
  Parameters parameters_;
  bool collapsed_ = false;
};

}  // namespace hil::sim
