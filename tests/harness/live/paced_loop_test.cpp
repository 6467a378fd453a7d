#include "harness/live/paced_loop.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <stdexcept>
#include <thread>
#include <vector>

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

/// A descriptor that can be read from the start: one byte waits in it.
class ReadyPipe {
 public:
  ReadyPipe() {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(::pipe(ends.data()), 0);
    out_ = FileDescriptor(ends[0]);
    in_ = FileDescriptor(ends[1]);
    EXPECT_EQ(::write(in_.get(), "x", 1), 1);
  }
  int fd() const { return out_.get(); }
  void drain() {
    char byte = 0;
    EXPECT_EQ(::read(out_.get(), &byte, 1), 1);
  }

 private:
  FileDescriptor out_;
  FileDescriptor in_;
};

// Steps at 0, 10, ... 100 ms; a factor of 10 makes that 10 ms on the clock, and never less. A loop that wakes up late
// has passed the end, but never the clock.
TEST(PacedLoop, HoldsTheStepsToTheClock) {
  sim::Kernel kernel{10ms};
  PacedLoop loop(kernel, 10.0);
  const auto began = std::chrono::steady_clock::now();
  loop.run(100ms);
  const std::chrono::nanoseconds elapsed = std::chrono::steady_clock::now() - began;
  EXPECT_GE(elapsed, 10ms);
  EXPECT_GE(kernel.steps(), 11u);
  EXPECT_LE(kernel.now(), 10 * elapsed);
  EXPECT_EQ(loop.lateness().instants, kernel.steps());
}

// The step at 20 ms takes 30 ms of the processor: what comes after it is late, and by the bench's own work.
TEST(PacedLoop, TellsItsOwnPartOfWhatIsLate) {
  sim::Kernel kernel{10ms};
  PacedLoop loop(kernel, 1.0);
  std::vector<LateMoment> moments;
  loop.on_late([&moments](const LateMoment& moment) { moments.push_back(moment); });
  sim::Kernel::Alarm work = kernel.make_alarm([](sim::Time) {
    timespec busy{};
    const auto busy_ms = [&busy] {
      ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &busy);
      return busy.tv_sec * 1000 + busy.tv_nsec / 1'000'000;
    };
    for (const auto end_ms = busy_ms() + 30; busy_ms() < end_ms;) {
    }
  });
  work.set(21ms);
  loop.run(200ms);
  const auto next =
      std::find_if(moments.begin(), moments.end(), [](const LateMoment& each) { return each.at == 30ms; });
  ASSERT_NE(next, moments.end());
  EXPECT_GE(next->own, 15ms);
  EXPECT_LE(next->own, next->by);
  EXPECT_GE(loop.busy(), 29ms);
  EXPECT_GE(loop.real(), 200ms);
}

// Nothing of the bench's own: the process was stopped.
TEST(PacedLoop, TellsWhatTheMachineTook) {
  sim::Kernel kernel{10ms};
  PacedLoop loop(kernel, 1.0);
  std::vector<LateMoment> moments;
  loop.on_late([&moments](const LateMoment& moment) { moments.push_back(moment); });
  sim::Kernel::Alarm rest = kernel.make_alarm([](sim::Time) { std::this_thread::sleep_for(40ms); });
  rest.set(21ms);
  loop.run(200ms);
  const auto next =
      std::find_if(moments.begin(), moments.end(), [](const LateMoment& each) { return each.at == 30ms; });
  ASSERT_NE(next, moments.end());
  EXPECT_GE(next->by, 30ms);
  EXPECT_LE(next->own, 10ms);
}

TEST(PacedLoop, RefusesAFactorOutOfRange) {
  sim::Kernel kernel{10ms};
  EXPECT_THROW(PacedLoop(kernel, 0.0), std::invalid_argument);
  EXPECT_THROW(PacedLoop(kernel, 1001.0), std::invalid_argument);
}

// Both are ready in the same wake-up. Whichever comes first takes both away, itself included, and is still whole when
// it goes on: the other must not be called any more.
TEST(PacedLoop, LetsOneTakeAwayItselfAndOthers) {
  sim::Kernel kernel{10ms};
  PacedLoop loop(kernel, 10.0);
  ReadyPipe one;
  ReadyPipe two;
  int calls = 0;
  const auto take_away_both = [&loop, &calls, first = one.fd(), second = two.fd()] {
    loop.unwatch(first);
    loop.unwatch(second);
    ++calls;
  };
  loop.watch(one.fd(), take_away_both);
  loop.watch(two.fd(), take_away_both);
  loop.run(2s);  // 0.2 s by the clock, of which the machine may take some
  EXPECT_EQ(calls, 1);
}

TEST(PacedLoop, ServesOneThatIsWatchedWhileItServes) {
  sim::Kernel kernel{10ms};
  PacedLoop loop(kernel, 10.0);
  ReadyPipe one;
  ReadyPipe two;
  int calls = 0;
  loop.watch(one.fd(), [&] {
    one.drain();
    loop.watch(two.fd(), [&] {
      two.drain();
      ++calls;
    });
  });
  loop.run(2s);  // 0.2 s by the clock, of which the machine may take some
  EXPECT_EQ(calls, 1);
}

// The alarm falls between two steps. What is served may set it long after the loop has looked for its next instant.
TEST(PacedLoop, FindsAnAlarmThatWasSetWhileItServed) {
  sim::Kernel kernel{10s};
  bool fired = false;
  PacedLoop loop(kernel, 10.0);
  sim::Kernel::Alarm alarm = kernel.make_alarm([&](sim::Time) {
    fired = true;
    loop.stop();
  });
  ReadyPipe one;
  loop.watch(one.fd(), [&] {
    one.drain();
    alarm.set(loop.meet() + 1ns);
  });
  loop.run(9s);
  EXPECT_TRUE(fired);
  EXPECT_LT(kernel.now(), 1s);
}

// Both are ready in the same wake-up: what the first set is due before the second is served, far from the next step.
TEST(PacedLoop, CarriesOutWhatOneSetBeforeItServesTheNext) {
  sim::Kernel kernel{10s};
  PacedLoop loop(kernel, 10.0);
  bool set = false;
  bool fired = false;
  bool fired_when_next_was_served = false;
  sim::Kernel::Alarm alarm = kernel.make_alarm([&](sim::Time) { fired = true; });
  ReadyPipe one;
  ReadyPipe two;
  const auto serve = [&] {
    if (!set) {
      alarm.set(loop.meet() + 1ns);
      set = true;
      return;
    }
    loop.catch_up();
    fired_when_next_was_served = fired;
    loop.stop();
  };
  loop.watch(one.fd(), [&] {
    one.drain();
    serve();
  });
  loop.watch(two.fd(), [&] {
    two.drain();
    serve();
  });
  loop.run(9s);
  EXPECT_TRUE(fired_when_next_was_served);
}

}  // namespace
}  // namespace hil::harness
