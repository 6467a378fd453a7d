#pragma once

#include <cstdint>

namespace hil::models {

/// True where allocations can be counted: not under a sanitizer, which brings its own allocator.
bool allocations_are_counted();

/// Calls of malloc, calloc, realloc and the aligned ones by this process so far; operator new and Eigen end there too.
std::uint64_t allocations_so_far();

}  // namespace hil::models
