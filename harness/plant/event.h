#pragma once

#include <functional>
#include <string>

#include "sim/kernel/kernel.h"

namespace hil::harness {

/// Something that happened at an instant: load switched, fault on, mark, device state change.
struct Event {
  sim::Time at{0};
  std::string kind;     ///< one of event_kinds (harness/scenario/event_kinds.h)
  std::string subject;  ///< "heater", "et2"
  std::string text;     ///< "on"
};
using EventSink = std::function<void(const Event&)>;

}  // namespace hil::harness
