#pragma once

#include <sys/types.h>

#include <csignal>
#include <filesystem>
#include <optional>
#include <string>

#include "harness/live/file_descriptor.h"
#include "harness/record/run.h"

namespace hil::harness {

/// One case in a process of its own: the kernel cannot elaborate twice, and a crash is a verdict of that case and not
/// the end of the run.
struct CaseOrder {
  std::string name;  ///< of the case, unique in a run: that of its results folder
  const Scenario* scenario = nullptr;
  std::filesystem::path folder;
  std::filesystem::path library;
  std::string command_line;
};

/// A case under way.
struct CaseProcess {
  pid_t child = -1;         ///< and its process group, so that the terminal's Ctrl-C reaches the runner alone
  FileDescriptor progress;  ///< virtual nanoseconds as they pass, eight bytes each; does not block
};

/// How the process of a case came to its end.
struct CaseEnding {
  int wait_status = 0;
  std::string why_killed;   ///< by the runner, for good; empty: it was not
  bool by_request = false;  ///< the runner asked it to stop: its verdict is inconclusive and not error
};

/// Prepares the results folder and starts this program again as `run-case`; its output goes to bench.log in the folder.
/// Dies with this process. `signals`: the mask that it gets. Throws std::runtime_error.
CaseProcess start_case(const CaseOrder& order, const sigset_t& signals);

/// What the ended process left behind. Without a run.json that says how it went, or when it was killed, the verdict is
/// error, with how the process ended and the end of its log; the reports are then written here. Killed by request: the
/// verdict is inconclusive, and there are none.
RunResult collect_case(const CaseOrder& order, const CaseEnding& ending);

/// The result of a case that has no process: why it could not be started, or was not.
RunResult without_process(const CaseOrder& order, Verdict verdict, const std::string& why);

struct CaseOptions {
  std::filesystem::path file;
  std::filesystem::path folder;
  std::filesystem::path library;
  std::uint64_t seed = 0;
  bool capture = false;
  std::string ems_over;  ///< "rtu", "tcp"; empty: as the scenario says
  int progress = -1;     ///< descriptor for WatchedDrive
  std::string command_line;
  std::string case_key;           ///< of a sweep; empty: none
  std::optional<double> until_s;  ///< virtual time to end at; none: the scenario's end
};
/// The child's side.
int run_case_command(const CaseOptions& options);

}  // namespace hil::harness
