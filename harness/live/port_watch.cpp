#include "harness/live/port_watch.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

namespace hil::harness {

PortWatch::PortWatch(PacedLoop& loop, sim::Kernel& kernel, sim::NetworkPort& port, std::function<void(sim::Time)> wake)
    : loop_(loop),
      port_(port),
      wake_(std::move(wake)),
      signal_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      alarm_(kernel.make_alarm([this](sim::Time) { signal(); })),
      again_(kernel.make_alarm([this](sim::Time) { signal(); })) {
  if (!signal_.is_open()) throw std::system_error(errno, std::generic_category(), "eventfd");
  loop_.watch(signal_.get(), [this] {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(signal_.get(), &count, sizeof count);
    wake_(loop_.catch_up());
    arm();
  });
  port_.open([this] { signal(); });
}

PortWatch::~PortWatch() {
  port_.open({});
  loop_.unwatch(signal_.get());
}

void PortWatch::signal() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(signal_.get(), &one, sizeof one);
}

void PortWatch::arm() {
  const sim::Time due = port_.next_due();
  if (due == sim::NetworkPort::never) {
    alarm_.cancel();
  } else {
    alarm_.set(due);
  }
}

}  // namespace hil::harness
