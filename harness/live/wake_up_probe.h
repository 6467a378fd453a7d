#pragma once

#include <atomic>
#include <chrono>
#include <thread>

#include "harness/record/lateness.h"

namespace hil::harness {

/// How late this machine wakes a thread that only sleeps: the measure for how late a bench may come on it.
///
/// The thread sleeps to absolute instants of the monotonic clock, `period` apart, and asks for real-time scheduling as
/// the bench itself does; instants that it sleeps through are late, too.
class WakeUpProbe {
 public:
  /// 1 to 100 ms apart. Throws std::system_error.
  explicit WakeUpProbe(std::chrono::nanoseconds period);
  ~WakeUpProbe();
  WakeUpProbe(const WakeUpProbe&) = delete;
  WakeUpProbe& operator=(const WakeUpProbe&) = delete;

  /// Ends it, within a period.
  const Lateness& finish();

 private:
  void measure(std::chrono::nanoseconds period);

  std::atomic<bool> ends_{false};
  Lateness lateness_;  ///< the thread's until it has ended
  std::thread thread_;
};

}  // namespace hil::harness
