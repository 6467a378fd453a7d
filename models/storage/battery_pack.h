#pragma once

#include <chrono>

namespace hil::models {

/// LFP pack behind its own BMS: open-circuit voltage over SOC, R0 and two RC branches.
///
///   terminal_v = ocv(soc) - discharge_a R0 - v1 - v2,   vk' = (discharge_a Rk - vk) / tauk
///   d(soc)/dt  = -discharge_a / (3600 capacity_ah)      charging: times coulombic_efficiency
///   discharge_w = terminal_v discharge_a                 solved for the current each step
///
/// soc, v1, v2 in the first and third line are those at the start of the step; the current is constant over it.
///
/// The cell curve (open-circuit voltage, resistance times capacity) is the 3 Ah LFP cell of
/// physics-and-standards 4.1 [simses], scaled by cells in series and capacity. The measured long-pulse resistance
/// is split R0 : R1 : R2 = 45 : 30 : 60 with time constants of 20 s and 600 s (4.1, certainty C).
/// BMS limits by SOC: charge 1 to 0.90, linear to 0.1 at 0.98, then taper to 0 at 1; discharge 1 down to
/// 0.10, linear to 0.2 at 0.05, 0 at 0 (4.2, certainty C). The limits are only reported: like the real pack, this
/// one delivers what is drawn until it is empty or full, or the resistance allows no more.
///
/// Sign:     discharge > 0 empties the battery.
/// Left out: hysteresis, temperature, ageing, cell spread.
/// Valid:    steps up to 1 s.   Checked against: B5, B6 and coulomb counting; see tests/models/storage.
class BatteryPack {
 public:
  struct Parameters {
    double capacity_ah = 0.0;           ///< > 0
    int cells_in_series = 0;            ///< > 0
    double max_charge_a = -1.0;         ///< BMS limit away from full, >= 0
    double max_discharge_a = -1.0;      ///< BMS limit away from empty, >= 0
    double coulombic_efficiency = 0.0;  ///< 0 < .. <= 1, applied while charging
  };
  struct State {
    double soc = -1.0;  ///< 0 empty, 1 full; copying the state restores the pack
    double branch1_v = 0.0;
    double branch2_v = 0.0;
  };
  struct Limits {
    double charge_a = 0.0;     ///< as the BMS reports it, >= 0
    double discharge_a = 0.0;  ///< >= 0
    double charge_w = 0.0;     ///< the same at the terminal voltage that this current gives
    double discharge_w = 0.0;
  };
  struct Outputs {
    double terminal_v = 0.0;
    double discharge_a = 0.0;
    double discharge_w = 0.0;  ///< what really flowed: the request, unless it was beyond the pack
    double loss_w = 0.0;       ///< heat in the three resistances at the start of the step
  };

  /// Throws InvalidParameter.
  BatteryPack(const Parameters& parameters, const State& initial, std::chrono::nanoseconds step);

  Limits limits() const;
  /// Advances by the fixed step with this power at the terminals; what is not finite counts as zero. Does not allocate.
  const Outputs& advance(double discharge_request_w);
  const Outputs& outputs() const { return outputs_; }
  const State& state() const { return state_; }
  const Parameters& parameters() const { return parameters_; }
  double capacity_wh() const;  ///< charge times open-circuit voltage from soc 0 to soc 1

 private:
  /// Resistance of the whole pack, R0 and the two branches, for one direction of the current.
  struct Resistance {
    double r0_ohm = 0.0;
    double r1_ohm = 0.0;
    double r2_ohm = 0.0;
  };
  Resistance resistance(bool charging) const;
  double source_v() const;          ///< behind R0: open circuit less the two branches
  double discharge_room_a() const;  ///< current that empties the pack in one step
  double charge_room_a() const;     ///< current that fills it in one step
  double current_for_a(double discharge_w) const;

  Parameters parameters_;
  State state_;
  Outputs outputs_;
  double step_s_ = 0.0;
  double decay1_ = 0.0;  ///< what is left of a branch voltage after a step
  double decay2_ = 0.0;
};

}  // namespace hil::models
