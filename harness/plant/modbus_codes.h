#pragma once

#include <cstdint>

namespace hil::harness {

// What the masters of the plant, the scripted EMS and the maker's program, ask with: function codes of the Modbus
// application protocol 1.1b3 (6.3, 6.4, 6.6, 6.12), and the bit that marks an exception's function (7).
inline constexpr std::uint8_t read_holding = 3;
inline constexpr std::uint8_t read_input = 4;
inline constexpr std::uint8_t write_single = 6;
inline constexpr std::uint8_t write_block = 16;
inline constexpr std::uint8_t exception_bit = 0x80;

}  // namespace hil::harness
