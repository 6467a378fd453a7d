#pragma once

#include "harness/faults/fault_injector.h"
#include "harness/plant/event.h"
#include "harness/plant/unit_lines.h"
#include "harness/scenario/scenario.h"
#include "models/site/site.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {

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
