#pragma once

#include <string>

#include "harness/scenario/check_specs.h"

namespace hil::harness {

/// Why a check is untested, as far as its kind tells: what it waits for on a bus, or that its window never came.
std::string why_untested(const CheckSpec& check);

}  // namespace hil::harness
