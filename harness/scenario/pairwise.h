#pragma once

#include <cstddef>
#include <vector>

namespace hil::harness {

/// For each case the index of the value that each axis takes.
using Combinations = std::vector<std::vector<std::size_t>>;

/// Every combination; the last axis changes fastest. `sizes`: number of values of each axis, each >= 1.
Combinations all_combinations(const std::vector<std::size_t>& sizes);

/// Few cases in which every pair of values of every two axes stands together once at least; greedy, so not the fewest.
/// The same sizes give the same cases.
Combinations pairwise_combinations(const std::vector<std::size_t>& sizes);

}  // namespace hil::harness
