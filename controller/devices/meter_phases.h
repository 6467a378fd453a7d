#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "controller/devices/modbus_frames.h"

namespace hil::controller {

/// What the meter on COM4 shows of each phase, + import.
struct MeterPhases {
  std::array<double, 3> import_w{};
  double import_var = 0.0;  ///< sum of the phases
};

/// As meter_request() and two registers more: the sum of reactive power at 0x000E. Its reply has a length of its own.
/// Source: the bench's own meter map; the SEC1000's is not public.
inline constexpr std::uint16_t meter_phases_count = 10;
Request meter_phases_request(std::uint8_t address) noexcept;
/// All zero when the data is not of that request.
MeterPhases decode_meter_phases(std::span<const std::uint8_t> data) noexcept;

}  // namespace hil::controller
