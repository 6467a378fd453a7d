#include "harness/parity/processor_wait.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

/// A process that wants the first processor and nothing else.
class Hungry {
 public:
  Hungry() : process_(::fork()) {
    if (process_ != 0) return;
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    ::sched_setaffinity(0, sizeof first, &first);
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
