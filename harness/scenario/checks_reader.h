#pragma once

#include <vector>

#include "harness/scenario/diagnostics.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/timeline_reader.h"
#include "harness/scenario/xml_document.h"

namespace hil::harness {

/// Reads `<expect>`. Windows are held against the duration and the marks of the timeline; whether a signal exists is
/// known only when the bench is built.
std::vector<CheckSpec> read_checks(const Element& element, const Stage& stage, const TimelineReading& timeline,
                                   Diagnostics& diagnostics);

}  // namespace hil::harness
