#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "harness/live/file_descriptor.h"
#include "harness/record/lateness.h"
#include "sim/kernel/kernel.h"

namespace hil::harness {

/// Holds virtual time to the monotonic clock and serves file descriptors in between.
///
/// One thread and no queue: between two instants of the kernel it sleeps on all descriptors and on a timer for the next
/// instant. So nothing of a device is ever touched by two threads, and a request is served without a hand-over.
/// Bytes meet the virtual time at which they were read; what the simulation sends leaves at its virtual time or later,
/// by as much as lateness() tells.
class PacedLoop {
 public:
  using Ready = std::function<void()>;

  /// `factor`: virtual seconds in a real one, 0.01..1000. Throws std::invalid_argument, std::system_error.
  PacedLoop(sim::Kernel& kernel, double factor);
  PacedLoop(const PacedLoop&) = delete;
  PacedLoop& operator=(const PacedLoop&) = delete;

  /// `ready` is called when `fd` can be read, or its far end is gone. It may call watch() and unwatch().
  void watch(int fd, Ready ready);
  /// Asks for room to write too, or no longer.
  void watch_writable(int fd, bool on);
  void unwatch(int fd);

  /// Carries out everything that is due; returns the virtual time that the clock says. The kernel itself may stand a
  /// little before it.
  sim::Time catch_up();
  /// The same, with the kernel brought to that very time: before something is put on a line.
  sim::Time meet();

  /// Starts the clock at the kernel's present time, and goes on until virtual time `end` or stop().
  void run(sim::Time end);
  void stop() { stopped_ = true; }

  /// How late instants of the kernel came, against the clock; those within a microsecond count as one.
  const Lateness& lateness() const { return lateness_; }
  /// Something due at virtual time `at` has just left for the outside.
  void left_at(sim::Time at);
  /// How late it left.
  const Lateness& lateness_of_what_left() const { return left_; }
  /// How long run() took by the clock, and how much of it this thread was busy.
  std::chrono::nanoseconds real() const { return real_; }
  std::chrono::nanoseconds busy() const { return busy_; }
  /// Called for everything that is late. Before run(); each wake-up costs a look at the thread's own clock then.
  void on_late(std::function<void(const LateMoment&)> sink) { on_late_ = std::move(sink); }

 private:
  sim::Time clock() const;
  /// By how much of real time the clock is beyond virtual time `at`.
  std::chrono::nanoseconds real_late(sim::Time at) const;
  void count(Lateness& lateness, sim::Time at, bool answer);
  void advance(sim::Time to);
  void go_on(sim::Time end);
  void serve_ready();
  void note_wake_up();
  /// What the bench itself has taken since the loop slept last, for something due at `at`.
  std::chrono::nanoseconds own_part(sim::Time at) const;
  void set_timer(sim::Time at);

  struct Watched {
    Ready ready;
    bool writable = false;
  };
  sim::Kernel& kernel_;
  double factor_;
  FileDescriptor epoll_;
  FileDescriptor timer_;
  std::vector<std::unique_ptr<Watched>> watched_;  ///< by descriptor, which are small numbers
  std::vector<std::unique_ptr<Watched>> gone_;     ///< unwatched lately: one of them may be running
  std::chrono::steady_clock::time_point began_;
  sim::Time began_at_{0};
  std::chrono::nanoseconds real_{0};
  std::chrono::nanoseconds busy_{0};
  sim::Time end_{0};
  sim::Time timer_at_{-1};
  sim::Time slept_to_{0};                    ///< until when the loop wanted to sleep
  sim::Time woken_at_{0};                    ///< by the clock
  std::chrono::nanoseconds busy_before_{0};  ///< of the thread's own clock, at that moment
  sim::Time due_{0};                         ///< next instant of the kernel, as of the last look at it
  bool stopped_ = false;
  Lateness lateness_;
  Lateness left_;
  std::function<void(const LateMoment&)> on_late_;
};

}  // namespace hil::harness
