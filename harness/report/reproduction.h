#pragma once

#include <string>

#include "harness/record/run.h"

namespace hil::harness {

/// What gives this run again: its file and seed, its case of a sweep, its library where that is not the program's own.
std::string reproduction_command(const RunResult& run);

}  // namespace hil::harness
