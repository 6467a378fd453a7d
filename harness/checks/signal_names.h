#pragma once

#include <string>
#include <vector>

#include "harness/scenario/scenario.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {

/// Whether the bench that `signals` are of has the scenario's controller, which says much of itself that nobody else
/// does.
enum class ControllerOfBench : unsigned char { in_process, left_out };

/// S003: every name in triggers, checks, <record> and plots that is no signal of the bench, in the file's order. Names
/// that could not be read are passed over.
std::vector<Fault> unknown_signals(const Scenario& scenario, const sim::SignalRegistry& signals,
                                   ControllerOfBench controller = ControllerOfBench::in_process);

}  // namespace hil::harness
