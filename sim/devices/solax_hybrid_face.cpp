// What a SolaX hybrid inverter offers register maps and scenarios by name.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/devices/solax_hybrid.h"

namespace hil::sim {
namespace {

constexpr double idle_battery_w = 10.0;  // below this the battery stands by; assumed
constexpr double remote_run_mode = 20.0;
constexpr double reactive_share = 0.6;  // of rated, cos phi 0.8; assumed
// A client takes 0 after a higher value for a failure.
constexpr double least_shown_soc = 0.01;

}  // namespace

void SolaxHybrid::publish_face() {
  readings_.publish(face_);
  clock_.publish(face_);
  counters_.publish(face_);
  set_.publish(face_);
  remote_.publish(face_, [this] { return is_slave() ? DeviceFace::Reception::ignore : DeviceFace::Reception::take; });
  units_.publish(face_);
  publish_identity();
  publish_state();
  publish_battery();
  publish_actions();
}

void SolaxHybrid::publish_identity() {
  face_.text("serial", &identity_.serial);
  face_.text("maker", &identity_.maker);
  face_.text("module", &identity_.module);
  face_.signal("rated_w", &identity_.rated_w);
  face_.signal("dsp_version", &identity_.dsp_version);
  face_.signal("arm_version", &identity_.arm_version);
  face_.signal("protocol_version", &identity_.protocol_version);
}

void SolaxHybrid::publish_state() {
  face_.signal("run_mode", &live_.run_mode);
  face_.signal("countdown_s", &shown_.countdown_s);
  face_.signal("parallel_role", &shown_.parallel_role);
  face_.signal("inverter_faults", &shown_.inverter_faults);
  face_.signal("manager_faults", &shown_.manager_faults);
  face_.signal("battery_faults", &shown_.battery_faults);
  face_.signal("off_grid", &shown_.off_grid);
  face_.signal("mppt_count", &shown_.mppt_count);
  face_.signal("at_fault_pv1_v", &at_fault_.pv1_v);
  face_.signal("at_fault_pv2_v", &at_fault_.pv2_v);
  face_.signal("at_fault_grid_v", &at_fault_.grid_v);
  face_.signal("at_fault_grid_hz", &at_fault_.grid_hz);
  face_.signal("at_fault_battery_v", &at_fault_.battery_v);
  face_.signal("remote_actual_w", &shown_.remote_actual_w);
  face_.signal("remote_actual_var", &shown_.remote_actual_var);
  face_.signal("remote_upper_w", &shown_.remote_upper_w);
  face_.signal("remote_lower_w", &shown_.remote_lower_w);
  face_.signal("remote_upper_var", &shown_.remote_upper_var);
  face_.signal("remote_lower_var", &shown_.remote_lower_var);
}

void SolaxHybrid::publish_battery() {
  face_.signal("battery_state", &shown_.battery_state);
  face_.signal("bms_connected", &shown_.bms_connected);
  face_.signal("battery_soc", &shown_.soc);
  face_.signal("battery_soh", &shown_.soh);
  face_.signal("bms_max_charge_a", &shown_.max_charge_a);
  face_.signal("bms_max_discharge_a", &shown_.max_discharge_a);
  face_.signal("max_charge_w", &shown_.max_charge_w);
  face_.signal("max_discharge_w", &shown_.max_discharge_w);
  face_.signal("capacity_wh", &shown_.capacity_wh);
  face_.signal("chargeable_wh", &shown_.chargeable_wh);
  face_.signal("dischargeable_wh", &shown_.dischargeable_wh);
  face_.signal("soc_ceiling", &shown_.soc_ceiling);
  face_.signal("soc_floor", &shown_.soc_floor);
  face_.signal("battery_c", &shown_.battery_c);
  face_.signal("cell_max_c", &shown_.cell_max_c);
  face_.signal("cell_min_c", &shown_.cell_min_c);
  face_.signal("cell_max_v", &shown_.cell_max_v);
  face_.signal("cell_min_v", &shown_.cell_min_v);
}

void SolaxHybrid::publish_actions() {
  set_.publish_action(face_, "restart", [this] { restart(); });
  set_.publish_action(face_, "clear_energy", [this] { counters_.clear(); });
  set_.publish_action(face_, "clear_errors", [this] { at_fault_ = {}; });
  for (const char* without_effect : {"factory_reset", "clear_history", "clear_overload", "wake_battery", "restart_bms",
                                     "clear_meter1_energy", "clear_meter2_energy"}) {
    set_.publish_action(face_, without_effect, [] {});
  }
}

void SolaxHybrid::find_means() {
  const auto value = [this](const std::string& name) { return face_.find(name)->value; };
  for (std::size_t k = 0; k < models::phase_count; ++k) {
    const std::string phase = fmt::format("l{}_", k + 1);
    means_.injection_w[k] = value(phase + "injection_w");
    means_.injection_var[k] = value(phase + "injection_var");
    means_.current_a[k] = value(phase + "current_a");
  }
  for (std::size_t i = 0; i < SolaxUnitValues::pv_inputs; ++i) {
    const std::string input = fmt::format("pv{}_", i + 1);
    means_.pv_w[i] = value(input + "w");
    means_.pv_v[i] = value(input + "v");
    means_.pv_a[i] = value(input + "a");
  }
  means_.battery_v = value("battery_v");
  means_.battery_discharge_a = value("battery_discharge_a");
  means_.battery_discharge_w = value("battery_discharge_w");
}

void SolaxHybrid::show_state() {
  using Mode = SolaxRunState::Mode;
  const bool remote = run_.mode() == Mode::normal && remote_.order() != nullptr;
  live_.run_mode = remote ? remote_run_mode : static_cast<double>(run_.mode());
  shown_.countdown_s = run_.countdown_s();
  shown_.off_grid = run_.islands() ? 1.0 : 0.0;
  shown_.inverter_faults = inverter_faults();
  shown_.manager_faults = conditions_[static_cast<std::size_t>(FaultWord::manager)];
  shown_.battery_faults = conditions_[static_cast<std::size_t>(FaultWord::battery)];
  shown_.mppt_count = static_cast<double>(site_.pv_input_count(lane_));
  show_remote();
}

/// A master's orders are the system's, and so are its figures of them (solax-parallel 10.4). All units have one rating.
void SolaxHybrid::show_remote() {
  const bool leads = role() == SolaxParallel::Role::master;
  const SolaxUnitValues others = leads ? units_.others() : SolaxUnitValues{};
  const double rated_w = identity_.rated_w * (leads ? std::max(1, parallel_.units) : 1);
  // In the terms of the target: battery charge - PV, and + takes reactive power.
  shown_.remote_actual_w = -live_.ac_injection_w;
  shown_.remote_actual_var = -lane_view_.power.ac_injection_var;
  for (std::size_t k = 0; k < models::phase_count; ++k) {
    shown_.remote_actual_w -= others.injection_w[k];
    shown_.remote_actual_var -= others.reactive_var[k];
  }
  double pv_w = lane_view_.pv_offered_w;
  for (const double input_w : others.pv_w) pv_w += input_w;
  shown_.remote_upper_w = std::min(rated_w, shown_.max_charge_w + others.max_charge_w);
  shown_.remote_lower_w = -std::min(rated_w, shown_.max_discharge_w + others.max_discharge_w + pv_w);
  shown_.remote_upper_var = reactive_share * rated_w;
  shown_.remote_lower_var = -shown_.remote_upper_var;
}

void SolaxHybrid::show_battery() {
  const models::BatteryPack& pack = site_.battery(lane_);
  const double discharge_w = *means_.battery_discharge_w;
  shown_.battery_state = std::abs(discharge_w) <= idle_battery_w ? 2.0 : (discharge_w > 0.0 ? 0.0 : 1.0);
  shown_.bms_connected = pack.management().contactor_closed() ? 1.0 : 0.0;
  const double soc = lane_view_.reported_soc;
  shown_.soc = std::max(soc, least_shown_soc);
  shown_.soh = pack.ageing().capacity_factor();
  shown_.max_charge_a = lane_view_.battery_limits.charge_a;
  shown_.max_discharge_a = lane_view_.battery_limits.discharge_a;
  const BatteryBounds bounds = battery_bounds();
  shown_.max_charge_w = bounds.charge_w;
  shown_.max_discharge_w = bounds.discharge_w;
  shown_.capacity_wh = pack.capacity_wh();
  shown_.soc_ceiling = soc_ceiling();
  shown_.soc_floor = soc_floor();
  shown_.chargeable_wh = std::max(0.0, soc_ceiling() - soc) * shown_.capacity_wh;
  shown_.dischargeable_wh = std::max(0.0, soc - soc_floor()) * shown_.capacity_wh;
  shown_.battery_c = pack.state().temperature_c;
  const auto cells = pack.cells();
  shown_.cell_max_v = cells.cell_max_v;
  shown_.cell_min_v = cells.cell_min_v;
  shown_.cell_max_c = cells.cell_max_c;
  shown_.cell_min_c = cells.cell_min_c;
}

void SolaxHybrid::show_led(Time now) {
  const bool any_fault = inverter_faults() != 0 || has_own_fault();
  live_.led_on = has_supply_ && now / led_half_period % 2 == 0 ? 1.0 : 0.0;
  live_.led_colour = !has_supply_ ? 0.0 : any_fault ? 2.0 : 1.0;
}

void SolaxHybrid::register_signals(SignalRegistry& registry) const {
  const auto add = [&](const std::string& signal, const char* description, const double* value) {
    registry.add(name_ + "." + signal, description, value);
  };
  add("pv_w", "PV power taken", &live_.pv_w);
  add("pv_available_w", "PV power at the maximum power point", &live_.pv_available_w);
  add("battery_discharge_w", "battery power; negative: charge", &live_.battery_discharge_w);
  add("battery_soc", "state of charge, 0..1", &live_.battery_soc);
  add("battery_v", "battery terminal voltage", &live_.battery_v);
  add("ac_injection_w", "AC power into the site", &live_.ac_injection_w);
  add("run_mode",
      "input register 0x09: 0 waiting, 1 checking, 2 normal, 3 fault, 4 permanent fault, 6 off grid waiting, 7 off "
      "grid, 9 idle, 10 standby, 20 remote control",
      &live_.run_mode);
  add("work_mode", "0 self use, 1 feed-in priority, 2 backup, 3 manual, 4 peak shaving", &set_.values().work_mode);
  add("export_limit_w", "export limit as written", &set_.values().export_limit_w);
  add("faults", "bits of the inverter's fault word", &shown_.inverter_faults);
  for (std::size_t phase = 0; phase < models::phase_count; ++phase) {
    add(fmt::format("l{}_voltage_ln_rms_v", phase + 1), "line to neutral at the inverter", &live_.voltage_ln_v[phase]);
  }
}

void SolaxHybrid::register_details(SignalRegistry& registry) const {
  const auto add = [&](const char* signal, const char* description) {
    registry.add(name_ + "." + signal, description, face_.find(signal)->value);
  };
  add("lock_state", "settings: 0 locked, 1 open, 2 open in the advanced level");
  add("countdown_s", "until it enters the grid");
  add("remote_mode_in_force", "remote control: 0 off, 1..9 mode");
  add("parallel_role", "0 single, 1 master, 2 slave");
  registry.add(name_ + ".led_on", "operation LED: 1 lit", &live_.led_on);
  registry.add(name_ + ".led_colour", "operation LED: 0 dark, 1 green, 2 red", &live_.led_colour);
}

}  // namespace hil::sim
