#pragma once

#include <cstddef>
#include <cstdint>

#include "controller/core/battery_law.h"
#include "controller/core/battery_share.h"
#include "controller/core/draw_law.h"
#include "controller/core/fleet.h"
#include "controller/core/freeze_guard.h"
#include "controller/core/limit_law.h"
#include "controller/core/load_estimate.h"
#include "controller/core/measurements.h"
#include "controller/core/power_rule.h"
#include "controller/core/pv_probe.h"

namespace hil::controller {

/// Export limit, or demanded import, with self-consumption of a group of hybrid inverters; what PowerRule says besides.
///
///   sum of AC limits <= site load + export limit, <= generation bound, in every step; battery order from BatteryLaw
///   sum of draws      = demanded import + 50 W - site load, where the load is below that: the limits are 0 then
///
/// The states and the order of things in a step; the work is done by LimitLaw, BatteryLaw, BatteryShare, PvProbe and
/// DrawLaw. A unit that is not on the grid is told limit 0 and takes no part until it is back. A lost inverter: its
/// last limit is charged against the others; when that is more than the load allows, it is ordered less, since it may
/// still hear. An inverter without limit (FreezeGuard): what it gives is left to it.
///
/// step() allocates, throws and blocks nothing and reads no clock: same measurements, same commands.
class EnergyController {
 public:
  enum class State : std::uint8_t {
    starting,  ///< no complete round of readings yet: limits at the export limit's share, batteries stand by
    regulating,
    meter_lost,  ///< meter silent for more than 2 s, never heard for so long, or stale: as in starting
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
  void watch_for_freeze(const Measurements& measurements, bool new_round);
  Fleet fleet_of(const Measurements& measurements);
  /// A unit that is not on the grid is left alone but for its limit: it comes back without adding to the export.
  void rest_off_grid(const Measurements& measurements);
  BatteryLaw::Situation situation_of(const Fleet& fleet) const;
  /// True while the inverters draw from the grid: that is all they do then.
  bool draws(const Fleet& fleet, double site_load_w, bool plan);
  void regulate(const Measurements& measurements, double site_load_w, bool plan);

  Settings settings_;
  std::size_t count_ = 0;
  double spare_w_ = 0.0;
  GridDemand demand_;
  PowerRule rule_;
  Time now_{0};  ///< of the last step
  double unit_rating_w_ = 0.0;
  State state_ = State::starting;
  LoadEstimate load_;
  LimitLaw limits_;
  BatteryLaw battery_;
  BatteryShare share_;
  PvProbe probe_;
  DrawLaw draw_;
  StepWatch steps_;
  FreezeGuard freeze_;
  Commands commands_;
};

}  // namespace hil::controller
