#pragma once

#include <string>

#include "harness/scenario/check_specs.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {

/// Throws std::invalid_argument "file:line:column: <element>: what".
[[noreturn]] void refuse(const CheckSpec& spec, const std::string& what);

/// Known names of the same owner ("et1." of "et1.socc"), or all when there is no such owner; the nearest first.
std::string unknown_signal(const std::string& name, const sim::SignalRegistry& signals);

/// Refuses an unknown one.
const sim::Signal& resolve(const CheckSpec& spec, const std::string& name, const sim::SignalRegistry& signals);

}  // namespace hil::harness
