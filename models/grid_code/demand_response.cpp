#include "models/grid_code/demand_response.h"

#include <algorithm>

namespace hil::models {

DemandResponse demand_response(const DemandResponseModes& asserted) {
  DemandResponse sum;
  for (std::size_t mode = 0; mode < demand_response_mode_count; ++mode) {
    if (!asserted[mode]) continue;
    const DemandResponse& one = demand_response_modes[mode];
    sum.disconnect |= one.disconnect;
    sum.import_ceiling = std::min(sum.import_ceiling, one.import_ceiling);
    sum.generation_ceiling = std::min(sum.generation_ceiling, one.generation_ceiling);
    sum.increase_import |= one.increase_import;
    sum.increase_generation |= one.increase_generation;
    sum.absorb_reactive |= one.absorb_reactive;
  }
  sum.increase_import &= sum.import_ceiling == 1.0;
  sum.increase_generation &= sum.generation_ceiling == 1.0;
  sum.absorb_reactive &= !sum.disconnect;
  return sum;
}

RippleControl ripple_control(const std::bitset<4>& closed, double without_contact) {
  if (closed.none()) return {without_contact, true};
  double lowest = 1.0;
  for (std::size_t contact = 0; contact < closed.size(); ++contact) {
    if (closed[contact]) lowest = std::min(lowest, RippleControl::contact_fractions[contact]);
  }
  return {lowest, closed.count() > 1};
}

}  // namespace hil::models
