#include "harness/live/paced_loop.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <ctime>
#include <stdexcept>
#include <string>
#include <system_error>

namespace hil::harness {

namespace {

constexpr double slowest = 0.01;
constexpr double fastest = 1000.0;
// Instants closer than this are run in one go: each run of the kernel costs half of it, and a line without wire time
// has several within a few hundred nanoseconds.
constexpr sim::Time together{1000};

// Of the next instant: before any clock, so that the next catch_up() asks the kernel.
constexpr sim::Time unknown{0};

FileDescriptor opened(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return FileDescriptor(fd);
}

/// What the calling thread has run for.
std::chrono::nanoseconds busy_so_far() {
  timespec busy{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &busy);
  return std::chrono::seconds{busy.tv_sec} + std::chrono::nanoseconds{busy.tv_nsec};
}

epoll_event event_for(int fd, bool writable) {
  epoll_event event{};
  event.events = EPOLLIN | (writable ? EPOLLOUT : 0U);
  event.data.fd = fd;
  return event;
}

}  // namespace

PacedLoop::PacedLoop(sim::Kernel& kernel, double factor)
    : kernel_(kernel),
      factor_(factor),
      epoll_(opened(::epoll_create1(EPOLL_CLOEXEC), "epoll")),
      timer_(opened(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timer")) {
  if (!(factor >= slowest && factor <= fastest)) {
    throw std::invalid_argument("factor is " + std::to_string(factor) + ", must be 0.01..1000");
  }
  watch(timer_.get(), [this] {
    std::uint64_t expirations = 0;
    [[maybe_unused]] const ssize_t got = ::read(timer_.get(), &expirations, sizeof expirations);
    timer_at_ = sim::Time{-1};
  });
}

void PacedLoop::watch(int fd, Ready ready) {
  epoll_event event = event_for(fd, false);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll");
  }
  const auto place = static_cast<std::size_t>(fd);
  if (place >= watched_.size()) watched_.resize(place + 1);
  watched_[place] = std::make_unique<Watched>(Watched{std::move(ready)});
}

void PacedLoop::watch_writable(int fd, bool on) {
  Watched& watched = *watched_[static_cast<std::size_t>(fd)];
  if (watched.writable == on) return;
  watched.writable = on;
  epoll_event event = event_for(fd, on);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll");
  }
}

void PacedLoop::unwatch(int fd) {
  const auto place = static_cast<std::size_t>(fd);
  if (place >= watched_.size() || watched_[place] == nullptr) return;
  gone_.push_back(std::move(watched_[place]));
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

sim::Time PacedLoop::clock() const {
  const std::chrono::duration<double, std::nano> real = std::chrono::steady_clock::now() - began_;
  return began_at_ + sim::Time{static_cast<sim::Time::rep>(real.count() * factor_)};
}

std::chrono::nanoseconds PacedLoop::real_late(sim::Time at) const {
  const auto late_ns = static_cast<double>((clock() - at).count());
  return std::chrono::nanoseconds{static_cast<std::chrono::nanoseconds::rep>(late_ns / factor_)};
}

void PacedLoop::count(Lateness& lateness, sim::Time at, bool answer) {
  const std::chrono::nanoseconds by = real_late(at);
  lateness.add(by);
  if (by > Lateness::bound && on_late_) on_late_({at, by, std::min(by, own_part(at)), answer});
}

/// What it slept beyond `at` because it wanted to counts as the bench's own, as does what it ran since.
std::chrono::nanoseconds PacedLoop::own_part(sim::Time at) const {
  const bool slept_over_it = at < woken_at_ && at < slept_to_;
  const auto overslept_ns = slept_over_it ? static_cast<double>((std::min(slept_to_, woken_at_) - at).count()) : 0.0;
  return busy_so_far() - busy_before_ +
         std::chrono::nanoseconds{static_cast<std::chrono::nanoseconds::rep>(overslept_ns / factor_)};
}

void PacedLoop::note_wake_up() {
  woken_at_ = clock();
  busy_before_ = busy_so_far();
}

void PacedLoop::left_at(sim::Time at) {
  count(left_, at, true);
}

/// Instant by instant, so that the lateness of each is known; those within `together` of the first in one go.
void PacedLoop::advance(sim::Time to) {
  for (;;) {
    due_ = kernel_.next_activity();
    if (due_ > to) return;
    kernel_.run(std::min(to, due_ + together));
    count(lateness_, due_, false);
  }
}

sim::Time PacedLoop::catch_up() {
  const sim::Time now = clock();
  if (now >= due_) advance(std::min(now, end_));  // to ask the kernel costs several times a look at the clock
  return now;
}

sim::Time PacedLoop::meet() {
  const sim::Time now = std::max(clock(), kernel_.now());
  advance(now);
  if (kernel_.now() < now) kernel_.run(now);
  due_ = unknown;  // what is put on a line now may set an earlier instant
  return now;
}

void PacedLoop::set_timer(sim::Time at) {
  if (at == timer_at_) return;
  timer_at_ = at;
  // An absolute instant: what happens to this thread before the call does not add to it.
  constexpr double longest_ns = 1e17;
  const double ahead_ns =
      std::clamp(std::ceil(static_cast<double>((at - began_at_).count()) / factor_), 0.0, longest_ns);
  const std::chrono::nanoseconds due =
      began_.time_since_epoch() + std::chrono::nanoseconds{static_cast<long>(ahead_ns)};
  constexpr long per_s = 1'000'000'000;
  itimerspec when{};
  when.it_value.tv_sec = due.count() / per_s;
  when.it_value.tv_nsec = due.count() % per_s;
  ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

void PacedLoop::run(sim::Time end) {
  began_ = std::chrono::steady_clock::now();
  began_at_ = kernel_.now();
  end_ = end;
  due_ = began_at_;
  slept_to_ = began_at_;
  stopped_ = false;
  note_wake_up();
  const std::chrono::nanoseconds busy_before = busy_so_far();
  go_on(end);
  busy_ = busy_so_far() - busy_before;
  real_ = std::chrono::steady_clock::now() - began_;
}

void PacedLoop::go_on(sim::Time end) {
  while (!stopped_) {
    if (catch_up() >= end || stopped_) return;
    slept_to_ = std::min(due_, end);
    set_timer(slept_to_);
    serve_ready();
    due_ = kernel_.next_activity();  // what was served may have changed it
  }
}

/// Sleeps until something is ready, then serves all of that.
void PacedLoop::serve_ready() {
  std::array<epoll_event, 64> events;
  // What it wants to sleep to may be past: then it goes on without sleep, and what it ran so far still counts.
  const bool sleeps = on_late_ && clock() < slept_to_;
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
  if (sleeps) note_wake_up();
  if (count < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "epoll");
  for (int i = 0; i < count && !stopped_; ++i) {
    const auto place = static_cast<std::size_t>(events[static_cast<std::size_t>(i)].data.fd);
    Watched* const watched = watched_[place].get();
    if (watched != nullptr) watched->ready();  // else closed by one before it
  }
  gone_.clear();
}

}  // namespace hil::harness
