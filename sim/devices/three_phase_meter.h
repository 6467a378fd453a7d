#pragma once

#include <string>
#include <vector>

#include "models/site/site.h"
#include "sim/devices/device_face.h"
#include "sim/kernel/kernel.h"
#include "sim/signals/signal_registry.h"

namespace hil::sim {

/// The SEC1000's meter on its own line: publishes the site meter's readings by name.
/// Signals "<name>.grid_import_w" and "<name>.grid_export_w" are what the meter says, the site's true values are
/// registered by the harness as "grid.…".
class ThreePhaseMeter {
 public:
  ThreePhaseMeter(std::string name, const models::Site& site);

  ThreePhaseMeter(const ThreePhaseMeter&) = delete;
  ThreePhaseMeter& operator=(const ThreePhaseMeter&) = delete;

  /// StepPhase::refresh.
  void refresh(Time now);
  const DeviceFace& face() const { return face_; }
  void register_signals(SignalRegistry& registry) const;
  const std::string& name() const { return name_; }

 private:
  struct Quantity {
    std::string name;
    const char* description;
    const double* value;
  };
  std::vector<Quantity> quantities() const;
  void publish_more();

  std::string name_;
  const models::Site& site_;
  DeviceFace face_;
  models::EnergyMeter::Reading reading_;
  double grid_import_w_ = 0.0;
  double grid_export_w_ = 0.0;
};

}  // namespace hil::sim
