#include "sim/devices/ems_law.h"

#include <algorithm>

namespace hil::sim {
namespace {

/// The battery so that this much AC comes out, whatever PV gives; PV that would go beyond is curtailed when `held`.
EmsOrder towards(double ac_w, bool held, const EmsSituation& now) {
  const double target_w = std::min(ac_w, now.ac_ceiling_w);
  return {target_w + now.loss_w - now.pv_w, held ? target_w : now.ac_ceiling_w};
}

}  // namespace

EmsOrder ems_order(EmsMode mode, const EmsSituation& now) {
  const EmsOrder resting{0.0, now.ac_ceiling_w};
  switch (mode) {
    case EmsMode::automatic:
      return now.load_w ? towards(*now.load_w, false, now) : resting;
    case EmsMode::charge_from_pv:  // all PV, and the AC port takes at most X
      return {-std::max(0.0, now.pv_w + now.power_w - now.loss_w), now.ac_ceiling_w};
    case EmsMode::discharge_and_pv:  // PV has the higher priority: the battery gets what it leaves under the ceiling
      return {now.power_w, now.ac_ceiling_w, true};
    case EmsMode::import_ac:
      if (now.battery_max_charge_w <= 0.0) return resting;
      return {-std::max(0.0, now.power_w + now.pv_w - now.loss_w), std::min(-now.power_w, now.ac_ceiling_w)};
    case EmsMode::export_ac: {  // the battery tops PV up to X; the power stage curtails PV above it
      const double ac_w = std::min(now.power_w, now.ac_ceiling_w);
      return {std::max(0.0, ac_w + now.loss_w - now.pv_w), ac_w};
    }
    case EmsMode::conserve:  // as 2 with X = 0
      return {-std::max(0.0, now.pv_w - now.loss_w), now.ac_ceiling_w};
    case EmsMode::buy_power:
      return now.load_w ? towards(*now.load_w - now.power_w, true, now) : resting;
    case EmsMode::sell_power:
      return now.load_w ? towards(*now.load_w + now.power_w, true, now) : resting;
    case EmsMode::charge_battery:
      return {-now.power_w, now.ac_ceiling_w, true};  // of a discharge that is still on its way, PV does not give way
    case EmsMode::discharge_battery:
      return {now.power_w, now.ac_ceiling_w};
    case EmsMode::off_grid:  // the island's loads decide
    case EmsMode::battery_standby:
    case EmsMode::stopped:
      break;
  }
  return resting;
}

EmsOrder peak_shaving_order(double import_w, bool may_discharge, const EmsSituation& now) {
  EmsOrder order{0.0, now.ac_ceiling_w};
  if (!now.load_w) return order;
  const double surplus_w = now.pv_w - now.loss_w - *now.load_w;
  if (surplus_w > 0.0) {
    order.battery_discharge_w = -surplus_w;
  } else if (may_discharge) {
    order.battery_discharge_w = std::max(0.0, -surplus_w - import_w);
  }
  return order;
}

}  // namespace hil::sim
