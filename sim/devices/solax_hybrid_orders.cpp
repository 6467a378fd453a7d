// What a SolaX hybrid inverter is to do on the grid: bounds of its battery, export limit, work modes, remote control.
#include <algorithm>

#include "sim/devices/solax_can.h"
#include "sim/devices/solax_hybrid.h"
#include "sim/devices/solax_system_goal.h"

namespace hil::sim {

using WorkMode = SolaxSettings::WorkMode;

double SolaxHybrid::soc_floor() const {
  const SolaxSettings::Values& set = set_.values();
  if (run_.islands()) return set.off_grid_min_soc;
  if (remote_.order() != nullptr) return set.self_use_min_soc;
  switch (set_.work_mode()) {
    case WorkMode::feed_in:
      return set.feed_in_min_soc;
    case WorkMode::backup:
      return set.backup_min_soc;
    case WorkMode::peak_shaving:
      return set.peak_reserve_soc;
    case WorkMode::self_use:
    case WorkMode::manual:
      break;
  }
  return set.self_use_min_soc;
}

double SolaxHybrid::soc_ceiling() const {
  const SolaxSettings::Values& set = set_.values();
  if (run_.islands() || remote_.order() != nullptr) return set.charge_to_soc;
  switch (set_.work_mode()) {
    case WorkMode::feed_in:
      return set.feed_in_charge_to_soc;
    case WorkMode::backup:
      return set.backup_charge_to_soc;
    case WorkMode::self_use:
    case WorkMode::manual:
    case WorkMode::peak_shaving:
      break;
  }
  return set.charge_to_soc;
}

SolaxHybrid::BatteryBounds SolaxHybrid::battery_bounds() const {
  const double battery_v = lane_view_.battery.terminal_v;
  const double soc = lane_view_.reported_soc;
  BatteryBounds bounds{std::min(lane_view_.battery_limits.charge_w, set_.values().max_charge_a * battery_v),
                       std::min(lane_view_.battery_limits.discharge_w, set_.values().max_discharge_a * battery_v)};
  if (soc <= soc_floor()) bounds.discharge_w = 0.0;
  // A full battery is the BMS's matter.
  if (soc >= soc_ceiling() && soc_ceiling() < 1.0) bounds.charge_w = 0.0;
  return bounds;
}

std::optional<double> SolaxHybrid::load_w() const {
  std::optional<double> load = readings_.load_w();
  if (load && role() == SolaxParallel::Role::master) *load += units_.others_injection_w();
  return load;
}

double SolaxHybrid::ac_ceiling_w() const {
  const SolaxSettings::Values& set = set_.values();
  const double ceiling_w = identity_.rated_w * set.active_power_limit;
  if (is_slave() || parallel_.order) return ceiling_w;
  const double limit_w = std::min(set.export_limit_w, set.export_limit_factory_w);
  return std::min(ceiling_w, limit_w + load_w().value_or(0.0));
}

SolaxOrder SolaxHybrid::order(const BatteryBounds& battery) const {
  SolaxSituation here;
  here.pv_w = lane_view_.pv_offered_w;
  here.loss_w = lane_view_.power.loss_w;
  here.ac_ceiling_w = ac_ceiling_w();
  here.charge_w = battery.charge_w;
  here.discharge_w = battery.discharge_w;
  here.load_w = load_w();

  if (parallel_.order) return held_ac_order(parallel_.order->ac_injection_w, here);
  if (is_slave()) return held_ac_order(0.0, here);
  if (const SolaxRemoteControl::Order* remote = remote_.order()) return remote_order(*remote, here);
  return work_mode_order(here);
}

SolaxOrder SolaxHybrid::work_mode_order(const SolaxSituation& here) const {
  const SolaxSettings::Values& set = set_.values();
  const int minute = clock_.minute_of_day();
  switch (set_.work_mode()) {
    case WorkMode::feed_in:
      return feed_in_order(here);
    case WorkMode::backup:
      return self_use_order(here);
    case WorkMode::manual:
      if (set.manual_action == 1.0) return battery_order(-here.charge_w, here);
      return battery_order(set.manual_action == 2.0 ? here.discharge_w : 0.0, here);
    case WorkMode::peak_shaving:
      return peak_shaving_order(here);
    case WorkMode::self_use:
      break;
  }
  const bool from_grid = set.self_use_grid_charge != 0.0 && set_.charges_at(minute) &&
                         lane_view_.reported_soc < set.self_use_grid_charge_to_soc;
  if (from_grid) return battery_order(-here.charge_w, here);
  SolaxOrder order = self_use_order(here);
  if (!set_.discharges_at(minute)) order.battery_discharge_w = std::min(order.battery_discharge_w, 0.0);
  return order;
}

SolaxOrder SolaxHybrid::peak_shaving_order(const SolaxSituation& here) const {
  const SolaxSettings::Values& set = set_.values();
  if (const auto limit_w = set_.peak_limit_w(clock_.minute_of_day())) {
    return shaved_order(*limit_w, here);
  }
  SolaxOrder order = self_use_order(here);
  order.battery_discharge_w = std::min(order.battery_discharge_w, 0.0);
  const bool from_grid = set.peak_grid_charge != 0.0 && lane_view_.reported_soc < set.peak_charge_to_soc;
  if (from_grid) {
    order.battery_discharge_w = std::min(order.battery_discharge_w, -set.peak_grid_charge_w);
  }
  return order;
}

SolaxOrder SolaxHybrid::remote_order(const SolaxRemoteControl::Order& remote, SolaxSituation here) const {
  using Mode = SolaxRemoteControl::Mode;
  const double discharge_w = remote_.reached() ? 0.0 : -remote.charge_w;
  switch (remote.mode) {
    case Mode::power:
      return held_ac_order(-remote.import_w, here);
    case Mode::energy:
    case Mode::soc:
    case Mode::push_power:
      return battery_order(discharge_w, here);
    case Mode::self_use:
      return self_use_order(here);
    case Mode::charge_only: {
      SolaxOrder order = self_use_order(here);
      order.battery_discharge_w = std::min(order.battery_discharge_w, 0.0);
      return order;
    }
    case Mode::individual:
    case Mode::individual_soc: {
      here.pv_w = std::min(here.pv_w, remote.pv_limit_w);
      SolaxOrder order = battery_order(discharge_w, here);
      order.pv_ceiling_w = remote.pv_limit_w;
      return order;
    }
    case Mode::push_zero:
    case Mode::off:
      break;
  }
  return battery_order(0.0, here);
}

SolaxStatus SolaxHybrid::status() const {
  const SolaxUnitValues values = unit_values();
  const BatteryBounds bounds = battery_bounds();
  SolaxStatus status;
  for (const double phase_w : values.injection_w) status.ac_injection_w += phase_w;
  status.battery_discharge_w = -values.battery_charge_w;
  for (const double input_w : values.pv_w) status.pv_w += input_w;
  status.pv_offered_w = lane_view_.pv_offered_w;
  status.max_charge_w = bounds.charge_w;
  status.max_discharge_w = bounds.discharge_w;
  status.capacity_wh = shown_.capacity_wh;
  status.rated_w = identity_.rated_w * set_.values().active_power_limit;
  status.soc = lane_view_.reported_soc;
  status.soc_floor = soc_floor();
  status.run_mode = static_cast<std::uint8_t>(live_.run_mode);
  return status;
}

SolaxSystemGoal SolaxHybrid::system_goal() const {
  using Kind = SolaxSystemGoal::Kind;
  using Remote = SolaxRemoteControl::Mode;
  const SolaxSettings::Values& set = set_.values();
  SolaxSystemGoal goal{.export_limit_w = std::min(set.export_limit_w, set.export_limit_factory_w)};
  const auto battery = [&goal](double discharge_w) {
    goal.kind = Kind::battery;
    goal.battery_discharge_w = discharge_w;
    return goal;
  };
  if (const SolaxRemoteControl::Order* remote = remote_.order()) {
    goal.kind = remote->mode == Remote::self_use      ? Kind::self_use
                : remote->mode == Remote::charge_only ? Kind::charge_only
                                                      : Kind::total;
    goal.total_ac_w = -remote->import_w;
    if (remote->mode == Remote::power) goal.injection_var = -remote->inductive_var;
    if (remote->mode == Remote::power || goal.kind != Kind::total) return goal;
    const bool rests = remote_.reached() || remote->mode == Remote::push_zero || remote->mode == Remote::off;
    return battery(rests ? 0.0 : -remote->charge_w);
  }
  const int minute = clock_.minute_of_day();
  const bool low = lane_view_.reported_soc < set.self_use_grid_charge_to_soc;
  switch (set_.work_mode()) {
    case WorkMode::feed_in:
      goal.kind = Kind::feed_in;
      return goal;
    case WorkMode::manual:
      return battery(set.manual_action == 1.0   ? -SolaxSystemGoal::all_w
                     : set.manual_action == 2.0 ? SolaxSystemGoal::all_w
                                                : 0.0);
    case WorkMode::peak_shaving:
      goal.kind = Kind::charge_only;
      if (const auto limit_w = set_.peak_limit_w(minute)) {
        goal.kind = Kind::shave;
        goal.import_limit_w = *limit_w;
      } else if (set.peak_grid_charge != 0.0 && lane_view_.reported_soc < set.peak_charge_to_soc) {
        return battery(-set.peak_grid_charge_w);
      }
      return goal;
    case WorkMode::self_use:
      if (set.self_use_grid_charge != 0.0 && set_.charges_at(minute) && low) return battery(-SolaxSystemGoal::all_w);
      if (!set_.discharges_at(minute)) goal.kind = Kind::charge_only;
      return goal;
    case WorkMode::backup:
      break;
  }
  return goal;
}

}  // namespace hil::sim
