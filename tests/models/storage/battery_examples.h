#pragma once

#include <chrono>

#include "models/storage/battery_pack.h"

namespace hil::models {

/// 160 cells of 100 Ah, as in B5 and B6.
inline BatteryPack::Parameters pack_160s() {
  return {.capacity_ah = 100.0,
          .cells_in_series = 160,
          .max_charge_a = 50.0,
          .max_discharge_a = 80.0,
          .coulombic_efficiency = 1.0};
}

/// One cell in which C-rate is ampere.
inline BatteryPack::Parameters cell_1ah() {
  return {.capacity_ah = 1.0,
          .cells_in_series = 1,
          .max_charge_a = 1.0,
          .max_discharge_a = 1.0,
          .coulombic_efficiency = 1.0};
}

/// Both branches settled at this power while the state of charge is held: ten of the longest time constants.
inline BatteryPack::Outputs settled(const BatteryPack::Parameters& parameters, BatteryPack::State state,
                                    double discharge_w) {
  const double soc = state.soc;
  const double hysteresis = state.hysteresis;
  const auto held = [&] {
    state.soc = soc;
    state.hysteresis = hysteresis;
    return BatteryPack{parameters, state, std::chrono::seconds{1}};
  };
  for (int second = 0; second < 6000; ++second) {
    BatteryPack pack = held();
    pack.advance(discharge_w);
    state = pack.state();
  }
  return held().advance(discharge_w);
}

}  // namespace hil::models
