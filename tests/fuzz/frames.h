#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hil::fuzz {

/// What the oracle knows of Modbus, written apart from sim/wire and sim/devices so that one can catch the other.
/// Source: Modbus application protocol 1.1b3, section 6; Modbus over serial line 1.02; goodwe-et-modbus 1.
using Frame = std::span<const std::uint8_t>;

/// CRC-16 of the serial line, bit by bit.
std::uint16_t crc_of(Frame bytes);
/// 4..256 bytes, the last two of which are the CRC of the others, low byte first.
bool is_sound_rtu(Frame frame);
std::vector<std::uint8_t> with_crc(std::vector<std::uint8_t> frame);

struct Request {
  bool sound = false;  ///< a public function of 01..06, 15, 16 with all its lengths and counts right
  bool writes = false;
  int first = 0;  ///< address as sent
  int count = 0;  ///< registers or bits
};
Request request_of(Frame pdu);

/// What is wrong with the reply to a request, both as PDU; empty: nothing. Right is the reply that the function asks
/// for, or an exception 1..6, 0A, 0B of that function; to an unsound request only an exception, to an unknown function
/// only exception 01.
std::string fault_of_reply(Frame request_pdu, Frame reply_pdu);

/// The same for whole frames of a serial line, unit and CRC included.
std::string fault_of_rtu_reply(Frame request, Frame reply);

/// PDU of function 03.
std::vector<std::uint8_t> read_pdu(int first, int count);

/// "F7 03 88": for messages.
std::string hex(Frame bytes);

}  // namespace hil::fuzz
