#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/record/run.h"

namespace hil::harness {

/// JUnit XML of one run: one <testsuite>; for each scenario a <testcase> for the run itself and one per check, all with
/// classname = scenario. A broken check is a <failure>, a run in error an <error> of its own testcase, an untested
/// check and an inconclusive run are <skipped>.
std::string junit_text(const std::vector<RunResult>& results);

/// Throws std::runtime_error naming the file.
void write_junit(const std::vector<RunResult>& results, const std::filesystem::path& file);

}  // namespace hil::harness
