#pragma once

#include <array>
#include <string>
#include <string_view>

#include "harness/scenario/actions.h"

namespace hil::harness {

/// By controller::FleetMode, as a scenario says them.
inline constexpr std::array<std::string_view, 4> fleet_mode_names{"stop", "power", "self_consumption", "off_grid"};

/// "power 50000 W", "self_consumption, 0 W of import"
std::string text_of(const OrderFleet& order);

}  // namespace hil::harness
