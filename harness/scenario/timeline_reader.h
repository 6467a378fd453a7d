#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/scenario/diagnostics.h"
#include "harness/scenario/element_reader.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/xml_document.h"

namespace hil::harness {

/// What the timeline and the checks may refer to.
struct Stage {
  std::vector<std::string> loads;
  std::vector<std::string> inverters;
  std::vector<std::string> units;  ///< inverters and meter: what can fall silent
  std::vector<std::string> lines;
  bool site_known = false;  ///< false: the site could not be read, then names are not held against it
  sim::Time duration{0};    ///< 0: not known, then times are not held against it
};
Stage stage_of(const SiteSpec& site, sim::Time duration);
/// Reads a name of something on the stage.
bool read_reference(ElementReader& reader, std::string_view attribute, std::string& value, const Stage& stage,
                    const std::vector<std::string>& known, std::string_view what);

struct Timeline {
  std::vector<TimelineEntry> entries;      ///< sorted by time, file order within
  std::map<std::string, sim::Time> marks;  ///< name and instant
};

Timeline read_timeline(const Element& element, const Stage& stage, Diagnostics& diagnostics);

}  // namespace hil::harness
