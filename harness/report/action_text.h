#pragma once

#include <string>

#include "harness/scenario/scenario.h"

namespace hil::harness {

/// What an action of the timeline of `scenario` does, in plain English: "heater on", "et2: silence for 20 s", "ems to
/// pcs1: write 53622 = -500 (set_discharge_w -50000 W)".
std::string action_text(const Action& action, const Scenario& scenario);

}  // namespace hil::harness
