#include "harness/scenario/fleet_order.h"

#include <fmt/core.h>

namespace hil::harness {

std::string text_of(const OrderFleet& order) {
  using controller::FleetMode;
  std::string text{fleet_mode_names[static_cast<std::size_t>(order.mode)]};
  if (order.mode == FleetMode::power) text += fmt::format(" {:g} W", order.ac_injection_w);
  if (order.mode == FleetMode::self_consumption) text += fmt::format(", {:g} W of import", order.grid_import_w);
  if (order.ac_injection_var != 0.0) text += fmt::format(", {:g} var", order.ac_injection_var);
  return text;
}

}  // namespace hil::harness
