#include "harness/parity/processor_wait.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <system_error>

namespace hil::harness {

ProcessorWait::ProcessorWait(pid_t process) : threads_("/proc/" + std::to_string(process) + "/task") {}

void ProcessorWait::look() {
  // A thread, or the process, may end at any moment: then there is nothing more to count of it.
  std::error_code gone;
  for (std::filesystem::directory_iterator thread(threads_, gone), end; !gone && thread != end;
       thread.increment(gone)) {
    std::ifstream counters(thread->path() / "schedstat");
    std::int64_t ran_ns = 0;
    std::int64_t waited_ns = 0;
    if (!(counters >> ran_ns >> waited_ns)) continue;
    const std::chrono::nanoseconds waited{waited_ns};
    const auto [known, fresh] = waited_.try_emplace(thread->path().filename().string(), waited);
    longest_ = std::max(longest_, waited - known->second);
    known->second = waited;
  }
}

}  // namespace hil::harness
