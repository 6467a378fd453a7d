#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "controller/controller.h"
#include "controller/fleet/fleet_controller.h"
#include "controller/hosts/mps2_an386/console.h"

namespace hil::board {

/// The core that a site's settings are for: the energy controller, or the leader of a fleet of storage converters.
template <typename SiteSettings>
using CoreFor = std::conditional_t<std::is_same_v<std::remove_cv_t<SiteSettings>, controller::FleetSettings>,
                                   controller::FleetController, controller::Controller>;

constexpr std::int32_t baud_of(const controller::Settings& settings, std::size_t line) {
  return line == controller::meter_line ? settings.meter_baud : settings.inverter_lines[line].baud;
}
constexpr std::int32_t baud_of(const controller::FleetSettings& settings, std::size_t line) {
  return line == controller::meter_line ? settings.meter_baud : settings.lines[line].baud;
}

// How each stands, for its line on the console.

inline void tell_state(ConsoleLine& line, const controller::Controller& core, controller::Time /*now*/) {
  const controller::Measurements& known = core.measurements();
  const auto answering = std::count_if(known.inverters.begin(), known.inverters.end(),
                                       [](const auto& inverter) { return inverter.answering; });
  line << "state " << static_cast<std::int64_t>(core.state()) << ", import "
       << static_cast<std::int64_t>(known.grid_import_w.value_or(0.0)) << " W, " << static_cast<std::int64_t>(answering)
       << " answer";
}

inline void tell_state(ConsoleLine& line, const controller::FleetController& core, controller::Time now) {
  std::int64_t running = 0;
  for (std::size_t k = 0; k < core.count(); ++k) running += core.unit(k).connected(now) ? 1 : 0;
  line << "fleet mode " << static_cast<std::int64_t>(core.settings().mode) << ", import "
       << static_cast<std::int64_t>(core.grid_import_w().value_or(0.0)) << " W, " << running << " run, ordered "
       << static_cast<std::int64_t>(core.ordered_w()) << " W";
}

}  // namespace hil::board
