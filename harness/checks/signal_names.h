#pragma once

#include <string>
#include <vector>

#include "harness/scenario/scenario.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {

/// S003: every name in triggers, checks, <record> and plots that is no signal of the bench, in the file's order. Names
/// that could not be read are passed over.
std::vector<Fault> unknown_signals(const Scenario& scenario, const sim::SignalRegistry& signals);

}  // namespace hil::harness
