#pragma once

#include <cstdint>

namespace hil::board {

/// Bytes of the stack that have been in use at one time.
std::uint32_t most_stack_used();
/// All of it was, and whatever lies below it may be overwritten: no value can be trusted.
bool stack_overflowed();

}  // namespace hil::board
