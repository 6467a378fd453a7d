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

/// From HOST:PORT, the host as an IPv4 address or a name, which the system is asked for; port 0..65535. nullopt: of
/// another form, or nobody knows the name.
std::optional<SocketAddress> socket_address(std::string_view text);
/// Why socket_address() gave nothing: `form`, or that nobody knows the name.
std::string address_fault(std::string_view text, const std::string& form);
/// Where a socket is bound.
SocketAddress bound_address(int fd);
/// What a connected socket is connected to.
SocketAddress far_address(int fd);

}  // namespace hil::harness
