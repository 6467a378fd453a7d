#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "controller/devices/modbus_frames.h"

namespace hil::controller {

/// What is read from the meter on COM4: powers all the time (meter_request), voltages and currents now and then, the
/// powers with their reactive sum while the CTs are checked. The blocks have different lengths, so that a late reply to
/// one cannot pass for another.
/// Source: the bench's own meter map; the SEC1000's is not public.
enum class MeterBlock : std::uint8_t { powers, phases, powers_and_reactive };

inline constexpr std::uint16_t meter_phases_first = 0x0000;  ///< u16: L1..L3 0.1 V line to neutral, L1..L3 0.01 A
inline constexpr std::uint16_t meter_phases_count = 6;
inline constexpr std::uint16_t meter_reactive_count = 10;  ///< from meter_first on: powers, then 0x000E

struct MeterPhases {
  std::array<double, 3> voltage_ln_rms_v{};
  std::array<double, 3> current_a{};  ///< magnitude
};
struct MeterPowers {
  std::array<double, 3> phase_import_w{};
  double grid_import_w = 0.0;
  double grid_import_var = 0.0;  ///< sum of the phases; 0 unless read by powers_and_reactive
};

Request meter_request(std::uint8_t address, MeterBlock block) noexcept;
/// `data`: the register bytes of the block, all of them.
MeterPhases decode_meter_phases(std::span<const std::uint8_t> data) noexcept;
MeterPowers decode_meter_powers(std::span<const std::uint8_t> data) noexcept;

}  // namespace hil::controller
