#pragma once

#include <chrono>

namespace hil::models {

/// Active detection of an island: Sandia frequency shift.
///
///   chopping = clamp(initial_chopping + gain_per_hz (f - nominal_hz), -+highest_chopping)
///   reactive_injection = -|P| tan(pi/2 chopping)
///
/// On a strong grid this is a small absorption. In an island nobody else supplies it: absorbing raises the frequency
/// of a resonant load, injecting lowers it, and the next step pushes further the same way, until protection trips. It
/// works when the shift turns the current faster than the load: gain_per_hz pi/2 > 2 Qf / nominal_hz.
/// Gain 0 switches the whole function off.
///
/// Source: physics-and-standards 2.7 (gain .05 to .1 per Hz, C). Assumed: initial and highest chopping.
class FrequencyShift {
 public:
  struct Parameters {
    double nominal_hz = 0.0;         ///< 40..70
    double gain_per_hz = -1.0;       ///< 0..1
    double initial_chopping = 0.01;  ///< 0..0.1, so that a perfect match has a direction to leave in
    double highest_chopping = 0.20;  ///< 0..0.5
  };

  /// Throws InvalidParameter.
  explicit FrequencyShift(const Parameters& parameters);

  /// To be added to the reactive power asked for otherwise. `frequency_hz`: the inverter's own, not averaged. In the
  /// unit of `active_power`, injection positive; 0 when the frequency is not a number.
  double reactive_injection(double frequency_hz, double active_power) const;

 private:
  Parameters parameters_;
};

/// Voltage and frequency of one phase of an island that no source holds: grid-following inverters on a parallel RLC
/// load after the grid has opened.
///
///   V_inf = sqrt(P / G)                                           active balance
///   Q = V^2 (B_L fn/f - B_C f/fn)   ->   f_inf                    reactive balance, the positive root
///   V' = (V_inf - V) / voltage_time_constant,   f' = (f_inf - f) / pll_time_constant
///
/// B_L and B_C are susceptances at nominal frequency, both positive. Without current the voltage decays to 0, without
/// a load it rises to highest_pu. Without L or C there may be no balance: f then runs to its bound.
///
/// Sign:     power injected by the inverters is positive; the loads' power stands in G, B_L, B_C.
/// Left out: unbalance between phases, instantaneous energy in L and C, motors, voltage-dependent loads.
/// Valid:    steps of 1 ms to 1 s. Any finite inputs.
/// Source:   physics-and-standards 2.7. Assumed: both time constants (C) and the bounds.
/// Checked against: load of D2, resonance at C +-5 %, run-on times of the IEC 62116 matrix in tests/models/grid_code.
class UnintendedIsland {
 public:
  struct Parameters {
    double nominal_ln_v = 0.0;                                   ///< > 0
    double nominal_hz = 0.0;                                     ///< 40..70
    std::chrono::nanoseconds voltage_time_constant{20'000'000};  ///< >= 0; the inverter's current loop
    std::chrono::nanoseconds pll_time_constant{100'000'000};     ///< >= 0
    double highest_pu = 2.0;                                     ///< > 1
    double lowest_frequency_pu = 0.5;                            ///< 0.1..1
    double highest_frequency_pu = 1.5;                           ///< 1..2
  };
  struct State {
    double ln_v = 0.0;
    double frequency_hz = 0.0;
  };
  /// Of one phase; a balanced site gives a third of its sums.
  struct Inputs {
    double active_w = 0.0;       ///< injected by the inverters
    double reactive_var = 0.0;   ///< injected by the inverters
    double conductance_s = 0.0;  ///< of all loads, >= 0
    double inductive_s = 0.0;    ///< B_L at nominal frequency, >= 0
    double capacitive_s = 0.0;   ///< B_C at nominal frequency, >= 0
  };
  using Outputs = State;

  /// `step`: fixed step of all later calls; `initial`: at the moment of opening. Throws InvalidParameter.
  UnintendedIsland(const Parameters& parameters, const State& initial, std::chrono::nanoseconds step);

  /// Does not allocate. What is not finite counts as zero.
  const Outputs& advance(const Inputs& inputs);
  const Outputs& outputs() const { return state_; }
  const State& state() const { return state_; }
  /// A new island: what the grid left behind when it opened. Values are brought into the bounds.
  void reset(const State& state);

 private:
  double settled_v(const Inputs& inputs) const;
  double settled_hz(const Inputs& inputs) const;

  Parameters parameters_;
  double voltage_gain_ = 1.0;
  double frequency_gain_ = 1.0;
  State state_;
};

}  // namespace hil::models
