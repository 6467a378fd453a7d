#pragma once

#include <string>
#include <vector>

#include "harness/scenario/actions.h"
#include "harness/scenario/element_reader.h"
#include "harness/scenario/stage.h"

namespace hil::harness {

/// Of a parallel inverter, in the order of sim::ParallelRole: "primary", "secondary1", ...
const std::vector<std::string>& parallel_role_words();
inline constexpr int most_parallel_units = 4;  ///< document 002

/// What the timeline does to the settings and the AC wiring of parallel inverters.
const std::vector<std::string>& parallel_action_elements();
Action read_parallel_action(ElementReader& reader, const Stage& stage);

}  // namespace hil::harness
