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
#include "harness/scenario/reader.h"

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

/// What can be known beforehand; empty: nothing against it.
std::string junit_fault(const fs::path& file) {
  if (file.empty()) return {};
  std::error_code unreadable;
  if (fs::is_directory(file, unreadable)) return file.string() + ": is a folder, --junit needs a file";
  if (!file.has_parent_path() || fs::is_directory(file.parent_path(), unreadable)) return {};
  return file.string() + ": its folder " + file.parent_path().string() + " does not exist, --junit needs one";
}

}  // namespace

int run_command(const RunOptions& options, Console console) {
  const fs::path library = library_folder(options.library);
  Inputs inputs = read_inputs(options.paths, library, options.case_name);
  if (inputs.faults.empty()) check_benches(inputs);
  std::vector<CaseOrder> orders;
  for (Scenario& scenario : inputs.scenarios) {
    if (options.seed) set_seed(scenario, *options.seed);
    scenario.capture |= options.capture;
    orders.push_back({&scenario, options.results / scenario.name, library, options.command_line});
    const fs::path& folder = orders.back().folder;
    if (const std::string refused = refusal(folder); !refused.empty()) inputs.faults.push_back(refused);
    if (in_use(folder)) inputs.faults.push_back(folder.string() + " is in use by another run");
  }
  if (const std::string fault = junit_fault(options.junit); !fault.empty()) inputs.faults.push_back(fault);
  std::vector<ResultsLock> locks;
  if (inputs.faults.empty()) {
    try {
      fs::create_directories(options.results);
      for (const CaseOrder& order : orders) locks.emplace_back(order.folder);
    } catch (const fs::filesystem_error& error) {
      inputs.faults.push_back(options.results.string() + ": cannot be created: " + error.code().message());
    } catch (const std::runtime_error& error) {
      inputs.faults.emplace_back(error.what());
    }
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
      write_junit(results, options.junit);
    } catch (const std::exception& error) {
      console.err << error.what() << '\n';
      return exit_error;
    }
  }
  return exit_code_of(results);
}

}  // namespace hil::harness
