#pragma once

#include <chrono>

#include "models/electrical/phasor.h"

namespace hil::models {

/// An inverter as the voltage source of an island: droop, soft start, current limit, overload.
///
///   f = nominal_hz + bias - frequency_droop_hz_per_w P,   V = nominal_ln_v factor - voltage_droop_v_per_var Q
///
/// Factor and bias are set points, 1 and 0 until set. On a bus that others of its kind hold, join() begins in phase
/// with them and from their voltage; then all share by their droops.
///
/// P and Q are first-order means of what the island drew. The EMF stands behind `series_ohm` in the network. A phase
/// that would carry more than max_phase_a lowers its own EMF (constant-impedance loads: to the limit within one step);
/// an EMF held down below `overload_emf_pu` for overload_time drops the island, as does an overloaded power stage; a
/// new soft start follows after restart_delay.
///
/// Sign: supplied power > 0. Angles count in a frame that turns at nominal_hz.
/// Left out: harmonics, DC-link dynamics, negative-sequence control.
/// Source: physics-and-standards 2.1, 10 (droop, virtual impedance); times assumed (certainty C).
/// Checked against: droop sharing of 5 kW and 10 kW units (section 10), hand cases; see tests/models/inverter.
class GridForming {
 public:
  struct Parameters {
    double nominal_ln_v = 0.0;                         ///< > 0
    double nominal_hz = 0.0;                           ///< > 0
    bool split_phase = false;                          ///< L1 and L2 oppose one another, no L3
    double frequency_droop_hz_per_w = 0.0;             ///< >= 0
    double voltage_droop_v_per_var = 0.0;              ///< >= 0
    double max_phase_a = 0.0;                          ///< > 0
    Phasor series_ohm{0.05, 0.05};                     ///< assumed: 2..5 % virtual impedance of a 10 kW unit is 0.3 ohm
    std::chrono::nanoseconds soft_start{100'000'000};  ///< >= 0, assumed
    std::chrono::nanoseconds power_filter{100'000'000};      ///< >= 0, assumed
    double overload_emf_pu = 0.8;                            ///< 0..1, assumed
    std::chrono::nanoseconds overload_time{500'000'000};     ///< >= 0, assumed
    std::chrono::nanoseconds restart_delay{10'000'000'000};  ///< >= 0, assumed
  };
  enum class State : unsigned char { off, soft_start, running, tripped };

  /// `step`: fixed step of all later calls. Throws InvalidParameter.
  GridForming(const Parameters& parameters, std::chrono::nanoseconds step);

  /// 5 % of impedance and a droop of 0.1 % of nominal frequency at this rating, both assumed: several of these on one
  /// bus share within a second and stay damped in steps of up to 50 ms.
  static Parameters of_rating(double rated_va, double max_phase_a, double nominal_ln_v, double nominal_hz,
                              bool split_phase = false);

  /// Begins an island at this angle; `seamless`: without soft start, as a transfer from a healthy grid does.
  void start(double angle_rad, bool seamless);
  void stop();
  /// On a live bus: from its angle and its voltage (0..1 of the own nominal) on along the line of a soft start.
  void join(double angle_rad, double voltage_pu);
  /// Voltage as a factor on nominal (> 0) and frequency on top of nominal, from the next step on.
  void set_point(double voltage_pu, double frequency_bias_hz);
  /// The next step would begin again after a trip, alone and with a soft start.
  bool restart_due() const;
  /// Another voltage, from the next step of the island on, and another delay of a new start. Throws InvalidParameter.
  void set_supply(double nominal_ln_v, std::chrono::nanoseconds restart_delay);
  /// Nothing feeds the EMF any more: trips at once, to try again after restart_delay.
  void drop();

  /// First half of a step: the EMF to solve the network with; zero unless running or in soft start.
  const PhasePhasors& plan();
  /// Second half: what each phase drew. `overloaded`: PV and battery cannot give it.
  void settle(const PhasePhasors& phase_a, const PhasePhasors& phase_supply_va, bool overloaded);

  State state() const { return state_; }
  bool live() const { return state_ == State::running || state_ == State::soft_start; }
  double frequency_hz() const { return frequency_hz_; }
  double angle_rad() const { return angle_rad_; }
  int overload_trips() const { return overload_trips_; }
  const Parameters& parameters() const { return parameters_; }

 private:
  Parameters parameters_;
  double step_s_ = 0.0;
  double filter_gain_ = 1.0;
  State state_ = State::off;
  double in_state_s_ = 0.0;
  double voltage_pu_ = 1.0;         ///< set point
  double frequency_bias_hz_ = 0.0;  ///< likewise
  double ramp_ = 0.0;               ///< soft start, 0..1
  PhaseValues held_{1, 1, 1};       ///< EMF factor of the current limit, each phase
  double overload_s_ = 0.0;
  double supply_w_ = 0.0;
  double supply_var_ = 0.0;
  double frequency_hz_ = 0.0;
  double angle_rad_ = 0.0;
  int overload_trips_ = 0;
  PhasePhasors emf_v_{};
};

}  // namespace hil::models
