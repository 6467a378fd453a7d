#pragma once

#include <chrono>

#include "models/load/demand.h"

namespace hil::models {

/// Charger and vehicle behind a pilot current, 6 A and up in steps of 1 A.
///
///   current -> floor(pilot_a), at most rated_a; below 6 A: 0        scale = current / rated_a
///
/// The vehicle starts `start_delay_s` after it is plugged in, powered and offered 6 A, with 6 A at once, and moves on
/// a straight line that would take it from 0 to rated_a in `follow_s`: so any change of the pilot is followed within
/// that, and until then the current may lie above a pilot that was lowered. It never lies between 0 and 6 A. The
/// load's nominal power is that at rated_a on the phases used, of constant current (share_i 1). Unplugged
/// (switched_on false) or below lowest_voltage_pu it stops at once and the delay begins anew.
///
/// Left out: full battery, taper, vehicles that stay asleep or round the pilot otherwise, phase switching.
/// Checked against: hand cases; never above the pilot of the last follow_s.
class EvCharger {
 public:
  static constexpr double lowest_pilot_a = 6.0;     ///< physics-and-standards 8, B
  static constexpr double lowest_voltage_pu = 0.8;  ///< assumed (C)

  struct Parameters {
    double rated_a = 0.0;         ///< 6..80
    double start_delay_s = -1.0;  ///< 0..600
    double follow_s = -1.0;       ///< 0..60
    double pilot_a = -1.0;        ///< the first command, 0..80
  };
  /// 6..32 A, starts after 5..60 s, follows within 5 s (physics-and-standards 8, B).
  static constexpr Parameters typical() {
    return {.rated_a = 32.0, .start_delay_s = 15.0, .follow_s = 5.0, .pilot_a = 32.0};
  }

  /// Throws InvalidParameter.
  EvCharger(const Parameters& parameters, std::chrono::nanoseconds step);

  void set_pilot_a(double pilot_a);  ///< throws InvalidParameter outside 0..80
  Demand advance(const LoadConditions& conditions);
  double current_a() const { return current_a_; }
  double allowed_a() const { return allowed_a_; }  ///< what the pilot allows: 0, or 6 A and up

 private:
  double rated_a_ = 0.0;
  double step_s_ = 0.0;
  double start_delay_s_ = 0.0;
  double most_change_a_ = 0.0;  ///< in one step
  double allowed_a_ = 0.0;
  double waited_s_ = 0.0;
  double current_a_ = 0.0;
};

}  // namespace hil::models
