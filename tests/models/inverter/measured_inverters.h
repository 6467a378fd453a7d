#pragma once

#include "models/inverter/conversion_loss.h"

namespace hil::models {

// Measured curves, physics-and-standards 2.2. A path that was not measured has the curve of the one next to it.

inline constexpr LossCurve gen24_pv_to_ac{10042.4, 96.18, 94.44, 25.52};
inline constexpr LossCurve gen24_battery_to_ac{9822.6, 96.89, 113.34, 26.82};
inline constexpr LossCurve gen24_pv_to_battery{9814.86, 20.43, 39.41, 29.80};
inline constexpr LossCurve gen24_ac_to_battery{9997.2, 103.57, 153.48, 25.95};  // the data file, AC2BAT_*_in
inline constexpr ConversionLoss::Parameters gen24_losses{gen24_pv_to_ac, gen24_battery_to_ac, gen24_pv_to_battery,
                                                         gen24_ac_to_battery};

inline constexpr LossCurve plenticore_pv_to_ac{9921.0, 320.72, 95.67, 42.81};
inline constexpr LossCurve plenticore_battery_to_ac{5776.0, 87.30, 109.73, 34.77};
inline constexpr LossCurve plenticore_pv_to_battery{6382.5, 35.90, 86.18, 45.16};
inline constexpr ConversionLoss::Parameters plenticore_losses{plenticore_pv_to_ac, plenticore_battery_to_ac,
                                                              plenticore_pv_to_battery, plenticore_battery_to_ac};

inline constexpr LossCurve stp10_pv_to_ac{10000.0, 142.45, 41.53, 29.19};
inline constexpr ConversionLoss::Parameters stp10_losses{stp10_pv_to_ac, stp10_pv_to_ac, stp10_pv_to_ac,
                                                         stp10_pv_to_ac};

}  // namespace hil::models
