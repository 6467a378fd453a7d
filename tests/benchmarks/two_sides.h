#pragma once

#include <benchmark/benchmark.h>
#include <pthread.h>
#include <sched.h>

#include <chrono>
#include <ctime>

namespace hil::harness {

/// Clients on the first processor, servers on the second: else the scheduler places each pair in its own way, and
/// ratios tell of that.
inline constexpr int client_processor = 0;
inline constexpr int server_processor = 1;

/// The calling thread, and threads and processes that it starts later. Without effect where there is no such processor.
inline void stay_on(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(processor), &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

/// Processor time that a server's thread, or process, takes for a request, from construction to tell(): less troubled
/// by neighbours than what the client sees.
class ServerTime {
 public:
  explicit ServerTime(pthread_t server) {
    ::pthread_getcpuclockid(server, &clock_);
    began_ = spent();
  }
  explicit ServerTime(pid_t server) {
    ::clock_getcpuclockid(server, &clock_);
    began_ = spent();
  }
  /// As counter `server_ns`; the benchmark's argument is the number of requests in an iteration.
  void tell(benchmark::State& state) const {
    const auto requests = static_cast<double>(state.iterations() * state.range(0));
    state.counters["server_ns"] = static_cast<double>((spent() - began_).count()) / requests;
  }

 private:
  std::chrono::nanoseconds spent() const {
    timespec time{};
    ::clock_gettime(clock_, &time);
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
  }
  clockid_t clock_{};
  std::chrono::nanoseconds began_{0};
};

}  // namespace hil::harness
