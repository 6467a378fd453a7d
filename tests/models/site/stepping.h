#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "models/site/site.h"

namespace hil::models {

/// Steps of 10 ms, the invariants checked in each. False: they did not hold.
inline bool held_for(Site& site, double seconds) {
  for (int step = 0; step < static_cast<int>(seconds * 100.0 + 0.5); ++step) {
    site.advance();
    if (!site.invariants().hold()) {
      ADD_FAILURE() << "step " << step << ": inverter " << site.invariants().inverter_energy_residual_w << " W, site "
                    << site.invariants().site_energy_residual_w << " W, finite " << site.invariants().finite;
      return false;
    }
  }
  return true;
}

/// Seconds until `reached`, at most `limit_s`.
inline double time_until(Site& site, double limit_s, const std::function<bool()>& reached) {
  for (int step = 0; step < static_cast<int>(limit_s * 100.0); ++step) {
    if (reached()) return 0.01 * step;
    if (!held_for(site, 0.01)) break;
  }
  return limit_s;
}

/// Line-to-neutral voltage of L1 at the backup port of the first inverter, in per unit of 230 V.
inline double backup_pu(const Site& site) {
  return std::abs(site.lane(0).backup_ln_v[0]) / 230.0;
}

}  // namespace hil::models
