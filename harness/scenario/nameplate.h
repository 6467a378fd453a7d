#pragma once

#include "models/storage/battery_pack.h"

namespace hil::harness {

/// Energy as it stands on the nameplate of a battery, Wh.
inline double nominal_wh(const models::BatteryPack::Parameters& pack) {
  constexpr double nominal_cell_v = 3.2;  // of LFP cells (physics-and-standards 4.1)
  return pack.capacity_ah * pack.cells_in_series * nominal_cell_v;
}

}  // namespace hil::harness
