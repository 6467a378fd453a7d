#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "harness/plant/ems_master.h"
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

/// A request of an EMS to a device on Modbus TCP as its client sees it, also one that no connection could take.
struct TcpExchange {
  using Monitor = std::function<void(const TcpExchange& exchange)>;

  std::uint8_t unit = 0;
  std::span<const std::uint8_t> request{};  ///< PDU
  bool over = false;                        ///< false: it is put now
  EmsMaster::Outcome outcome = EmsMaster::Outcome::none;
  std::span<const std::uint8_t> reply{};  ///< PDU
  sim::Time at{0};                        ///< of the request, or of its end
};

}  // namespace hil::harness
