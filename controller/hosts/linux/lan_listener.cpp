#include "controller/hosts/linux/lan_listener.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "controller/hosts/linux/bad_input.h"

namespace hil::hosts {
namespace {

constexpr std::size_t largest_read = 512;  // then the lines have their turn

sockaddr_in raw(const LanAddress& address) {
  sockaddr_in raw{};
  raw.sin_family = AF_INET;
  raw.sin_port = htons(address.port);
  std::memcpy(&raw.sin_addr, address.host.data(), address.host.size());
  return raw;
}

FileDescriptor listening(const LanAddress& address) {
  FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const sockaddr_in at = raw(address);
  const int yes = 1;
  const bool good = socket.is_open() && ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
                    ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 &&
                    ::listen(socket.get(), SOMAXCONN) == 0;
  if (!good) {
    throw BadInput(fmt::format("--lan {}.{}.{}.{}:{}: {}", address.host[0], address.host[1], address.host[2],
                               address.host[3], address.port, std::strerror(errno)));
  }
  return socket;
}

}  // namespace

LanAddress read_lan_address(const std::string& option, const std::string& given) {
  LanAddress address;
  const std::size_t colon = given.rfind(':');
  const std::string host = given.substr(0, colon);
  const char* const first = given.data() + (colon == std::string::npos ? given.size() : colon + 1);
  const char* const last = given.data() + given.size();
  const auto [end, error] = std::from_chars(first, last, address.port);
  in_addr numbers{};
  if (error != std::errc{} || end != last || ::inet_pton(AF_INET, host.c_str(), &numbers) != 1) {
    throw BadInput(fmt::format("{} is \"{}\", must be ADDRESS:PORT, as 0.0.0.0:1234", option, given));
  }
  std::memcpy(address.host.data(), &numbers, address.host.size());
  return address;
}

LanListener::LanListener(EventLoop& loop, const LanAddress& address, controller::Controller& core,
                         std::function<void()> work, std::function<void()> work_due)
    : loop_(loop), core_(core), work_(std::move(work)), work_due_(std::move(work_due)), listener_(listening(address)) {
  loop_.add(listener_.get(), [this](std::uint32_t) { accept(); });
}

LanListener::~LanListener() {
  for (std::size_t place = 0; place < clients_.size(); ++place) close(place);
  loop_.remove(listener_.get());
}

void LanListener::accept() {
  FileDescriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket.is_open()) return;
  const auto free =
      std::find_if(clients_.begin(), clients_.end(), [](const Client& each) { return !each.socket.is_open(); });
  const auto place = static_cast<std::size_t>(free - clients_.begin());
  if (free == clients_.end() || !core_.lan_opened(place, loop_.now())) {
    ++refused_;
    return;
  }
  const int yes = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  free->socket = std::move(socket);
  loop_.add(free->socket.get(), [this, place](std::uint32_t) { receive(place); });
  work_();
}

void LanListener::receive(std::size_t place) {
  std::array<std::uint8_t, largest_read> bytes{};
  const ssize_t got = ::recv(clients_[place].socket.get(), bytes.data(), bytes.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got > 0) {
    core_.lan_bytes_arrived(place, std::span(bytes).first(static_cast<std::size_t>(got)), loop_.now());
    work_();
    return;
  }
  // It ended its side, and is answered what it asked before.
  work_due_();
  if (!clients_[place].socket.is_open()) return;
  close(place);
  core_.lan_closed(place, loop_.now());
  work_();
}

void LanListener::deliver(const controller::Output& output) {
  for (std::size_t place = 0; place < clients_.size(); ++place) {
    Client& client = clients_[place];
    const controller::LanPort& port = output.lan[place];
    const auto pending = port.pending();
    if (!client.socket.is_open()) continue;
    if (!pending.empty()) {
      const ssize_t sent = ::send(client.socket.get(), pending.data(), pending.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      client.lost = sent != static_cast<ssize_t>(pending.size()) && !port.close;
    }
    if (port.close || client.lost) close(place);
  }
}

void LanListener::report_lost() {
  for (std::size_t place = 0; place < clients_.size(); ++place) {
    if (!std::exchange(clients_[place].lost, false)) continue;
    core_.lan_closed(place, loop_.now());
    work_();
  }
}

void LanListener::close(std::size_t place) {
  FileDescriptor& socket = clients_[place].socket;
  if (!socket.is_open()) return;
  loop_.remove(socket.get());
  socket.close();
}

std::string LanListener::address() const {
  sockaddr_in at{};
  socklen_t size = sizeof at;
  ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&at), &size);
  std::array<char, INET_ADDRSTRLEN> host{};
  ::inet_ntop(AF_INET, &at.sin_addr, host.data(), static_cast<socklen_t>(host.size()));
  return fmt::format("{}:{}", host.data(), ntohs(at.sin_port));
}

std::size_t LanListener::clients() const {
  return static_cast<std::size_t>(
      std::count_if(clients_.begin(), clients_.end(), [](const Client& each) { return each.socket.is_open(); }));
}

}  // namespace hil::hosts
