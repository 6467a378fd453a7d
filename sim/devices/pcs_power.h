#pragma once

#include <cstddef>
#include <span>

namespace hil::sim {

/// Power that one string is asked for, on its way to its set point (sinexcel-pcs-modbus 6, RR and SS).
///
///   soft start   after a start and a reconnection |power| <= so much of the rating, which rises by the soft-start rate
///   RR           set points are followed at this rate, with the power change mode "ramp"; without, at once
///   reduction    by Volt-Watt and Freq-Watt: at once; the way back after it at RR, in either mode
class PcsPower {
 public:
  struct Rates {
    double rated_w = 0.0;          ///< > 0, of the string
    double normal_pu_per_s = 0.0;  ///< > 0
    double soft_pu_per_s = 0.0;    ///< > 0
    bool ramps = false;            ///< set points are followed at the normal rate
  };
  void restart() { *this = {}; }
  /// `share`: of a set point that discharges.
  double advance(double step_s, double set_w, double share, const Rates& rates);
  double power_w() const { return power_w_; }
  /// 0..1 of the rating: what soft start allows.
  double soft_ceiling() const { return soft_; }

 private:
  double power_w_ = 0.0;
  double soft_ = 0.0;
  bool reduced_ = false;  ///< and not yet back
};

/// An equal part of `total` to each of those that take some, none more than `most` either way.
void share_equally(double total, double most, std::span<const bool> takes, std::span<double> parts);

}  // namespace hil::sim
