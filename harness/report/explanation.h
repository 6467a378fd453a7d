#pragma once

#include <string>

#include "harness/scenario/scenario.h"

namespace hil::harness {

/// A scenario in plain English, with a drawing of its timeline in characters: the site, what happens when, what must
/// hold. For a terminal of terminal_columns.
std::string explain(const Scenario& scenario);

}  // namespace hil::harness
