#include "harness/live/wake_up_probe.h"

#include <sys/prctl.h>

#include <algorithm>
#include <cstdint>
#include <ctime>

#include "harness/live/real_time_priority.h"

namespace hil::harness {

namespace {

using std::chrono::nanoseconds;

constexpr std::chrono::milliseconds shortest{1};
constexpr std::chrono::milliseconds longest{100};  // who waits for its end waits no longer

nanoseconds monotonic_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::seconds{now.tv_sec} + nanoseconds{now.tv_nsec};
}

}  // namespace

WakeUpProbe::WakeUpProbe(nanoseconds period)
    : thread_([this, period] { measure(std::clamp<nanoseconds>(period, shortest, longest)); }) {}

WakeUpProbe::~WakeUpProbe() {
  finish();
}

const Lateness& WakeUpProbe::finish() {
  ends_ = true;
  if (thread_.joinable()) thread_.join();
  return lateness_;
}

void WakeUpProbe::measure(nanoseconds period) {
  const RealTimePriority priority(RealTimePriority::Memory::as_it_is);
  // As a timer descriptor, which the loop sleeps on: without the 50 us by which Linux lets others sleep longer.
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  constexpr std::int64_t per_s = 1'000'000'000;
  for (nanoseconds due = monotonic_now() + period; !ends_; due += period) {
    const timespec until{.tv_sec = due.count() / per_s, .tv_nsec = due.count() % per_s};
    while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) != 0) {
    }
    lateness_.add(monotonic_now() - due);
  }
}

}  // namespace hil::harness
