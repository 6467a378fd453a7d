#pragma once

#include <vector>

#include "harness/scenario/scenario.h"
#include "harness/scenario/stage.h"
#include "harness/scenario/xml_document.h"

namespace hil::harness {

/// Reads a `<follow>` of the timeline: something takes the values of a CSV file, whose header says what they are. Each
/// row becomes an entry; between two rows the value stays, or moves on a straight line where it can.
std::vector<TimelineEntry> read_follow(const Element& element, const Stage& stage, Diagnostics& diagnostics);

}  // namespace hil::harness
