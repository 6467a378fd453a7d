#include "harness/live/tcp_endpoint.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "sim/wire/modbus_tcp_answer.h"

namespace hil::harness {

namespace {

constexpr std::size_t most_unsent = 4096;  // bytes of replies, of one connection

void miss_dead_clients(int fd, const TcpEndpoint::KeepAlive& when) {
  const auto set = [fd](int level, int option, int value) { ::setsockopt(fd, level, option, &value, sizeof value); };
  const auto seconds = [](std::chrono::seconds time) { return static_cast<int>(time.count()); };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, seconds(when.idle));
  set(IPPROTO_TCP, TCP_KEEPINTVL, seconds(when.interval));
  set(IPPROTO_TCP, TCP_KEEPCNT, when.questions);
  // Nobody is asked while a reply waits to be taken; that has a time limit of its own.
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 1000 * seconds(when.idle + when.questions * when.interval));
}

}  // namespace

FileDescriptor listening_socket(const SocketAddress& address) {
  FileDescriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int yes = 1;
  const bool good = listener.is_open() &&
                    ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
                    ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address.raw), sizeof address.raw) == 0 &&
                    ::listen(listener.get(), SOMAXCONN) == 0;
  if (!good) throw std::system_error(errno, std::generic_category(), "TCP " + address.text());
  return listener;
}

TcpEndpoint::TcpEndpoint(PacedLoop& loop, const SocketAddress& address, sim::ModbusServer& server, std::uint8_t unit)
    : TcpEndpoint(loop, listening_socket(address), server, unit) {}

TcpEndpoint::TcpEndpoint(PacedLoop& loop, FileDescriptor listener, sim::ModbusServer& server, std::uint8_t unit)
    : loop_(loop),
      server_(server),
      unit_(unit),
      listener_(std::move(listener)),
      address_(bound_address(listener_.get())) {
  loop_.watch(listener_.get(), [this] { accept_all(); });
}

TcpEndpoint::~TcpEndpoint() {
  if (listener_.is_open()) loop_.unwatch(listener_.get());
  for (const auto& [fd, connection] : connections_) loop_.unwatch(fd);
}

void TcpEndpoint::accept_all() {
  for (;;) {
    FileDescriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.is_open()) return;
    if (connections_.size() == most_clients) drop_longest_idle();
    ++counters_.connections;
    const int yes = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    miss_dead_clients(socket.get(), keep_alive_);
    const int fd = socket.get();
    auto connection = std::make_unique<Connection>();
    connection->socket = std::move(socket);
    connection->last_heard = ++heard_;
    connection->unsent.reserve(most_unsent);
    loop_.watch(fd, [this, opened = connection.get()] { serve(*opened); });
    Connection& opened = *connections_.emplace(fd, std::move(connection)).first->second;
    if (recorder_ != nullptr) begin_record(opened);
    if (on_client_) {
      opened.name = far_address(fd).text();
      tell(opened.name, "connected");
    }
    // Before the endpoint follows the fault: then it is hit or spared with those that stand.
    if (resetting_ && port_->connection_hit()) reset(opened);
  }
}

void TcpEndpoint::drop_longest_idle() {
  const auto longest = std::min_element(
      connections_.begin(), connections_.end(),
      [](const auto& one, const auto& other) { return one.second->last_heard < other.second->last_heard; });
  ++counters_.displaced;
  drop(longest->first, "closed: it was silent longest, and another one came", false);
}

void TcpEndpoint::serve(Connection& connection) {
  const int fd = connection.socket.get();
  if (connection.to_be_reset) return reset(connection);
  // What is left from before comes first; then the framer has room again.
  if (!send_rest(connection) || !answer_all(connection)) return;
  const std::span<std::uint8_t> room = connection.framer.room();
  const ssize_t got = ::recv(fd, room.data(), room.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return drop(fd);
  connection.last_heard = ++heard_;
  if (recorder_ != nullptr) {
    recorder_->received(connection.client, room.first(static_cast<std::size_t>(got)), loop_.catch_up());
  }
  connection.framer.received(static_cast<std::size_t>(got));
  // What the port keeps for later leaves at an instant of the kernel, whose lateness is counted as such.
  const bool at_once = port_ == nullptr || port_->clear();
  const std::uint64_t asked_before = counters_.requests;
  const sim::Time asked_at = loop_.catch_up();
  if (answer_all(connection) && at_once && counters_.requests > asked_before) loop_.left_at(asked_at);
}

/// False: replies are left to send, or the connection is gone.
bool TcpEndpoint::answer_all(Connection& connection) {
  for (;;) {
    const Gathered last = gather(connection);
    if (!send_rest(connection)) return false;
    switch (last) {
      case Gathered::incomplete:
        return true;
      case Gathered::more:
        break;
      case Gathered::broken:
        ++counters_.broken;
        drop(connection.socket.get(), "closed: it talks no Modbus", false);
        return false;
      case Gathered::no_room:
        ++counters_.no_room;
        drop(connection.socket.get(), "closed: it does not fetch its replies", false);
        return false;
      case Gathered::reset:
        reset(connection);
        return false;
    }
  }
}

/// Replies to the requests that are there, as many as fit.
TcpEndpoint::Gathered TcpEndpoint::gather(Connection& connection) {
  std::vector<std::uint8_t>& replies = connection.unsent;
  while (replies.size() + sim::largest_tcp_frame <= most_unsent) {
    sim::ModbusTcpFramer::Request request;
    const auto next = connection.framer.next(request);
    if (next == sim::ModbusTcpFramer::Next::incomplete) return Gathered::incomplete;
    if (next == sim::ModbusTcpFramer::Next::broken) return Gathered::broken;
    ++counters_.requests;
    if (port_ != nullptr && !port_->clear()) {
      if (const Gathered end = queue(connection, request); end != Gathered::more) return end;
      continue;
    }
    std::array<std::uint8_t, sim::largest_tcp_frame> frame;
    const std::size_t length = answer(request, frame);
    replies.insert(replies.end(), frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(length));
  }
  return Gathered::more;
}

std::size_t TcpEndpoint::answer(const sim::ModbusTcpFramer::Request& request, std::span<std::uint8_t> frame) {
  return sim::answer_on_tcp(server_, unit_, request, frame, loop_.catch_up());
}

/// False: something is left, or the connection is gone.
bool TcpEndpoint::send_rest(Connection& connection) {
  if (connection.unsent.empty()) return true;
  const int fd = connection.socket.get();
  const ssize_t sent = ::send(fd, connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) {
    drop(fd);
    return false;
  }
  if (sent > 0 && recorder_ != nullptr) {
    const auto segment = std::span(connection.unsent).first(static_cast<std::size_t>(sent));
    recorder_->sent(connection.client, segment, connection.marks, loop_.catch_up());
  }
  if (sent > 0) connection.unsent.erase(connection.unsent.begin(), connection.unsent.begin() + sent);
  loop_.watch_writable(fd, !connection.unsent.empty());
  if (connection.unsent.empty()) connection.marks = 0;
  return connection.unsent.empty();
}

void TcpEndpoint::tell(const std::string& client, const char* what) const {
  if (on_client_) on_client_(loop_.catch_up(), client + " " + what);
}

void TcpEndpoint::drop(int fd, const char* why, bool by_client) {
  tell(connections_.at(fd)->name, why);
  if (recorder_ != nullptr) recorder_->closed(connections_.at(fd)->client, by_client, loop_.catch_up());
  if (port_ != nullptr) port_->forget(static_cast<sim::NetworkPort::Client>(fd));
  loop_.unwatch(fd);
  connections_.erase(fd);
}

}  // namespace hil::harness
