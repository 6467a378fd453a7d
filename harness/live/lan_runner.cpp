#include "harness/live/lan_runner.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace hil::harness {

unsigned LanRunner::carry_out(const LanClient::Order& order) {
  client_.order(order, now());
  do_what_is_wanted();
  // What waits for a second's rest behind the last service is not idle either.
  while (!client_.idle()) {
    wait();
    do_what_is_wanted();
  }
  return client_.feedback_of(order.service);
}

void LanRunner::do_what_is_wanted() {
  bool anything = true;
  while (anything) {
    anything = false;
    const auto wanted = client_.output().channels;
    client_.done();
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      anything = anything || !wanted[k].bytes.empty() || wanted[k].close || wanted[k].open;
      if (!wanted[k].bytes.empty()) send(k, wanted[k].bytes);
      if (wanted[k].close) channels_[k] = Channel{};
      if (wanted[k].open) connect(k);
    }
  }
}

void LanRunner::connect(std::size_t number) {
  Channel& channel = channels_[number];
  channel = Channel{FileDescriptor{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)}, true};
  if (!channel.socket.is_open()) {
    fail(number, errno);
    return;
  }
  const int status =
      ::connect(channel.socket.get(), reinterpret_cast<const sockaddr*>(&device_.raw), sizeof device_.raw);
  if (status != 0 && errno != EINPROGRESS) fail(number, errno);
}

void LanRunner::send(std::size_t number, std::span<const std::uint8_t> bytes) {
  // A request is far shorter than any socket's buffer, so it goes whole or not at all.
  const ssize_t sent = ::send(channels_[number].socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(bytes.size())) fail(number, sent < 0 ? errno : EIO);
}

void LanRunner::fail(std::size_t number, int error) {
  socket_failure_ = std::system_category().message(error);
  channels_[number] = Channel{};
  client_.failed(number, now());
}

void LanRunner::wait() {
  std::array<pollfd, LanClient::channel_count> watched{};
  for (std::size_t k = 0; k < watched.size(); ++k) {
    watched[k].fd = channels_[k].socket.get();
    watched[k].events = channels_[k].connecting ? POLLOUT : POLLIN;
  }
  constexpr sim::Time longest = std::chrono::seconds{60};
  const sim::Time left = std::clamp(client_.output().next_wake - now(), sim::Time{0}, longest);
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left);
  const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(milliseconds.count()));
  if (ready < 0 && errno != EINTR) throw std::system_error(errno, std::system_category(), "poll");
  for (std::size_t k = 0; ready > 0 && k < watched.size(); ++k) {
    if (watched[k].revents == 0) continue;
    serve(k);
    do_what_is_wanted();
  }
  if (now() >= client_.output().next_wake) client_.woken(now());
}

void LanRunner::serve(std::size_t number) {
  Channel& channel = channels_[number];
  if (channel.connecting) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(channel.socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
      fail(number, error);
      return;
    }
    channel.connecting = false;
    client_.opened(number, now());
    return;
  }
  std::array<std::uint8_t, 512> bytes{};
  const ssize_t got = ::recv(channel.socket.get(), bytes.data(), bytes.size(), 0);
  if (got > 0) {
    client_.bytes_arrived(number, std::span{bytes}.first(static_cast<std::size_t>(got)), now());
  } else if (got == 0) {
    channel = Channel{};
    client_.closed(number, now());
  } else if (errno != EAGAIN && errno != EINTR) {
    fail(number, errno);
  }
}

}  // namespace hil::harness
