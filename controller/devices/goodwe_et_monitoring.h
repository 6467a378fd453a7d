#pragma once

#include <cstdint>
#include <span>

#include "controller/devices/goodwe_et_registers.h"

namespace hil::controller {

struct DeviceView;

/// Takes over what the block holds for monitoring. Data of another length than the block's change nothing; all ones
/// mean "not available" (goodwe-et-modbus 3).
void decode_monitoring(EtBlock block, std::span<const std::uint8_t> data, DeviceView& device) noexcept;

}  // namespace hil::controller
