#include "harness/parity/processor_wait.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

/// The lowest processor that this process may use.
cpu_set_t one_processor() {
  cpu_set_t allowed;
  cpu_set_t one;
  CPU_ZERO(&one);
  ::sched_getaffinity(0, sizeof allowed, &allowed);
  for (std::size_t processor = 0; processor < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++processor) {
    if (CPU_ISSET(processor, &allowed)) CPU_SET(processor, &one);
  }
  return one;
}

/// A process that wants one processor, the same as all of its kind, and nothing else.
class Hungry {
 public:
  Hungry() : process_(::fork()) {
    if (process_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const cpu_set_t one = one_processor();
    ::sched_setaffinity(0, sizeof one, &one);
    for (;;) {
    }
  }
  Hungry(const Hungry&) = delete;
  Hungry& operator=(const Hungry&) = delete;
  ~Hungry() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  pid_t id() const { return process_; }

 private:
  pid_t process_;
};

TEST(ProcessorWait, SeesThatTwoShareOneProcessor) {
  if (!std::ifstream("/proc/self/schedstat")) GTEST_SKIP() << "this kernel does not count it";
  const Hungry one;
  const Hungry other;
  ProcessorWait waits(one.id());
  for (int look = 0; look < 50; ++look) {
    std::this_thread::sleep_for(10ms);
    waits.look();
  }
  // A scheduler that shares gives each turns of some milliseconds.
  EXPECT_GT(waits.longest(), 500us);
}

TEST(ProcessorWait, SeesNothingOfAProcessThatHasEnded) {
  pid_t ended = 0;
  {
    const Hungry gone;
    ended = gone.id();
  }
  ProcessorWait waits(ended);
  waits.look();
  EXPECT_EQ(waits.longest(), 0ns);
}

}  // namespace
}  // namespace hil::harness
