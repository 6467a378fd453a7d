#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace hil::controller {

enum class Function : std::uint8_t { read = 0x03, read_input = 0x04, write_one = 0x06, write_several = 0x10 };

constexpr bool reads(Function function) noexcept {
  return function == Function::read || function == Function::read_input;
}

inline constexpr std::size_t max_written_registers = 8;
inline constexpr std::uint8_t exception_flag = 0x80;

/// One request to one unit, as the product sends them: read holding or input registers, write one, write several
/// registers.
struct Request {
  std::uint8_t address = 0;
  Function function = Function::read;
  std::uint16_t first = 0;  ///< register, as sent
  std::uint16_t count = 1;  ///< registers; 1 for write_one
  std::array<std::uint16_t, max_written_registers> values{};
};

/// CRC-16, polynomial A001 reflected, start FFFF; sent low byte first (goodwe-et-modbus 1.1).
std::uint16_t frame_crc(std::span<const std::uint8_t> bytes) noexcept;

std::size_t request_size(const Request& request) noexcept;
std::size_t reply_size(const Request& request) noexcept;

/// Writes the frame and returns its length; 0 when it does not fit into `frame`.
std::size_t build_request(const Request& request, std::span<std::uint8_t> frame) noexcept;

struct Reply {
  enum class Kind : std::uint8_t { none, answer, exception };
  Kind kind = Kind::none;
  std::uint8_t exception_code = 0;
  std::span<const std::uint8_t> data;  ///< register bytes of a read, points into what was heard
};

/// Looks for the reply to `request` in what was heard since it was sent. Address, function, byte count (or the echo of
/// a write) and CRC must all fit; anything before it, such as a late reply to an earlier request, is passed over.
Reply find_reply(const Request& request, std::span<const std::uint8_t> heard) noexcept;

}  // namespace hil::controller
