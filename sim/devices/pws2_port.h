#pragma once

#include "sim/devices/sinexcel_pws2.h"
#include "sim/wire/modbus_server.h"

namespace hil::sim {

/// In front of the registers of a PWS2-30K: whatever is asked, even what is refused, feeds its EMS watchdog.
class Pws2Port final : public ModbusServer {
 public:
  Pws2Port(SinexcelPws2& device, ModbusServer& registers) : device_(device), registers_(registers) {}

  std::size_t serve(std::span<const std::uint8_t> request_pdu, std::span<std::uint8_t> reply, Time now) override {
    device_.hear(now);
    return registers_.serve(request_pdu, reply, now);
  }

 private:
  SinexcelPws2& device_;
  ModbusServer& registers_;
};

}  // namespace hil::sim
