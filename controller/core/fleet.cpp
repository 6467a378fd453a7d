#include "controller/core/fleet.h"

#include <algorithm>
#include <cmath>

namespace hil::controller {

namespace {

/// Of what the batteries leave unused: nearer to its limit than this a unit is held back by it.
constexpr double at_limit_part = 0.6;
/// A battery this far below its order is clipped.
constexpr double clipped_w = 50.0;
/// Behind a limit there may be so much more PV, for a charge order.
constexpr double unseen_pv_w = 400.0;
/// From the acknowledgement of a battery order to the AC power that shows it: dead time, three lags and a little of the
/// mean. Sooner, what is still to come would pass for limit that nobody needs, and be given to another.
constexpr Time order_takes_effect = std::chrono::milliseconds{900};
/// The first of it, and most of it: dead time and half a mean, and two lags more.
constexpr Time order_begins = std::chrono::milliseconds{250};
constexpr Time order_shows_most = std::chrono::milliseconds{700};

}  // namespace

bool Fleet::at_limit(std::size_t k) const {
  const InverterMeasurement& it = unit(k);
  return commands.limit_enabled && it.ac_injection && it.limit_in_force_w &&
         it.ac_injection->value_w >= *it.limit_in_force_w - at_limit_part * spare_of_each_w;
}

double Fleet::pv_w(std::size_t k) const {
  const InverterMeasurement& it = unit(k);
  return it.ac_injection && it.battery_discharge ? it.ac_injection->value_w - battery_in_ac_w(k) : 0.0;
}

bool Fleet::pv_held_back(std::size_t k) const {
  const InverterMeasurement& it = unit(k);
  if (!at_limit(k) || !it.battery_discharge || !it.battery_order_in_force_w) return false;
  const double battery_w = it.battery_discharge->value_w;
  // PV goes before the battery (EMS mode 3): one that discharges has no PV waiting beside it.
  if (battery_w > clipped_w) return false;
  // What charges more than it was told to is pushed by the limit, and takes up the release first.
  return battery_w > *it.battery_order_in_force_w - clipped_w || *it.battery_order_in_force_w > 0.0;
}

double Fleet::discharge_limit_w(std::size_t k) const {
  return std::min(unit(k).max_discharge_w, unit_rating_w);
}

double Fleet::charge_limit_w(std::size_t k) const {
  const InverterMeasurement& it = unit(k);
  const double allowed_w = std::min(it.max_charge_w, unit_rating_w);
  if (!it.ac_injection || !it.battery_discharge) return allowed_w;
  // Not held back: all its PV shows (less losses). More charge would come from the grid or past the others' limits.
  // Held back: there may be more PV, but nobody knows until it follows.
  const double seen_w = pv_w(k);
  const double unseen_w = !at_limit(k) ? 0.0 : seen_w > pv_in_sight_w ? unseen_pv_w : pv_in_sight_w;
  return std::clamp(seen_w + unseen_w, 0.0, allowed_w);
}

double Fleet::battery_in_ac_w(std::size_t k) const {
  const InverterMeasurement& it = unit(k);
  const double last_w = it.battery_discharge->value_w;
  if (!it.battery_order_in_force_w) return last_w;
  const Time age = it.ac_injection->at - it.battery_order_since;
  if (age >= order_takes_effect) {
    return it.battery_discharge->at >= it.battery_order_since + order_begins ? last_w : *it.battery_order_in_force_w;
  }
  const double part = std::clamp(std::chrono::duration<double>(age - order_begins) /
                                     std::chrono::duration<double>(order_shows_most - order_begins),
                                 0.0, 1.0);
  return it.battery_before_w + part * (*it.battery_order_in_force_w - it.battery_before_w);
}

double Fleet::need_w(std::size_t k) const {
  const InverterMeasurement& it = unit(k);
  if (!it.ac_injection) return 0.0;
  const std::optional<double>& order_w = commands.inverters[k].battery_discharge_w;
  double rise_w = 0.0;
  if (order_w && it.battery_discharge) {
    const bool acknowledged =
        it.battery_order_in_force_w && std::abs(*it.battery_order_in_force_w - *order_w) <= dead_band_w;
    // An AC sample after the order took effect has it inside already.
    const bool inside = acknowledged && it.ac_injection->at >= it.battery_order_since + order_takes_effect;
    if (!inside) rise_w = *order_w - battery_in_ac_w(k);
  }
  return std::max(it.ac_injection->value_w + rise_w, 0.0);
}

}  // namespace hil::controller
