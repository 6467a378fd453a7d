#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/kernel/kernel.h"

namespace hil::sim {

/// What answers on a wire: takes the PDU of a request (function code first), gives the PDU of the reply.
class ModbusServer {
 public:
  virtual ~ModbusServer() = default;
  /// Writes the reply PDU into `reply` (at least 253 bytes) and returns its length; 0: no answer. For a broadcast the
  /// reply is dropped.
  virtual std::size_t serve(std::span<const std::uint8_t> request_pdu, std::span<std::uint8_t> reply, Time now) = 0;
};

}  // namespace hil::sim
