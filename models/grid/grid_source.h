#pragma once

#include <array>
#include <chrono>

#include "models/electrical/phasor.h"

namespace hil::models {

/// Which phases an event touches.
using PhaseMask = std::array<bool, phase_count>;
inline constexpr PhaseMask all_phases{true, true, true};

/// The grid behind its Thevenin impedance: what its EMF is, step by step, and what happens to it.
///
///   emf_k  = nominal_ln_v u_k e^(j (theta + phi_k)) (a^-k + negative a^k + zero)     k = 0, 1, 2; a = 1 at 120 degrees
///   dtheta = 2 pi (f - nominal_hz) dt
///
/// Split phase: emf_1 = -emf_2 = nominal_ln_v u e^(j (theta + phi)), emf_3 = 0; negative and zero do not exist.
///
/// u_k, phi_k, f, negative and zero move on straight lines from where they are to the target of the latest event; a
/// line of 0 s is a step. The frame turns at nominal_hz, so at nominal frequency the phasors stand still. Outputs are
/// those at the end of the step; a ramp that ends within a step is integrated in its two parts. theta is wrapped to
/// -pi..pi. Every event acts from the next advance.
///
/// An outage only clears `connected`; the site opens the source. Events go on behind the open breaker, so that on
/// return the site meets the grid's own frequency and angle.
///
/// Sign:     a positive jump puts the phasor ahead.
/// Left out: harmonics, flicker, the inertia of a grid that the site could move, impedance over frequency.
/// Valid:    steps of 1 ms..1 s; 0..2 pu; 40..70 Hz.
/// Checked against: hand cases; see tests/models/grid and tests/models/validation/grid.
class GridSource {
 public:
  struct Parameters {
    double nominal_ln_v = 0.0;  ///< > 0
    double nominal_hz = 0.0;    ///< 40..70
    Phasor phase_ohm{};         ///< each phase; resistance > 0, reactance >= 0
    Phasor neutral_ohm{};       ///< the same bounds
    bool split_phase = false;   ///< L1 and L2 against each other around N, as behind a centre tap; no L3
  };
  struct Outputs {
    PhasePhasors emf_ln_v{};
    double frequency_hz = 0.0;
    bool connected = true;
    Phasor phase_ohm{};
    Phasor neutral_ohm{};
  };

  static constexpr double highest_voltage_pu = 2.0;
  static constexpr double lowest_hz = 40.0;
  static constexpr double highest_hz = 70.0;

  /// Throws InvalidParameter. Starts connected, nominal and balanced, L1 at angle 0.
  GridSource(const Parameters& parameters, std::chrono::nanoseconds step);

  // Events: a scenario makes them while the site runs. They throw InvalidParameter and then have changed nothing.

  /// Sag, swell, unbalance, loss of a phase (0 pu). `ramp_s` 0: at once.
  void ramp_voltage_pu(const PhaseMask& phases, double target_pu, double ramp_s);
  void ramp_frequency_hz(double target_hz, double ramp_s);
  /// The same by its slope, > 0 in either direction.
  void ramp_frequency_at(double target_hz, double rocof_hz_per_s);
  /// All three phases: the grid's angle, for good. Fewer: their place among the others, until return_to_nominal.
  void jump_phase_deg(const PhaseMask& phases, double degrees);
  /// As fractions of the positive sequence, angle against L1; |negative| + |zero| below 1. Not in split phase.
  void ramp_unbalance(Phasor negative, Phasor zero, double ramp_s);
  /// Voltage, frequency and balance. The angle that the grid has come to stays, as do outage and impedance.
  void return_to_nominal(double ramp_s);
  void set_outage(bool outage) { outage_ = outage; }
  void set_impedance(Phasor phase_ohm, Phasor neutral_ohm);

  /// By the fixed step. Does not allocate or throw.
  const Outputs& advance();
  const Outputs& outputs() const { return outputs_; }
  double angle_rad() const { return angle_rad_; }  ///< theta, -pi..pi
  const Parameters& parameters() const { return parameters_; }

 private:
  /// A quantity on its straight line to a target.
  struct Ramp {
    double value = 0.0;
    double target = 0.0;
    double per_s = 0.0;
    double left_s = 0.0;

    void aim(double new_target, double ramp_s);
    bool moving() const { return left_s > 0.0; }
    /// Returns the integral over the step.
    double advance(double step_s);
  };
  void shape();

  Parameters parameters_;
  double step_s_ = 0.0;
  std::array<Ramp, phase_count> voltage_pu_;
  std::array<Ramp, phase_count> place_rad_;  ///< phi_k
  std::array<Ramp, 4> unbalance_;            ///< negative real, imaginary, zero real, imaginary
  Ramp frequency_offset_hz_;                 ///< f - nominal_hz
  double angle_rad_ = 0.0;
  bool outage_ = false;
  bool shape_moves_ = true;  ///< the phasors in the grid's own frame are to be computed anew
  PhasePhasors shape_ln_v_{};
  double emf_angle_rad_ = 0.0;  ///< theta for which outputs_.emf_ln_v was formed
  Phasor phase_ohm_;
  Phasor neutral_ohm_;
  Outputs outputs_;
};

}  // namespace hil::models
