#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hil::sim {

/// CRC-16 with polynomial A001 reflected, start FFFF; sent low byte first.
std::uint16_t modbus_crc(std::span<const std::uint8_t> bytes);

/// True when the last two bytes are the CRC of the ones before; false below four bytes.
bool has_valid_crc(std::span<const std::uint8_t> frame);

/// True when `frame` is one request as long as its function says, with a valid CRC: functions 01 to 08, 0B, 0C, 0F to
/// 11, 14 to 18 (Modbus application protocol 1.1b3, chapter 6). Of other functions, and of 2B, nobody can tell the
/// length.
bool is_whole_rtu_request(std::span<const std::uint8_t> frame);

/// Appends the CRC, low byte first.
void append_crc(std::vector<std::uint8_t>& frame);

inline constexpr std::size_t largest_rtu_frame = 256;
inline constexpr std::uint8_t broadcast_address = 0;

enum class ModbusException : std::uint8_t {
  illegal_function = 1,
  illegal_address = 2,
  illegal_value = 3,
  device_failure = 4,
  acknowledge = 5,
  busy = 6,
  gateway_path = 0x0A,
  gateway_target = 0x0B,
};

}  // namespace hil::sim
