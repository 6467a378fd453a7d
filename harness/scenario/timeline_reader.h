#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/scenario/diagnostics.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/stage.h"
#include "harness/scenario/xml_document.h"

namespace hil::harness {

struct TimelineReading {
  std::vector<TimelineEntry> entries;      ///< sorted by time, file order within
  std::map<std::string, sim::Time> marks;  ///< name and instant
  std::vector<Assumed> assumed;            ///< parameters of faults that were left out and have no certain source
};

TimelineReading read_timeline(const Element& element, const Stage& stage, Diagnostics& diagnostics);

}  // namespace hil::harness
