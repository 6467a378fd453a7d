#include "harness/live/stop_signals.h"

#include <sys/signalfd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace hil::harness {

FileDescriptor stop_signals_descriptor() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGINT);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGHUP);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  FileDescriptor signals(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!signals.is_open()) throw std::system_error(errno, std::generic_category(), "signals");
  return signals;
}

StopSignals::StopSignals(PacedLoop& loop) : loop_(loop), signals_(stop_signals_descriptor()) {
  loop_.watch(signals_.get(), [this] {
    has_come_ = true;
    loop_.stop();
  });
}

StopSignals::~StopSignals() {
  loop_.unwatch(signals_.get());
}

}  // namespace hil::harness
