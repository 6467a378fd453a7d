#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace hil::controller {

using Time = std::chrono::nanoseconds;  ///< since the controller's start; the core owns no clock

inline constexpr std::size_t max_lines = 4;  ///< COM1..COM3 inverters, COM4 meter
inline constexpr std::size_t max_inverters = 10;
inline constexpr std::size_t max_units_per_line = 10;
inline constexpr std::size_t largest_frame = 256;
inline constexpr std::size_t meter_line = 3;

/// What the installer sets up once.
struct Settings {
  struct Line {
    std::array<std::uint8_t, max_units_per_line> addresses{};  ///< Modbus addresses of the inverters, in order
    std::size_t count = 0;
    std::int32_t baud = 9600;
    std::int32_t bits_per_character = 10;  ///< start, data, parity and stop bits: 10 (8N1) to 12
  };
  std::array<Line, max_lines - 1> inverter_lines{};  ///< COM1..COM3
  std::uint8_t meter_address = 1;
  std::int32_t meter_baud = 9600;
  std::int32_t meter_bits_per_character = 10;
  bool export_limit_enabled = true;
  bool freeze_cure_enabled = true;  ///< ends an inverter's export-limit freeze by taking its limit away for 6.2 s
  double export_limit_w = 0.0;      ///< at the meter, sum of the phases, >= 0; below 0 counts as 0
  double total_capacity_w = 0.0;    ///< sum of the inverters' ratings, > 0
};

}  // namespace hil::controller
