#include "harness/live/can_interface.h"

#include <fmt/format.h>
#include <linux/can.h>
#include <linux/can/error.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace hil::harness {
namespace {

ifreq request_for(const std::string& name) {
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  return request;
}

bool is_can(int socket, const std::string& name) {
  ifreq request = request_for(name);
  return ::ioctl(socket, SIOCGIFHWADDR, &request) == 0 && request.ifr_hwaddr.sa_family == ARPHRD_CAN;
}

bool is_up(int socket, const std::string& name) {
  ifreq request = request_for(name);
  return ::ioctl(socket, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) != 0;
}

/// "can0, vcan0"
std::string known_interfaces(int socket) {
  std::string names;
  struct if_nameindex* const all = ::if_nameindex();
  for (const struct if_nameindex* each = all; each != nullptr && each->if_index != 0; ++each) {
    if (is_can(socket, each->if_name)) names += (names.empty() ? "" : ", ") + std::string(each->if_name);
  }
  if (all != nullptr) ::if_freenameindex(all);
  return names.empty() ? "none" : names;
}

/// What keeps it from being opened; empty: nothing.
std::string fault_of(int socket, const std::string& name) {
  if (name.empty() || name.size() >= IFNAMSIZ) {
    return fmt::format("has a name of {} characters, must be 1..{}", name.size(), IFNAMSIZ - 1);
  }
  if (::if_nametoindex(name.c_str()) == 0) {
    return "does not exist, must be a CAN interface that is up; there are: " + known_interfaces(socket);
  }
  if (!is_can(socket, name)) {
    return "is none of CAN, must be a CAN interface that is up; there are: " + known_interfaces(socket);
  }
  if (!is_up(socket, name)) return fmt::format("is down, must be up (ip link set {} up)", name);
  return {};
}

/// Empty: it is done.
std::string bind_to(int socket, const std::string& name) {
  const can_err_mask_t every_error = CAN_ERR_MASK;
  const int off = 0;
  const int on = 1;
  sockaddr_can address{};
  address.can_family = AF_CAN;
  address.can_ifindex = static_cast<int>(::if_nametoindex(name.c_str()));
  const bool done = ::setsockopt(socket, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, &every_error, sizeof every_error) == 0 &&
                    ::setsockopt(socket, SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, &off, sizeof off) == 0 &&
                    // Each message then says how many were lost before it.
                    ::setsockopt(socket, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on) == 0 &&
                    ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  return done ? "" : std::strerror(errno);
}

}  // namespace

FileDescriptor open_can_interface(const std::string& name) {
  const auto fail = [&name](const std::string& why) { throw std::runtime_error("CAN interface " + name + ": " + why); };
  FileDescriptor socket(::socket(AF_CAN, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, CAN_RAW));
  if (!socket.is_open() && (errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT)) {
    fail("this kernel has no CAN sockets, must be a Linux with SocketCAN (modules can and can-raw)");
  }
  if (!socket.is_open()) fail(std::strerror(errno));
  if (const std::string fault = fault_of(socket.get(), name); !fault.empty()) fail(fault);
  if (const std::string fault = bind_to(socket.get(), name); !fault.empty()) fail(fault);
  return socket;
}

}  // namespace hil::harness
