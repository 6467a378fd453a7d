#include "controller/core/power_rule.h"

#include <algorithm>

namespace hil::controller {

PowerRule power_rule(const Settings& settings, const GridDemand& demand) noexcept {
  const double capacity_w = settings.total_capacity_w;
  PowerRule rule;
  if (settings.control_mode == ControlMode::value) {
    rule.export_limit_w = settings.export_limit_w * (settings.phase_mode == PhaseMode::each ? 3.0 : 1.0);
  }
  if (demand.feed_in_share) rule.export_limit_w = *demand.feed_in_share * capacity_w;
  const double share = std::min(settings.active_power_share, demand.generation_share);
  if (share < 1.0) rule.generation_w = std::max(share, 0.0) * capacity_w;
  if (demand.increase_import) {
    rule.draw_w = std::min(settings.dred_increase_share, demand.import_share) * capacity_w;
  }
  if (demand.increase_generation) {
    rule.discharge_w = std::min(settings.dred_increase_share, demand.generation_share) * capacity_w;
  }
  rule.stand_still = demand.disconnect;
  return rule;
}

}  // namespace hil::controller
