#pragma once

#include <cstdint>

namespace hil::board {

/// Bytes of the stack that have been in use at one time.
std::uint32_t most_stack_used();

}  // namespace hil::board
