#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "controller/devices/modbus_frames.h"

namespace hil::controller {

/// A Sinexcel storage converter of the 53xxx world (PWS1, PWG2) as its master knows it.
/// Source: the maker's protocol manual (seed 004), sinexcel-pcs-modbus 2. No scale is public: those of its section 3
/// are taken. Nor is any address of a measurement: powers are read where the bench puts them (section 11), so a real
/// converter has to be told apart by its status words alone until its own sheet is entered here.

/// What one read of 53010 on brings.
struct PcsStatus {
  bool running = false;           ///< 53010.0
  bool warning = false;           ///< 53011.9
  bool fault_latched = false;     ///< 53011.10
  double ac_injection_w = 0.0;    ///< 53027 (bench), + to the grid
  double ac_injection_var = 0.0;  ///< 53028 (bench), + capacitive
};
inline constexpr std::uint16_t pcs_first_status = 53010;
inline constexpr std::uint16_t pcs_status_count = 19;
Request pcs_status_request(std::uint8_t address) noexcept;
/// `data`: the register bytes of that read.
PcsStatus decode_pcs_status(std::span<const std::uint8_t> data) noexcept;

enum class PcsCommand : std::uint16_t { start = 53900, stop = 53901, clear_faults = 53903 };
Request pcs_command_request(std::uint8_t address, PcsCommand command) noexcept;

/// The settings that a leader keeps, in the order in which a converter at rest is given them.
enum class PcsSetting : std::uint8_t {
  grid_interconnection,  ///< 53600: 0 grid-tied, 1 off-grid
  energy_dispatching,    ///< 53601: 0 by AC power
  active_mode,           ///< 53636: 0 constant
  reactive_mode,         ///< 53620: 1 constant Q
  active_power,          ///< 53622, 0.1 kW, + to the grid
  reactive_power,        ///< 53623, 0.1 kvar, + capacitive
};
inline constexpr std::size_t pcs_setting_count = 6;
/// By PcsSetting.
using PcsWords = std::array<std::uint16_t, pcs_setting_count>;

/// AC dispatch at these powers, rounded to 0.1 kW and held within what a signed register can say.
PcsWords encode_pcs_settings(bool off_grid, double ac_injection_w, double ac_injection_var) noexcept;
double ac_injection_w_of(const PcsWords& words) noexcept;
Request pcs_setting_request(std::uint8_t address, PcsSetting setting, std::uint16_t word) noexcept;
/// All of them in one read.
Request pcs_settings_request(std::uint8_t address) noexcept;
PcsWords decode_pcs_settings(std::span<const std::uint8_t> data) noexcept;

/// Battery of one string: what the converter was told of it, and the voltage at its port.
struct PcsBatteryLimits {
  double lower_limit_v = 0.0;       ///< 53653 + 30 (n - 1)
  double end_of_discharge_v = 0.0;  ///< 53655
  double float_v = 0.0;             ///< 53659
  double topping_v = 0.0;           ///< 53660
};
inline constexpr std::size_t most_pcs_strings = 8;
/// `string`: 1..most_pcs_strings.
Request pcs_limits_request(std::uint8_t address, std::size_t string) noexcept;
PcsBatteryLimits decode_pcs_limits(std::span<const std::uint8_t> data) noexcept;

/// How one string fares.
struct PcsString {
  double battery_v = 0.0;      ///< 53040 + 10 (n - 1) (bench); 0: there is no such register
  bool running = false;        ///< 53043 + 10 (n - 1) (bench), bit 0
  bool fault_latched = false;  ///< bit 10
};
/// Of strings 1..`strings` in one read; of a single one the voltage alone, since its state is the converter's.
Request pcs_strings_request(std::uint8_t address, std::size_t strings) noexcept;
PcsString decode_pcs_string(std::span<const std::uint8_t> data, std::size_t string) noexcept;
/// 53920 + 10 (n - 1): for a string that is stopped and has no fault.
Request pcs_string_start_request(std::uint8_t address, std::size_t string) noexcept;

}  // namespace hil::controller
