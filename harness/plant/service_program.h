#pragma once

#include <cstdint>
#include <vector>

#include "harness/plant/event.h"
#include "harness/plant/unit_lines.h"
#include "harness/scenario/scenario.h"
#include "sim/kernel/kernel.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {

/// The maker's program at a device, as an installer has it beside the controller: one request at a time over the
/// device's own connection, which takes nothing of its line. It does what the timeline says with a `modbus` that no EMS
/// is for.
///
/// Left out: the time of that connection, and its faults: the answer is there at once.
class ServiceProgram {
 public:
  /// All must outlive this object.
  ServiceProgram(const Scenario& scenario, UnitLines& lines, EventSink tell);
  ServiceProgram(const ServiceProgram&) = delete;
  ServiceProgram& operator=(const ServiceProgram&) = delete;

  /// "service.requests", "service.unexpected_answers"
  void register_signals(sim::SignalRegistry& registry) const;
  /// Sends the request, tells of it, and of an answer that is not as the order says.
  void carry_out(const OrderModbus& order, sim::Time now);

 private:
  const Scenario& scenario_;
  UnitLines& lines_;
  EventSink tell_;
  double requests_ = 0.0;
  double unexpected_answers_ = 0.0;
};

/// Whether the timeline has a request that no EMS is for.
bool has_service_orders(const Scenario& scenario);

}  // namespace hil::harness
