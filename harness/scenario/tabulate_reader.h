#pragma once

#include "harness/scenario/diagnostics.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/xml_document.h"

namespace hil::harness {

/// Reads one <tabulate>; what it shows is recorded as it changes. `marks`: those that the timeline has.
void read_tabulate(const Element& element, const std::vector<std::string>& marks, Scenario& scenario,
                   Diagnostics& diagnostics);

}  // namespace hil::harness
