#pragma once

#include "tests/fuzz/frames.h"

namespace hil::fuzz {

/// One input of libFuzzer; each fuzzer has its own.
void run(Frame input);

}  // namespace hil::fuzz
