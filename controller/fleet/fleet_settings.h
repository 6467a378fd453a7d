#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "controller/settings.h"

namespace hil::controller {

enum class FleetMode : std::uint8_t {
  stop,              ///< every converter rests
  power,             ///< the fleet injects FleetSettings::ac_injection_w
  self_consumption,  ///< the fleet holds FleetSettings::grid_import_w at the meter
  off_grid,          ///< the fleet feeds the site by itself, behind an open transfer switch; without one it rests
};

/// What the installer of a fleet of storage converters sets up, and what its operator changes.
struct FleetSettings {
  /// COM1..COM3. capacity_wh: of the battery behind each; 0: taken as the mean of those known, or as an
  /// hour of its rating where none is.
  std::array<Settings::Line, max_lines - 1> lines{};
  std::uint8_t meter_address = 0;  ///< on COM4; 0: no meter
  std::int32_t meter_baud = 9600;
  std::int32_t meter_bits_per_character = 10;
  std::size_t strings_per_unit = 1;  ///< 1..8
  double unit_rating_w = 0.0;        ///< of each converter, > 0
  FleetMode mode = FleetMode::stop;
  double ac_injection_w = 0.0;    ///< + to the grid
  double ac_injection_var = 0.0;  ///< + capacitive
  double grid_import_w = 0.0;     ///< held at the meter, < 0: export
  /// What nobody tells: the converters know no state of charge, their batteries' own systems do. It is counted from
  /// here on, and put right where a battery refuses to give or to take more.
  double initial_soc = 0.5;
  double lowest_soc = 0.1;   ///< of what is counted, discharge stops
  double highest_soc = 1.0;  ///< of what is counted, charge stops
  /// Between grid and site, moved by the leader and read back. The meter stands on its grid side.
  bool has_transfer_switch = false;
  bool transfer_switch_closed = true;  ///< at the start, as its contact says
  bool islands_by_itself = false;      ///< off the grid while that is lost, whatever the mode; not in FleetMode::stop
  double nominal_ln_v = 230.0;         ///< by which a lost grid is known; > 0
};

}  // namespace hil::controller
