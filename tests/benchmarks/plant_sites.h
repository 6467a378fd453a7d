#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/site/site.h"

namespace hil::models {

/// The sites of performance.md section 2: ten inverters of 10 kW behind EN 50549-1, each with 4 kW of sun and a battery
/// whose BMS supervises it; a meter behind its CTs.
struct PlantShape {
  std::size_t buses = 12;  ///< 12: ten feeders of one bus; 60: strings of five
  bool meshed = false;     ///< every second string is closed to its neighbour at the end
  bool backup = false;     ///< each inverter has a backup port
  bool noisy_load = false;
  bool demanding = false;  ///< VDE-AR-N 4105, whose cos phi(P) follows every watt, and CTs of class 0.5
};

inline constexpr std::size_t plant_inverters = 10;

Site::Parameters plant_site(const PlantShape& shape);

/// What the batteries are asked for, moving by up to 1 % from step to step; half of them charge.
class Orders {
 public:
  static constexpr std::size_t rounds = 64;
  Orders();
  const std::array<double, plant_inverters>& operator[](std::size_t step) const { return orders_w_[step % rounds]; }
  const std::array<double, plant_inverters>& steady() const { return orders_w_[0]; }

 private:
  std::vector<std::array<double, plant_inverters>> orders_w_;
};

}  // namespace hil::models
