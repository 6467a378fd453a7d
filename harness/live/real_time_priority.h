#pragma once

#include <string>

namespace hil::harness {

/// Asks for real-time scheduling and for memory that stays in place while it lives; works without either.
class RealTimePriority {
 public:
  RealTimePriority();
  ~RealTimePriority();
  RealTimePriority(const RealTimePriority&) = delete;
  RealTimePriority& operator=(const RealTimePriority&) = delete;

  /// What was granted: "SCHED_FIFO, memory locked".
  std::string text() const;

 private:
  bool scheduled_ = false;
  bool locked_ = false;
};

}  // namespace hil::harness
