#include "sim/wire/modbus_rtu.h"

#include <array>

namespace hil::sim {

namespace {

constexpr std::array<std::uint16_t, 256> make_crc_table() {
  constexpr unsigned reflected_polynomial = 0xA001;
  std::array<std::uint16_t, 256> table{};
  for (unsigned byte = 0; byte < table.size(); ++byte) {
    unsigned crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1u) != 0 ? (crc >> 1) ^ reflected_polynomial : crc >> 1;
    table[byte] = static_cast<std::uint16_t>(crc);
  }
  return table;
}

constexpr std::array<std::uint16_t, 256> crc_table = make_crc_table();

constexpr std::size_t shortest_rtu_frame = 4;  // address, function, CRC

/// Length of the request that begins so, 0: unknown, or not yet.
std::size_t request_bytes(std::span<const std::uint8_t> begin) {
  // A frame whose byte at `place` counts the data behind it.
  const auto counted = [begin](std::size_t place) {
    constexpr std::size_t crc_bytes = 2;
    return place < begin.size() ? place + 1 + begin[place] + crc_bytes : 0;
  };
  if (begin.size() < shortest_rtu_frame) return 0;
  switch (begin[1]) {
    case 0x01:  // reads: first and count
    case 0x02:
    case 0x03:
    case 0x04:
    case 0x05:  // writes of one: address and value
    case 0x06:
    case 0x08:  // diagnostics: sub-function and a word
      return 8;
    case 0x07:  // exception status, event counter, event log, identity
    case 0x0B:
    case 0x0C:
    case 0x11:
      return shortest_rtu_frame;
    case 0x0F:  // writes of several: first, count, bytes
    case 0x10:
      return counted(6);
    case 0x14:  // file records
    case 0x15:
      return counted(2);
    case 0x16:  // mask: address, and, or
      return 10;
    case 0x17:  // read and write: first and count of both, bytes
      return counted(10);
    case 0x18:  // FIFO queue: address
      return 6;
    default:
      return 0;
  }
}

}  // namespace

std::uint16_t modbus_crc(std::span<const std::uint8_t> bytes) {
  std::uint16_t crc = 0xFFFF;
  for (const std::uint8_t byte : bytes) {
    crc = static_cast<std::uint16_t>((crc >> 8) ^ crc_table[(crc ^ byte) & 0xFFu]);
  }
  return crc;
}

bool has_valid_crc(std::span<const std::uint8_t> frame) {
  if (frame.size() < shortest_rtu_frame) return false;
  const std::uint16_t crc = modbus_crc(frame.first(frame.size() - 2));
  return frame[frame.size() - 2] == (crc & 0xFFu) && frame[frame.size() - 1] == (crc >> 8);
}

bool is_whole_rtu_request(std::span<const std::uint8_t> frame) {
  return frame.size() == request_bytes(frame) && has_valid_crc(frame);
}

void append_crc(std::vector<std::uint8_t>& frame) {
  const std::uint16_t crc = modbus_crc(frame);
  frame.push_back(static_cast<std::uint8_t>(crc & 0xFFu));
  frame.push_back(static_cast<std::uint8_t>(crc >> 8));
}

}  // namespace hil::sim
