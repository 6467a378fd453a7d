#pragma once

#include "controller/core/contacts.h"
#include "controller/settings.h"

namespace hil::controller {

/// What the control mode, the entered values and the contacts ask of the inverters together, W.
struct PowerRule {
  static constexpr double no_bound_w = 1e6;

  /// Most that may leave at the meter, as the phase mode counts it; below 0: least that has to be imported.
  double export_limit_w = no_bound_w;
  double generation_w = no_bound_w;  ///< most that the AC powers may add up to
  double draw_w = 0.0;               ///< that the inverters are to draw from the grid (DRM4)
  double discharge_w = 0.0;          ///< that the batteries are to give, whatever the load (DRM8)
  bool stand_still = false;          ///< DRM0

  bool limited() const { return export_limit_w < no_bound_w || generation_w < no_bound_w; }
};

/// In PhaseMode::each the entered limit is one for every phase. Inverters of this kind feed their three phases alike,
/// so the phase with the lowest import governs: with all powers counted as three times that of this phase, the limit
/// counts three times, and the rest of the law is the same. A share of the ripple-control receiver is of the total
/// capacity, spread over the phases alike.
PowerRule power_rule(const Settings& settings, const GridDemand& demand) noexcept;

}  // namespace hil::controller
