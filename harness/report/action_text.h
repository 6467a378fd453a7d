#pragma once

#include <string>

#include "harness/scenario/actions.h"

namespace hil::harness {

/// What an action of the timeline does, in plain English: "heater on", "et2: silence for 20 s".
std::string action_text(const Action& action);

}  // namespace hil::harness
