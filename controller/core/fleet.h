#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "controller/core/measurements.h"

namespace hil::controller {

/// A power of each inverter, W.
using UnitPowers = std::array<double, max_inverters>;

/// Set points are not rewritten for less.
inline constexpr double dead_band_w = 20.0;
/// Less PV than this is none.
inline constexpr double pv_in_sight_w = 100.0;

/// What the parts of the law look at in one step, the orders as they stand, and what follows from both.
struct Fleet {
  const Measurements& measurements;
  Commands& commands;  ///< each part of the law writes its own orders
  std::size_t count = 0;
  double unit_rating_w = 0.0;
  double spare_of_each_w = 0.0;          ///< of its limit, that the batteries leave unused
  std::optional<std::size_t> unlimited;  ///< goes without limit for now (FreezeGuard)

  Time now() const { return measurements.now; }
  const InverterMeasurement& unit(std::size_t k) const { return measurements.inverters[k]; }
  /// Feeds and takes part in sharing the limit.
  bool steered(std::size_t k) const { return unit(k).feeds() && unlimited != k; }
  /// Its AC power rests at its limit. What gives only what is wanted stays further away (spare_of_each_w).
  bool at_limit(std::size_t k) const;
  /// Its limit keeps PV from flowing, as far as one can see.
  bool pv_held_back(std::size_t k) const;
  /// AC less battery power of the same moment, and so without the losses; 0 before the first readings.
  double pv_w(std::size_t k) const;
  double discharge_limit_w(std::size_t k) const;
  /// From its own PV only.
  double charge_limit_w(std::size_t k) const;
  /// AC power that it gives or is about to give, >= 0.
  double need_w(std::size_t k) const;

 private:
  /// The battery power that is inside the AC sample: the sample of its own, or while an order takes effect what it
  /// makes of it by then.
  double battery_in_ac_w(std::size_t k) const;
};

}  // namespace hil::controller
