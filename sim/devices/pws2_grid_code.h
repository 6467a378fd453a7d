#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "models/grid_code/interface_protection.h"

namespace hil::sim {

/// What the choice of a grid code sets in a PWS2-30K, and a master may change one by one (sinexcel-pcs-modbus 10, 12).
///
/// Without effect until the switches beside it are on: the ten-minute mean, the rate of change of frequency.
struct Pws2GridSettings {
  struct VoltageStage {
    double level_pu = 0.0;
    double time_s = 0.0;
  };
  struct FrequencyStage {
    double above_nominal_hz = 0.0;  ///< < 0 for under-frequency
    double time_s = 0.0;
  };
  std::array<VoltageStage, 2> overvoltage{};
  std::array<VoltageStage, 3> undervoltage{};  ///< descending
  std::array<FrequencyStage, 2> overfrequency{};
  std::array<FrequencyStage, 2> underfrequency{};
  double reconnect_delay_s = 0.0;
  double ride_through = 0.0;
  double power_change_mode = 0.0;  ///< 1 ramp
  double soft_start_ramp = 0.0;    ///< of rated power per second
  double normal_ramp = 0.0;
  double reconnect_highest_pu = 0.0;
  double reconnect_lowest_pu = 0.0;
  double reconnect_highest_hz = 0.0;  ///< above nominal
  double reconnect_lowest_hz = 0.0;   ///< likewise, < 0
};

inline constexpr std::size_t pws2_grid_code_count = 7;

/// As the maker delivers the code that register 800 has under this number, 0..6.
Pws2GridSettings pws2_grid_settings(std::size_t code);
/// Number of the code of this name ("sinexcel_vde"); nothing for another maker's.
std::optional<std::size_t> pws2_grid_code_number(std::string_view name);

/// What else decides about trips.
struct Pws2TripSwitches {
  double nominal_hz = 50.0;
  double ten_minute_pu = 0.0;            ///< trip above this ten-minute mean; 0: none
  double rate_of_change_hz_per_s = 0.0;  ///< trip above it; 0: none
};
/// For the relay of a lane. Its own delays are nothing: reconnecting is the converter's.
models::InterfaceProtection::Parameters pws2_protection(const Pws2GridSettings& settings,
                                                        const Pws2TripSwitches& switches);

}  // namespace hil::sim
