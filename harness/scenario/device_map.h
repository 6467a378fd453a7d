#pragma once

#include <string>

#include "harness/scenario/scenario.h"

namespace hil::harness {

/// Register map of a device on a line; nullptr when there is none of that name, or its map was not read.
const sim::RegisterMap* map_of(const Scenario& scenario, const std::string& device);

}  // namespace hil::harness
