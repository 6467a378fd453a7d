#pragma once

#include <netinet/in.h>

#include <optional>
#include <string>
#include <string_view>

#include "harness/record/network_capture.h"

namespace hil::harness {

/// An IPv4 address and port, as "127.0.0.1:1502"; port 0: any free one.
struct SocketAddress {
  sockaddr_in raw{};
  std::string text() const;
  std::string host() const;
  NetworkEnd end() const { return {ntohl(raw.sin_addr.s_addr), ntohs(raw.sin_port)}; }
};

/// nullopt: not of the form address:port, port 0..65535.
std::optional<SocketAddress> socket_address(std::string_view text);
/// Where a socket is bound.
SocketAddress bound_address(int fd);
/// What a connected socket is connected to.
SocketAddress far_address(int fd);

}  // namespace hil::harness
