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

void send_back(int fd, const Datagram& to, const void* bytes, std::size_t length) {
  // A reply that does not go out is lost, as on the real network.
  ::sendto(fd, bytes, length, MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to.from), sizeof to.from);
}

}  // namespace

UdpEndpoint::UdpEndpoint(PacedLoop& loop, const SocketAddress& address, sim::GoodweDongle dongle)
    : loop_(loop), dongle_(std::move(dongle)), socket_(bound(address)), address_(bound_address(socket_.get())) {
  loop_.watch(socket_.get(), [this] { serve(); });
}

UdpEndpoint::~UdpEndpoint() {
  loop_.unwatch(socket_.get());
}

void UdpEndpoint::serve() {
  Datagram datagram;
  sim::GoodweDongle::Reply reply{};
  while (receive(socket_.get(), datagram)) {
    ++datagrams_;
    const std::size_t length =
        dongle_.answer(std::span(datagram.bytes).first(datagram.length), reply, loop_.catch_up());
    if (length > 0) send_back(socket_.get(), datagram, reply.data(), length);
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
      const std::string reply = sim::discovery_reply(text, dongle.ip, dongle.serial);
      if (!reply.empty()) send_back(socket_.get(), datagram, reply.data(), reply.size());
    }
  }
}

}  // namespace hil::harness
