#pragma once

#include <filesystem>
#include <string>
#include <variant>

#include "controller/fleet/fleet_settings.h"
#include "controller/settings.h"

namespace hil::hosts {

/// Whose settings they are says what the program is: the energy controller, or the leader of a fleet.
using RoleSettings = std::variant<controller::Settings, controller::FleetSettings>;

/// Of all orders to a fleet: what ten set points can say (53622, a signed word of 0.1 kW).
inline constexpr double largest_fleet_w = 32'767'000.0;

/// The whole file; throws BadInput when it cannot be read.
std::string read_settings_text(const std::filesystem::path& file);

/// The installer's settings, JSON as in README.md: one object, strict. Baud rates and formats are not in it: they
/// belong to the ports, see PortOption. `name` stands for the file in messages. Throws BadInput with every fault of the
/// text, one a line, each as "FILE:LINE: what it is, what is allowed".
controller::Settings read_settings(const std::string& text, const std::string& name);

/// Likewise, of either role: that of their member "role", the energy controller's without it.
RoleSettings read_role_settings(const std::string& text, const std::string& name);

}  // namespace hil::hosts
