#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "sim/kernel/kernel.h"
#include "sim/wire/network_faults.h"

namespace hil::harness {

/// What the connection of an EMS to a device on Modbus TCP carries, and what becomes of it.
struct TcpTraffic {
  enum class What : unsigned char {
    opened,
    refused,  ///< there is no connection
    request,
    reply,
    closed,  ///< by the EMS
    reset,   ///< by the device
  };
  using Monitor = std::function<void(const TcpTraffic& traffic)>;

  What what = What::opened;
  std::uint64_t connection = 0;  ///< of this device, from 1
  std::span<const std::uint8_t> bytes{};
  sim::NetworkMarks marks = 0;  ///< of a reply
  sim::Time at{0};
};

}  // namespace hil::harness
