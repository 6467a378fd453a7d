#pragma once

#include <filesystem>
#include <string>

#include "harness/record/csv_reader.h"

namespace hil::harness {

/// A trace as a value change dump (IEEE 1364, 18.2) for wave viewers: each signal a `real` variable in a scope named
/// after its owner ("grid" of "grid.import_w"), written when it changes. Time scale 1 us.
std::string vcd_text(const Trace& trace);

/// Written whole or not at all. Throws std::runtime_error.
void write_vcd(const Trace& trace, const std::filesystem::path& file);

}  // namespace hil::harness
