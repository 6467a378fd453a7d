#pragma once

#include <vector>

#include "harness/scenario/diagnostics.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/xml_document.h"

namespace hil::harness {

/// <register_refresh map first [table] period_s>: another period of one block of a map, for all devices of the scenario
/// that have the map. Of two for one block the last counts. For a scenario whose maps are read.
void read_register_refresh(const std::vector<const Element*>& elements, Scenario& scenario, Diagnostics& diagnostics);

/// Lists the periods of all maps of the scenario as assumed, one line for each period of a map: hardly any source tells
/// how often a device renews its registers.
void note_refresh_periods(Scenario& scenario);

}  // namespace hil::harness
