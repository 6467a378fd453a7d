#include "harness/live/real_time_priority.h"

#include <sched.h>
#include <sys/mman.h>

namespace hil::harness {

// Low among the real-time priorities: ahead of all ordinary work, behind the kernel's own threads. What this process
// starts does not inherit it.
RealTimePriority::RealTimePriority(Memory memory) {
  sched_param parameters{};
  parameters.sched_priority = 10;
  scheduled_ = ::sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters) == 0;
  locked_ = memory == Memory::locked && ::mlockall(MCL_CURRENT | MCL_FUTURE) == 0;
}

RealTimePriority::~RealTimePriority() {
  const sched_param ordinary{};
  if (scheduled_) ::sched_setscheduler(0, SCHED_OTHER, &ordinary);
  if (locked_) ::munlockall();
}

std::string RealTimePriority::text() const {
  return std::string(scheduled_ ? "SCHED_FIFO" : "ordinary scheduling (SCHED_FIFO refused)") +
         (locked_ ? ", memory locked" : ", memory not locked (refused)");
}

}  // namespace hil::harness
