#include <sys/socket.h>

#include <array>
#include <system_error>

#include "harness/live/tcp_endpoint.h"

namespace hil::harness {

using sim::NetworkFault;

namespace {

constexpr sim::Time listens_again_after = std::chrono::milliseconds{100};

/// The far end then gets RST, not FIN.
void reset_when_closed(int fd) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace

void TcpEndpoint::attach(sim::Kernel& kernel, sim::NetworkPort& port) {
  port_ = &port;
  watch_.emplace(loop_, kernel, port, [this](sim::Time now) { wake(now); });
}

void TcpEndpoint::begin_record(Connection& connection) {
  connection.client = far_address(connection.socket.get()).end();
  recorder_->opened(connection.client, loop_.catch_up());
}

/// Serves the request and leaves its reply to the port; other than `more`: the connection is to end.
TcpEndpoint::Gathered TcpEndpoint::queue(Connection& connection, const sim::ModbusTcpFramer::Request& request) {
  const auto client = static_cast<sim::NetworkPort::Client>(connection.socket.get());
  const sim::Time now = loop_.catch_up();
  if ((port_->request(client, now) & mark_of(NetworkFault::reset)) != 0) {
    connection.to_be_reset = true;
    return Gathered::reset;
  }
  std::array<std::uint8_t, sim::largest_tcp_frame> frame{};
  const std::size_t length = answer(request, frame);
  if (length == 0) return Gathered::more;
  const auto fate = port_->reply(client, std::span(frame).first(length), now);
  watch_->arm();
  return fate == sim::NetworkPort::Fate::no_room ? Gathered::no_room : Gathered::more;
}

/// Ends a connection the hard way: what is unsent is lost, the client gets RST.
void TcpEndpoint::reset(Connection& connection) {
  const int fd = connection.socket.get();
  reset_when_closed(fd);
  ++counters_.reset;
  tell(connection.name, "reset by the device");
  if (recorder_ != nullptr) recorder_->reset(connection.client, loop_.catch_up());
  if (port_ != nullptr) port_->forget(static_cast<sim::NetworkPort::Client>(fd));
  loop_.unwatch(fd);
  connections_.erase(fd);
}

/// The port has something due, or a fault began or ended.
void TcpEndpoint::wake(sim::Time now) {
  follow_faults(now);
  while (const auto piece = port_->next(now)) {
    const auto found = connections_.find(static_cast<int>(piece->client));
    if (found == connections_.end()) continue;
    Connection& connection = *found->second;
    connection.unsent.insert(connection.unsent.end(), piece->bytes.begin(), piece->bytes.end());
    connection.marks |= piece->marks;
    send_rest(connection);
  }
}

void TcpEndpoint::follow_faults(sim::Time now) {
  const bool gone = port_->has(NetworkFault::half_open);
  if (gone && !gone_) leave_connections();
  if (!gone && gone_) return_to_connections();
  gone_ = gone;
  follow_listener(now);
  const bool resetting = port_->resets_connections() && !gone_;
  if (resetting && !resetting_) reset_those_hit();
  resetting_ = resetting;
}

void TcpEndpoint::leave_connections() {
  for (const auto& [fd, connection] : connections_) {
    loop_.unwatch(fd);
    port_->forget(static_cast<sim::NetworkPort::Client>(fd));
    connection->unsent.clear();
    connection->to_be_reset = true;
  }
}

/// The device is back and knows nothing of its connections: whoever speaks on one is reset.
void TcpEndpoint::return_to_connections() {
  for (const auto& [fd, connection] : connections_) {
    loop_.watch(fd, [this, known = connection.get()] { serve(*known); });
  }
  if (listener_.is_open()) reset_backlog();
}

/// Those made meanwhile, or what was asked on them would be carried out now.
void TcpEndpoint::reset_backlog() {
  for (;;) {
    const FileDescriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.is_open()) return;
    reset_when_closed(socket.get());
    ++counters_.connections;
    ++counters_.reset;
    if (recorder_ == nullptr) continue;
    const NetworkEnd client = far_address(socket.get()).end();
    recorder_->opened(client, loop_.catch_up());
    recorder_->reset(client, loop_.catch_up());
  }
}

void TcpEndpoint::reset_those_hit() {
  for (auto next = connections_.begin(); next != connections_.end();) {
    Connection& connection = *(next++)->second;
    if (port_->connection_hit()) reset(connection);
  }
}

/// False: somebody else took the port while it was closed.
bool TcpEndpoint::listen_again() {
  try {
    listener_ = listening_socket(address_);
    trouble_.clear();
    return true;
  } catch (const std::system_error& error) {
    trouble_ = error.what();
    ++counters_.no_port;
    return false;
  }
}

void TcpEndpoint::follow_listener(sim::Time now) {
  bool open = !port_->has(NetworkFault::refused);
  if (open && !listener_.is_open() && !listen_again()) {
    open = false;
    watch_->wake_at(now + listens_again_after);
  }
  const bool accepting = open && !gone_;
  if (accepting_ && !accepting) loop_.unwatch(listener_.get());
  if (!open) listener_.close();
  if (port_->has(NetworkFault::refused)) trouble_.clear();
  if (!accepting_ && accepting) {
    loop_.watch(listener_.get(), [this] { accept_all(); });
  }
  accepting_ = accepting;
}

}  // namespace hil::harness
