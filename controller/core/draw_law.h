#pragma once

#include "controller/core/battery_share.h"
#include "controller/core/fleet.h"
#include "controller/core/power_rule.h"

namespace hil::controller {

/// What the inverters together are to draw from the grid, where the load is below the demanded import (or a contact
/// asks for a draw), shared by free energy. Their limits are 0 then.
class DrawLaw {
 public:
  bool drawing() const { return drawing_; }
  void stop() { drawing_ = false; }
  /// W, 0: nothing; `spare_w` and the margin of the limits are imported besides.
  double wanted_w(const PowerRule& rule, double site_load_w, double spare_w);
  /// Less load needs more draw at once; less draw waits for `plan`, a round of readings.
  static void order(const Fleet& fleet, const BatteryShare& share, double draw_w, bool plan);

 private:
  bool drawing_ = false;
};

}  // namespace hil::controller
