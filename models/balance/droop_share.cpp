#include "models/balance/droop_share.h"

#include <cmath>
#include <cstddef>

#include "models/invalid_parameter.h"

namespace hil::models {

void check(const DroopUnit& unit) {
  require(unit.rated_w > 0.0 && std::isfinite(unit.rated_w), "rated_w", unit.rated_w, "> 0");
  require(unit.droop > 0.0 && unit.droop <= 0.2, "droop", unit.droop, "> 0 and <= 0.2");
}

double droop_share(std::span<const DroopUnit> units, double load_w, double nominal_hz, std::span<double> share_w) {
  double stiffness_w = 0.0;  // power for a fall of the whole nominal frequency
  for (const DroopUnit& unit : units) stiffness_w += unit.rated_w / unit.droop;
  const double fall = stiffness_w > 0.0 ? load_w / stiffness_w : 0.0;
  for (std::size_t k = 0; k < units.size(); ++k) share_w[k] = fall * units[k].rated_w / units[k].droop;
  return nominal_hz * (1.0 - fall);
}

}  // namespace hil::models
