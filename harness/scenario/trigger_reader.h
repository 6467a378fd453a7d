#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/scenario/action_reader.h"
#include "harness/scenario/element_reader.h"
#include "harness/scenario/stage.h"
#include "harness/scenario/triggers.h"

namespace hil::harness {

/// Elements of a timeline that wait for something: when, after, every.
const std::vector<std::string>& trigger_elements();

struct TriggerReading {
  TriggerSpec spec;
  std::string origin;           ///< mark that its times count from; empty: the start
  sim::Time earliest_delay{0};  ///< after its origin it fires no earlier
};
/// Reads one of them with its actions. `marks`: all names in the timeline, also further down.
TriggerReading read_trigger(const Element& element, const std::vector<std::string>& marks, ActionReading& reading);

}  // namespace hil::harness
