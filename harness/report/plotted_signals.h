#pragma once

#include <string>
#include <vector>

namespace hil::harness {

/// Whether a plot of the signals `drawn` shows one of those wanted: names, or patterns with `*`.
bool shows_one_of(const std::vector<std::string>& drawn, const std::vector<std::string>& wanted);

}  // namespace hil::harness
