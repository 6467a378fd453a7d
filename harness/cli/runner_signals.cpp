#include "harness/cli/runner_signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace hil::harness {

RunnerSignals::RunnerSignals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGCHLD, SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&set, signal);
  ::sigprocmask(SIG_BLOCK, &set, &before_);
  signals_ = FileDescriptor(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!signals_.is_open()) throw std::system_error(errno, std::generic_category(), "signals");
}

RunnerSignals::~RunnerSignals() {
  take_stops();  // one that came late must not end the process now
  ::sigprocmask(SIG_SETMASK, &before_, nullptr);
}

int RunnerSignals::take_stops() {
  int stops = 0;
  signalfd_siginfo signal{};
  while (::read(signals_.get(), &signal, sizeof signal) == static_cast<ssize_t>(sizeof signal)) {
    if (signal.ssi_signo != SIGCHLD) ++stops;
  }
  return stops;
}

}  // namespace hil::harness
