#pragma once

#include <vector>

#include "harness/plant/bench.h"
#include "harness/record/trace_writer.h"
#include "harness/scenario/scenario.h"

namespace hil::harness {

/// What the trace of a run holds: every signal but the bench's details, and of those what a check, a plot, a trigger or
/// <record> names, and the clear index where there is weather; with `others` of <record> false only what is named. In
/// order of registration, each as often as <record> says, else at the scenario's period.
std::vector<RecordedSignal> recorded_signals(const Scenario& scenario, const Bench& bench);

/// The signals alone.
std::vector<const sim::Signal*> signals_of(const std::vector<RecordedSignal>& recorded);

}  // namespace hil::harness
