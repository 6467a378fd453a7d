#pragma once

#include <chrono>

#include "models/load/demand.h"

namespace hil::models {

/// Motor direct on line, or by star and delta, behind its contactor.
///
///   starting: |s| = locked_rotor_multiple S_n u^2 at starting_power_factor, an impedance
///   running:  the load's nominal power, by the load's own shares
///
/// S_n is the load's nominal apparent power, so its nominal_var must be nominal_w tan(acos(running_power_factor)).
/// Torque follows the square of the voltage: run-up takes start_s / u^2 and does not end at 0 V. In star the starting
/// current is a third, start_s is then the time in star. The contactor drops out below dropout_pu and closes again at
/// pickup_pu while switched on: after an outage every motor of a site starts at once.
///
/// Left out: current falling along the run-up, the second peak of the change to delta, regeneration into a fault,
/// thermal trip, frequency.
/// Checked against: a start by hand; see tests/models/validation/load/motor_start.
class Motor {
 public:
  static constexpr double dropout_pu = 0.5;  ///< assumed (C)
  static constexpr double pickup_pu = 0.85;  ///< assumed (C)

  struct Parameters {
    double locked_rotor_multiple = 0.0;  ///< 1..12, of nominal current
    double starting_power_factor = 0.0;  ///< > 0, < 1
    double running_power_factor = 0.0;   ///< > 0, < 1
    double start_s = 0.0;                ///< > 0, at nominal voltage
    bool star_delta = false;
  };
  /// 5..7 In for 0.3..3 s at a power factor of 0.2..0.4, then 0.8 (physics-and-standards 8, B).
  static constexpr Parameters typical() {
    return {.locked_rotor_multiple = 6.0,
            .starting_power_factor = 0.3,
            .running_power_factor = 0.8,
            .start_s = 1.0,
            .star_delta = false};
  }
  enum class Phase : unsigned char { stopped, starting, running };

  /// Throws InvalidParameter.
  Motor(const Parameters& parameters, std::chrono::nanoseconds step);

  Demand advance(const LoadConditions& conditions);
  Phase phase() const { return phase_; }

 private:
  double start_share_ = 0.0;  ///< of the run-up, in one step at nominal voltage
  Demand starting_;
  Phase phase_ = Phase::stopped;
  double run_up_ = 0.0;  ///< 0..1
};

/// Inrush of a transformer or of capacitors behind a rectifier: an impedance that decays to the load.
///
///   scale = 1 + (peak_multiple - 1) e^(-t / time_constant_s), its mean over each step
///
/// from each time that the load is energised: switched on, or the voltage back above 0.1 pu. It ends when 0.1 % of
/// nominal is left of it.
/// Left out: point on wave, remanence, harmonics, the lower power factor of a magnetising current.
/// Checked against: hand cases.
class InrushLoad {
 public:
  static constexpr double energised_pu = 0.1;  ///< assumed (C)

  struct Parameters {
    double peak_multiple = 0.0;    ///< 1..50, of nominal current
    double time_constant_s = 0.0;  ///< > 0
  };
  /// 5..10 In decaying in 0.1..0.5 s (physics-and-standards 8, C).
  static constexpr Parameters typical() { return {.peak_multiple = 8.0, .time_constant_s = 0.2}; }

  /// Throws InvalidParameter.
  InrushLoad(const Parameters& parameters, std::chrono::nanoseconds step);

  Demand advance(const LoadConditions& conditions);

 private:
  double first_ = 0.0;  ///< peak_multiple - 1
  double kept_ = 0.0;
  double mean_ = 0.0;  ///< of the decay over a step, of its value at the start
  double extra_ = 0.0;
  bool energised_ = false;
};

}  // namespace hil::models
