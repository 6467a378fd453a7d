#pragma once

#include <string>

#include "controller/fleet/fleet_settings.h"
#include "controller/settings.h"

namespace hil::harness {

/// The scenario's set-up as the settings file of hilcontroller (controller/hosts/linux/README.md). Baud rates and
/// formats are not in it: they go with the ports.
std::string hilcontroller_settings(const controller::Settings& settings);
/// Of a fleet's leader, without a transfer switch: neither host has a contact for one.
std::string hilcontroller_settings(const controller::FleetSettings& settings);

/// The same as the header that a board's image takes its settings from
/// (controller/hosts/mps2_an386/default_settings.h).
std::string board_settings(const controller::Settings& settings);
std::string board_settings(const controller::FleetSettings& settings);

}  // namespace hil::harness
