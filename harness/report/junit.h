#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/record/run.h"

namespace hil::harness {

/// JUnit XML as GitLab, GitHub's actions and Jenkins read it: a <testsuite> a scenario, its properties what it takes to
/// run it again; in it a <testcase> for the run itself and one per check, all with classname = scenario, those of
/// checks with file and line. A broken check is a <failure>, a run in error an <error> of its own testcase, an untested
/// check and an inconclusive run are <skipped>; a check that holds tells its margin in <system-out>.
std::string junit_text(const std::vector<RunResult>& results);

/// Throws std::runtime_error naming the file.
void write_junit(const std::vector<RunResult>& results, const std::filesystem::path& file);

}  // namespace hil::harness
