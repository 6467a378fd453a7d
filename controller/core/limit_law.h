#pragma once

#include "controller/core/fleet.h"
#include "controller/core/power_rule.h"
#include "controller/core/pv_probe.h"

namespace hil::controller {

/// AC limits: a release goes to the units that rest at their limit (a load step to all alike), a lowering to all in
/// proportion; what a unit leaves unused moves to those that need it. Planned once a round of readings and with each
/// battery order; in between limits are only lowered.
class LimitLaw {
 public:
  /// Limits stop so far inside what the load allows.
  static constexpr double margin_w = 10.0;

  /// Most that the units that are steered may give together.
  struct Budget {
    double hard_w = 0.0;
    double w = 0.0;  ///< with the margin
  };
  /// What lost units may still rise to, and what a unit without limit gives, is left to them.
  static Budget budget(const Fleet& fleet, const PowerRule& rule, double site_load_w);
  /// All of it; PV behind a limit that was raised is told to the probe, which expects it to follow.
  void plan(const Fleet& fleet, const Budget& budget, double spare_w, PvProbe& probe);
  static void lower(const Fleet& fleet, const Budget& budget);
  /// Orders lost units down to what the load still takes from them, `site_load_w` less what the others give; never up.
  static void lower_lost(const Fleet& fleet, const PowerRule& rule, double site_load_w);

 private:
  static double reserved_w(const Fleet& fleet);
  /// Half of what units leave unused to those that rest at their limit or are about to need more; same sum.
  void move_slack(const Fleet& fleet, double spare_w, const PvProbe& probe, UnitPowers& limits_w) const;
  /// True when it evened shares.
  bool fit_to_budget(const Fleet& fleet, double budget_w, UnitPowers& limits_w) const;

  Time set_at_{0};
  Time evened_at_{std::chrono::seconds{-10}};  ///< long ago at first
};

}  // namespace hil::controller
