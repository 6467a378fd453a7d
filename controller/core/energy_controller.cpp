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
/// Limits stay this far inside what the load allows; the battery's target import lies 40 W further in, so that a port
/// at its limit can be told from one that simply gives what is wanted.
constexpr double limit_margin_w = 10.0;
/// Set points are not rewritten for less.
constexpr double dead_band_w = 20.0;
/// A battery this far below its order is clipped.
constexpr double clipped_w = 50.0;
/// Below this all unused limits together are shared out alike.
constexpr double small_slack_w = 100.0;
/// While more PV than this is still expected, unused limits are not taken away.
constexpr double pv_under_way_w = 100.0;
/// Unused limits of all units below this: the limits, not PV, decide. Half of what the battery's target leaves unused.
constexpr double held_back_slack_w = 20.0;
/// Shares further from equal than this are evened out.
constexpr double worth_evening_w = 100.0;
/// Smaller changes of a limit wait for this long.
constexpr double small_change_w = 5.0;
constexpr Time small_change_waits = 2s;
/// A load step is seen in full only by the second round: what is released until then also counts for PV.
constexpr Time release_takes = 1500ms;
/// A release larger than this is a load step and goes to all alike, not only to those seen at their limit.
constexpr double large_release_w = 500.0;
/// From the acknowledgement of a battery order to the AC power that shows most of it.
constexpr Time order_takes_effect = 400ms;

}  // namespace

EnergyController::EnergyController(const Settings& settings, std::size_t inverter_count) noexcept
    : count_(inverter_count) {
  held_back_at_.fill(Time{-10s});  // long ago
  configure(settings);
}

void EnergyController::configure(const Settings& settings) noexcept {
  settings_ = settings;
  export_limit_w_ = std::max(settings_.export_limit_w, 0.0);
  unit_rating_w_ = count_ == 0 ? 0.0 : settings_.total_capacity_w / static_cast<double>(count_);
  commands_.limit_enabled = settings_.control_mode != ControlMode::off;
  if (state_ != State::regulating) stand_by();
}

void EnergyController::stand_by() {
  for (std::size_t k = 0; k < count_; ++k) {
    const double share_w = export_limit_w_ / static_cast<double>(count_);
    commands_.inverters[k] = {std::min(share_w, et_largest_order_w), std::nullopt, false};
  }
}

const Commands& EnergyController::step(const Measurements& measurements) noexcept {
  const Time meter_age = measurements.now - (measurements.grid_import_w ? measurements.grid_import_at : Time{0});
  if (meter_age > meter_lost_after) {
    if (state_ != State::meter_lost) {
      load_.reset();
      battery_.reset();
      freeze_.reset();
      stand_by();
    }
    state_ = State::meter_lost;
    return commands_;
  }
  const bool new_round = load_.observe(measurements, count_, unit_rating_w_);
  if (commands_.limit_enabled && settings_.freeze_cure_enabled) watch_for_freeze(measurements, new_round);
  if (const std::optional<double> site_load_w = load_.site_load_w(); site_load_w && measurements.grid_import_w) {
    state_ = State::regulating;
    regulate(measurements, *site_load_w, new_round);
  } else if (state_ == State::meter_lost) {
    state_ = State::starting;
  }
  return commands_;
}

bool EnergyController::steered(const Measurements& measurements, std::size_t unit_index) const {
  return measurements.inverters[unit_index].answering && freeze_.unlimited() != unit_index;
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
    if (unit.answering && !steered(measurements, k) && unit.ac_injection) {
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
  if (at_limit(unit) || !unit.ac_injection || !unit.battery_discharge) return allowed_w;
  // Not held back: all its PV shows (less losses). More charge would come from the grid or past the others' limits.
  const double pv_w = unit.ac_injection->value_w - unit.battery_discharge->value_w;
  return std::clamp(pv_w, 0.0, allowed_w);
}

void EnergyController::regulate(const Measurements& measurements, double site_load_w, bool plan) {
  BatteryLaw::Situation situation;
  double slack_w = 0.0;
  for (std::size_t k = 0; k < count_; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (!unit.answering) continue;
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
  situation.held_back = situation.any_at_limit && slack_w < held_back_slack_w;
  if (const std::optional<double> order_w = battery_.decide(measurements, count_, situation)) {
    order_batteries(measurements, *order_w);
    plan = true;
  }
  lower_lost(measurements, site_load_w);
  const double hard_budget_w = std::max(site_load_w + export_limit_w_ - reserved_w(measurements), 0.0);
  const double budget_w = std::max(hard_budget_w - limit_margin_w, 0.0);
  if (plan) {
    set_limits(measurements, budget_w, hard_budget_w);
  } else {
    lower_limits(measurements, budget_w, hard_budget_w);
  }
}

void EnergyController::order_batteries(const Measurements& measurements, double order_w) {
  std::array<double, max_inverters> weights{};
  std::array<double, max_inverters> limits_w{};
  std::array<double, max_inverters> shares_w{};
  for (std::size_t k = 0; k < count_; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (!unit.answering || !unit.on_grid || !unit.soc) continue;
    weights[k] = std::max(order_w > 0.0 ? *unit.soc - unit.soc_floor : 1.0 - *unit.soc, 0.0);
    limits_w[k] = order_w > 0.0 ? std::min(unit.max_discharge_w, unit_rating_w_) : charge_limit_w(unit);
  }
  share_power(std::abs(order_w), std::span(weights).first(count_), std::span(limits_w).first(count_),
              std::span(shares_w).first(count_));
  bool worth_it = false;
  for (std::size_t k = 0; k < count_; ++k) {
    const std::optional<double>& present_w = commands_.inverters[k].battery_discharge_w;
    const double wanted_w = order_w > 0.0 ? shares_w[k] : -shares_w[k];
    shares_w[k] = wanted_w;
    worth_it = worth_it || !present_w || std::abs(wanted_w - *present_w) > dead_band_w ||
               (wanted_w == 0.0 && *present_w != 0.0);
  }
  if (!worth_it) return;
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
  // A battery clipped by the limit takes up the release first.
  return at_limit(unit) && unit.battery_discharge && unit.battery_order_in_force_w &&
         unit.battery_discharge->value_w > *unit.battery_order_in_force_w - clipped_w;
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
  for (std::size_t k = 0; k < count_; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (!steered(measurements, k)) continue;
    reachable += 1.0;
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
  if (all_slack_w >= 0.0 && all_slack_w < small_slack_w) {
    // Little is left unused: everyone the same, so that nobody rests at its limit for want of a few watts.
    for (std::size_t k = 0; k < count_; ++k) {
      const InverterMeasurement& unit = measurements.inverters[k];
      if (steered(measurements, k)) limits_w[k] = need_w(k, unit) + all_slack_w / reachable;
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
  for (std::size_t k = 0; k < count_; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (!steered(measurements, k)) continue;
    sum_w += limits_w[k];
    reachable += 1.0;
    resting += at_limit(unit) ? 1.0 : 0.0;
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
    // All at their limits: nobody knows who has more PV, so drift towards equal shares.
    const double uneven_w = budget_w / reachable - limits_w[k];
    if (resting == reachable && std::abs(uneven_w) > worth_evening_w) limits_w[k] += 0.1 * uneven_w;
  }
}

void EnergyController::lower_lost(const Measurements& measurements, double site_load_w) {
  double present_w = 0.0;
  double allowed_w = site_load_w + export_limit_w_;
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
