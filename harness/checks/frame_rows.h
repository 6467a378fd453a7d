#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "sim/devices/register_map.h"

namespace hil::harness {

/// What the registers in a frame of Modbus RTU stand for by the map of its unit: "dispatch 2 (string), set_discharge_w
/// 5000 W, event_word 1536 (bit 9 warning, bit 10 latched fault)". Of a write what it writes; of the reply to a read,
/// with the `request` that it answers, what was read. Empty: the frame carries none, is spoilt, or the map has no such
/// rows.
std::string rows_in_frame(const sim::RegisterMap& map, std::span<const std::uint8_t> frame,
                          std::span<const std::uint8_t> request);

}  // namespace hil::harness
