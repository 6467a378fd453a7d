#pragma once

namespace hil::models {

/// What a load asks for now, as scales on its nominal power.
struct Demand {
  double active_scale = 0.0;    ///< >= 0
  double reactive_scale = 0.0;  ///< >= 0
  bool as_impedance = false;    ///< whatever the load's shares are: all of it follows the square of the voltage
  bool operator==(const Demand&) const = default;
};

/// What a load's behaviour sees of the world in a step.
struct LoadConditions {
  bool switched_on = false;   ///< by whoever runs the load; a thermostat acts behind this switch
  double voltage_pu = 1.0;    ///< at the load's terminals, of nominal; 0..1.5
  double frequency_hz = 0.0;  ///< 45..65
  double ambient_c = 20.0;    ///< -50..60
};

}  // namespace hil::models
