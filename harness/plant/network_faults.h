#pragma once

#include <string>

#include "harness/faults/fault_injector.h"
#include "sim/wire/network_port.h"

namespace hil::harness {

/// Faults of a device on Modbus TCP, as settings of the injector. `port` must outlive it.
void expose_tcp_faults(FaultInjector& faults, sim::NetworkPort& port, const std::string& device);
/// Faults of an inverter's dongle on UDP, likewise.
void expose_dongle_faults(FaultInjector& faults, sim::NetworkPort& port, const std::string& inverter);

}  // namespace hil::harness
