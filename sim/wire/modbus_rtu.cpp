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

void append_crc(std::vector<std::uint8_t>& frame) {
  const std::uint16_t crc = modbus_crc(frame);
  frame.push_back(static_cast<std::uint8_t>(crc & 0xFFu));
  frame.push_back(static_cast<std::uint8_t>(crc >> 8));
}

}  // namespace hil::sim
