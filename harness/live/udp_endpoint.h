#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/live/file_descriptor.h"
#include "harness/live/paced_loop.h"
#include "harness/live/port_watch.h"
#include "harness/live/socket_address.h"
#include "harness/record/network_recorder.h"
#include "sim/wire/goodwe_dongle.h"
#include "sim/wire/network_port.h"

namespace hil::harness {

/// A dongle on its UDP port: a datagram in, a datagram out to where it came from.
class UdpEndpoint {
 public:
  /// Binds at once. Throws std::system_error, with the address in its text.
  UdpEndpoint(PacedLoop& loop, const SocketAddress& address, sim::GoodweDongle dongle);
  ~UdpEndpoint();
  UdpEndpoint(const UdpEndpoint&) = delete;
  UdpEndpoint& operator=(const UdpEndpoint&) = delete;

  /// Lets the port decide what becomes of requests and replies. Before the kernel runs.
  void attach(sim::Kernel& kernel, sim::NetworkPort& port);
  /// Writes down all datagrams. The recorder must outlive the endpoint.
  void record(NetworkRecorder& recorder) { recorder_ = &recorder; }

  const SocketAddress& address() const { return address_; }
  std::uint64_t datagrams() const { return datagrams_; }

 private:
  void serve();
  void answer(NetworkEnd client, std::span<const std::uint8_t> request, sim::Time now);
  void wake(sim::Time now);
  void send(NetworkEnd client, std::span<const std::uint8_t> reply, sim::NetworkMarks marks, sim::Time now);

  PacedLoop& loop_;
  sim::GoodweDongle dongle_;
  FileDescriptor socket_;
  SocketAddress address_;
  std::uint64_t datagrams_ = 0;
  NetworkRecorder* recorder_ = nullptr;
  sim::NetworkPort* port_ = nullptr;
  std::optional<PortWatch> watch_;  ///< of the port
};

/// Answers the discovery text for a number of dongles, each with one datagram.
class DiscoveryEndpoint {
 public:
  struct Dongle {
    std::string ip;
    std::string serial;
    const sim::NetworkPort* port = nullptr;  ///< where it may be silent; nullptr: it is not
  };
  /// Binds at once. Throws std::system_error, with the address in its text.
  DiscoveryEndpoint(PacedLoop& loop, const SocketAddress& address, std::vector<Dongle> dongles);
  ~DiscoveryEndpoint();
  DiscoveryEndpoint(const DiscoveryEndpoint&) = delete;
  DiscoveryEndpoint& operator=(const DiscoveryEndpoint&) = delete;

  const SocketAddress& address() const { return address_; }

 private:
  void serve();

  PacedLoop& loop_;
  std::vector<Dongle> dongles_;
  FileDescriptor socket_;
  SocketAddress address_;
};

}  // namespace hil::harness
