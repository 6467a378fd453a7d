#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/live/file_descriptor.h"
#include "harness/live/paced_loop.h"
#include "harness/live/port_watch.h"
#include "harness/live/socket_address.h"
#include "harness/record/network_recorder.h"
#include "sim/wire/modbus_server.h"
#include "sim/wire/modbus_tcp.h"
#include "sim/wire/network_port.h"

namespace hil::harness {

/// A device on Modbus TCP: many clients, requests in any pieces, several under way in one connection.
///
/// Answered are `unit` and 247 (goodwe-et-modbus 1.3); others get exception 0B (assumed: what a gateway says of a unit
/// that is not there). What is no Modbus ends its connection. A client that does not read its replies is not read from
/// until it does, so it holds up nobody else. A client beyond `most_clients` takes the place of the one that was
/// silent longest (as the Modbus messaging guide 4.2.1 has it). One that only says nothing is kept as long as its
/// machine answers for it; one that is dead is missed by TCP's keepalive.
class TcpEndpoint {
 public:
  static constexpr std::size_t most_clients = 64;

  /// When a client that is dead without a word is given up: its machine is asked after `idle` without a byte, then
  /// every `interval`, and after `questions` without an answer the connection is closed. Replies that nobody takes are
  /// given up after the same time altogether.
  struct KeepAlive {
    std::chrono::seconds idle{60};
    std::chrono::seconds interval{5};
    int questions = 3;
  };

  struct Counters {
    std::uint64_t connections = 0;
    std::uint64_t displaced = 0;  ///< silent longest when one beyond most_clients came
    std::uint64_t broken = 0;     ///< closed because of bytes that are no Modbus
    std::uint64_t no_room = 0;    ///< closed because too many of their replies waited
    std::uint64_t reset = 0;      ///< by a fault, or after the device was gone
    std::uint64_t no_port = 0;    ///< trials to listen again while somebody else had the port
    std::uint64_t requests = 0;
  };

  /// Listens at once. Throws std::system_error, with the address in its text.
  TcpEndpoint(PacedLoop& loop, const SocketAddress& address, sim::ModbusServer& server, std::uint8_t unit);
  /// The same with a socket that listens already.
  TcpEndpoint(PacedLoop& loop, FileDescriptor listener, sim::ModbusServer& server, std::uint8_t unit);
  ~TcpEndpoint();
  TcpEndpoint(const TcpEndpoint&) = delete;
  TcpEndpoint& operator=(const TcpEndpoint&) = delete;

  /// Lets the port decide what becomes of connections, requests and replies. Before the kernel runs.
  void attach(sim::Kernel& kernel, sim::NetworkPort& port);
  /// Writes down all that connections carry. The recorder must outlive the endpoint.
  void record(NetworkRecorder& recorder) { recorder_ = &recorder; }

  /// Of the connections that come from now on.
  void keep_alive(const KeepAlive& when) { keep_alive_ = when; }

  /// Called when a client has come or is gone, with its address and what became of it.
  void on_client(std::function<void(sim::Time, const std::string&)> sink) { on_client_ = std::move(sink); }

  const SocketAddress& address() const { return address_; }
  const Counters& counters() const { return counters_; }
  /// Why it does not listen although it should; empty: all is well.
  const std::string& trouble() const { return trouble_; }

 private:
  struct Connection {
    FileDescriptor socket;
    sim::ModbusTcpFramer framer;
    std::vector<std::uint8_t> unsent;
    sim::NetworkMarks marks = 0;   ///< of what is unsent
    NetworkEnd client;             ///< known when it is recorded
    std::string name;              ///< where it is, known when somebody is told
    std::uint64_t last_heard = 0;  ///< counts bytes and connections that came, over all clients
    bool to_be_reset = false;      ///< by a fault, or because the device went and came back
  };
  /// Why the gathering of replies ended; `more`: there is no room for another one.
  enum class Gathered : unsigned char { incomplete, more, broken, no_room, reset };
  void accept_all();
  void drop_longest_idle();
  void serve(Connection& connection);
  bool answer_all(Connection& connection);
  Gathered gather(Connection& connection);
  std::size_t answer(const sim::ModbusTcpFramer::Request& request, std::span<std::uint8_t> frame);
  bool send_rest(Connection& connection);
  void drop(int fd, const char* why = "gone", bool by_client = true);
  void tell(const std::string& client, const char* what) const;

  // What faults do, in tcp_endpoint_faults.cpp.
  void begin_record(Connection& connection);
  Gathered queue(Connection& connection, const sim::ModbusTcpFramer::Request& request);
  void reset(Connection& connection);
  void wake(sim::Time now);
  void follow_faults(sim::Time now);
  void follow_listener(sim::Time now);
  bool listen_again();
  void leave_connections();
  void return_to_connections();
  void reset_backlog();
  void reset_those_hit();

  PacedLoop& loop_;
  sim::ModbusServer& server_;
  std::uint8_t unit_;
  FileDescriptor listener_;
  SocketAddress address_;
  KeepAlive keep_alive_;
  std::map<int, std::unique_ptr<Connection>> connections_;
  Counters counters_;
  std::uint64_t heard_ = 0;
  std::string trouble_;
  NetworkRecorder* recorder_ = nullptr;
  std::function<void(sim::Time, const std::string&)> on_client_;
  sim::NetworkPort* port_ = nullptr;
  std::optional<PortWatch> watch_;  ///< of the port
  bool gone_ = false;               ///< half open: nothing is read or accepted
  bool resetting_ = false;          ///< connections are hit by the fault
  bool accepting_ = true;           ///< the loop watches the listener
};

/// Throws std::system_error, with the address in its text.
FileDescriptor listening_socket(const SocketAddress& address);

}  // namespace hil::harness
