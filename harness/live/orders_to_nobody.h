#pragma once

#include <string>
#include <vector>

#include "harness/scenario/scenario.h"

namespace hil::harness {

/// What the timeline orders of a controller that is not in process, and who could do it instead: "contact drm5 closes
/// at 20 s: the bench drives none, close it by hand". A line each, in the order of the scenario, at most ten and
/// one that counts the rest.
std::vector<std::string> orders_to_nobody(const Scenario& scenario);

}  // namespace hil::harness
