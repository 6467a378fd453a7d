#include "harness/cli/case_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "harness/cli/exit_code.h"
#include "harness/cli/inputs.h"
#include "harness/cli/watched_drive.h"
#include "harness/record/csv_reader.h"
#include "harness/record/output_file.h"
#include "harness/record/results_folder.h"
#include "harness/record/run_json.h"
#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

std::string how_it_ended(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    return fmt::format("its process was ended by signal {} ({})", WTERMSIG(wait_status),
                       ::strsignal(WTERMSIG(wait_status)));
  }
  return fmt::format("its process ended with {}", WEXITSTATUS(wait_status));
}

constexpr int progress_descriptor = 3;  // of the child

bool ended_by_request(int wait_status) {
  return WIFSIGNALED(wait_status) && (WTERMSIG(wait_status) == SIGTERM || WTERMSIG(wait_status) == SIGKILL);
}

/// Where a crash says why.
std::string end_of_log(const std::filesystem::path& folder) {
  constexpr std::size_t most_shown = 2000;
  const std::string log = read_whole_file(folder / results::bench_log);
  return log.size() > most_shown ? "..." + log.substr(log.size() - most_shown) : log;
}

/// How far a run came that cannot say so itself: the last row of its trace, 0 without one.
double last_traced_s(const std::filesystem::path& folder) {
  try {
    const Trace trace = read_trace(folder / results::trace_csv);
    return trace.columns.empty() || trace.columns.front().empty() ? 0.0 : trace.columns.front().back();
  } catch (const std::exception&) {
    return 0.0;
  }
}

}  // namespace

CaseProcess start_case(const CaseOrder& order, const sigset_t& signals) {
  prepare_results_folder(order.folder);
  std::vector<std::string> words{"hilbench",
                                 "run-case",
                                 order.scenario->file,
                                 "--folder",
                                 order.folder.string(),
                                 "--library",
                                 order.library.string(),
                                 "--seed",
                                 std::to_string(order.scenario->seed),
                                 "--command-line",
                                 order.command_line,
                                 "--progress",
                                 std::to_string(progress_descriptor),
                                 order.scenario->capture ? "--capture=true" : "--capture=false"};
  if (order.scenario->ems_over) words.insert(words.end(), {"--ems-over", ems_over_word(*order.scenario->ems_over)});
  if (!order.scenario->case_key.empty()) words.insert(words.end(), {"--case", order.scenario->case_key});
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const std::string log_name = (order.folder / results::bench_log).string();
  const FileDescriptor log(::open(log_name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!log.is_open()) throw std::runtime_error(log_name + ": " + std::strerror(errno));
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    throw std::runtime_error("no pipe for " + order.name + ": " + std::strerror(errno));
  }
  CaseProcess process;
  process.progress = FileDescriptor(ends[0]);
  const FileDescriptor told_to(ends[1]);

  const pid_t parent = ::getpid();
  process.child = ::fork();
  if (process.child == 0) {
    // Only what is safe between fork and exec.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(exit_error);
    ::setpgid(0, 0);
    ::sigprocmask(SIG_SETMASK, &signals, nullptr);
    ::dup2(log.get(), STDOUT_FILENO);
    ::dup2(log.get(), STDERR_FILENO);
    // dup2 onto itself would leave it to be closed by exec.
    if (told_to.get() == progress_descriptor) {
      ::fcntl(progress_descriptor, F_SETFD, 0);
    } else {
      ::dup2(told_to.get(), progress_descriptor);
    }
    ::execv("/proc/self/exe", arguments.data());
    ::_exit(exit_error);
  }
  if (process.child < 0) throw std::runtime_error("no process for " + order.name + ": " + std::strerror(errno));
  ::setpgid(process.child, process.child);  // whoever of the two comes first
  return process;
}

RunResult without_process(const CaseOrder& order, Verdict verdict, const std::string& why) {
  RunResult result;
  result.scenario = order.name;
  result.file = order.scenario->file;
  result.purpose = order.scenario->purpose;
  result.seed = order.scenario->seed;
  result.version = bench_version();
  result.command_line = order.command_line;
  result.library = order.library.string();
  if (order.scenario->ems_over) result.ems_over = ems_over_word(*order.scenario->ems_over);
  result.verdict = verdict;
  (verdict == Verdict::error ? result.error : result.inconclusive) = why;
  for (const CheckSpec& spec : order.scenario->checks) {
    CheckResult check;
    check.spec = spec;
    result.checks.push_back(check);
  }
  return result;
}

RunResult collect_case(const CaseOrder& order, const CaseEnding& ending) {
  const bool ended_well =
      ending.why_killed.empty() && WIFEXITED(ending.wait_status) && WEXITSTATUS(ending.wait_status) == 0;
  std::string why = ending.why_killed.empty() ? how_it_ended(ending.wait_status) : ending.why_killed;
  if (ended_well) {
    try {
      return read_run_json(order.folder / results::run_json);
    } catch (const std::exception& error) {
      why = error.what();
    }
  }
  if (ending.by_request && ending.why_killed.empty() && ended_by_request(ending.wait_status)) {
    RunResult result = without_process(order, Verdict::inconclusive, "stopped before it could say how far it was");
    result.folder = order.folder;
    return result;
  }
  RunResult result = without_process(order, Verdict::error, why);
  result.folder = order.folder;
  result.virtual_s = last_traced_s(order.folder);
  try {
    result.error = why + "\n" + end_of_log(order.folder);
    write_reports(*order.scenario, result);
  } catch (const std::exception& error) {
    result.error = why + "; " + error.what();
  }
  return result;
}

int run_case_command(const CaseOptions& options) {
  Diagnostics diagnostics;
  std::optional<Scenario> scenario = read_scenario(options.file, options.library, diagnostics, options.case_key);
  for (const Fault& fault : diagnostics.sorted()) std::fprintf(stderr, "%s\n", fault.text().c_str());
  if (!scenario) return exit_bad_input;
  set_seed(*scenario, options.seed);
  if (!options.ems_over.empty()) set_ems_over(*scenario, *ems_over_of(options.ems_over));
  if (options.until_s) end_early(*scenario, *options.until_s);
  scenario->capture = options.capture;
  WatchedDrive drive(options.progress);
  // The verdict is in run.json; the exit code says only that it is there.
  run_scenario(*scenario, options.folder, options.command_line, options.library, &drive);
  return exit_pass;
}

}  // namespace hil::harness
