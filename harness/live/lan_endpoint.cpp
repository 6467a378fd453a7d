#include "harness/live/lan_endpoint.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "harness/live/tcp_endpoint.h"

namespace hil::harness {
namespace {

/// At one look at the listener; the rest at the next, so that a flood leaves time for the plant.
constexpr int most_accepted = 16;

}  // namespace

LanEndpoint::LanEndpoint(PacedLoop& loop, const SocketAddress& address, ControllerHost& host)
    : LanEndpoint(loop, listening_socket(address), host) {}

LanEndpoint::LanEndpoint(PacedLoop& loop, FileDescriptor listener, ControllerHost& host)
    : loop_(loop), host_(host), listener_(std::move(listener)), address_(bound_address(listener_.get())) {
  loop_.watch(listener_.get(), [this] { accept_some(); });
}

LanEndpoint::~LanEndpoint() {
  loop_.unwatch(listener_.get());
  for (const auto& [fd, connection] : connections_) {
    loop_.unwatch(fd);
    host_.lan_close(connection->client);
  }
}

void LanEndpoint::accept_some() {
  for (int k = 0; k < most_accepted; ++k) {
    FileDescriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.is_open()) return;
    open(std::move(socket));
  }
}

void LanEndpoint::open(FileDescriptor socket) {
  const int yes = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  const sim::Time now = loop_.meet();
  const int fd = socket.get();
  auto connection = std::make_shared<Connection>();
  connection->name = far_address(fd).text();
  const auto client = host_.lan_open({
      .bytes = [this, connection](std::span<const std::uint8_t> response,
                                  sim::Time at) { respond(*connection, response, at); },
      .closed = [this, connection](sim::Time at) { drop(*connection, at, "closed by the controller"); },
  });
  if (!client) {
    ++counters_.refused;
    tell(now, connection->name, "refused");
    return;
  }
  ++counters_.connections;
  tell(now, connection->name, "connected");
  connection->socket = std::move(socket);
  connection->client = *client;
  connections_.emplace(fd, connection);
  loop_.watch(fd, [this, connection] { serve(connection); });
}

void LanEndpoint::serve(const std::shared_ptr<Connection>& connection) {
  std::array<std::uint8_t, 512> bytes{};
  const ssize_t got = ::recv(connection->socket.get(), bytes.data(), bytes.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  const sim::Time now = loop_.meet();  // what it asked before is answered now
  if (!connection->socket.is_open()) return;
  if (got > 0) return host_.lan_send(connection->client, std::span(bytes).first(static_cast<std::size_t>(got)));
  host_.lan_close(connection->client);
  drop(*connection, now, got == 0 ? "gone" : "gone, with a reset");
}

void LanEndpoint::respond(Connection& connection, std::span<const std::uint8_t> response, sim::Time now) {
  if (!connection.socket.is_open()) return;
  const ssize_t sent = ::send(connection.socket.get(), response.data(), response.size(), MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(response.size())) {
    loop_.left_at(now);
    ++counters_.responses;
    return;
  }
  host_.lan_close(connection.client);
  drop(connection, now, "closed: it does not take its responses");
}

void LanEndpoint::tell(sim::Time now, const std::string& client, const char* what) const {
  if (on_client_) on_client_(now, client + " " + what);
}

void LanEndpoint::drop(Connection& connection, sim::Time now, const char* why) {
  if (!connection.socket.is_open()) return;
  tell(now, connection.name, why);
  const int fd = connection.socket.get();
  loop_.unwatch(fd);
  connection.socket.close();
  connections_.erase(fd);
}

}  // namespace hil::harness
