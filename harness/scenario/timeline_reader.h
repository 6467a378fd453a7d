#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/scenario/diagnostics.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/stage.h"
#include "harness/scenario/xml_document.h"

namespace hil::harness {

/// A mark as far as it can be known before the run.
struct MarkTime {
  std::optional<sim::Time> at;  ///< the instant; of a mark that a trigger sets the earliest; nothing: it never comes
  bool exact = true;            ///< false: a trigger sets it
  Place place;
};

struct TimelineReading {
  std::vector<TimelineEntry> entries;     ///< sorted by time, file order within
  std::vector<TriggerSpec> triggers;      ///< in file order
  std::map<std::string, MarkTime> marks;  ///< by name
  std::vector<Assumed> assumed;           ///< parameters of faults that were left out and have no certain source
};

TimelineReading read_timeline(const Element& element, const Stage& stage, Diagnostics& diagnostics);

}  // namespace hil::harness
