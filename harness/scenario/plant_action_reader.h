#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/scenario/actions.h"
#include "harness/scenario/stage.h"

namespace hil::harness {

/// Elements of a timeline that act on sun, air, switches and loads.
const std::vector<std::string>& plant_action_elements();
/// Reads one of them.
Action read_plant_action(ElementReader& reader, const Stage& stage);

}  // namespace hil::harness
