#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/live/file_descriptor.h"
#include "harness/live/paced_loop.h"
#include "harness/live/socket_address.h"
#include "sim/wire/goodwe_dongle.h"

namespace hil::harness {

/// A dongle on its UDP port: a datagram in, a datagram out to where it came from.
class UdpEndpoint {
 public:
  /// Binds at once. Throws std::system_error, with the address in its text.
  UdpEndpoint(PacedLoop& loop, const SocketAddress& address, sim::GoodweDongle dongle);
  ~UdpEndpoint();
  UdpEndpoint(const UdpEndpoint&) = delete;
  UdpEndpoint& operator=(const UdpEndpoint&) = delete;

  const SocketAddress& address() const { return address_; }
  std::uint64_t datagrams() const { return datagrams_; }

 private:
  void serve();

  PacedLoop& loop_;
  sim::GoodweDongle dongle_;
  FileDescriptor socket_;
  SocketAddress address_;
  std::uint64_t datagrams_ = 0;
};

/// Answers the discovery text for a number of dongles, each with one datagram.
class DiscoveryEndpoint {
 public:
  struct Dongle {
    std::string ip;
    std::string serial;
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
