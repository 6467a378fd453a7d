#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "controller/core/battery_law.h"
#include "controller/core/freeze_guard.h"
#include "controller/core/load_estimate.h"
#include "controller/core/measurements.h"

namespace hil::controller {

/// Export limit "by entered value" (sum of the phases) and self-consumption of a group of hybrid inverters.
///
///   sum of AC limits <= site load + export limit, in every step; battery order from BatteryLaw
///
/// AC limits: a release goes to the units that rest at their limit (a load step to all alike), a lowering to all in
/// proportion; what a unit leaves unused moves to those that need it. Planned once a round of readings and with
/// each battery order; in between limits are only lowered. Battery: discharge by usable energy, charge by free energy,
/// from a unit's own PV only. A lost inverter: its last limit is charged against the others; when that is more than the
/// load allows, it is ordered less, since it may still hear. An inverter without limit (FreezeGuard): what it gives is
/// left to it. Left out: demanded import (a negative limit acts as 0), per-phase limits. Capacities are taken as equal.
///
/// step() allocates, throws and blocks nothing and reads no clock: same measurements, same commands.
class EnergyController {
 public:
  enum class State : std::uint8_t {
    starting,  ///< no complete round of readings yet: limits at the export limit's share, batteries stand by
    regulating,
    meter_lost,  ///< meter silent for more than 2 s (or never heard for so long): as in starting
  };

  EnergyController(const Settings& settings, std::size_t inverter_count) noexcept;
  /// Goes by other settings from the next step on.
  void configure(const Settings& settings) noexcept;
  const Commands& step(const Measurements& measurements) noexcept;
  State state() const { return state_; }
  /// As the last step() left them.
  const Commands& commands() const { return commands_; }

 private:
  void stand_by();
  void watch_for_freeze(const Measurements& measurements, bool new_round);
  /// Answers and takes part in sharing the limit.
  bool steered(const Measurements& measurements, std::size_t unit_index) const;
  void regulate(const Measurements& measurements, double site_load_w, bool plan);
  void order_batteries(const Measurements& measurements, double order_w);
  void set_limits(const Measurements& measurements, double budget_w, double hard_budget_w);
  void lower_limits(const Measurements& measurements, double budget_w, double hard_budget_w);
  /// AC power that a unit gives or is about to give, >= 0.
  double need_w(std::size_t unit_index, const InverterMeasurement& unit) const;
  /// Half of what units leave unused to those that rest at their limit or are about to need more; same sum.
  void move_slack(const Measurements& measurements, std::array<double, max_inverters>& limits_w) const;
  /// Orders lost units down to what the load still takes from them, `site_load_w` less what the others give; never up.
  void lower_lost(const Measurements& measurements, double site_load_w);
  void fit_to_budget(const Measurements& measurements, double budget_w,
                     std::array<double, max_inverters>& limits_w) const;
  double charge_limit_w(const InverterMeasurement& unit) const;
  /// What lost units may still rise to, and what a unit without limit gives.
  double reserved_w(const Measurements& measurements) const;
  /// Battery power ordered but not yet inside the unit's AC sample.
  static double battery_rise_to_come_w(const InverterMeasurement& unit, const InverterOrder& order);
  bool pv_held_back(const InverterMeasurement& unit) const;
  bool at_limit(const InverterMeasurement& unit) const;

  Settings settings_;
  std::size_t count_ = 0;
  double export_limit_w_ = 0.0;
  double unit_rating_w_ = 0.0;
  State state_ = State::starting;
  LoadEstimate load_;
  BatteryLaw battery_;
  FreezeGuard freeze_;
  std::array<Time, max_inverters> held_back_at_{};  ///< when PV of a unit was last seen held back by its limit
  Time limits_set_at_{0};
  Commands commands_;
};

}  // namespace hil::controller
