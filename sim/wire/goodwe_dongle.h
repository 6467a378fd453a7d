#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sim/wire/modbus_server.h"

namespace hil::sim {

inline constexpr std::uint8_t dongle_unit = 247;  ///< what clients address unless told otherwise (goodwe-et-modbus 1.3)

/// What a GoodWe Wi-Fi or LAN dongle says of the inverter behind it.
struct DongleIdentity {
  std::string model;     ///< up to 10 characters
  std::string serial;    ///< 16 characters
  std::string firmware;  ///< 5 characters, such as "10023"
  std::string arm_name;  ///< 12 characters, such as "02041-23-S00"
};

/// The UDP face of a dongle, port 8899: each datagram that is one RTU request is answered by AA 55 and the RTU reply;
/// the identity request of the AA55 set is answered too, its other functions are not.
/// Source: goodwe-et-modbus 1.2 and 8. Assumed: a request to another unit, or with a bad CRC, stays unanswered; the
/// last text of the identity is the ARM firmware's name (no document says so; in the worked frame it has that form).
class GoodweDongle {
 public:
  /// `unit`: address of the inverter on its RS485 line, answered beside 247.
  GoodweDongle(ModbusServer& server, std::uint8_t unit, DongleIdentity identity);

  /// Room for the longest reply of answer().
  using Reply = std::array<std::uint8_t, 2 + 256>;
  /// Length of the reply to one datagram; 0: none.
  std::size_t answer(std::span<const std::uint8_t> datagram, Reply& reply, Time now);

  /// Whether this dongle answers to `unit`; others are left to whom they belong.
  bool takes(std::uint8_t unit) const { return unit == unit_ || unit == dongle_unit; }

 private:
  std::size_t answer_identity(std::span<const std::uint8_t> request, Reply& reply) const;

  ModbusServer& server_;
  std::uint8_t unit_;
  DongleIdentity identity_;
};

/// Reply to the discovery text on UDP port 48899: "<ip>,<mac>,Solar-WiFi<part of the serial>"; empty: not the text.
/// The MAC is made of the serial (assumed: locally administered, 02 first); of the serial its last 8 characters stand.
std::string discovery_reply(std::string_view datagram, std::string_view ip, std::string_view serial);

}  // namespace hil::sim
