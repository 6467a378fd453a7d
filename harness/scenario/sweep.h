#pragma once

#include <cstdint>
#include <vector>

#include "harness/scenario/parameters.h"

namespace hil::harness {

inline constexpr std::size_t most_cases = 1000;  ///< of one file

/// Reads `<sweep>` and multiplies it out: for each case what it gives to the parameters that it sweeps, in the order of
/// the file. `seed` is the scenario's: random values are derived from it and from the parameter's name. Empty after a
/// fault.
std::vector<std::vector<Parameter>> read_sweep(const Element& element, const std::vector<Parameter>& parameters,
                                               std::uint64_t seed, Diagnostics& diagnostics);

}  // namespace hil::harness
