#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <ostream>
#include <stdexcept>

#include "harness/cli/case_process.h"
#include "harness/cli/commands.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/inputs.h"
#include "harness/record/results_folder.h"
#include "harness/report/junit.h"
#include "harness/report/summary.h"

namespace hil::harness {
namespace {

namespace fs = std::filesystem;

/// Runs the orders, at most `jobs` at a time, and prints a line each in the order given as soon as all before are done.
class CaseRunner {
 public:
  CaseRunner(const std::vector<CaseOrder>& orders, Console console)
      : orders_(orders), console_(console), results_(orders.size()), done_(orders.size(), false) {}

  std::vector<RunResult> run(unsigned jobs) {
    while (next_ < orders_.size() || !running_.empty()) {
      while (next_ < orders_.size() && running_.size() < jobs) start(next_++);
      if (!running_.empty()) wait_for_one();
      print_lines();
    }
    return results_;
  }

 private:
  void start(std::size_t which) {
    try {
      running_.emplace(start_case(orders_[which]), which);
    } catch (const std::runtime_error& error) {
      RunResult& result = results_[which];
      result.scenario = orders_[which].scenario->name;
      result.file = orders_[which].scenario->file;
      result.folder = orders_[which].folder;
      result.error = error.what();
      done_[which] = true;
    }
  }

  void wait_for_one() {
    int status = 0;
    const pid_t child = ::waitpid(-1, &status, 0);
    if (child < 0) {
      if (errno == EINTR) return;
      throw std::runtime_error(std::string("waiting for a scenario: ") + std::strerror(errno));
    }
    const auto found = running_.find(child);
    if (found == running_.end()) return;
    results_[found->second] = collect_case(orders_[found->second], status);
    done_[found->second] = true;
    running_.erase(found);
  }

  void print_lines() {
    if (orders_.size() < 2) return;
    for (; printed_ < done_.size() && done_[printed_]; ++printed_) {
      console_.out << summary_line(results_[printed_], console_.colour) << std::flush;
    }
  }

  const std::vector<CaseOrder>& orders_;
  Console console_;
  std::vector<RunResult> results_;
  std::vector<bool> done_;
  std::map<pid_t, std::size_t> running_;
  std::size_t next_ = 0;
  std::size_t printed_ = 0;
};

}  // namespace

int run_command(const RunOptions& options, Console console) {
  const fs::path library = library_folder(options.library);
  Inputs inputs = read_inputs(options.paths, library);
  if (inputs.faults.empty()) check_benches(inputs);
  std::vector<CaseOrder> orders;
  for (Scenario& scenario : inputs.scenarios) {
    if (options.seed) scenario.seed = *options.seed;
    orders.push_back({&scenario, options.results / scenario.name, library, options.command_line});
    if (const std::string refused = refusal(orders.back().folder); !refused.empty()) inputs.faults.push_back(refused);
  }
  for (const std::string& fault : inputs.faults) console.err << fault << '\n';
  if (!inputs.faults.empty()) return exit_bad_input;

  const std::vector<RunResult> results = CaseRunner(orders, console).run(std::max(options.jobs, 1U));
  if (results.size() == 1) {
    console.out << summary_text(results.front(), console.colour);
  } else {
    console.out << '\n' << total_text(results) << "results in " << options.results.string() << '\n';
  }
  if (!options.junit.empty()) {
    try {
      if (options.junit.has_parent_path()) fs::create_directories(options.junit.parent_path());
      write_junit(results, options.junit);
    } catch (const std::exception& error) {
      console.err << error.what() << '\n';
      return exit_error;
    }
  }
  return exit_code_of(results);
}

}  // namespace hil::harness
