#pragma once

#include <string>

#include "harness/faults/fault_injector.h"
#include "sim/wire/serial_line.h"

namespace hil::harness {

/// Faults of a line and of the units on it, as settings of the injector. `line` must outlive it.
void expose_line_faults(FaultInjector& faults, sim::SerialLine& line);
/// After add_unit().
void expose_unit_faults(FaultInjector& faults, sim::SerialLine& line, const std::string& unit);

}  // namespace hil::harness
