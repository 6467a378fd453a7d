#include "sim/devices/solax_laws.h"

#include <algorithm>

namespace hil::sim {

SolaxOrder self_use_order(const SolaxSituation& now) {
  if (!now.load_w) return {0.0, now.ac_ceiling_w};
  return {std::min(*now.load_w, now.ac_ceiling_w) + now.loss_w - now.pv_w, now.ac_ceiling_w};
}

SolaxOrder feed_in_order(const SolaxSituation& now) {
  if (!now.load_w) return {0.0, now.ac_ceiling_w};
  const double surplus_w = now.pv_w - now.loss_w;  // of DC, as AC
  if (surplus_w < *now.load_w) return self_use_order(now);
  return {-std::max(0.0, surplus_w - now.ac_ceiling_w), now.ac_ceiling_w};
}

SolaxOrder shaved_order(double import_w, const SolaxSituation& now) {
  SolaxOrder order = self_use_order(now);
  if (order.battery_discharge_w <= 0.0) return order;
  const double beyond_w = std::min(*now.load_w - import_w, now.ac_ceiling_w);
  order.battery_discharge_w = std::max(0.0, beyond_w + now.loss_w - now.pv_w);
  return order;
}

SolaxOrder battery_order(double discharge_w, const SolaxSituation& now) {
  const double room_w = std::max(0.0, now.ac_ceiling_w + now.loss_w - now.pv_w);
  return {std::min(discharge_w, room_w), now.ac_ceiling_w};
}

SolaxOrder held_ac_order(double ac_w, const SolaxSituation& now) {
  const double target_w = std::min(ac_w, now.ac_ceiling_w);
  // The battery has PV first, and an import that it does not take is none.
  const double ceiling_w = std::max(target_w, std::min(0.0, now.pv_w - now.charge_w));
  return {target_w + now.loss_w - now.pv_w, ceiling_w};
}

}  // namespace hil::sim
