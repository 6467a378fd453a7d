#pragma once

#include "models/generation/pv_array.h"

namespace hil::models {

/// CS5P-220M (physics-and-standards 5.2).
inline PvArray::Parameters array_of(int modules_in_series, int strings_in_parallel) {
  return {.module = {.a_ref_v = 2.6373,
                     .light_current_ref_a = 5.114,
                     .saturation_current_ref_a = 8.196e-10,
                     .series_resistance_ohm = 1.065,
                     .shunt_resistance_ref_ohm = 381.68,
                     .alpha_isc_a_per_k = 0.004539,
                     .bandgap_ref_ev = 1.121,
                     .bandgap_slope_per_k = -0.0002677},
          .modules_in_series = modules_in_series,
          .strings_in_parallel = strings_in_parallel};
}

}  // namespace hil::models
