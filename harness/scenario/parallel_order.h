#pragma once

#include <string>

#include "harness/scenario/actions.h"

namespace hil::harness {

/// "role secondary 2, 3 inverters in parallel"
std::string text_of(const SetParallel& order);
/// "ess: combiner box with 4 AC inputs"
std::string text_of(const WireCombiner& order);

}  // namespace hil::harness
