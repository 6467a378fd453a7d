#pragma once

#include <array>
#include <optional>

#include "controller/core/measurements.h"

namespace hil::controller {

/// Sees a step of the load, or of PV, with the meter alone. As long as no order has moved anything since they were
/// read, the powers of the inverters are known without reading them again, and
///
///   battery power + import = load - PV,   AC power + import = load
///
/// hold with the freshest import. That is a round of readings earlier than the paired samples show it, and in full.
///
/// The known powers (base) are samples of every unit from 0.9 s after the last change of its orders on. They end 0.25 s
/// after the next change is acknowledged: within the dead time of an inverter nothing moves, and the meter's mean is
/// older.
class StepWatch {
 public:
  struct Powers {
    double battery_w = 0.0;
    double ac_w = 0.0;
    double import_w = 0.0;
    bool at_limit = false;  ///< a port rested at its limit: PV may have been held back
  };
  void reset() { *this = StepWatch{}; }
  /// Once a step of the law. The powers when the import has been far from `target_import_w` for 0.21 s: the meter's
  /// first mean after a step holds only part of it (limits are lowered by that part at once, elsewhere).
  std::optional<Powers> observe(const Measurements& measurements, std::size_t count, double target_import_w,
                                bool any_at_limit);

 private:
  void look_at_units(const Measurements& measurements, std::size_t count, bool any_at_limit);

  std::array<bool, max_inverters> members_{};
  std::optional<Powers> base_;
  Time base_at_{0};
  Time at_limit_at_{-std::chrono::seconds{10}};  ///< of the last base with a port at its limit; long ago at first
  std::optional<Time> changed_at_;               ///< first change acknowledged since
  std::optional<Time> away_since_;
  Time last_reading_{-1};
};

}  // namespace hil::controller
