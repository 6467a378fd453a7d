#include "harness/cli/case_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "harness/cli/exit_code.h"
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

pid_t start_case(const CaseOrder& order) {
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
                                 order.scenario->capture ? "--capture=true" : "--capture=false"};
  if (!order.scenario->case_key.empty()) words.insert(words.end(), {"--case", order.scenario->case_key});
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const std::string log_name = (order.folder / results::bench_log).string();
  const int log = ::open(log_name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (log < 0) throw std::runtime_error(log_name + ": " + std::strerror(errno));

  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    // Only what is safe between fork and exec.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(exit_error);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::execv("/proc/self/exe", arguments.data());
    ::_exit(exit_error);
  }
  ::close(log);
  if (child < 0) throw std::runtime_error("no process for " + order.scenario->name + ": " + std::strerror(errno));
  return child;
}

RunResult collect_case(const CaseOrder& order, int wait_status) {
  const bool ended_well = WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0;
  std::string why = how_it_ended(wait_status);
  if (ended_well) {
    try {
      return read_run_json(order.folder / results::run_json);
    } catch (const std::exception& error) {
      why = error.what();
    }
  }
  RunResult result;
  result.scenario = order.scenario->name;
  result.file = order.scenario->file;
  result.purpose = order.scenario->purpose;
  result.seed = order.scenario->seed;
  result.version = bench_version();
  result.command_line = order.command_line;
  result.library = order.library.string();
  result.folder = order.folder;
  result.verdict = Verdict::error;
  result.virtual_s = last_traced_s(order.folder);
  for (const CheckSpec& spec : order.scenario->checks) {
    CheckResult check;
    check.spec = spec;
    result.checks.push_back(check);
  }
  try {
    result.error = why + "\n" + end_of_log(order.folder);
    write_reports(*order.scenario, result);
  } catch (const std::exception& error) {
    result.error = why + "; " + error.what();
  }
  return result;
}

int run_case_command(const std::filesystem::path& file, const std::filesystem::path& folder,
                     const std::filesystem::path& library, std::uint64_t seed, bool capture,
                     const std::string& command_line, const std::string& case_key) {
  Diagnostics diagnostics;
  std::optional<Scenario> scenario = read_scenario(file, library, diagnostics, case_key);
  for (const Fault& fault : diagnostics.sorted()) std::fprintf(stderr, "%s\n", fault.text().c_str());
  if (!scenario) return exit_bad_input;
  set_seed(*scenario, seed);
  scenario->capture = capture;
  // The verdict is in run.json; the exit code says only that it is there.
  run_scenario(*scenario, folder, command_line, library);
  return exit_pass;
}

}  // namespace hil::harness
