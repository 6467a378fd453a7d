#include "harness/live/udp_endpoint.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

namespace hil::harness {

namespace {

constexpr std::size_t largest_datagram = 2048;  // what is longer is cut, and no request

FileDescriptor bound(const SocketAddress& address) {
  FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open() ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address.raw), sizeof address.raw) != 0) {
    throw std::system_error(errno, std::generic_category(), "UDP " + address.text());
  }
  return socket;
}

struct Datagram {
  std::array<std::uint8_t, largest_datagram> bytes{};
  std::size_t length = 0;
  sockaddr_in from{};
};

/// False: none is waiting.
bool receive(int fd, Datagram& datagram) {
  socklen_t length = sizeof datagram.from;
  const ssize_t got = ::recvfrom(fd, datagram.bytes.data(), datagram.bytes.size(), 0,
                                 reinterpret_cast<sockaddr*>(&datagram.from), &length);
  if (got < 0) return false;
  datagram.length = static_cast<std::size_t>(got);
  return true;
}

/// False: it did not go out, and is lost as on the real network.
bool send_to(int fd, const sockaddr_in& to, const void* bytes, std::size_t length) {
  return ::sendto(fd, bytes, length, MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to), sizeof to) >= 0;
}

sim::NetworkPort::Client client_at(NetworkEnd end) {
  return std::uint64_t{end.ip} << 16 | end.port;
}

NetworkEnd end_of(sim::NetworkPort::Client client) {
  return {static_cast<std::uint32_t>(client >> 16), static_cast<std::uint16_t>(client)};
}

}  // namespace

UdpEndpoint::UdpEndpoint(PacedLoop& loop, const SocketAddress& address, sim::GoodweDongle dongle)
    : loop_(loop), dongle_(std::move(dongle)), socket_(bound(address)), address_(bound_address(socket_.get())) {
  loop_.watch(socket_.get(), [this] { serve(); });
}

UdpEndpoint::~UdpEndpoint() {
  if (port_ != nullptr) port_->on_lost({});
  loop_.unwatch(socket_.get());
}

void UdpEndpoint::attach(sim::Kernel& kernel, sim::NetworkPort& port) {
  port_ = &port;
  watch_.emplace(loop_, kernel, port, [this](sim::Time now) { wake(now); });
  port.on_lost([this](sim::NetworkPort::Client client) {
    if (recorder_ != nullptr) recorder_->lost(end_of(client), mark_of(sim::NetworkFault::late), loop_.catch_up());
  });
}

void UdpEndpoint::serve() {
  Datagram datagram;
  while (receive(socket_.get(), datagram)) {
    ++datagrams_;
    const std::span<const std::uint8_t> request = std::span(datagram.bytes).first(datagram.length);
    const NetworkEnd client = SocketAddress{datagram.from}.end();
    const sim::Time now = loop_.catch_up();
    if (recorder_ != nullptr) recorder_->received(client, request, now);
    answer(client, request, now);
  }
  if (watch_) watch_->arm();
}

void UdpEndpoint::answer(NetworkEnd client, std::span<const std::uint8_t> request, sim::Time now) {
  const sim::NetworkPort::Client id = client_at(client);
  const bool clear = port_ == nullptr || port_->clear();
  if (!clear) {
    const sim::NetworkMarks lost = port_->request(id, now);
    if (lost != 0 && recorder_ != nullptr) recorder_->lost(client, lost, now);
    if (lost != 0) return;
  }
  sim::GoodweDongle::Reply room{};
  const std::size_t length = dongle_.answer(request, room, now);
  if (length == 0) return;
  const std::span<const std::uint8_t> reply = std::span(room).first(length);
  if (clear) return send(client, reply, 0, now);
  // One too many waiting is lost too: a dongle has no room for it.
  if (port_->reply(id, reply, now) != sim::NetworkPort::Fate::waits && recorder_ != nullptr) {
    recorder_->lost(client, mark_of(sim::NetworkFault::reply_dropped), now);
  }
}

void UdpEndpoint::wake(sim::Time now) {
  while (const auto piece = port_->next(now)) send(end_of(piece->client), piece->bytes, piece->marks, now);
}

void UdpEndpoint::send(NetworkEnd client, std::span<const std::uint8_t> reply, sim::NetworkMarks marks, sim::Time now) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(client.port);
  to.sin_addr.s_addr = htonl(client.ip);
  const bool gone_out = send_to(socket_.get(), to, reply.data(), reply.size());
  if (recorder_ == nullptr) return;
  if (gone_out) {
    recorder_->sent(client, reply, marks, now);
  } else {
    recorder_->lost(client, mark_of(sim::NetworkFault::reply_dropped), now);
  }
}

DiscoveryEndpoint::DiscoveryEndpoint(PacedLoop& loop, const SocketAddress& address, std::vector<Dongle> dongles)
    : loop_(loop), dongles_(std::move(dongles)), socket_(bound(address)), address_(bound_address(socket_.get())) {
  loop_.watch(socket_.get(), [this] { serve(); });
}

DiscoveryEndpoint::~DiscoveryEndpoint() {
  loop_.unwatch(socket_.get());
}

void DiscoveryEndpoint::serve() {
  Datagram datagram;
  while (receive(socket_.get(), datagram)) {
    const std::string_view text(reinterpret_cast<const char*>(datagram.bytes.data()), datagram.length);
    for (const Dongle& dongle : dongles_) {
      if (dongle.port != nullptr && dongle.port->has(sim::NetworkFault::silent)) continue;
      const std::string reply = sim::discovery_reply(text, dongle.ip, dongle.serial);
      if (!reply.empty()) send_to(socket_.get(), datagram.from, reply.data(), reply.size());
    }
  }
}

}  // namespace hil::harness
