#pragma once

#include <cstddef>
#include <cstdint>

#include "controller/settings.h"

namespace hil::controller {

/// What the system is to do on the grid.
enum class SolaxGoal : std::uint8_t {
  self_use,     ///< PV to the load, then to the batteries, then to the grid; the batteries give what is missing
  charge_only,  ///< as self_use, and the batteries give nothing
  feed_in,      ///< PV to the load, then to the grid up to the export limit, then to the batteries
  shave,        ///< as self_use, and import up to import_limit_w is left to the grid
  battery,      ///< the batteries together give battery_discharge_w
  total,        ///< the inverters together give total_ac_w
};

/// What is set at the primary, from which its energy manager leads the system. It may change at run time, but for
/// number and the times.
struct SolaxEmsSettings {
  std::size_t number = 0;  ///< of the primary on the bus, 0..9
  SolaxGoal goal = SolaxGoal::self_use;
  double export_limit_w = 0.0;  ///< at the meter, >= 0; PhaseMode::each: on each leg
  PhaseMode phase_mode = PhaseMode::sum;
  double import_limit_w = 0.0;       ///< of SolaxGoal::shave, >= 0
  double battery_discharge_w = 0.0;  ///< of SolaxGoal::battery; < 0: charge
  double total_ac_w = 0.0;           ///< of SolaxGoal::total; < 0: import
  double injection_var = 0.0;        ///< of all inverters together, + as a capacitor gives it; whatever the goal
  double reserve_soc = 0.0;          ///< below it no battery is discharged on the grid, whatever its own floor
  /// How long an order stands at a secondary that hears no other; then it feeds nothing. Shorter than the 5 s in which
  /// a limit is to be kept again (G100, physics-and-standards 3.1). Chosen.
  Time order_valid = std::chrono::seconds{3};
  /// The grid must have been good for so long before the backup interface is told to connect. Assumed.
  Time reconnection = std::chrono::seconds{60};
};

}  // namespace hil::controller
