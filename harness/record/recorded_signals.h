#pragma once

#include <vector>

#include "harness/plant/bench.h"
#include "harness/scenario/scenario.h"

namespace hil::harness {

/// What the trace of a run holds: every signal but the bench's details, and of those what a check, a plot or a trigger
/// names, and the clear index where there is weather. In order of registration.
std::vector<const sim::Signal*> recorded_signals(const Scenario& scenario, const Bench& bench);

}  // namespace hil::harness
