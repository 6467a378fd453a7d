#pragma once

#include <memory>
#include <string>

#include "harness/faults/fault_injector.h"
#include "harness/plant/event.h"
#include "harness/plant/unit_lines.h"
#include "harness/scenario/scenario.h"
#include "models/site/site.h"
#include "sim/devices/register_map.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {

/// A register map of the scenario, which must outlive who has it: of ten inverters it is one and the same.
inline std::shared_ptr<const sim::RegisterMap> shared_map(const Scenario& scenario, const std::string& name) {
  return {std::shared_ptr<const void>{}, &scenario.register_maps.at(name)};
}

/// What the devices of a bench are made with and put into. All of it must outlive them.
struct DeviceContext {
  const Scenario& scenario;
  models::Site& site;
  sim::SignalRegistry& signals;
  FaultInjector& faults;
  UnitLines& lines;
  EventSink tell;
};

}  // namespace hil::harness
