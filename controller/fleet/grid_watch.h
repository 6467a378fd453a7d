#pragma once

#include <algorithm>

#include "controller/devices/meter_blocks.h"
#include "controller/settings.h"

namespace hil::controller {

/// Whether the grid is there, by the voltages of a meter on its side of the transfer switch.
///
/// Lost: every phase below 0.5 pu for a second (sinexcel-pcs-modbus 10: UV3 of most codes). Back: every phase within
/// 0.9..1.1 pu for a minute. Both chosen; what one phase lacks is left to the converters' own protection.
class GridWatch {
 public:
  static constexpr Time lost_after = std::chrono::seconds{1};
  static constexpr Time back_after = std::chrono::seconds{60};

  void see(const MeterPhases& phases, double nominal_ln_v, Time now) noexcept {
    const auto [low_v, high_v] = std::minmax_element(phases.voltage_ln_rms_v.begin(), phases.voltage_ln_rms_v.end());
    const bool dead = *high_v < 0.5 * nominal_ln_v;
    const bool good = *low_v >= 0.9 * nominal_ln_v && *high_v <= 1.1 * nominal_ln_v;
    if (lost_ ? !good : !dead) {
      since_ = Time::max();
    } else {
      since_ = std::min(since_, now);
      if (now - since_ >= (lost_ ? back_after : lost_after)) {
        lost_ = !lost_;
        since_ = Time::max();
      }
    }
  }
  bool lost() const { return lost_; }

 private:
  bool lost_ = false;
  Time since_ = Time::max();  ///< of what would change it
};

}  // namespace hil::controller
