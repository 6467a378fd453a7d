#include "harness/cli/watched_drive.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>

namespace hil::harness {
namespace {

volatile std::sig_atomic_t stop_asked_for = 0;

extern "C" void ask_to_stop(int) {
  stop_asked_for = 1;
}

}  // namespace

WatchedDrive::WatchedDrive(int progress) : progress_(progress) {
  struct sigaction action {};
  action.sa_handler = ask_to_stop;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
  // Who started this process may have gone: that must not end it in the middle of a step.
  std::signal(SIGPIPE, SIG_IGN);
  if (progress_ >= 0) ::fcntl(progress_, F_SETFD, FD_CLOEXEC);
}

void WatchedDrive::run(Bench& bench, const Scenario& scenario, RunResult& result) {
  bench.kernel().each_step(sim::StepPhase::record, [this, &bench](sim::Time now) {
    if (stop_asked_for != 0) bench.kernel().stop();
    if (progress_ < 0 || now < next_told_) return;
    next_told_ = now + told_each;
    tell(now);
  });
  bench.run();
  result.stopped = stop_asked_for != 0 && bench.kernel().now() < scenario.duration;
}

void WatchedDrive::tell(sim::Time now) const noexcept {
  const std::int64_t nanoseconds = now.count();
  // A pipe that is full or closed loses a reading of a progress line, no more.
  [[maybe_unused]] const ssize_t written = ::write(progress_, &nanoseconds, sizeof nanoseconds);
}

}  // namespace hil::harness
