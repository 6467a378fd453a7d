#include "controller/core/energy_controller.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "controller/core/power_share.h"
#include "controller/devices/goodwe_et_registers.h"

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

constexpr Time meter_lost_after = 2s;
/// Limits stay this far inside what the load allows.
constexpr double limit_margin_w = 10.0;
/// The batteries leave this of each unit's limit unused (and so import it), more than at_limit_w: so a port at its
/// limit can be told from one that simply gives what is wanted. No less together than spare_least_w.
constexpr double spare_of_each_w = 20.0;
constexpr double spare_least_w = 40.0;
/// A draw begins and ends this far beside the load that needs none.
constexpr double draw_hysteresis_w = 50.0;
/// Readings are paired within this; what is older than a change of the phase mode by so much counts otherwise.
constexpr Time pairing_reach = 300ms;
/// Set points are not rewritten for less.
constexpr double dead_band_w = 20.0;
/// A battery this far below its order is clipped.
constexpr double clipped_w = 50.0;
/// Up to so many times what the batteries leave, unused limits are shared out alike.
constexpr double small_slack = 2.5;
/// While more PV than this is still expected, unused limits are not taken away.
constexpr double pv_under_way_w = 100.0;
/// Unused limits of all units below this part of what the batteries leave: the limits, not PV, decide.
constexpr double held_back_slack = 0.5;
/// SOC comes in whole percent: the floor is read so much before it is reached.
constexpr double soc_rounding = 0.005;
/// Shares further from equal than this are evened out.
constexpr double worth_evening_w = 100.0;
/// By so much in a round, less than anybody notices.
constexpr double evening_step_w = 30.0;
/// Less PV than this is none.
constexpr double pv_in_sight_w = 100.0;
/// Smaller changes of a limit wait for this long.
constexpr double small_change_w = 5.0;
constexpr Time small_change_waits = 2s;
/// Larger changes are shared by energy at once.
constexpr double small_order_change_w = 500.0;
/// So long after PV was seen held back, changes of the battery order go by that.
constexpr Time held_back_remembered = 3s;
/// A load step is seen in full only by the second round: what is released until then also counts for PV.
constexpr Time release_takes = 1500ms;
/// A release larger than this is a load step and goes to all alike, not only to those seen at their limit.
constexpr double large_release_w = 500.0;
/// From the acknowledgement of a battery order to the AC power that shows most of it.
constexpr Time order_takes_effect = 400ms;

}  // namespace

EnergyController::EnergyController(const Settings& settings, std::size_t inverter_count) noexcept
    : count_(inverter_count), spare_w_(std::max(spare_least_w, spare_of_each_w * static_cast<double>(inverter_count))) {
  held_back_at_.fill(Time{-10s});  // long ago
  settings_.phase_mode = settings.phase_mode;
  configure(settings);
  stand_by();
}

void EnergyController::configure(const Settings& settings) noexcept {
  const bool counts_otherwise = settings.phase_mode != settings_.phase_mode;
  settings_ = settings;
  unit_rating_w_ = count_ == 0 ? 0.0 : settings_.total_capacity_w / static_cast<double>(count_);
  double known_wh = 0.0;
  double known = 0.0;
  std::size_t unit = 0;
  for (const Settings::Line& line : settings_.inverter_lines) {
    for (std::size_t k = 0; k < std::min(line.count, max_units_per_line) && unit < max_inverters; ++k, ++unit) {
      capacity_wh_[unit] = std::max(line.capacity_wh[k], 0.0);
      known_wh += capacity_wh_[unit];
      known += capacity_wh_[unit] > 0.0 ? 1.0 : 0.0;
    }
  }
  for (double& capacity_wh : capacity_wh_) {
    if (capacity_wh == 0.0) capacity_wh = known > 0.0 ? known_wh / known : 1.0;
  }
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
  drawing_ = false;
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
  if (commands_.limit_enabled && settings_.freeze_cure_enabled && !drawing_) watch_for_freeze(measurements, new_round);
  if (const std::optional<double> site_load_w = load_.site_load_w(); site_load_w && measurements.counted_import_w) {
    state_ = State::regulating;
    rest_off_grid(measurements);
    regulate(measurements, *site_load_w, new_round);
  } else if (state_ == State::meter_lost) {
    state_ = State::starting;
  }
  return commands_;
}

bool EnergyController::steered(const Measurements& measurements, std::size_t unit_index) const {
  return measurements.inverters[unit_index].feeds() && freeze_.unlimited() != unit_index;
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

bool EnergyController::at_limit(const InverterMeasurement& unit) const {
  return commands_.limit_enabled && unit.ac_injection && unit.limit_in_force_w &&
         unit.ac_injection->value_w >= *unit.limit_in_force_w - at_limit_w;
}

double EnergyController::reserved_w(const Measurements& measurements) const {
  double reserved_w = 0.0;
  for (std::size_t k = 0; k < count_; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (unit.feeds() && !steered(measurements, k) && unit.ac_injection) {
      reserved_w += std::max(unit.ac_injection->value_w, 0.0);
    }
    if (unit.answering || !unit.limit_in_force_w) continue;
    // What it gave when last heard is in the load estimate already (as negative load); it may rise to its limit.
    const double last_w = unit.ac_injection ? std::max(unit.ac_injection->value_w, 0.0) : 0.0;
    reserved_w += std::max(*unit.limit_in_force_w - last_w, 0.0);
  }
  return reserved_w;
}

double EnergyController::charge_limit_w(const InverterMeasurement& unit) const {
  const double allowed_w = std::min(unit.max_charge_w, unit_rating_w_);
  if (!unit.ac_injection || !unit.battery_discharge) return allowed_w;
  // Not held back: all its PV shows (less losses). More charge would come from the grid or past the others' limits.
  const double pv_w = unit.ac_injection->value_w - unit.battery_discharge->value_w;
  // Held back: there may be more PV, but nobody knows until it follows.
  const double unseen_w = !at_limit(unit) ? 0.0 : pv_w > pv_in_sight_w ? BatteryLaw::largest_probe_w : pv_in_sight_w;
  return std::clamp(pv_w + unseen_w, 0.0, allowed_w);
}

double EnergyController::allowed_w(const Measurements& measurements, double site_load_w) const {
  const double by_meter_w = site_load_w + rule_.export_limit_w - reserved_w(measurements);
  // Of a bound on what is generated, lost units and one without limit have their part, whatever the load.
  double elsewhere_w = 0.0;
  for (std::size_t k = 0; k < count_; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (steered(measurements, k)) continue;
    if (!unit.answering) {
      elsewhere_w += unit.limit_in_force_w.value_or(0.0);
    } else if (unit.feeds() && unit.ac_injection) {
      elsewhere_w += std::max(unit.ac_injection->value_w, 0.0);
    }
  }
  return std::max(std::min(by_meter_w, rule_.generation_w - elsewhere_w), 0.0);
}

double EnergyController::draw_wanted_w(double site_load_w) {
  double wanted_w = -PowerRule::no_bound_w;
  if (rule_.draw_w > 0.0) wanted_w = rule_.draw_w;
  if (rule_.export_limit_w < 0.0) wanted_w = limit_margin_w + spare_w_ - rule_.export_limit_w - site_load_w;
  drawing_ = wanted_w > (drawing_ ? -draw_hysteresis_w : draw_hysteresis_w);
  return drawing_ ? std::max(wanted_w, 0.0) : 0.0;
}

void EnergyController::order_draw(const Measurements& measurements, double draw_w, bool plan) {
  std::array<double, max_inverters> weights{};
  std::array<double, max_inverters> limits_w{};
  std::array<double, max_inverters> shares_w{};
  double present_w = 0.0;
  for (std::size_t k = 0; k < count_; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (!unit.feeds() || !unit.soc) continue;
    present_w += commands_.inverters[k].draw_w;
    weights[k] = energy_weight(k, unit, false);
    limits_w[k] = std::min(unit.max_charge_w, unit_rating_w_);
  }
  // Less load needs more draw at once; less draw waits for a round of readings.
  if (!plan && draw_w - present_w < dead_band_w) return;
  share_power(draw_w, std::span(weights).first(count_), std::span(limits_w).first(count_),
              std::span(shares_w).first(count_));
  bool worth_it = false;
  for (std::size_t k = 0; k < count_; ++k) {
    const InverterOrder& order = commands_.inverters[k];
    worth_it = worth_it || std::abs(shares_w[k] - order.draw_w) > dead_band_w ||
               (measurements.inverters[k].answering && (order.ac_limit_w > 0.0 || order.battery_discharge_w != 0.0));
  }
  if (!worth_it) return;
  for (std::size_t k = 0; k < count_; ++k) {
    if (measurements.inverters[k].answering) commands_.inverters[k] = {0.0, 0.0, false, shares_w[k], false};
  }
}

void EnergyController::rest_off_grid(const Measurements& measurements) {
  for (std::size_t k = 0; k < count_; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (unit.answering && !unit.on_grid) commands_.inverters[k] = {0.0, 0.0, false, 0.0, false};
  }
}

void EnergyController::regulate(const Measurements& measurements, double site_load_w, bool plan) {
  const bool drew = drawing_;
  if (const double draw_w = draw_wanted_w(site_load_w); drawing_) {
    lower_lost(measurements, site_load_w);
    order_draw(measurements, draw_w, plan || !drew);
    return;
  }
  if (drew) {
    battery_.reset(now_);
    for (InverterOrder& order : commands_.inverters) order.draw_w = 0.0;
  }
  BatteryLaw::Situation situation;
  situation.spare_w = spare_w_;
  situation.target_import_w = limit_margin_w + spare_w_ - std::min(rule_.export_limit_w, 0.0);
  situation.generation_room_w = rule_.generation_w;
  double slack_w = 0.0;
  double usual_slack_w = 0.0;  // while somebody's PV is held back
  bool any_pv_held_back = false;
  for (std::size_t k = 0; k < count_; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (!unit.feeds()) continue;
    const bool held_back = pv_held_back(unit);
    any_pv_held_back = any_pv_held_back || held_back;
    usual_slack_w += held_back ? held_back_slack * spare_of_each_w : spare_of_each_w;
    if (unit.ac_injection) situation.generation_room_w -= std::max(unit.ac_injection->value_w, 0.0);
    situation.any_at_limit = situation.any_at_limit || at_limit(unit);
    if (unit.ac_injection && unit.limit_in_force_w && steered(measurements, k)) {
      slack_w += *unit.limit_in_force_w - std::max(unit.ac_injection->value_w, 0.0);
    }
    if (unit.ac_injection && unit.battery_discharge) {
      situation.pv_w += std::max(unit.ac_injection->value_w - unit.battery_discharge->value_w, 0.0);
    }
    situation.max_charge_w += charge_limit_w(unit);
    situation.max_discharge_w += std::min(unit.max_discharge_w, unit_rating_w_);
  }
  situation.held_back = any_pv_held_back && slack_w <= usual_slack_w;
  const std::optional<StepWatch::Powers> step =
      steps_.observe(measurements, count_, situation.target_import_w, situation.any_at_limit);
  std::optional<double> order_w = battery_.decide(measurements, count_, situation);
  if (step && !order_w) order_w = battery_.follow(*step, situation, now_);
  if (step && step->import_w > situation.target_import_w) {
    load_.raise(step->ac_w + step->import_w);
    site_load_w = load_.site_load_w().value_or(site_load_w);
    plan = true;
  }
  if (order_w) {
    order_batteries(measurements, rule_.discharge_w > 0.0 ? std::max(*order_w, rule_.discharge_w) : *order_w);
    plan = true;
  }
  lower_lost(measurements, site_load_w);
  const double hard_budget_w = allowed_w(measurements, site_load_w);
  const double budget_w = std::max(hard_budget_w - limit_margin_w, 0.0);
  if (plan) {
    set_limits(measurements, budget_w, hard_budget_w);
  } else {
    lower_limits(measurements, budget_w, hard_budget_w);
  }
}

double EnergyController::energy_weight(std::size_t unit_index, const InverterMeasurement& unit, bool discharge) const {
  const double part = discharge ? *unit.soc - unit.soc_floor - soc_rounding : 1.0 - *unit.soc;
  return std::max(part, 0.0) * capacity_wh_[unit_index];
}

void EnergyController::share_order(const Measurements& measurements, double order_w, Shares& shares_w) const {
  Shares weights{};
  Shares limits_w{};
  for (std::size_t k = 0; k < count_; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (!unit.feeds() || !unit.soc) continue;
    weights[k] = energy_weight(k, unit, order_w > 0.0);
    limits_w[k] = order_w > 0.0 ? std::min(unit.max_discharge_w, unit_rating_w_) : charge_limit_w(unit);
  }
  share_power(std::abs(order_w), std::span(weights).first(count_), std::span(limits_w).first(count_),
              std::span(shares_w).first(count_));
  for (double& share_w : shares_w) share_w = order_w > 0.0 ? share_w : -share_w;
}

bool EnergyController::share_change(const Measurements& measurements, double order_w, Shares& shares_w) const {
  bool any_held_back = false;
  double change_w = order_w;
  for (std::size_t k = 0; k < count_; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (!unit.feeds() || !unit.soc) continue;
    shares_w[k] = std::clamp(commands_.inverters[k].battery_discharge_w.value_or(0.0), -charge_limit_w(unit),
                             std::min(unit.max_discharge_w, unit_rating_w_));
    change_w -= shares_w[k];
    any_held_back = any_held_back || was_held_back(k);
  }
  if (!any_held_back || std::abs(change_w) > small_order_change_w) return false;
  // Less from the batteries where PV waits behind the limit of the same port, more from the others.
  for (const bool first : {true, false}) {
    Shares weights{};
    Shares rooms_w{};
    Shares parts_w{};
    for (std::size_t k = 0; k < count_; ++k) {
      const InverterMeasurement& unit = measurements.inverters[k];
      if (!unit.feeds() || !unit.soc || (was_held_back(k) == (change_w < 0.0)) != first) continue;
      weights[k] = energy_weight(k, unit, change_w > 0.0);
      rooms_w[k] = change_w > 0.0 ? std::min(unit.max_discharge_w, unit_rating_w_) - shares_w[k]
                                  : shares_w[k] + charge_limit_w(unit);
    }
    share_power(std::abs(change_w), std::span(weights).first(count_), std::span(rooms_w).first(count_),
                std::span(parts_w).first(count_));
    const double sign = change_w < 0.0 ? -1.0 : 1.0;
    for (std::size_t k = 0; k < count_; ++k) {
      shares_w[k] += sign * parts_w[k];
      change_w -= sign * parts_w[k];
    }
  }
  return true;
}

bool EnergyController::was_held_back(std::size_t unit_index) const {
  return now_ - held_back_at_[unit_index] < held_back_remembered;
}

void EnergyController::order_batteries(const Measurements& measurements, double order_w) {
  Shares shares_w{};
  if (!share_change(measurements, order_w, shares_w)) share_order(measurements, order_w, shares_w);
  bool worth_it = false;
  double change_w = 0.0;
  for (std::size_t k = 0; k < count_; ++k) {
    const std::optional<double>& present_w = commands_.inverters[k].battery_discharge_w;
    change_w += shares_w[k] - present_w.value_or(0.0);
    worth_it = worth_it || !present_w || std::abs(shares_w[k] - *present_w) > dead_band_w ||
               (shares_w[k] == 0.0 && *present_w != 0.0);
  }
  if (!worth_it && std::abs(change_w) <= dead_band_w) return;
  for (std::size_t k = 0; k < count_; ++k) {
    if (measurements.inverters[k].answering) commands_.inverters[k].battery_discharge_w = shares_w[k];
  }
}

double EnergyController::battery_rise_to_come_w(const InverterMeasurement& unit, const InverterOrder& order) {
  if (!order.battery_discharge_w || !unit.ac_injection || !unit.battery_discharge) return 0.0;
  const bool acknowledged = unit.battery_order_in_force_w &&
                            std::abs(*unit.battery_order_in_force_w - *order.battery_discharge_w) <= dead_band_w;
  // An AC sample after the order took effect has it inside already.
  if (acknowledged && unit.ac_injection->at >= unit.battery_order_since + order_takes_effect) return 0.0;
  return *order.battery_discharge_w - unit.battery_discharge->value_w;
}

bool EnergyController::pv_held_back(const InverterMeasurement& unit) const {
  if (!at_limit(unit) || !unit.battery_discharge || !unit.battery_order_in_force_w) return false;
  const double battery_w = unit.battery_discharge->value_w;
  // Nothing but a discharging battery in sight: night.
  if (battery_w > clipped_w && unit.ac_injection->value_w - battery_w < pv_in_sight_w) return false;
  // A battery clipped by the limit takes up the release first.
  return battery_w > *unit.battery_order_in_force_w - clipped_w;
}

double EnergyController::need_w(std::size_t unit_index, const InverterMeasurement& unit) const {
  if (!unit.ac_injection) return 0.0;
  return std::max(unit.ac_injection->value_w + battery_rise_to_come_w(unit, commands_.inverters[unit_index]), 0.0);
}

void EnergyController::move_slack(const Measurements& measurements, std::array<double, max_inverters>& limits_w) const {
  // PV that is still expected to rise needs what it does not use yet.
  const bool pv_expected = battery_.relief_w(measurements.now) > pv_under_way_w;
  std::array<double, max_inverters> slack_w{};
  std::array<double, max_inverters> want_w{};
  double slack_sum_w = 0.0;
  double want_sum_w = 0.0;
  double all_slack_w = 0.0;
  double reachable = 0.0;
  double held_back = 0.0;
  for (std::size_t k = 0; k < count_; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (!steered(measurements, k)) continue;
    reachable += 1.0;
    held_back += pv_held_back(unit) ? 1.0 : 0.0;
    const double missing_w = need_w(k, unit) - limits_w[k];
    all_slack_w -= missing_w;
    if (missing_w > dead_band_w || (at_limit(unit) && !pv_expected)) {
      want_w[k] = std::max(missing_w, 0.0) + dead_band_w;
    } else {
      slack_w[k] = std::max(-missing_w, 0.0);
    }
    slack_sum_w += slack_w[k];
    want_sum_w += want_w[k];
  }
  if (all_slack_w >= 0.0 && all_slack_w < small_slack * spare_w_) {
    // Little is left unused: everyone the same, so that nobody rests at its limit for want of a few watts; but beyond
    // what each should leave, it is for PV that is held back.
    const double each_w = all_slack_w / reachable;
    const double kept_w = held_back > 0.0 ? std::min(each_w, spare_of_each_w) : each_w;
    for (std::size_t k = 0; k < count_; ++k) {
      const InverterMeasurement& unit = measurements.inverters[k];
      if (!steered(measurements, k)) continue;
      const double extra_w = pv_held_back(unit) ? (each_w - kept_w) * reachable / held_back : 0.0;
      limits_w[k] = need_w(k, unit) + kept_w + extra_w;
    }
  } else if (want_sum_w > 0.0 && slack_sum_w > 0.0) {
    // What is missing for a battery order in full, beyond that half of what is left, as its use is only a guess.
    const double given_w = std::max(0.5 * slack_sum_w, std::min(want_sum_w, slack_sum_w));
    for (std::size_t k = 0; k < count_; ++k) {
      limits_w[k] += given_w * (want_w[k] / want_sum_w - slack_w[k] / slack_sum_w);
    }
  }
}

void EnergyController::fit_to_budget(const Measurements& measurements, double budget_w,
                                     std::array<double, max_inverters>& limits_w) const {
  double sum_w = 0.0;
  double reachable = 0.0;
  double resting = 0.0;
  bool pv_everywhere = true;
  for (std::size_t k = 0; k < count_; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (!steered(measurements, k)) continue;
    sum_w += limits_w[k];
    reachable += 1.0;
    resting += at_limit(unit) ? 1.0 : 0.0;
    pv_everywhere = pv_everywhere && pv_held_back(unit) &&
                    unit.ac_injection->value_w - unit.battery_discharge->value_w > pv_in_sight_w;
  }
  const double rest_w = budget_w - sum_w;
  const bool to_all = resting == 0.0 || rest_w > large_release_w;
  for (std::size_t k = 0; k < count_; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (!steered(measurements, k)) continue;
    if (rest_w <= 0.0) {
      limits_w[k] *= sum_w > 0.0 ? budget_w / sum_w : 0.0;
    } else if (to_all || at_limit(unit)) {
      limits_w[k] += rest_w / (to_all ? reachable : resting);
    }
    // PV is held back everywhere: nobody knows who has more, so drift towards equal shares.
    const double uneven_w = budget_w / reachable - limits_w[k];
    if (pv_everywhere && std::abs(uneven_w) > worth_evening_w) {
      limits_w[k] += std::clamp(uneven_w, -evening_step_w, evening_step_w);
    }
  }
}

void EnergyController::lower_lost(const Measurements& measurements, double site_load_w) {
  double present_w = 0.0;
  double allowed_w = std::min(site_load_w + rule_.export_limit_w, rule_.generation_w);
  for (std::size_t k = 0; k < count_; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (unit.answering || !unit.limit_in_force_w) continue;
    present_w += commands_.inverters[k].ac_limit_w;
    // What it gave when last heard is in the load estimate as negative load.
    allowed_w += unit.ac_injection ? std::max(unit.ac_injection->value_w, 0.0) : 0.0;
  }
  allowed_w = std::max(allowed_w, 0.0);
  if (present_w <= allowed_w) return;
  for (std::size_t k = 0; k < count_; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (!unit.answering && unit.limit_in_force_w) commands_.inverters[k].ac_limit_w *= allowed_w / present_w;
  }
}

void EnergyController::lower_limits(const Measurements& measurements, double budget_w, double hard_budget_w) {
  double present_w = 0.0;
  for (std::size_t k = 0; k < count_; ++k) {
    if (steered(measurements, k)) present_w += commands_.inverters[k].ac_limit_w;
  }
  if (present_w <= hard_budget_w) return;
  for (std::size_t k = 0; k < count_; ++k) {
    if (steered(measurements, k)) commands_.inverters[k].ac_limit_w *= budget_w / present_w;
  }
}

void EnergyController::set_limits(const Measurements& measurements, double budget_w, double hard_budget_w) {
  std::array<double, max_inverters> wanted_w{};
  std::array<double, max_inverters> ceilings_w{};
  std::array<double, max_inverters> limits_w{};
  for (std::size_t k = 0; k < count_; ++k) {
    if (!steered(measurements, k)) continue;
    wanted_w[k] = commands_.inverters[k].ac_limit_w;
    ceilings_w[k] = std::min(et_largest_order_w, unit_rating_w_);
  }
  move_slack(measurements, wanted_w);
  fit_to_budget(measurements, budget_w, wanted_w);
  // What one unit cannot be told (47510 ends at 10 kW) goes to the others.
  double sum_w = 0.0;
  for (std::size_t k = 0; k < count_; ++k) sum_w += wanted_w[k];
  share_power(sum_w, std::span(wanted_w).first(count_), std::span(ceilings_w).first(count_),
              std::span(limits_w).first(count_));
  double present_w = 0.0;
  bool worth_it = false;
  double released_w = 0.0;
  const bool waited = measurements.now - limits_set_at_ > small_change_waits;
  for (std::size_t k = 0; k < count_; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (!steered(measurements, k)) continue;
    const double change_w = limits_w[k] - commands_.inverters[k].ac_limit_w;
    present_w += commands_.inverters[k].ac_limit_w;
    worth_it = worth_it || std::abs(change_w) > (waited ? small_change_w : dead_band_w);
    if (pv_held_back(unit)) held_back_at_[k] = measurements.now;
    if (change_w > dead_band_w && measurements.now - held_back_at_[k] < release_takes) released_w += change_w;
  }
  if (!worth_it && present_w <= hard_budget_w) return;
  limits_set_at_ = measurements.now;
  for (std::size_t k = 0; k < count_; ++k) {
    if (steered(measurements, k)) commands_.inverters[k].ac_limit_w = limits_w[k];
  }
  if (released_w > 0.0) battery_.limit_released(released_w, measurements.now);
}

}  // namespace hil::controller
