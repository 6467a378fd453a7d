#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "controller/devices/modbus_frames.h"

namespace hil::controller {

/// What is read from the meter on COM4: powers all the time, voltages and currents now and then, the powers with their
/// reactive parts while the CTs are checked. The blocks have different lengths, so that a late reply to one cannot pass
/// for another.
/// Source: the maker's protocol description of the SDM630-Modbus V2, input registers: floats, high word first. That the
/// SEC1000's own meter speaks it is assumed: its protocol is not public.
enum class MeterBlock : std::uint8_t { powers, phases, powers_and_reactive };

inline constexpr std::uint16_t meter_phases_first = 0;  ///< V line to neutral of L1..L3, then A of L1..L3
inline constexpr std::uint16_t meter_phases_count = 12;
inline constexpr std::uint16_t meter_powers_first = 12;  ///< W of L1..L3, import positive
inline constexpr std::uint16_t meter_powers_count = 6;
inline constexpr std::uint16_t meter_reactive_count = 18;  ///< from the powers on: W, VA and var of L1..L3

struct MeterPhases {
  std::array<double, 3> voltage_ln_rms_v{};
  std::array<double, 3> current_a{};  ///< magnitude
};
struct MeterPowers {
  std::array<double, 3> phase_import_w{};
  double grid_import_w = 0.0;    ///< sum of the phases
  double grid_import_var = 0.0;  ///< sum of the phases; 0 unless read by powers_and_reactive
};

Request meter_request(std::uint8_t address, MeterBlock block) noexcept;
/// Whether every value of the block is a number, 1e7 at most. A reply that holds another is as good as no reply.
bool holds_numbers(std::span<const std::uint8_t> data) noexcept;
/// `data`: the register bytes of the block, all of them.
MeterPhases decode_meter_phases(std::span<const std::uint8_t> data) noexcept;
MeterPowers decode_meter_powers(std::span<const std::uint8_t> data) noexcept;

}  // namespace hil::controller
