#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/faults/fault_injector.h"
#include "sim/wire/serial_line.h"

namespace hil::harness {

/// What the port of a unit is set to by itself, beside what is wrong with it; nothing: as the line was built.
struct PortSettings {
  std::optional<std::uint8_t> address{};
  std::optional<int> baud{};
};

/// Faults of a line and of the units on it, as settings of the injector. `line` must outlive it.
void expose_line_faults(FaultInjector& faults, sim::SerialLine& line);
/// After add_unit(). A fault that ends leaves the port as `own` says then, which must outlive it.
void expose_unit_faults(FaultInjector& faults, sim::SerialLine& line, const std::string& unit, const PortSettings& own);
/// Sets `own` and the port, but for what a fault keeps otherwise at the time.
void set_port(sim::SerialLine& line, const std::string& unit, PortSettings& own, const PortSettings& wanted);

}  // namespace hil::harness
