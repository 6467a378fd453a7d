#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "controller/devices/modbus_frames.h"

namespace hil::controller {

/// Who an ET is: rated power and serial number, out of its device information (goodwe-et-modbus 2, all certain).
struct EtIdentity {
  std::array<char, 16> serial{};
  double rated_w = 0.0;
  bool is_inverter = false;  ///< the serial number is one: a device without the block may answer with zeros
};

struct EtFirmware {
  std::uint16_t dsp_version = 0;  ///< 35016
  std::uint16_t arm_version = 0;  ///< 35019
};

/// What parallel operation needs at least (seed 001), meant by 35016 and 35019 (inferred, goodwe-et-modbus 2).
inline constexpr std::uint16_t oldest_dsp_version = 1;
inline constexpr std::uint16_t oldest_arm_version = 9;

/// Read in parts, since the whole block would keep the line for 141 ms; 35001 x 10 is also how client O reads it
/// (goodwe-et-modbus 9). Neighbours are read along, so that every length is the only one of its kind: a late reply
/// cannot pass for another.
inline constexpr std::uint16_t identity_first = 35001;
inline constexpr std::uint16_t identity_count = 10;
inline constexpr std::uint16_t firmware_first = 35016;
inline constexpr std::uint16_t firmware_count = 13;
/// 36004 says whether the ET has a meter of its own (goodwe-et-modbus 4).
inline constexpr std::uint16_t own_meter_first = 36001;
inline constexpr std::uint16_t own_meter_count = 9;

Request identity_request(std::uint8_t address) noexcept;
EtIdentity decode_identity(std::span<const std::uint8_t> data) noexcept;
Request firmware_request(std::uint8_t address) noexcept;
EtFirmware decode_firmware(std::span<const std::uint8_t> data) noexcept;
Request own_meter_request(std::uint8_t address) noexcept;
/// True when the ET talks with a meter of its own.
bool decode_own_meter(std::span<const std::uint8_t> data) noexcept;

}  // namespace hil::controller
