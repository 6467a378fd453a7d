#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "controller/core/battery_law.h"
#include "controller/core/freeze_guard.h"
#include "controller/core/load_estimate.h"
#include "controller/core/measurements.h"
#include "controller/core/power_rule.h"

namespace hil::controller {

/// Export limit, or demanded import, with self-consumption of a group of hybrid inverters; what PowerRule says besides.
///
///   sum of AC limits <= site load + export limit, <= generation bound, in every step; battery order from BatteryLaw
///   sum of draws      = demanded import + 50 W - site load, where the load is below that: the limits are 0 then
///
/// AC limits: a release goes to the units that rest at their limit (a load step to all alike), a lowering to all in
/// proportion; what a unit leaves unused moves to those that need it. Planned once a round of readings and with
/// each battery order; in between limits are only lowered. Battery: discharge by usable energy, charge by free energy,
/// from a unit's own PV only (a draw: from the grid too). A unit that is not on the grid is told limit 0 and takes no
/// part until it is back. A lost inverter: its last limit is charged against the others; when that is more than the
/// load allows, it is ordered less, since it may still hear. An inverter without limit (FreezeGuard): what it gives is
/// left to it.
///
/// step() allocates, throws and blocks nothing and reads no clock: same measurements, same commands.
class EnergyController {
 public:
  enum class State : std::uint8_t {
    starting,  ///< no complete round of readings yet: limits at the export limit's share, batteries stand by
    regulating,
    meter_lost,  ///< meter silent for more than 2 s (or never heard for so long): as in starting
    stopped,     ///< by a contact (DRM0): every inverter stands still
  };

  EnergyController(const Settings& settings, std::size_t inverter_count) noexcept;
  /// Takes over what may change during operation: modes, limits, shares, capacities; not lines and meter. A limit that
  /// falls holds from the next step on, one that rises from the next round of readings.
  void configure(const Settings& settings) noexcept;
  /// What the contacts say, from the next step on.
  void set_demand(const GridDemand& demand) noexcept;
  const Commands& step(const Measurements& measurements) noexcept;
  State state() const { return state_; }
  std::uint32_t freeze_cures() const { return freeze_.cures(); }
  /// As the last step() left them.
  const Commands& commands() const { return commands_; }

 private:
  void stand_by();
  void stand_still();
  void apply_rule();
  void forget(Time ignore_before);
  void set_reactive();
  /// Most that the reachable units may give together; the second figure leaves the margin.
  double allowed_w(const Measurements& measurements, double site_load_w) const;
  void watch_for_freeze(const Measurements& measurements, bool new_round);
  /// Answers and takes part in sharing the limit.
  bool steered(const Measurements& measurements, std::size_t unit_index) const;
  void regulate(const Measurements& measurements, double site_load_w, bool plan);
  void order_batteries(const Measurements& measurements, double order_w);
  using Shares = std::array<double, max_inverters>;
  /// By usable or free energy, so that all are empty or full together.
  void share_order(const Measurements& measurements, double order_w, Shares& shares_w) const;
  /// While PV is held back somewhere: what changes is taken where PV takes its place within the same limit, and given
  /// elsewhere, without moving limits about. False: PV is held back nowhere.
  bool share_change(const Measurements& measurements, double order_w, Shares& shares_w) const;
  bool was_held_back(std::size_t unit_index) const;
  /// What the inverters together are to draw from the grid now; 0: nothing.
  double draw_wanted_w(double site_load_w);
  /// A unit that is not on the grid is left alone but for its limit: it comes back without adding to the export.
  void rest_off_grid(const Measurements& measurements);
  void order_draw(const Measurements& measurements, double draw_w, bool plan);
  /// Usable (discharge) or free (charge) energy of the battery, in any one unit for all of them.
  double energy_weight(std::size_t unit_index, const InverterMeasurement& unit, bool discharge) const;
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
  double spare_w_ = 0.0;
  GridDemand demand_;
  PowerRule rule_;
  std::array<double, max_inverters> capacity_wh_{};  ///< or all alike
  bool drawing_ = false;
  Time now_{0};  ///< of the last step
  double unit_rating_w_ = 0.0;
  State state_ = State::starting;
  LoadEstimate load_;
  BatteryLaw battery_;
  StepWatch steps_;
  FreezeGuard freeze_;
  std::array<Time, max_inverters> held_back_at_{};  ///< when PV of a unit was last seen held back by its limit
  Time limits_set_at_{0};
  Commands commands_;
};

}  // namespace hil::controller
