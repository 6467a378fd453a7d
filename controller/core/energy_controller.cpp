#include "controller/core/energy_controller.h"

#include <algorithm>

#include "controller/devices/goodwe_et_registers.h"

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

constexpr Time meter_lost_after = 2s;
/// The batteries leave this of each unit's limit unused (and so import it), more than what tells a unit at its limit:
/// so it can be told from one that simply gives what is wanted. No less together than spare_least_w.
constexpr double spare_of_each_w = 20.0;
constexpr double spare_least_w = 40.0;
/// Readings are paired within this; what is older than a change of the phase mode by so much counts otherwise.
constexpr Time pairing_reach = 300ms;
/// Unused limits of all units below this part of what the batteries leave: the limits, not PV, decide.
constexpr double held_back_slack = 0.5;

}  // namespace

EnergyController::EnergyController(const Settings& settings, std::size_t inverter_count) noexcept
    : count_(inverter_count), spare_w_(std::max(spare_least_w, spare_of_each_w * static_cast<double>(inverter_count))) {
  settings_.phase_mode = settings.phase_mode;
  configure(settings);
  stand_by();
}

void EnergyController::configure(const Settings& settings) noexcept {
  const bool counts_otherwise = settings.phase_mode != settings_.phase_mode;
  settings_ = settings;
  unit_rating_w_ = count_ == 0 ? 0.0 : settings_.total_capacity_w / static_cast<double>(count_);
  share_.configure(settings_);
  set_reactive();
  apply_rule();
  if (state_ != State::regulating) stand_by();
  if (!counts_otherwise) return;
  forget(now_ + pairing_reach);
  state_ = State::starting;  // the limits stay until a round has been counted anew, 1.5 s at most
}

void EnergyController::set_demand(const GridDemand& demand) noexcept {
  if (demand == demand_) return;
  demand_ = demand;
  apply_rule();
}

void EnergyController::apply_rule() {
  rule_ = power_rule(settings_, demand_);
  commands_.limit_enabled = rule_.limited();
  if (!commands_.limit_enabled) freeze_.reset();
}

void EnergyController::forget(Time ignore_before) {
  load_.reset(ignore_before);
  battery_.reset(ignore_before);
  probe_.reset();
  steps_.reset();
  freeze_.reset();
  for (InverterOrder& order : commands_.inverters) order.limit_off = false;
}

void EnergyController::set_reactive() {
  commands_.reactive.reset();
  if (settings_.reactive_mode == ReactiveMode::power_factor) {
    commands_.reactive = ReactiveOrder{settings_.power_factor, 0.0};
  } else if (settings_.reactive_mode == ReactiveMode::reactive_power && settings_.total_capacity_w > 0.0) {
    commands_.reactive = ReactiveOrder{1.0, settings_.reactive_power_var / settings_.total_capacity_w};
  }
}

void EnergyController::stand_by() {
  draw_.stop();
  const double together_w = std::max(std::min(rule_.export_limit_w, rule_.generation_w), 0.0);
  for (std::size_t k = 0; k < count_; ++k) {
    const double share_w = together_w / static_cast<double>(count_);
    commands_.inverters[k] = {};
    commands_.inverters[k].ac_limit_w = std::min(share_w, et_largest_order_w);
  }
}

void EnergyController::stand_still() {
  if (state_ == State::stopped) return;
  state_ = State::stopped;
  forget(now_);
  stand_by();
  for (std::size_t k = 0; k < count_; ++k) {
    commands_.inverters[k].ac_limit_w = 0.0;
    commands_.inverters[k].stopped = true;
  }
}

const Commands& EnergyController::step(const Measurements& measurements) noexcept {
  now_ = measurements.now;
  if (rule_.stand_still) {
    stand_still();
    return commands_;
  }
  if (state_ == State::stopped) {
    state_ = State::starting;
    stand_by();
  }
  const Time meter_age = measurements.now - (measurements.grid_import_w ? measurements.grid_import_at : Time{0});
  if (meter_age > meter_lost_after) {
    if (state_ != State::meter_lost) {
      forget(Time{0});
      stand_by();
    }
    state_ = State::meter_lost;
    return commands_;
  }
  const bool new_round = load_.observe(measurements, count_, unit_rating_w_);
  if (commands_.limit_enabled && settings_.freeze_cure_enabled && !draw_.drawing())
    watch_for_freeze(measurements, new_round);
  if (const std::optional<double> site_load_w = load_.site_load_w(); site_load_w && measurements.counted_import_w) {
    state_ = State::regulating;
    rest_off_grid(measurements);
    regulate(measurements, *site_load_w, new_round);
  } else if (state_ == State::meter_lost) {
    state_ = State::starting;
  }
  return commands_;
}

Fleet EnergyController::fleet_of(const Measurements& measurements) {
  const double each_w = spare_w_ / static_cast<double>(std::max<std::size_t>(count_, 1));
  return {measurements, commands_, count_, unit_rating_w_, std::min(each_w, spare_of_each_w), freeze_.unlimited()};
}

void EnergyController::watch_for_freeze(const Measurements& measurements, bool new_round) {
  const std::optional<std::size_t> before = freeze_.unlimited();
  freeze_.observe(measurements, count_, new_round ? load_.site_load_w() : std::nullopt);
  const std::optional<std::size_t> now = freeze_.unlimited();
  if (now == before) return;
  if (now) commands_.inverters[*now].limit_off = true;
  if (!before) return;
  InverterOrder& order = commands_.inverters[*before];
  order.limit_off = false;
  // It keeps what it has gained; the others have given way by as much.
  const std::optional<PairedSample>& ac = measurements.inverters[*before].ac_injection;
  if (ac) order.ac_limit_w = std::clamp(ac->value_w, order.ac_limit_w, std::max(order.ac_limit_w, unit_rating_w_));
}

void EnergyController::rest_off_grid(const Measurements& measurements) {
  for (std::size_t k = 0; k < count_; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (unit.answering && !unit.on_grid) commands_.inverters[k] = {0.0, 0.0, false, 0.0, false};
  }
}

BatteryLaw::Situation EnergyController::situation_of(const Fleet& fleet) const {
  BatteryLaw::Situation situation;
  situation.spare_w = spare_w_;
  situation.target_import_w = LimitLaw::margin_w + spare_w_ - std::min(rule_.export_limit_w, 0.0);
  situation.generation_room_w = rule_.generation_w;
  double slack_w = 0.0;
  double usual_slack_w = 0.0;  // while somebody's PV is held back
  for (std::size_t k = 0; k < count_; ++k) {
    const InverterMeasurement& unit = fleet.unit(k);
    if (!unit.feeds()) continue;
    situation.inverters += 1.0;
    const bool held_back = fleet.pv_held_back(k);
    situation.any_pv_held_back = situation.any_pv_held_back || held_back;
    usual_slack_w += held_back ? held_back_slack * fleet.spare_of_each_w : fleet.spare_of_each_w;
    if (unit.ac_injection) situation.generation_room_w -= std::max(unit.ac_injection->value_w, 0.0);
    situation.any_at_limit = situation.any_at_limit || fleet.at_limit(k);
    if (unit.ac_injection && unit.limit_in_force_w && fleet.steered(k)) {
      slack_w += *unit.limit_in_force_w - std::max(unit.ac_injection->value_w, 0.0);
    }
    situation.pv_w += std::max(fleet.pv_w(k), 0.0);
    situation.max_charge_w += fleet.charge_limit_w(k);
    situation.max_discharge_w += fleet.discharge_limit_w(k);
  }
  situation.held_back = situation.any_pv_held_back && slack_w <= usual_slack_w;
  return situation;
}

bool EnergyController::draws(const Fleet& fleet, double site_load_w, bool plan) {
  const bool drew = draw_.drawing();
  const double draw_w = draw_.wanted_w(rule_, site_load_w, spare_w_);
  if (draw_.drawing()) {
    LimitLaw::lower_lost(fleet, rule_, site_load_w);
    DrawLaw::order(fleet, share_, draw_w, plan || !drew);
  } else if (drew) {
    battery_.reset(now_);
    probe_.reset();
    for (InverterOrder& order : commands_.inverters) order.draw_w = 0.0;
  }
  return draw_.drawing();
}

void EnergyController::regulate(const Measurements& measurements, double site_load_w, bool plan) {
  const Fleet fleet = fleet_of(measurements);
  if (draws(fleet, site_load_w, plan)) return;
  probe_.look(fleet);
  const BatteryLaw::Situation situation = situation_of(fleet);
  const std::optional<StepWatch::Powers> step =
      steps_.observe(measurements, count_, situation.target_import_w, situation.any_pv_held_back);
  std::optional<double> order_w = battery_.decide(measurements, count_, situation, probe_);
  if (step && !order_w) order_w = battery_.follow(*step, situation, probe_.relief_w(now_), now_);
  if (step) {
    const bool risen = step->import_w > situation.target_import_w;
    const double load_w = step->ac_w + step->import_w;
    if (risen) load_.raise(load_w, now_);
    // PV behind a limit that was raised since gives more by now.
    if (!risen && !step->at_limit) load_.lower(load_w);
    site_load_w = load_.site_load_w().value_or(site_load_w);
    plan = plan || risen;
  }
  if (order_w) {
    share_.order(fleet, probe_, rule_.discharge_w > 0.0 ? std::max(*order_w, rule_.discharge_w) : *order_w);
    plan = true;
  }
  LimitLaw::lower_lost(fleet, rule_, site_load_w);
  const LimitLaw::Budget budget = LimitLaw::budget(fleet, rule_, site_load_w);
  if (plan) {
    limits_.plan(fleet, budget, spare_w_, probe_);
  } else {
    LimitLaw::lower(fleet, budget);
  }
}

}  // namespace hil::controller
