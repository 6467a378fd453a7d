#pragma once

#include <span>

namespace hil::models {

/// One inverter that forms an island together with others by frequency droop.
struct DroopUnit {
  double rated_w = 0.0;  ///< > 0
  double droop = 0.0;    ///< > 0: share of the nominal frequency that it falls at rated power, 0.01 for 1 %
};

/// Throws InvalidParameter.
void check(const DroopUnit& unit);

/// How checked units share a load at rest:  f = f0 - mp_i P_i  with  mp_i = droop_i f0 / rated_i,  so P_i ~ 1 / mp_i.
/// Writes each unit's power to `share_w` (as long as `units`) and returns the common frequency.
///
/// Left out: limits of the units, secondary control, line impedance, the way there.
/// Checked against: 9 kW on 5 + 10 kW, see tests/models/validation/balance.
double droop_share(std::span<const DroopUnit> units, double load_w, double nominal_hz, std::span<double> share_w);

}  // namespace hil::models
