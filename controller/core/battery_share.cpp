#include "controller/core/battery_share.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "controller/core/power_share.h"

namespace hil::controller {

namespace {

/// SOC comes in whole percent: the floor is read so much before it is reached.
constexpr double soc_rounding = 0.005;
/// Larger changes are shared by energy at once.
constexpr double small_order_change_w = 500.0;
/// A step of the rounded SOC moves shares by some 100 W; larger moves have other reasons and are not softened.
constexpr double largest_evening_w = 300.0;
/// Units hear of a move one after the other, so this much of it may be missing at the meter for a moment.
constexpr double evening_step_w = 25.0;
/// More is a change of the load, which is followed at once; so is what comes within this time of one.
constexpr double settled_change_w = 50.0;
/// What the batteries leave unused of the limits tells a unit at its limit from others: so much of it may be missing.
constexpr double less_w = 8.0;
constexpr Time at_rest_after = std::chrono::seconds{10};

/// Moves power from one battery to another no faster than evening_step_w a time; the sum is as it was. At
/// night only: PV that comes and goes behind limits wants its shares moved at once.
void soften(const Fleet& fleet, UnitPowers& shares_w) {
  double sum_w = 0.0;
  double change_w = 0.0;
  for (std::size_t k = 0; k < fleet.count; ++k) {
    const std::optional<double>& present_w = fleet.commands.inverters[k].battery_discharge_w;
    if (!fleet.unit(k).feeds() || fleet.now() - fleet.unit(k).battery_order_since < at_rest_after || !present_w ||
        *present_w > fleet.discharge_limit_w(k) || *present_w < -fleet.charge_limit_w(k) ||
        fleet.pv_w(k) > pv_in_sight_w) {
      return;
    }
    sum_w += shares_w[k];
    change_w += shares_w[k] - *present_w;
  }
  if (sum_w == 0.0 || std::abs(change_w) > settled_change_w) return;
  UnitPowers moves_w{};  // from one to the other, beside the change of the sum
  double largest_w = 0.0;
  for (std::size_t k = 0; k < fleet.count; ++k) {
    moves_w[k] = shares_w[k] - *fleet.commands.inverters[k].battery_discharge_w - change_w * shares_w[k] / sum_w;
    largest_w = std::max(largest_w, std::abs(moves_w[k]));
  }
  if (largest_w <= evening_step_w || largest_w > largest_evening_w) return;
  for (std::size_t k = 0; k < fleet.count; ++k) shares_w[k] -= moves_w[k] * (1.0 - evening_step_w / largest_w);
}

}  // namespace

void BatteryShare::configure(const Settings& settings) {
  double known_wh = 0.0;
  double known = 0.0;
  std::size_t unit = 0;
  for (const Settings::Line& line : settings.inverter_lines) {
    for (std::size_t k = 0; k < std::min(line.count, max_units_per_line) && unit < max_inverters; ++k, ++unit) {
      capacity_wh_[unit] = std::max(line.capacity_wh[k], 0.0);
      known_wh += capacity_wh_[unit];
      known += capacity_wh_[unit] > 0.0 ? 1.0 : 0.0;
    }
  }
  for (double& capacity_wh : capacity_wh_) {
    if (capacity_wh == 0.0) capacity_wh = known > 0.0 ? known_wh / known : 1.0;
  }
}

double BatteryShare::energy_weight(std::size_t k, const InverterMeasurement& unit, bool discharge) const {
  const double part = discharge ? *unit.soc - unit.soc_floor - soc_rounding : 1.0 - *unit.soc;
  return std::max(part, 0.0) * capacity_wh_[k];
}

void BatteryShare::share_order(const Fleet& fleet, double order_w, UnitPowers& shares_w) const {
  UnitPowers weights{};
  UnitPowers limits_w{};
  for (std::size_t k = 0; k < fleet.count; ++k) {
    const InverterMeasurement& unit = fleet.unit(k);
    if (!unit.feeds() || !unit.soc) continue;
    weights[k] = energy_weight(k, unit, order_w > 0.0);
    limits_w[k] = order_w > 0.0 ? fleet.discharge_limit_w(k) : fleet.charge_limit_w(k);
  }
  share_power(std::abs(order_w), std::span(weights).first(fleet.count), std::span(limits_w).first(fleet.count),
              std::span(shares_w).first(fleet.count));
  for (double& share_w : shares_w) share_w = order_w > 0.0 ? share_w : -share_w;
}

bool BatteryShare::share_change(const Fleet& fleet, const PvProbe& probe, double order_w, UnitPowers& shares_w) const {
  bool any_held_back = false;
  double change_w = order_w;
  for (std::size_t k = 0; k < fleet.count; ++k) {
    const InverterMeasurement& unit = fleet.unit(k);
    if (!unit.feeds() || !unit.soc) continue;
    shares_w[k] = std::clamp(fleet.commands.inverters[k].battery_discharge_w.value_or(0.0), -fleet.charge_limit_w(k),
                             fleet.discharge_limit_w(k));
    change_w -= shares_w[k];
    any_held_back = any_held_back || probe.waits(k, fleet.now());
  }
  if (!any_held_back || std::abs(change_w) > small_order_change_w) return false;
  // Less from the batteries where PV waits behind the limit of the same port, more from the others.
  for (const bool first : {true, false}) {
    UnitPowers weights{};
    UnitPowers rooms_w{};
    UnitPowers parts_w{};
    for (std::size_t k = 0; k < fleet.count; ++k) {
      const InverterMeasurement& unit = fleet.unit(k);
      if (!unit.feeds() || !unit.soc || (probe.waits(k, fleet.now()) == (change_w < 0.0)) != first) continue;
      weights[k] = energy_weight(k, unit, change_w > 0.0);
      rooms_w[k] = change_w > 0.0 ? fleet.discharge_limit_w(k) - shares_w[k] : shares_w[k] + fleet.charge_limit_w(k);
    }
    share_power(std::abs(change_w), std::span(weights).first(fleet.count), std::span(rooms_w).first(fleet.count),
                std::span(parts_w).first(fleet.count));
    const double sign = change_w < 0.0 ? -1.0 : 1.0;
    for (std::size_t k = 0; k < fleet.count; ++k) {
      shares_w[k] += sign * parts_w[k];
      change_w -= sign * parts_w[k];
    }
  }
  return true;
}

void BatteryShare::order(const Fleet& fleet, const PvProbe& probe, double order_w) const {
  UnitPowers shares_w{};
  if (!share_change(fleet, probe, order_w, shares_w)) {
    share_order(fleet, order_w, shares_w);
    soften(fleet, shares_w);
  }
  bool worth_it = false;
  double change_w = 0.0;
  for (std::size_t k = 0; k < fleet.count; ++k) {
    const std::optional<double>& present_w = fleet.commands.inverters[k].battery_discharge_w;
    change_w += shares_w[k] - present_w.value_or(0.0);
    worth_it = worth_it || !present_w || std::abs(shares_w[k] - *present_w) > dead_band_w ||
               (shares_w[k] == 0.0 && *present_w != 0.0);
  }
  if (!worth_it && change_w <= dead_band_w && change_w >= -less_w) return;
  for (std::size_t k = 0; k < fleet.count; ++k) {
    if (fleet.unit(k).answering) fleet.commands.inverters[k].battery_discharge_w = shares_w[k];
  }
}

}  // namespace hil::controller
