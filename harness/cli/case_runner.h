#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "harness/cli/case_process.h"
#include "harness/cli/commands.h"
#include "harness/cli/progress_line.h"
#include "harness/cli/runner_signals.h"

namespace hil::harness {

struct RunnerSettings {
  unsigned jobs = 1;                                ///< cases at a time, >= 1
  std::optional<std::chrono::nanoseconds> timeout;  ///< of one case, by the clock of the runner; > 0
  bool fail_fast = false;                           ///< the first failure or error ends the run
};

/// Runs cases, each in a process of its own, several at a time. Their results come in the order given however they end,
/// and a line each is printed in that order as soon as all before are done.
///
/// A case beyond its time limit, or one that crashes, is an error of that case. Ctrl-C and SIGTERM ask the cases under
/// way to end with what they have, and the others are not started; a second one kills.
class CaseRunner {
 public:
  /// `orders` must outlive it.
  CaseRunner(const std::vector<CaseOrder>& orders, const RunnerSettings& settings, Console console);
  /// One for each order. Throws std::runtime_error when nothing can be waited for any more.
  std::vector<RunResult> run();

 private:
  using Clock = std::chrono::steady_clock;
  struct Running {
    std::size_t which = 0;
    CaseProcess process;
    CaseEnding ending;
    Clock::time_point began;
    std::optional<Clock::time_point> kill_at;  ///< it was asked to end and has until then
    double virtual_s = 0.0;
  };

  void start(std::size_t which);
  void wait();
  void read_progress();
  void collect_ended();
  void enforce_time_limits();
  void stop_all(bool at_once);
  void ask_to_end(Running& running, Clock::duration grace);
  void finish(std::size_t which, RunResult result);
  void print_lines();
  void show_progress();

  const std::vector<CaseOrder>& orders_;
  RunnerSettings settings_;
  Console console_;
  RunnerSignals signals_;
  ProgressLine progress_line_;
  std::vector<RunResult> results_;
  std::vector<bool> done_;
  std::vector<Running> running_;
  std::string why_stopped_;  ///< empty: it is not
  std::size_t next_ = 0;
  std::size_t printed_ = 0;
  double virtual_done_s_ = 0.0;
  Clock::time_point began_ = Clock::now();
  Clock::time_point next_shown_ = began_;
};

}  // namespace hil::harness
