#include "controller/hosts/linux/event_loop.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace hil::hosts {
namespace {

FileDescriptor opened(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return FileDescriptor(fd);
}

}  // namespace

EventLoop::EventLoop() : epoll_(opened(::epoll_create1(EPOLL_CLOEXEC), "epoll")) {}

void EventLoop::add(int fd, Ready ready) {
  auto watched = std::make_unique<Watched>(Watched{fd, std::move(ready)});
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = watched.get();
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll");
  }
  watched_.push_back(std::move(watched));
}

void EventLoop::remove(int fd) {
  const auto found =
      std::find_if(watched_.begin(), watched_.end(), [fd](const auto& watched) { return watched->fd == fd; });
  if (found == watched_.end()) return;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  (*found)->fd = -1;
  gone_.push_back(std::move(*found));
  watched_.erase(found);
}

EventLoop::Time EventLoop::now() const {
  return stands_at_ ? *stands_at_ : std::chrono::steady_clock::now() - began_;
}

void EventLoop::run() {
  stopped_ = false;
  while (!stopped_) {
    std::array<epoll_event, 16> events;
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
    if (count < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "epoll");
    for (int i = 0; i < count && !stopped_; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      const auto* watched = static_cast<Watched*>(event.data.ptr);
      if (watched->fd >= 0) watched->ready(event.events);  // else removed by one before it
    }
    gone_.clear();
  }
}

EventLoop::Deadline::Deadline(EventLoop& loop, std::function<void()> due)
    : loop_(loop), timer_(opened(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timer")) {
  loop_.add(timer_.get(), [fd = timer_.get(), due = std::move(due)](std::uint32_t) {
    std::uint64_t expirations = 0;
    if (::read(fd, &expirations, sizeof expirations) == sizeof expirations) due();
  });
}

EventLoop::Deadline::~Deadline() {
  loop_.remove(timer_.get());
}

// std::chrono::steady_clock is CLOCK_MONOTONIC here, so that its count is what the timer takes as an absolute time.
void EventLoop::Deadline::set(Time at) {
  itimerspec when{};
  if (at != Time::max() && !loop_.stands_at_) {
    constexpr std::int64_t per_s = 1'000'000'000;
    const std::int64_t ns = std::max<std::int64_t>(1, (loop_.began_.time_since_epoch() + at).count());
    when.it_value.tv_sec = ns / per_s;
    when.it_value.tv_nsec = ns % per_s;
  }
  ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

}  // namespace hil::hosts
