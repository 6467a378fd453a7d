#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "harness/live/file_descriptor.h"
#include "harness/live/paced_loop.h"
#include "harness/live/socket_address.h"
#include "harness/plant/controller_host.h"

namespace hil::harness {

/// The LAN server of the in-process controller on a real TCP port. What a client sends meets the controller at the
/// virtual time of its reading; each response leaves as one segment. Whom the controller refuses is closed at once; a
/// client that ends its side gets the answers to what it asked, and is closed then; one that does not take its
/// responses is closed, so that it holds up nobody.
class LanEndpoint {
 public:
  struct Counters {
    std::uint64_t connections = 0;
    std::uint64_t refused = 0;  ///< by the controller
    std::uint64_t responses = 0;
  };

  /// Listens at once. Throws std::system_error, with the address in its text.
  LanEndpoint(PacedLoop& loop, const SocketAddress& address, ControllerHost& host);
  /// The same with a socket that listens already.
  LanEndpoint(PacedLoop& loop, FileDescriptor listener, ControllerHost& host);
  ~LanEndpoint();
  LanEndpoint(const LanEndpoint&) = delete;
  LanEndpoint& operator=(const LanEndpoint&) = delete;

  /// Called when a client has come, was refused or is gone, with its address and what became of it.
  void on_client(std::function<void(sim::Time, const std::string&)> sink) { on_client_ = std::move(sink); }

  const SocketAddress& address() const { return address_; }
  const Counters& counters() const { return counters_; }

 private:
  struct Connection {
    FileDescriptor socket;
    std::size_t client = 0;
    std::string name;  ///< where it is
  };
  void accept_some();
  void open(FileDescriptor socket);
  void serve(const std::shared_ptr<Connection>& connection);
  void respond(Connection& connection, std::span<const std::uint8_t> response, sim::Time now);
  /// Closes the socket; the controller knows already, or need not.
  void drop(Connection& connection, sim::Time now, const char* why);
  void tell(sim::Time now, const std::string& client, const char* what) const;

  PacedLoop& loop_;
  ControllerHost& host_;
  FileDescriptor listener_;
  SocketAddress address_;
  std::map<int, std::shared_ptr<Connection>> connections_;
  Counters counters_;
  std::function<void(sim::Time, const std::string&)> on_client_;
};

}  // namespace hil::harness
