#include "controller/core/limit_law.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "controller/core/power_share.h"
#include "controller/devices/goodwe_et_registers.h"

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

/// Up to so many times what the batteries leave, unused limits are shared out alike.
constexpr double small_slack = 2.5;
/// While more PV than this is still expected, unused limits are not taken away.
constexpr double pv_under_way_w = 100.0;
/// Shares further from equal than this are evened out.
constexpr double worth_evening_w = 100.0;
/// By so much a time, less than anybody notices, and once what came of the last change is seen: until PV has followed,
/// a raised limit looks like one that nobody needs.
constexpr double evening_step_w = 30.0;
constexpr Time evening_waits = 1500ms;
/// Smaller changes of a limit wait for this long.
constexpr double small_change_w = 5.0;
constexpr Time small_change_waits = 2s;
/// A load step is seen in full only by the second round: what is released until then also counts for PV.
constexpr Time release_takes = 1500ms;
/// A release larger than this is a load step and goes to all alike, not only to those seen at their limit.
constexpr double large_release_w = 500.0;

double given_w(const InverterMeasurement& unit) {
  return unit.ac_injection ? std::max(unit.ac_injection->value_w, 0.0) : 0.0;
}

}  // namespace

double LimitLaw::reserved_w(const Fleet& fleet) {
  double reserved_w = 0.0;
  for (std::size_t k = 0; k < fleet.count; ++k) {
    const InverterMeasurement& unit = fleet.unit(k);
    if (unit.feeds() && !fleet.steered(k)) reserved_w += given_w(unit);
    if (unit.answering || !unit.limit_in_force_w) continue;
    // What it gave when last heard is in the load estimate already (as negative load); it may rise to its limit.
    reserved_w += std::max(*unit.limit_in_force_w - given_w(unit), 0.0);
  }
  return reserved_w;
}

LimitLaw::Budget LimitLaw::budget(const Fleet& fleet, const PowerRule& rule, double site_load_w) {
  const double by_meter_w = site_load_w + rule.export_limit_w - reserved_w(fleet);
  // Of a bound on what is generated, lost units and one without limit have their part, whatever the load.
  double elsewhere_w = 0.0;
  for (std::size_t k = 0; k < fleet.count; ++k) {
    const InverterMeasurement& unit = fleet.unit(k);
    if (fleet.steered(k)) continue;
    if (!unit.answering) {
      elsewhere_w += unit.limit_in_force_w.value_or(0.0);
    } else if (unit.feeds()) {
      elsewhere_w += given_w(unit);
    }
  }
  const double hard_w = std::max(std::min(by_meter_w, rule.generation_w - elsewhere_w), 0.0);
  return {hard_w, std::max(hard_w - margin_w, 0.0)};
}

void LimitLaw::move_slack(const Fleet& fleet, double spare_w, const PvProbe& probe, UnitPowers& limits_w) const {
  const bool pv_expected = probe.relief_w(fleet.now()) > pv_under_way_w;
  UnitPowers needs_w{};
  UnitPowers slack_w{};
  UnitPowers want_w{};
  double slack_sum_w = 0.0;
  double want_sum_w = 0.0;
  double all_slack_w = 0.0;
  double reachable = 0.0;
  double held_back = 0.0;
  for (std::size_t k = 0; k < fleet.count; ++k) {
    if (!fleet.steered(k)) continue;
    reachable += 1.0;
    held_back += fleet.pv_held_back(k) ? 1.0 : 0.0;
    needs_w[k] = fleet.need_w(k);
    // What its battery takes more, or what its limit was raised by to even it, PV is to bring.
    const bool to_follow = probe.under_way(fleet.now()) || fleet.now() - evened_at_ < evening_waits;
    if (to_follow && probe.waits(k, fleet.now())) {
      needs_w[k] = std::max(needs_w[k], limits_w[k] - fleet.spare_of_each_w);
    }
    const double missing_w = needs_w[k] - limits_w[k];
    all_slack_w -= missing_w;
    // PV that is still expected to rise needs what it does not use yet.
    if (missing_w > dead_band_w || (fleet.at_limit(k) && !pv_expected)) {
      want_w[k] = std::max(missing_w, 0.0) + dead_band_w;
    } else {
      slack_w[k] = std::max(-missing_w, 0.0);
    }
    slack_sum_w += slack_w[k];
    want_sum_w += want_w[k];
  }
  if (all_slack_w >= 0.0 && all_slack_w < small_slack * spare_w) {
    // Little is left unused: everyone the same, so that nobody rests at its limit for want of a few watts; but beyond
    // what each should leave, it is for PV that is held back.
    const double each_w = all_slack_w / reachable;
    const double kept_w = held_back > 0.0 ? std::min(each_w, fleet.spare_of_each_w) : each_w;
    for (std::size_t k = 0; k < fleet.count; ++k) {
      if (!fleet.steered(k)) continue;
      const double extra_w = fleet.pv_held_back(k) ? (each_w - kept_w) * reachable / held_back : 0.0;
      limits_w[k] = needs_w[k] + kept_w + extra_w;
    }
  } else if (want_sum_w > 0.0 && slack_sum_w > 0.0) {
    // What is missing for a battery order in full, beyond that half of what is left, as its use is only a guess.
    const double moved_w = std::max(0.5 * slack_sum_w, std::min(want_sum_w, slack_sum_w));
    for (std::size_t k = 0; k < fleet.count; ++k) {
      limits_w[k] += moved_w * (want_w[k] / want_sum_w - slack_w[k] / slack_sum_w);
    }
  }
}

bool LimitLaw::fit_to_budget(const Fleet& fleet, double budget_w, UnitPowers& limits_w) const {
  double sum_w = 0.0;
  double reachable = 0.0;
  double resting = 0.0;
  bool may_even = fleet.now() - set_at_ > evening_waits;
  for (std::size_t k = 0; k < fleet.count; ++k) {
    if (!fleet.steered(k)) continue;
    sum_w += limits_w[k];
    reachable += 1.0;
    resting += fleet.at_limit(k) ? 1.0 : 0.0;
    may_even = may_even && fleet.pv_held_back(k) && fleet.pv_w(k) > pv_in_sight_w;
  }
  const double rest_w = budget_w - sum_w;
  const bool to_all = resting == 0.0 || rest_w > large_release_w;
  bool evened = false;
  for (std::size_t k = 0; k < fleet.count; ++k) {
    if (!fleet.steered(k)) continue;
    if (rest_w <= 0.0) {
      limits_w[k] *= sum_w > 0.0 ? budget_w / sum_w : 0.0;
    } else if (to_all || fleet.at_limit(k)) {
      limits_w[k] += rest_w / (to_all ? reachable : resting);
    }
    // PV is held back everywhere: nobody knows who has more, so drift towards equal shares.
    const double uneven_w = budget_w / reachable - limits_w[k];
    if (may_even && std::abs(uneven_w) > worth_evening_w) {
      limits_w[k] += std::clamp(uneven_w, -evening_step_w, evening_step_w);
      evened = true;
    }
  }
  double evened_sum_w = 0.0;
  for (std::size_t k = 0; k < fleet.count; ++k) evened_sum_w += fleet.steered(k) ? limits_w[k] : 0.0;
  for (std::size_t k = 0; evened && evened_sum_w > budget_w && k < fleet.count; ++k) {
    if (fleet.steered(k)) limits_w[k] *= budget_w / evened_sum_w;
  }
  return evened;
}

void LimitLaw::lower_lost(const Fleet& fleet, const PowerRule& rule, double site_load_w) {
  double present_w = 0.0;
  double allowed_w = std::min(site_load_w + rule.export_limit_w, rule.generation_w);
  for (std::size_t k = 0; k < fleet.count; ++k) {
    const InverterMeasurement& unit = fleet.unit(k);
    if (unit.answering || !unit.limit_in_force_w) continue;
    present_w += fleet.commands.inverters[k].ac_limit_w;
    // What it gave when last heard is in the load estimate as negative load.
    allowed_w += given_w(unit);
  }
  allowed_w = std::max(allowed_w, 0.0);
  if (present_w <= allowed_w) return;
  for (std::size_t k = 0; k < fleet.count; ++k) {
    const InverterMeasurement& unit = fleet.unit(k);
    if (!unit.answering && unit.limit_in_force_w) fleet.commands.inverters[k].ac_limit_w *= allowed_w / present_w;
  }
}

void LimitLaw::lower(const Fleet& fleet, const Budget& budget) {
  double present_w = 0.0;
  for (std::size_t k = 0; k < fleet.count; ++k) {
    if (fleet.steered(k)) present_w += fleet.commands.inverters[k].ac_limit_w;
  }
  if (present_w <= budget.hard_w) return;
  for (std::size_t k = 0; k < fleet.count; ++k) {
    if (fleet.steered(k)) fleet.commands.inverters[k].ac_limit_w *= budget.w / present_w;
  }
}

void LimitLaw::plan(const Fleet& fleet, const Budget& budget, double spare_w, PvProbe& probe) {
  UnitPowers wanted_w{};
  UnitPowers ceilings_w{};
  UnitPowers limits_w{};
  for (std::size_t k = 0; k < fleet.count; ++k) {
    if (!fleet.steered(k)) continue;
    wanted_w[k] = fleet.commands.inverters[k].ac_limit_w;
    ceilings_w[k] = std::min(et_largest_order_w, fleet.unit_rating_w);
  }
  move_slack(fleet, spare_w, probe, wanted_w);
  const bool evened = fit_to_budget(fleet, budget.w, wanted_w);
  // What one unit cannot be told (47510 ends at 10 kW) goes to the others.
  double sum_w = 0.0;
  for (std::size_t k = 0; k < fleet.count; ++k) sum_w += wanted_w[k];
  share_power(sum_w, std::span(wanted_w).first(fleet.count), std::span(ceilings_w).first(fleet.count),
              std::span(limits_w).first(fleet.count));
  double present_w = 0.0;
  double released_w = 0.0;
  bool worth_it = false;
  const bool waited = fleet.now() - set_at_ > small_change_waits;
  for (std::size_t k = 0; k < fleet.count; ++k) {
    if (!fleet.steered(k)) continue;
    const double change_w = limits_w[k] - fleet.commands.inverters[k].ac_limit_w;
    present_w += fleet.commands.inverters[k].ac_limit_w;
    worth_it = worth_it || std::abs(change_w) > (waited ? small_change_w : dead_band_w);
    // Beside a battery that is to discharge PV only takes its place.
    const bool discharges = fleet.commands.inverters[k].battery_discharge_w.value_or(0.0) > 0.0;
    const bool for_pv = !discharges && probe.held_back_within(k, fleet.now(), release_takes);
    if (change_w > dead_band_w && for_pv) released_w += change_w;
  }
  if (!worth_it && present_w <= budget.hard_w) return;
  set_at_ = fleet.now();
  if (evened) evened_at_ = fleet.now();
  for (std::size_t k = 0; k < fleet.count; ++k) {
    if (fleet.steered(k)) fleet.commands.inverters[k].ac_limit_w = limits_w[k];
  }
  if (released_w > 0.0) probe.limit_released(released_w, fleet.now());
}

}  // namespace hil::controller
