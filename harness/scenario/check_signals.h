#pragma once

#include <string>
#include <vector>

#include "harness/scenario/check_specs.h"

namespace hil::harness {

/// The signals, or patterns of signals, that a check looks at; empty for one that looks at a line or at events.
std::vector<std::string> signals_of(const CheckSpec& check);

/// Where that signal of the check is named in its file; the element's place without a better one.
Place place_of_signal(const CheckSpec& check, const std::string& signal);

}  // namespace hil::harness
