#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/live/file_descriptor.h"
#include "harness/live/paced_loop.h"
#include "harness/live/socket_address.h"
#include "sim/wire/modbus_server.h"
#include "sim/wire/modbus_tcp.h"

namespace hil::harness {

/// A device on Modbus TCP: many clients, requests in any pieces, several under way in one connection.
///
/// Answered are `unit` and 247 (goodwe-et-modbus 1.3); others get exception 0B (assumed: what a gateway says of a unit
/// that is not there). What is no Modbus ends its connection. A client that does not read its replies is not read from
/// until it does, so it holds up nobody else. Connections beyond `most_clients` are closed at once.
class TcpEndpoint {
 public:
  static constexpr std::size_t most_clients = 64;

  struct Counters {
    std::uint64_t connections = 0;
    std::uint64_t refused = 0;  ///< beyond most_clients
    std::uint64_t broken = 0;   ///< closed because of bytes that are no Modbus
    std::uint64_t requests = 0;
  };

  /// Listens at once. Throws std::system_error, with the address in its text.
  TcpEndpoint(PacedLoop& loop, const SocketAddress& address, sim::ModbusServer& server, std::uint8_t unit);
  ~TcpEndpoint();
  TcpEndpoint(const TcpEndpoint&) = delete;
  TcpEndpoint& operator=(const TcpEndpoint&) = delete;

  const SocketAddress& address() const { return address_; }
  const Counters& counters() const { return counters_; }

 private:
  struct Connection {
    FileDescriptor socket;
    sim::ModbusTcpFramer framer;
    std::vector<std::uint8_t> unsent;
  };
  void accept_all();
  void serve(Connection& connection);
  bool answer_all(Connection& connection);
  sim::ModbusTcpFramer::Next gather(Connection& connection);
  std::size_t answer(const sim::ModbusTcpFramer::Request& request, std::span<std::uint8_t> frame);
  bool send_rest(Connection& connection);
  void drop(int fd);

  PacedLoop& loop_;
  sim::ModbusServer& server_;
  std::uint8_t unit_;
  FileDescriptor listener_;
  SocketAddress address_;
  std::map<int, std::unique_ptr<Connection>> connections_;
  Counters counters_;
};

}  // namespace hil::harness
