#pragma once

#include "sim/kernel/kernel.h"

namespace hil::sim {

/// Of the primary: where the island of parallel inverters stands in voltage and frequency. All that form it follow, and
/// share by their droops. No source describes it: form and gains are assumed.
///
///   towards the grid:  slip wanted = angle / full turn / approach_s, at most most_slip_hz;
///                      bias' = (slip wanted - slip) / settle_s,  voltage' = gap / settle_s
///   otherwise:         bias  = shift_hz (surplus / rated + integral of that / shift_s), within 0..most_shift_hz:
///                      inverters that follow the island give less the higher its frequency, so that the batteries need
///                      not take what they cannot. shift_s is about the response of IEEE 1547 (5 s to 90 %)
///
/// Sign: angle > 0: the grid is ahead of the island; slip: island less grid; surplus: what flows into the inverters
/// beyond what their batteries may take.
class IslandRegulator {
 public:
  static constexpr double most_slip_hz = 0.08;
  static constexpr double approach_s = 1.0;
  static constexpr double settle_s = 0.2;
  static constexpr double shift_hz = 25.0;
  static constexpr double shift_s = 2.2;
  static constexpr double most_shift_hz = 2.5;    ///< beyond the highest trip of most codes
  static constexpr double most_voltage_pu = 0.1;  ///< about nominal

  struct Inputs {
    bool islanded = false;
    bool towards_grid = false;  ///< both sides are live, and the grid is good
    double angle_deg = 0.0;
    double slip_hz = 0.0;
    double voltage_gap_pu = 0.0;  ///< grid less island
    double surplus_w = 0.0;
    double rated_w = 1.0;  ///< of all inverters, > 0
  };
  /// Once a step of this length.
  void advance(Time step, const Inputs& inputs);
  double frequency_bias_hz() const { return frequency_bias_hz_; }
  double voltage_pu() const { return voltage_pu_; }

 private:
  double frequency_bias_hz_ = 0.0;
  double shift_integral_hz_ = 0.0;  ///< 0..most_shift_hz
  double voltage_pu_ = 1.0;
};

}  // namespace hil::sim
