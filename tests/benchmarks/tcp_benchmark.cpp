#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness/live/file_descriptor.h"
#include "harness/live/tcp_endpoint.h"
#include "tests/benchmarks/served_scenario.h"
#include "tests/benchmarks/two_sides.h"

// A read of 125 registers over TCP: a served inverter of a scenario in paced time, the least that a server could be,
// and pymodbus's server. The clients run in the benchmark's thread, each server in its own thread or process.
namespace hil::harness {
namespace {

constexpr std::size_t reply_bytes = 9 + 250;
constexpr std::array<std::uint8_t, 12> read_block{0, 1, 0, 0, 0, 6, 247, 3, 0x89, 0x1C, 0, 125};

/// Closed in every program that is started meanwhile: a server whose connection somebody else keeps open never hears of
/// its end, and its epoll goes on to report a number that is another socket's by then.
FileDescriptor connected(std::uint16_t port) {
  FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int fd = socket.get();
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int i = 0; i < 100; ++i) {
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) {
      const int yes = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      return socket;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  throw std::runtime_error("nobody listens on port " + std::to_string(port));
}

/// One thread, epoll, and for every request the same bytes: what no Modbus server can beat.
class RawServer {
 public:
  RawServer() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const SocketAddress any = *socket_address("127.0.0.1:0");
    ::bind(listener_, reinterpret_cast<const sockaddr*>(&any.raw), sizeof any.raw);
    ::listen(listener_, 64);
    port_ = ntohs(bound_address(listener_).raw.sin_port);
    stop_ = ::eventfd(0, EFD_CLOEXEC);
    thread_ = std::thread([this] { serve(); });
    handle_ = thread_.native_handle();
  }
  ~RawServer() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(stop_, &one, sizeof one);
    thread_.join();
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  std::uint16_t port() const { return port_; }
  pthread_t thread() const { return handle_; }

 private:
  void serve() {
    stay_on(server_processor);
    const int poll = ::epoll_create1(EPOLL_CLOEXEC);
    const auto add = [poll](int fd) {
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.fd = fd;
      ::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
    };
    add(listener_);
    add(stop_);
    std::array<std::uint8_t, 4096> request{};
    std::array<std::uint8_t, reply_bytes> reply{0, 1, 0, 0, 0, 253, 247, 3, 250};
    for (;;) {
      std::array<epoll_event, 64> events{};
      const int count = ::epoll_wait(poll, events.data(), 64, -1);
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == stop_) return;
        if (fd == listener_) {
          add(::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
          continue;
        }
        const ssize_t got = ::recv(fd, request.data(), request.size(), 0);
        if (got < 0 && errno == EAGAIN) continue;
        if (got <= 0) {
          ::close(fd);
          continue;
        }
        ::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL);
      }
    }
  }

  int listener_ = -1;
  int stop_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
  pthread_t handle_{};
};

/// et1 of the scenario.
class ServedInverter : public ServedScenario<std::uint16_t> {
 public:
  ServedInverter()
      : ServedScenario({.controller = false, .open_lines = {}, .lines_without_time = {}},
                       [](PacedLoop& loop, Bench& bench) {
                         auto endpoint = std::make_unique<TcpEndpoint>(loop, *socket_address("127.0.0.1:0"),
                                                                       bench.device("et1"), std::uint8_t{1});
                         const std::uint16_t port = ntohs(endpoint->address().raw.sin_port);
                         return std::pair(std::move(endpoint), port);
                       }) {}
};

/// pymodbus's own server in a process of its own.
class PymodbusServer {
 public:
  PymodbusServer() {
    {
      const FileDescriptor probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      const SocketAddress any = *socket_address("127.0.0.1:0");
      ::bind(probe.get(), reinterpret_cast<const sockaddr*>(&any.raw), sizeof any.raw);
      port_ = ntohs(bound_address(probe.get()).raw.sin_port);
    }
    const std::string script =
        "from pymodbus.datastore import *\n"
        "from pymodbus.server import StartTcpServer\n"
        "store = ModbusSlaveContext(hr=ModbusSequentialDataBlock(35100, [7] * 200), zero_mode=True)\n"
        "StartTcpServer(context=ModbusServerContext(slaves=store, single=True), address=('127.0.0.1', " +
        std::to_string(port_) + "))\n";
    child_ = ::fork();
    if (child_ == 0) {
      stay_on(server_processor);
      ::execl("/usr/bin/python3", "python3", "-c", script.c_str(), static_cast<char*>(nullptr));
      ::_exit(1);
    }
  }
  ~PymodbusServer() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  PymodbusServer(const PymodbusServer&) = delete;
  PymodbusServer& operator=(const PymodbusServer&) = delete;
  std::uint16_t port() const { return port_; }
  pid_t process() const { return child_; }

 private:
  std::uint16_t port_ = 0;
  pid_t child_ = -1;
};

/// One request of each of `clients` connections, then all replies.
void round_trip(benchmark::State& state, std::uint16_t port) {
  stay_on(client_processor);
  const auto clients = static_cast<std::size_t>(state.range(0));
  std::vector<FileDescriptor> sockets;
  for (std::size_t i = 0; i < clients; ++i) sockets.push_back(connected(port));
  std::array<std::uint8_t, 1024> reply{};
  for (auto _ : state) {
    for (const FileDescriptor& socket : sockets)
      ::send(socket.get(), read_block.data(), read_block.size(), MSG_NOSIGNAL);
    for (const FileDescriptor& socket : sockets) {
      std::size_t got = 0;
      while (got < reply_bytes) {
        const ssize_t more = ::recv(socket.get(), reply.data(), reply.size(), 0);
        if (more <= 0) return state.SkipWithError("the server hung up");
        got += static_cast<std::size_t>(more);
      }
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void tcp_raw(benchmark::State& state) {
  static const RawServer server;
  const ServerTime time(server.thread());
  round_trip(state, server.port());
  time.tell(state);
}
void tcp_served(benchmark::State& state) {
  static const ServedInverter server;
  const ServerTime time(server.thread());
  round_trip(state, server.address());
  time.tell(state);
}
void tcp_pymodbus(benchmark::State& state) {
  static const PymodbusServer server;
  const ServerTime time(server.process());
  round_trip(state, server.port());
  time.tell(state);
}

BENCHMARK(tcp_raw)->Arg(1)->Arg(10)->UseRealTime();
BENCHMARK(tcp_served)->Arg(1)->Arg(10)->UseRealTime();
BENCHMARK(tcp_pymodbus)->Arg(1)->Arg(10)->UseRealTime();

}  // namespace
}  // namespace hil::harness
