#pragma once

#include <string>
#include <vector>

#include "harness/scenario/actions.h"
#include "harness/scenario/stage.h"

namespace hil::harness {

/// Elements of a timeline that act on the controller, on what it hangs on, and on its clients.
const std::vector<std::string>& controller_action_elements();
/// Reads one of them. Figures without a source that it makes count go to `assumed`, each but once.
Action read_controller_action(ElementReader& reader, const Stage& stage, std::vector<Assumed>& assumed);

}  // namespace hil::harness
