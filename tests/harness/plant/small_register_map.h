#pragma once

#include "sim/devices/register_map.h"

namespace hil::harness::tests {

/// Two rows of a storage converter: 100, its set point in steps of 100 W, and 101, a choice of three.
inline sim::RegisterMap small_register_map() {
  sim::RegisterMap made;
  made.name = "map";
  sim::RegisterRow power;
  power.address = 100;
  power.encoding = sim::Encoding::s16;
  power.scale = 100.0;
  power.unit = "W";
  power.binding = "set_discharge_w";
  sim::RegisterRow choice;
  choice.address = 101;
  choice.binding = "dispatch";
  choice.name = "energy dispatching: 0 AC, 1 DC, 2 string";
  made.rows = {power, choice};
  return made;
}

}  // namespace hil::harness::tests
