#pragma once

#include <filesystem>
#include <string>

#include "harness/report/suite_report.h"

namespace hil::harness {

/// The tables that the scenarios of a suite ask for by <tabulate>, as HTML: which of their signals came to be 1 in the
/// run of each row and column, when, and until when. Instants are those of the traces. Empty without any.
std::string suite_tables(const Suite& suite, const std::filesystem::path& folder);

}  // namespace hil::harness
