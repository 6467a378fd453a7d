#include "controller/solax/system_share.h"

#include <algorithm>
#include <cmath>

#include "controller/core/power_share.h"

namespace hil::controller {
namespace {

/// What its readings say that it loses; no inverter loses more. Chosen.
constexpr double most_loss_share = 0.1;

double loss_w(const SolaxReadings& unit) {
  const double seen_w = unit.pv_w + unit.battery_discharge_w - unit.ac_injection_w;
  return std::clamp(seen_w, 0.0, most_loss_share * unit.rated_w);
}

}  // namespace

SystemShare::Plan SystemShare::plan(const SolaxEmsSettings& settings, const Members& members) {
  Plan plan;
  for (std::size_t k = 0; k < members.size(); ++k) {
    if (members[k].readings == nullptr) continue;
    const SolaxReadings& unit = *members[k].readings;
    const double ceiling_w = members[k].ceiling_w;
    const double pv_w = unit.pv_offered_w - loss_w(unit);  // as AC; the battery makes good what is below 0
    plan.pv_w[k] = std::clamp(pv_w, 0.0, ceiling_w);
    plan.unpaid_loss_w[k] = std::max(0.0, -pv_w);
    plan.free_wh[k] = std::max(0.0, 1.0 - unit.soc) * unit.capacity_wh;
    plan.usable_wh[k] = std::max(0.0, unit.soc - std::max(unit.soc_floor, settings.reserve_soc)) * unit.capacity_wh;
    if (plan.free_wh[k] > 0.0) {
      plan.charge_w[k] = std::max(0.0, plan.pv_w[k] - std::max(pv_w - unit.max_charge_w, -ceiling_w));
    }
    if (plan.usable_wh[k] > 0.0) {
      plan.discharge_w[k] = std::max(0.0, std::min(pv_w + unit.max_discharge_w, ceiling_w) - plan.pv_w[k]);
    }
    plan.all.pv_w += plan.pv_w[k];
    plan.all.charge_w += plan.charge_w[k];
    plan.all.discharge_w += plan.discharge_w[k];
  }
  return plan;
}

SystemShare::Powers SystemShare::shared_w(const Plan& plan, double battery_w) {
  const bool discharge = battery_w > 0.0;
  const double sign = discharge ? 1.0 : -1.0;
  const Powers& weights = discharge ? plan.usable_wh : plan.free_wh;
  Powers limits_w = discharge ? plan.discharge_w : plan.charge_w;
  double total_w = std::abs(battery_w);
  for (std::size_t k = 0; k < limits_w.size(); ++k) {
    if (weights[k] <= 0.0 || limits_w[k] <= 0.0) continue;
    limits_w[k] = std::max(0.0, limits_w[k] + sign * plan.unpaid_loss_w[k]);
    total_w += sign * plan.unpaid_loss_w[k];
  }
  Powers parts_w{};
  share_power(std::max(0.0, total_w), weights, limits_w, parts_w);
  for (std::size_t k = 0; k < parts_w.size(); ++k) {
    if (parts_w[k] > 0.0) parts_w[k] = sign * parts_w[k] - plan.unpaid_loss_w[k];
  }
  return parts_w;
}

double SystemShare::battery_wanted_w(const SolaxEmsSettings& settings, const Room& all, double load_w, double limit_w,
                                     double others_w) {
  const double missing_w = load_w - margin_w - all.pv_w;
  switch (settings.goal) {
    case SolaxGoal::self_use:
      return missing_w;
    case SolaxGoal::charge_only:
      return std::min(missing_w, 0.0);
    case SolaxGoal::feed_in:
      return missing_w > 0.0 ? missing_w : std::min(0.0, missing_w + limit_w);
    case SolaxGoal::shave:
      return missing_w > 0.0 ? std::max(0.0, missing_w - settings.import_limit_w) : missing_w;
    case SolaxGoal::battery:
      return settings.battery_discharge_w;
    case SolaxGoal::total:
      break;
  }
  return settings.total_ac_w - others_w - all.pv_w;
}

SystemShare::Powers SystemShare::orders_w(const SolaxEmsSettings& settings, const Members& members, double load_w,
                                          double limit_w, double others_w) noexcept {
  const Plan plan = SystemShare::plan(settings, members);
  const Room& all = plan.all;
  const double highest_w = load_w + limit_w - margin_w;
  double battery_w =
      std::clamp(battery_wanted_w(settings, all, load_w, limit_w, others_w), -all.charge_w, all.discharge_w);
  battery_w = std::max(std::min(battery_w, highest_w - all.pv_w), -all.charge_w);
  const double wanted_w = settings.goal == SolaxGoal::total ? settings.total_ac_w - others_w : highest_w;
  const double held_back_w = std::clamp(all.pv_w + battery_w - std::min(wanted_w, highest_w), 0.0, all.pv_w);

  const Powers batteries_w = shared_w(plan, battery_w);
  Powers orders_w{};
  for (std::size_t k = 0; k < members.size(); ++k) {
    if (members[k].readings == nullptr) continue;
    const double rated_w = members[k].readings->rated_w;
    const double pv_part = all.pv_w > 0.0 ? plan.pv_w[k] / all.pv_w : 0.0;
    const double order_w = plan.pv_w[k] + batteries_w[k] - pv_part * held_back_w;
    const bool at_ceiling = order_w >= members[k].ceiling_w - 1.0;
    orders_w[k] = std::clamp(order_w + (at_ceiling ? members[k].probe_w : 0.0), -rated_w, rated_w);
  }
  return orders_w;
}

SystemShare::Powers SystemShare::orders_var(const Members& members, const Powers& orders_w,
                                            double injection_var) noexcept {
  Powers room_var{};
  double all_var = 0.0;
  for (std::size_t k = 0; k < members.size(); ++k) {
    if (members[k].readings == nullptr) continue;
    const double rated_va = members[k].readings->rated_w;
    room_var[k] = std::sqrt(std::max(0.0, rated_va * rated_va - orders_w[k] * orders_w[k]));
    all_var += room_var[k];
  }
  const double part = all_var > 0.0 ? std::clamp(injection_var / all_var, -1.0, 1.0) : 0.0;
  for (double& var : room_var) var *= part;
  return room_var;
}

}  // namespace hil::controller
