// Keeps a processor busy in the idle class, so that it is never woken late for having slept, and counts how often it
// stands still while its own processor time goes on: what a virtual machine's host takes away without saying so is
// booked to whoever runs at the moment. usage: processor_probe FILE; writes FILE as JSON when it is told to end
// (SIGTERM, SIGINT).

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace {

volatile std::sig_atomic_t told_to_end = 0;

void end(int) {
  told_to_end = 1;
}

std::chrono::nanoseconds read(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: processor_probe FILE\n", stderr);
    return 2;
  }
  const sched_param lowest{};
  if (sched_setscheduler(0, SCHED_IDLE, &lowest) != 0) {
    std::fprintf(stderr, "processor_probe: no idle class: %s\n", std::strerror(errno));
    return 3;
  }
  std::signal(SIGTERM, end);
  std::signal(SIGINT, end);

  constexpr std::chrono::nanoseconds bound = std::chrono::milliseconds{1};  // as of what the bench calls late
  std::uint64_t stalls = 0;
  std::chrono::nanoseconds worst{0};
  std::chrono::nanoseconds processor = read(CLOCK_THREAD_CPUTIME_ID);
  while (told_to_end == 0) {
    // Between two looks there is nothing to do: what passes of its own processor time is not its own.
    const std::chrono::nanoseconds now = read(CLOCK_THREAD_CPUTIME_ID);
    stalls += now - processor > bound ? 1 : 0;
    worst = std::max(worst, now - processor);
    processor = now;
  }

  std::FILE* file = std::fopen(argv[1], "w");
  if (file == nullptr) {
    std::fprintf(stderr, "processor_probe: %s: %s\n", argv[1], std::strerror(errno));
    return 3;
  }
  std::fprintf(file, "{\"processor_s\": %.3f, \"stalls\": %llu, \"worst_ms\": %.3f}\n",
               std::chrono::duration<double>(processor).count(), static_cast<unsigned long long>(stalls),
               std::chrono::duration<double, std::milli>(worst).count());
  return std::fclose(file) == 0 ? 0 : 3;
}
