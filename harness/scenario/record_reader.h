#pragma once

#include "harness/scenario/scenario.h"
#include "harness/scenario/xml_document.h"

namespace hil::harness {

/// <record>: what the trace holds beside what checks, triggers and plots name, and how often. After the scenario's
/// head, which says what the periods are multiples of.
void read_record(const Element& element, Scenario& scenario, Diagnostics& diagnostics);

}  // namespace hil::harness
