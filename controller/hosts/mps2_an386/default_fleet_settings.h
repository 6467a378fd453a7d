#pragma once

#include "controller/fleet/fleet_settings.h"

namespace hil::board {

/// Three PWS1 of 100 kW with addresses 1 to 3 on COM1, a battery of 215 kWh behind each, meter with address 1: they
/// keep the grid's import at 0.
constexpr controller::FleetSettings site_settings() {
  controller::FleetSettings settings;
  for (std::size_t k = 0; k < 3; ++k) {
    settings.lines[0].addresses[k] = static_cast<std::uint8_t>(k + 1);
    settings.lines[0].capacity_wh[k] = 215'040.0;
  }
  settings.lines[0].count = 3;
  settings.lines[0].baud = 19200;
  settings.meter_address = 1;
  settings.unit_rating_w = 100e3;
  settings.mode = controller::FleetMode::self_consumption;
  return settings;
}

}  // namespace hil::board
