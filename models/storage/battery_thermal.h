#pragma once

namespace hil::models {

/// Temperature of a battery pack as one mass.
///
///   C dT/dt = heat_w - (C / time_constant) (T - ambient)        exact for a heat that is constant over a tick
///
/// Sign:     heat > 0 warms.
/// Left out: gradients in the pack, heater and cooling, sun. Off (`enabled` false): T stays as it began.
/// Valid:    the result is kept within -60..150 deg C; beyond it the cell's tables say nothing anyway.
/// Checked against: the first-order answer by hand, see tests/models/storage/battery_thermal_test.cpp.
class BatteryThermal {
 public:
  struct Parameters {
    bool enabled = false;
    double heat_capacity_j_per_k_per_wh = 9.0;  ///< > 0; 8..10 kJ/K per kWh (4.2, B), the middle
    double time_constant_s = 8.0 * 3600.0;      ///< > 0; 6..12 h (4.2, C: assumed)
    double ambient_c = 25.0;                    ///< -60..100
  };

  /// `tick_s`: the step of advance(). Throws InvalidParameter.
  BatteryThermal(const Parameters& parameters, double energy_wh, double initial_c, double tick_s);

  /// One tick with this heat put in over it.
  void advance(double heat_j);
  void set_ambient(double ambient_c);  ///< Throws InvalidParameter outside -60..100.
  double temperature_c() const { return temperature_c_; }
  double ambient_c() const { return ambient_c_; }
  double heat_capacity_j_per_k() const { return heat_capacity_j_per_k_; }

 private:
  bool enabled_;
  double ambient_c_;
  double temperature_c_;
  double heat_capacity_j_per_k_;
  double kelvin_per_joule_ = 0.0;  ///< rise of the settled temperature per joule in a tick
  double decay_ = 0.0;             ///< what is left of the distance to it after a tick
};

}  // namespace hil::models
