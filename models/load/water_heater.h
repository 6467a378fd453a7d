#pragma once

#include <chrono>

#include "models/load/demand.h"

namespace hil::models {

/// Immersion heater in a tank of mixed water, switched by its thermostat.
///
///   m c dT/dt = heater_w u^2 - loss_w_per_k (T - ambient) - draw_off c (T - cold_water)     u: voltage in pu
///
/// solved exactly for a step in which voltage, ambient and draw-off stand; the three energies are its exact integrals,
/// so heated = stored + lost + drawn but for rounding. The thermostat looks once a step: on below
/// setpoint - hysteresis, off from the setpoint on. The electrical load is to be constant impedance (share_z 1) of
/// heater_w in all at nominal voltage.
///
/// Left out: layers of water, heat of the element, change of the water's density and heat with temperature, ice.
/// Valid:    steps of 1 ms..1 s.
/// Checked against: heating, cooling and draw-off by hand; see tests/models/validation/load/tank.
class WaterHeater {
 public:
  static constexpr double water_j_per_kg_k = 4186.0;

  struct Parameters {
    double heater_w = 0.0;            ///< > 0; 2..3.6 kW single, 6..9 kW three-phase (physics-and-standards 8, C)
    double water_kg = 0.0;            ///< > 0
    double loss_w_per_k = -1.0;       ///< >= 0
    double setpoint_c = -300.0;       ///< 5..95
    double hysteresis_k = 0.0;        ///< > 0
    double cold_water_c = -300.0;     ///< 0..40
    double initial_water_c = -300.0;  ///< 0..100
  };
  /// 9 kW, 300 l, 60 deg C. Assumed (C), but for the power.
  static constexpr Parameters typical() {
    return {.heater_w = 9000.0,
            .water_kg = 300.0,
            .loss_w_per_k = 2.0,
            .setpoint_c = 60.0,
            .hysteresis_k = 5.0,
            .cold_water_c = 10.0,
            .initial_water_c = 50.0};
  }
  struct State {
    double water_c = 0.0;
    bool heating = false;
  };
  struct Energies {
    double heated_j = 0.0;
    double lost_j = 0.0;
    double drawn_j = 0.0;  ///< against cold water
  };

  /// Throws InvalidParameter.
  WaterHeater(const Parameters& parameters, std::chrono::nanoseconds step);

  /// 0..100, throws InvalidParameter outside.
  void set_draw_off_l_per_min(double draw_off_l_per_min);
  Demand advance(const LoadConditions& conditions);
  const State& state() const { return state_; }
  const Energies& energies() const { return energies_; }
  double stored_j() const;  ///< against the start

 private:
  Parameters parameters_;
  State state_;
  Energies energies_;
  double step_s_ = 0.0;
  double heat_j_per_k_ = 0.0;
  double draw_off_w_per_k_ = 0.0;
  double rise_s_ = 0.0;  ///< what the temperature moves in a step, by its slope at the start
  double mean_s_ = 0.0;  ///< the same for its mean over the step
};

/// Kettle: runs until its energy is delivered, then waits to be switched off and on again.
///
/// At its rated power times the square of the voltage (share_z 1); in the last step only what is missing.
/// Left out: boiling over the switch-off point, what was left warm. Checked against: hand cases.
class Kettle {
 public:
  struct Parameters {
    double heater_w = 0.0;   ///< > 0
    double energy_wh = 0.0;  ///< > 0
  };
  /// 2.2 kW for 4 min (physics-and-standards 8: 2..3 kW, 3..5 min, C).
  static constexpr Parameters typical() { return {.heater_w = 2200.0, .energy_wh = 2200.0 * 4.0 / 60.0}; }

  /// Throws InvalidParameter.
  Kettle(const Parameters& parameters, std::chrono::nanoseconds step);

  Demand advance(const LoadConditions& conditions);
  double delivered_j() const { return delivered_j_; }  ///< since it was last switched on

 private:
  double energy_j_ = 0.0;
  double step_j_ = 0.0;  ///< at nominal voltage
  double delivered_j_ = 0.0;
  bool was_on_ = false;
};

}  // namespace hil::models
