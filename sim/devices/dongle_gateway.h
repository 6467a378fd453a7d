#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "sim/wire/modbus_rtu.h"
#include "sim/wire/modbus_server.h"

namespace hil::sim {

/// A dongle between the network and its inverter: while the link behind it is lost, the dongle itself answers every
/// request, with one of the two exceptions that Modbus has for gateways (application protocol 1.1b3, 7).
///
///   0A  the gateway has no path to the device: its port is not set up or overloaded
///   0B  the path is there and the device behind it does not answer
///
/// Which of them the maker's dongles use, if any, is not public (assumed).
class DongleGateway : public ModbusServer {
 public:
  explicit DongleGateway(ModbusServer& inverter) : inverter_(inverter) {}

  /// Nothing: the inverter answers again.
  void lose_link(std::optional<ModbusException> why) { lost_ = why; }
  std::size_t serve(std::span<const std::uint8_t> request_pdu, std::span<std::uint8_t> reply, Time now) override {
    if (!lost_ || request_pdu.empty()) return inverter_.serve(request_pdu, reply, now);
    reply[0] = static_cast<std::uint8_t>(request_pdu[0] | 0x80);
    reply[1] = static_cast<std::uint8_t>(*lost_);
    return 2;
  }

 private:
  ModbusServer& inverter_;
  std::optional<ModbusException> lost_{};
};

}  // namespace hil::sim
