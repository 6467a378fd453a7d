#pragma once

#include <filesystem>

#include "harness/scenario/diagnostics.h"
#include "harness/scenario/xml_document.h"

namespace hil::harness {

/// A fault for each id in a `requirement` of these checks that the library's table of its document does not have. Of a
/// document without a table there, and of a clause of another source, nothing is known.
void check_requirement_names(const Element& expect, const std::filesystem::path& library, Diagnostics& diagnostics);

}  // namespace hil::harness
