#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/wire/modbus_server.h"

namespace hil::harness {

/// In front of a device on its wire: without supply nothing answers. A reply that is on the wire already ends whole.
class SupplySwitch final : public sim::ModbusServer {
 public:
  explicit SupplySwitch(sim::ModbusServer& device) : device_(device) {}

  void set_on(bool on) {
    if (on_ && !on) ++cuts_;
    on_ = on;
  }
  bool is_on() const { return on_; }
  /// How often it has gone off: who knew the device before knows a dead connection.
  std::uint64_t cuts() const { return cuts_; }
  std::size_t serve(std::span<const std::uint8_t> request_pdu, std::span<std::uint8_t> reply, sim::Time now) override {
    return on_ ? device_.serve(request_pdu, reply, now) : 0;
  }

 private:
  sim::ModbusServer& device_;
  bool on_ = true;
  std::uint64_t cuts_ = 0;
};

}  // namespace hil::harness
