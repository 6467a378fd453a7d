#pragma once

#include "controller/settings.h"

namespace hil::board {

/// Two GW10K-ET with addresses 1 and 2 on COM1, meter with address 1, no export.
constexpr controller::Settings site_settings() {
  controller::Settings settings;
  settings.inverter_lines[0].addresses[0] = 1;
  settings.inverter_lines[0].addresses[1] = 2;
  settings.inverter_lines[0].count = 2;
  settings.total_capacity_w = 20'000.0;
  settings.ct_ratio = 50.0;  // 250 A to 5 A
  settings.export_limit_w = 0.0;
  return settings;
}

}  // namespace hil::board
