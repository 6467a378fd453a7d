#pragma once

#include <string>
#include <vector>

#include "harness/scenario/scenario.h"

namespace hil::harness {

/// What a scenario assumes. What is the same of several units of its site, or of several strings of one, is one row:
/// "pcs1..pcs10: turnaround_s", "pcs1 strings 1..8: float_v".
std::vector<Assumed> assumed_rows(const Scenario& scenario);

/// "pcs1..pcs3, pcs5": three and more that are numbered one after the other are a range.
std::string name_ranges(const std::vector<std::string>& names);

}  // namespace hil::harness
