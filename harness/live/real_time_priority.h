#pragma once

#include <string>

namespace hil::harness {

/// Asks for real-time scheduling of the calling thread, and for memory of the process that stays in place, while it
/// lives; works without either.
class RealTimePriority {
 public:
  enum class Memory : unsigned char { locked, as_it_is };
  explicit RealTimePriority(Memory memory = Memory::locked);
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
