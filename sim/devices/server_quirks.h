#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "sim/kernel/kernel.h"
#include "sim/wire/serial_line.h"

namespace hil::sim {

/// How the communication side of some firmware departs from its map, in front of any server.
///
///   most_registers   a longer read is refused with exception 02, as clients of several ETs have to expect
///                    (goodwe-et-modbus 1.4: 125, then 58, then 45 registers)
///   least_interval   a request that comes sooner than this after the one before is answered with the reply to that
///   one,
///                    under its own function code: the "fake" packets of fast polling (sec1000-lan-protocol 5)
class ServerQuirks : public ModbusServer {
 public:
  struct Parameters {
    std::optional<int> most_registers{};
    std::optional<Time> least_interval{};
  };
  ServerQuirks(const Parameters& parameters, ModbusServer& server) : parameters_(parameters), server_(server) {}

  std::size_t serve(std::span<const std::uint8_t> request_pdu, std::span<std::uint8_t> reply, Time now) override;

 private:
  bool too_long(std::span<const std::uint8_t> request_pdu) const;

  Parameters parameters_;
  ModbusServer& server_;
  std::optional<Time> last_request_{};
  std::array<std::uint8_t, 253> last_reply_{};
  std::size_t last_length_ = 0;
};

}  // namespace hil::sim
