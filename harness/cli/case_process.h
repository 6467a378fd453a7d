#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "harness/record/run.h"

namespace hil::harness {

/// One scenario in a process of its own: the kernel cannot elaborate twice, and a crash is a verdict of that scenario
/// and not the end of the run.
struct CaseOrder {
  const Scenario* scenario = nullptr;
  std::filesystem::path folder;
  std::filesystem::path library;
  std::string command_line;
};

/// Prepares the results folder and starts this program again as `run-case`; its output goes to bench.log in the folder.
/// Dies with this process. Throws std::runtime_error.
pid_t start_case(const CaseOrder& order);

/// What the ended process left behind. Without a run.json that says how it went the verdict is error, with how the
/// process ended and the end of its log; the reports are then written here.
RunResult collect_case(const CaseOrder& order, int wait_status);

/// The child's side.
int run_case_command(const std::filesystem::path& file, const std::filesystem::path& folder,
                     const std::filesystem::path& library, std::uint64_t seed, bool capture,
                     const std::string& command_line, const std::string& case_key);

}  // namespace hil::harness
