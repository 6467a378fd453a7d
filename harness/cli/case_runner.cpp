#include "harness/cli/case_runner.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <stdexcept>
#include <utility>

#include "harness/record/number_text.h"
#include "harness/report/summary.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

constexpr auto looked_each = 250ms;    // at time limits and progress, when nothing else happens
constexpr auto grace_to_finish = 15s;  // for plots and reports of a case that was asked to end
constexpr auto grace_of_a_hang = 2s;   // for a case beyond its time limit

double in_s(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

CaseRunner::CaseRunner(const std::vector<CaseOrder>& orders, const RunnerSettings& settings, Console console)
    : orders_(orders),
      settings_(settings),
      console_(console),
      progress_line_(console.out, console.colour),
      results_(orders.size()),
      done_(orders.size(), false) {}

std::vector<RunResult> CaseRunner::run() {
  while (next_ < orders_.size() || !running_.empty()) {
    while (next_ < orders_.size() && running_.size() < settings_.jobs) start(next_++);
    if (!running_.empty()) wait();
    if (const int stops = signals_.take_stops(); stops > 0) {
      const bool again = !why_stopped_.empty() || stops > 1;
      if (why_stopped_.empty()) why_stopped_ = "stopped by the user";
      stop_all(again);
    }
    read_progress();
    collect_ended();
    enforce_time_limits();
    print_lines();
    show_progress();
  }
  progress_line_.clear();
  return std::move(results_);
}

void CaseRunner::start(std::size_t which) {
  const CaseOrder& order = orders_[which];
  if (!why_stopped_.empty()) {
    finish(which, without_process(order, Verdict::inconclusive, "not run: " + why_stopped_));
    return;
  }
  try {
    Running running;
    running.which = which;
    running.process = start_case(order, signals_.before());
    running.began = Clock::now();
    running_.push_back(std::move(running));
  } catch (const std::exception& error) {
    finish(which, without_process(order, Verdict::error, error.what()));
  }
}

void CaseRunner::wait() {
  pollfd looked_at{signals_.fd(), POLLIN, 0};
  // Progress wakes nobody: it is read when it is looked at.
  const auto most = std::chrono::duration_cast<std::chrono::milliseconds>(looked_each);
  if (::poll(&looked_at, 1, static_cast<int>(most.count())) < 0 && errno != EINTR) {
    throw std::runtime_error(std::string("waiting for cases: ") + std::strerror(errno));
  }
}

void CaseRunner::read_progress() {
  for (Running& running : running_) {
    std::int64_t nanoseconds = 0;
    while (::read(running.process.progress.get(), &nanoseconds, sizeof nanoseconds) ==
           static_cast<ssize_t>(sizeof nanoseconds)) {
      running.virtual_s = in_s(std::chrono::nanoseconds{nanoseconds});
    }
  }
}

void CaseRunner::collect_ended() {
  for (std::size_t i = 0; i < running_.size();) {
    Running& running = running_[i];
    const pid_t ended = ::waitpid(running.process.child, &running.ending.wait_status, WNOHANG);
    if (ended == 0) {
      ++i;
      continue;
    }
    if (ended < 0) running.ending.why_killed = std::string("its process was lost: ") + std::strerror(errno);
    const std::size_t which = running.which;
    const CaseEnding ending = running.ending;
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    finish(which, collect_case(orders_[which], ending));
  }
}

void CaseRunner::enforce_time_limits() {
  const Clock::time_point now = Clock::now();
  for (Running& running : running_) {
    if (running.kill_at && now >= *running.kill_at) ::kill(-running.process.child, SIGKILL);
    if (!settings_.timeout || running.kill_at || now - running.began < *settings_.timeout) continue;
    running.ending.why_killed =
        fmt::format("it took longer than its time limit of {} s", trimmed(in_s(*settings_.timeout)));
    ask_to_end(running, grace_of_a_hang);
  }
}

/// With what they have recorded so far, or, `at_once`, as they are.
void CaseRunner::stop_all(bool at_once) {
  for (Running& running : running_) {
    running.ending.by_request = true;
    ask_to_end(running, at_once ? Clock::duration{0} : grace_to_finish);
  }
}

void CaseRunner::ask_to_end(Running& running, Clock::duration grace) {
  running.kill_at = Clock::now() + grace;
  ::kill(running.process.child, SIGTERM);
}

void CaseRunner::finish(std::size_t which, RunResult result) {
  const bool bad = result.verdict == Verdict::fail || result.verdict == Verdict::error;
  virtual_done_s_ += result.virtual_s;
  results_[which] = std::move(result);
  done_[which] = true;
  if (!settings_.fail_fast || !bad || !why_stopped_.empty()) return;
  why_stopped_ = orders_[which].name + " did not pass, and --fail-fast was asked for";
  stop_all(false);
}

void CaseRunner::print_lines() {
  if (orders_.size() < 2) return;
  for (; printed_ < done_.size() && done_[printed_]; ++printed_) {
    progress_line_.clear();
    console_.out << summary_line(results_[printed_], console_.colour) << std::flush;
  }
}

void CaseRunner::show_progress() {
  const Clock::time_point now = Clock::now();
  if (!progress_line_.shown() || running_.empty() || now < next_shown_) return;
  next_shown_ = now + looked_each;
  Progress progress;
  progress.done = static_cast<std::size_t>(std::count(done_.begin(), done_.end(), true));
  progress.total = orders_.size();
  progress.virtual_s = virtual_done_s_;
  progress.wall_s = in_s(now - began_);
  for (const Running& running : running_) {
    const CaseOrder& order = orders_[running.which];
    progress.running.push_back({order.name, running.virtual_s, in_s(order.scenario->duration)});
    progress.virtual_s += running.virtual_s;
  }
  progress_line_.show(progress);
}

}  // namespace hil::harness
