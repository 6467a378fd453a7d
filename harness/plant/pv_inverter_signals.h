#pragma once

#include <deque>
#include <string>

#include "harness/scenario/scenario.h"
#include "models/site/site.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {

/// What a scenario may see of grid-tied PV inverters, which have no registers on this bench: "<name>.pv_w",
/// "<name>.pv_available_w", "<name>.ac_injection_w".
class PvInverterSignals {
 public:
  PvInverterSignals(const models::Site& site, const SiteSpec& spec, sim::SignalRegistry& registry);
  /// StepPhase::refresh.
  void refresh();

 private:
  struct Inverter {
    const models::Site::LaneView* lane = nullptr;
    double pv_w = 0.0;
    double pv_available_w = 0.0;
    double ac_injection_w = 0.0;
  };
  std::deque<Inverter> inverters_;  ///< stay where they are
};

}  // namespace hil::harness
