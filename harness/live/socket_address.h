#pragma once

#include <netinet/in.h>

#include <optional>
#include <string>
#include <string_view>

namespace hil::harness {

/// An IPv4 address and port, as "127.0.0.1:1502"; port 0: any free one.
struct SocketAddress {
  sockaddr_in raw{};
  std::string text() const;
  std::string host() const;
};

/// nullopt: not of the form address:port, port 0..65535.
std::optional<SocketAddress> socket_address(std::string_view text);
/// Where a socket is bound.
SocketAddress bound_address(int fd);

}  // namespace hil::harness
