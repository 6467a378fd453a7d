#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <pty.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness/live/pseudo_terminal.h"
#include "sim/wire/modbus_rtu.h"
#include "tests/benchmarks/served_scenario.h"
#include "tests/benchmarks/two_sides.h"

// A read of 125 registers over a pseudo-terminal: a served line without wire time in paced time, and the least that
// could answer there. The client runs in the benchmark's thread, each server in its own.
namespace hil::harness {
namespace {

constexpr std::size_t reply_bytes = 5 + 250;

/// One thread, epoll, and for every request the same bytes.
class RawTerminal {
 public:
  RawTerminal() {
    std::array<char, 128> name{};
    if (::openpty(&master_, &slave_, name.data(), nullptr, nullptr) != 0)
      throw std::runtime_error("no pseudo-terminal");
    path_ = name.data();
    termios raw{};
    ::tcgetattr(slave_, &raw);
    ::cfmakeraw(&raw);
    ::tcsetattr(slave_, TCSANOW, &raw);
    ::fcntl(master_, F_SETFL, O_NONBLOCK);
    stop_ = ::eventfd(0, 0);
    thread_ = std::thread([this] { serve(); });
    handle_ = thread_.native_handle();
  }
  ~RawTerminal() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(stop_, &one, sizeof one);
    thread_.join();
  }
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;
  const std::string& path() const { return path_; }
  pthread_t thread() const { return handle_; }

 private:
  void serve() {
    stay_on(server_processor);
    const int poll = ::epoll_create1(0);
    for (const int fd : {master_, stop_}) {
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.fd = fd;
      ::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
    }
    std::array<std::uint8_t, 512> request{};
    std::array<std::uint8_t, reply_bytes> reply{1, 3, 250};
    for (;;) {
      std::array<epoll_event, 64> events{};
      const int count = ::epoll_wait(poll, events.data(), 64, -1);
      for (int i = 0; i < count; ++i) {
        if (events[static_cast<std::size_t>(i)].data.fd == stop_) return;
        if (::read(master_, request.data(), request.size()) <= 0) continue;
        [[maybe_unused]] const ssize_t written = ::write(master_, reply.data(), reply.size());
      }
    }
  }

  int master_ = -1;
  int slave_ = -1;
  int stop_ = -1;
  std::string path_;
  std::thread thread_;
  pthread_t handle_{};
};

/// com1 of the scenario, as a line without wire time.
class ServedLine : public ServedScenario<std::string> {
 public:
  ServedLine()
      : ServedScenario({.controller = false, .open_lines = {"com1"}, .lines_without_time = {"com1"}},
                       [](PacedLoop& loop, Bench& bench) {
                         auto terminal = std::make_unique<PseudoTerminal>(loop, bench.line("com1"));
                         std::string path = terminal->path();
                         return std::pair(std::move(terminal), std::move(path));
                       }) {}
};

void round_trip(benchmark::State& state, const std::string& path) {
  stay_on(client_processor);
  std::vector<std::uint8_t> request{1, 3, 0x89, 0x1C, 0, 125};
  sim::append_crc(request);
  const int fd = ::open(path.c_str(), O_RDWR | O_NOCTTY);
  std::array<std::uint8_t, 1024> reply{};
  for (auto _ : state) {
    [[maybe_unused]] const ssize_t written = ::write(fd, request.data(), request.size());
    std::size_t got = 0;
    while (got < reply_bytes) {
      const ssize_t more = ::read(fd, reply.data() + got, reply.size() - got);
      if (more <= 0) return state.SkipWithError("the terminal is gone");
      got += static_cast<std::size_t>(more);
    }
    if (reply[0] != 1 || reply[2] != 250) return state.SkipWithError("that is no reply");
  }
  ::close(fd);
}

void pty_raw(benchmark::State& state) {
  static const RawTerminal server;
  const ServerTime time(server.thread());
  round_trip(state, server.path());
  time.tell(state);
}
void pty_served(benchmark::State& state) {
  static const ServedLine server;
  const ServerTime time(server.thread());
  round_trip(state, server.address());
  time.tell(state);
}

BENCHMARK(pty_raw)->Arg(1)->UseRealTime();
BENCHMARK(pty_served)->Arg(1)->UseRealTime();

}  // namespace
}  // namespace hil::harness
