#include "harness/live/socket_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <charconv>

namespace hil::harness {
namespace {

struct HostAndPort {
  std::string host;
  std::uint16_t port = 0;
};

std::optional<HostAndPort> host_and_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  HostAndPort parts{std::string(text.substr(0, colon))};
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), parts.port);
  if (error != std::errc{} || end != port.data() + port.size()) return std::nullopt;
  return parts;
}

/// Else it can only be an address: the system would take "127.1" for one, and "4001" too.
bool is_name(const std::string& host) {
  return host.find_first_not_of("0123456789.") != std::string::npos && host.find(':') == std::string::npos;
}

/// 0, or why not, see gai_strerror().
int look_up(const std::string& name, in_addr* address) {
  addrinfo wanted{};
  wanted.ai_family = AF_INET;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(name.c_str(), nullptr, &wanted, &found);
  if (error != 0) return error;
  if (address != nullptr) *address = reinterpret_cast<const sockaddr_in*>(found->ai_addr)->sin_addr;
  ::freeaddrinfo(found);
  return 0;
}

}  // namespace

std::string SocketAddress::host() const {
  std::array<char, INET_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET, &raw.sin_addr, text.data(), text.size());
  return text.data();
}

std::string SocketAddress::text() const {
  return host() + ":" + std::to_string(ntohs(raw.sin_port));
}

std::optional<SocketAddress> socket_address(std::string_view text) {
  const std::optional<HostAndPort> parts = host_and_port(text);
  if (!parts) return std::nullopt;
  SocketAddress address;
  address.raw.sin_family = AF_INET;
  address.raw.sin_port = htons(parts->port);
  if (::inet_pton(AF_INET, parts->host.c_str(), &address.raw.sin_addr) == 1) return address;
  if (!is_name(parts->host) || look_up(parts->host, &address.raw.sin_addr) != 0) return std::nullopt;
  return address;
}

std::string address_fault(std::string_view text, const std::string& form) {
  const std::optional<HostAndPort> parts = host_and_port(text);
  if (!parts || !is_name(parts->host)) return form;
  const int error = look_up(parts->host, nullptr);
  return error == 0 ? form : "no IPv4 address is known of \"" + parts->host + "\": " + ::gai_strerror(error);
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
