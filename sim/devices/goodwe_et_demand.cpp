// What the ET is to do now: EMS mode, work mode, time groups, forced and fast charge.
#include <algorithm>
#include <cmath>

#include "sim/devices/goodwe_et.h"

namespace hil::sim {
namespace {

/// 47000, goodwe-et-modbus 6.4.
enum class WorkMode : int { self_use = 0, off_grid = 1, backup = 2, economic = 3, peak_shaving = 4, advanced = 5 };

}  // namespace

void GoodweEt::let_set_points_expire(Time now) {
  using Seconds = std::chrono::duration<double>;
  const bool by_quirk = set_points_expire_ && now - last_order_ > *set_points_expire_;
  const bool by_setting = set_.fall_back != 0.0 && Seconds{now - last_order_}.count() > set_.fall_back_s;
  if (!by_quirk && !by_setting) return;
  set_.ems_mode = static_cast<double>(EmsMode::automatic);
  set_.ems_power_w = 0.0;
}

void GoodweEt::change_serial_port(Time now) {
  if (!serial_change_at_ || now < *serial_change_at_) return;
  serial_change_at_.reset();
  serial_port_ = set_.serial_port;
}

/// With the load on, what is consumed has its power in it.
bool GoodweEt::smart_contact_closes() {
  const auto contact = groups_.smart_contact_at(clock_.instant());
  const std::optional<double> load_w = readings_.load_w();
  if (!contact || !load_w) return false;
  const double surplus_w = lane_view_.pv_available_w - *load_w;
  if (load_contact_ != 0.0) return now_ < contact_least_until_ || surplus_w > 0.0;
  if (surplus_w <= contact->surplus_w) return false;
  contact_least_until_ = now_ + std::chrono::seconds{std::llround(contact->least_on_s)};
  return true;
}

void GoodweEt::move_load_contact() {
  if (!has_supply_) {
    load_contact_ = 0.0;
    return;
  }
  const bool by_switch = set_.load_control == 1.0 && set_.load_control_on != 0.0;
  const bool by_time = set_.load_control == 2.0 && (groups_.dry_contact_at(clock_.instant()) || smart_contact_closes());
  load_contact_ = (by_switch || by_time) && soc() >= set_.load_control_soc ? 1.0 : 0.0;
}

void GoodweEt::follow_forced_charge() {
  const double soc_now = soc();
  if (set_.floor_protection_off != 0.0 || soc_now >= set_.forced_to_soc) {
    forced_charge_ = false;
  } else if (soc_now <= set_.forced_from_soc) {
    forced_charge_ = true;
  }
  if (soc_now >= set_.fast_charge_soc) set_.fast_charge = 0.0;
}

GoodweEt::Demand GoodweEt::demand() {
  const auto mode = static_cast<EmsMode>(static_cast<int>(set_.ems_mode));
  const bool on_its_own = mode == EmsMode::stopped || mode == EmsMode::off_grid || lane_view_.islanded;
  if (!on_its_own && (forced_charge_ || (supplied_.active() && supplied_.force_charge()))) {
    return {.mode = EmsMode::charge_battery, .power_w = forced_charge_w, .forced = true};
  }
  if (!on_its_own && set_.fast_charge != 0.0) {
    return {.mode = EmsMode::charge_battery, .power_w = set_.fast_charge_share * identity_.rated_w};
  }
  if (mode == EmsMode::automatic) return work_mode_demand();
  return {.mode = mode, .power_w = set_.ems_power_w};
}

GoodweEt::Demand GoodweEt::work_mode_demand() const {
  const Demand self_use{.mode = EmsMode::automatic, .shift_w = set_.shift_export_w};
  switch (static_cast<WorkMode>(static_cast<int>(set_.work_mode))) {
    case WorkMode::self_use:
    case WorkMode::advanced:
      break;
    case WorkMode::off_grid:
      return {.mode = EmsMode::off_grid};
    case WorkMode::backup:
      if (set_.backup_from_grid == 0.0) return {.mode = EmsMode::conserve};
      return {.mode = EmsMode::charge_from_pv, .power_w = set_.backup_grid_share * identity_.rated_w};
    case WorkMode::economic:
      if (const auto order = groups_.order_at(clock_.instant())) return group_demand(*order);
      break;
    case WorkMode::peak_shaving:
      if (const auto order = groups_.order_at(clock_.instant());
          order && order->kind == EcoGroups::Kind::peak_shaving) {
        return group_demand(*order);
      }
      return {.mode = EmsMode::automatic, .peak_w = set_.peak_import_w, .peak_soc = set_.peak_soc};
  }
  return self_use;
}

GoodweEt::Demand GoodweEt::group_demand(const EcoGroups::Order& order) const {
  if (order.kind == EcoGroups::Kind::backup) return {.mode = EmsMode::conserve, .scheduled = true};
  if (order.kind == EcoGroups::Kind::peak_shaving) {
    return {.mode = EmsMode::automatic, .peak_w = order.import_w, .peak_soc = order.stop_soc, .scheduled = true};
  }
  Demand demand;
  demand.scheduled = true;
  demand.power_w = std::abs(order.share) * identity_.rated_w;
  demand.mode = order.share < 0.0 ? EmsMode::charge_battery : EmsMode::discharge_battery;
  const bool reached = order.share < 0.0 && order.stop_soc > 0.0 && soc() >= order.stop_soc;
  if (reached || order.share == 0.0) demand.mode = EmsMode::battery_standby;
  return demand;
}

}  // namespace hil::sim
