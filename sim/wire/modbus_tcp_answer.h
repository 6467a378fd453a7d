#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/kernel/kernel.h"
#include "sim/wire/modbus_server.h"
#include "sim/wire/modbus_tcp.h"

namespace hil::sim {

/// What a device on Modbus TCP answers to one request, as a whole frame into `frame` (largest_tcp_frame bytes); its
/// length, 0: nothing.
///
/// Answered are `unit` and 247 (goodwe-et-modbus 1.3); others get exception 0B (assumed: what a gateway says of a unit
/// that is not there).
std::size_t answer_on_tcp(ModbusServer& server, std::uint8_t unit, const ModbusTcpFramer::Request& request,
                          std::span<std::uint8_t> frame, Time now);

}  // namespace hil::sim
