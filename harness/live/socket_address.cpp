#include "harness/live/socket_address.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <array>
#include <charconv>

namespace hil::harness {

std::string SocketAddress::host() const {
  std::array<char, INET_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET, &raw.sin_addr, text.data(), text.size());
  return text.data();
}

std::string SocketAddress::text() const {
  return host() + ":" + std::to_string(ntohs(raw.sin_port));
}

std::optional<SocketAddress> socket_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string host(text.substr(0, colon));
  const std::string_view port_text = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (error != std::errc{} || end != port_text.data() + port_text.size()) return std::nullopt;
  SocketAddress address;
  address.raw.sin_family = AF_INET;
  address.raw.sin_port = htons(port);
  if (::inet_pton(AF_INET, host.c_str(), &address.raw.sin_addr) != 1) return std::nullopt;
  return address;
}

SocketAddress bound_address(int fd) {
  SocketAddress address;
  socklen_t length = sizeof address.raw;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address.raw), &length);
  return address;
}

SocketAddress far_address(int fd) {
  SocketAddress address;
  socklen_t length = sizeof address.raw;
  ::getpeername(fd, reinterpret_cast<sockaddr*>(&address.raw), &length);
  return address;
}

}  // namespace hil::harness
