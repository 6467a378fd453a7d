#include "controller/core/draw_law.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "controller/core/limit_law.h"
#include "controller/core/power_share.h"

namespace hil::controller {

namespace {

/// A draw begins and ends this far beside the load that needs none.
constexpr double draw_hysteresis_w = 50.0;

}  // namespace

double DrawLaw::wanted_w(const PowerRule& rule, double site_load_w, double spare_w) {
  double wanted_w = -PowerRule::no_bound_w;
  if (rule.draw_w > 0.0) wanted_w = rule.draw_w;
  if (rule.export_limit_w < 0.0) wanted_w = LimitLaw::margin_w + spare_w - rule.export_limit_w - site_load_w;
  drawing_ = wanted_w > (drawing_ ? -draw_hysteresis_w : draw_hysteresis_w);
  return drawing_ ? std::max(wanted_w, 0.0) : 0.0;
}

void DrawLaw::order(const Fleet& fleet, const BatteryShare& share, double draw_w, bool plan) {
  UnitPowers weights{};
  UnitPowers limits_w{};
  UnitPowers shares_w{};
  double present_w = 0.0;
  for (std::size_t k = 0; k < fleet.count; ++k) {
    const InverterMeasurement& unit = fleet.unit(k);
    if (!unit.feeds() || !unit.soc) continue;
    present_w += fleet.commands.inverters[k].draw_w;
    weights[k] = share.energy_weight(k, unit, false);
    limits_w[k] = std::min(unit.max_charge_w, fleet.unit_rating_w);
  }
  if (!plan && draw_w - present_w < dead_band_w) return;
  share_power(draw_w, std::span(weights).first(fleet.count), std::span(limits_w).first(fleet.count),
              std::span(shares_w).first(fleet.count));
  bool worth_it = false;
  for (std::size_t k = 0; k < fleet.count; ++k) {
    const InverterOrder& order = fleet.commands.inverters[k];
    worth_it = worth_it || std::abs(shares_w[k] - order.draw_w) > dead_band_w ||
               (fleet.unit(k).answering && (order.ac_limit_w > 0.0 || order.battery_discharge_w != 0.0));
  }
  if (!worth_it) return;
  for (std::size_t k = 0; k < fleet.count; ++k) {
    if (fleet.unit(k).answering) fleet.commands.inverters[k] = {0.0, 0.0, false, shares_w[k], false};
  }
}

}  // namespace hil::controller
