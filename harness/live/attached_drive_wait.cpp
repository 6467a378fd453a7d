#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <ostream>
#include <stdexcept>
#include <system_error>

#include "harness/live/attached_drive.h"
#include "harness/live/stop_signals.h"

// The wait for the controller's first request.
namespace hil::harness {
namespace {

using namespace std::chrono_literals;

constexpr int look_each_ms = 1000;
// At one go, so that a flood cannot keep Ctrl-C waiting.
constexpr int most_bytes = 512;
// Adapters hand a frame over in pieces with up to 16 ms in between; after more than this a new one has begun.
constexpr auto longest_gap = 50ms;

pollfd readable(int fd) {
  return {fd, POLLIN, 0};
}

}  // namespace

bool AttachedDrive::wait() {
  if (!waits()) return true;
  const bool has_come = wait_for_request();
  const auto now = std::chrono::steady_clock::now();
  for (Port& port : ports_) {
    const std::span<const std::uint8_t> request = port.first.request();
    // Of another line's request a part may be here: the rest is yet to come.
    if (request.empty() && now - port.last_byte > longest_gap) port.early.clear();
    if (!request.empty()) port.early.assign(request.begin(), request.end());
    if (const std::uint64_t noise = port.first.taken() - port.early.size(); noise > 0 && has_come) {
      noise_.push_back(fmt::format("{} bytes that are no Modbus frame came on {} before", noise, port.spec.line));
      out_ << noise_.back() << '\n' << std::flush;
    }
  }
  return has_come;
}

/// False: a signal came first.
bool AttachedDrive::wait_for_request() {
  const FileDescriptor signals = stop_signals();
  out_ << "waiting for the controller's first request; Ctrl-C ends\n" << std::flush;
  auto look = std::chrono::steady_clock::now() + 1s;
  for (;;) {
    std::vector<pollfd> watched{readable(signals.get())};
    // What is down has no descriptor, which poll() passes over.
    watched.push_back(readable(can_ ? can_->fd() : -1));
    for (const Listener& listener : listeners_) watched.push_back(readable(listener.socket.get()));
    for (const Port& port : ports_) watched.push_back(readable(port.fd()));
    if (::poll(watched.data(), watched.size(), look_each_ms) < 0 && errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "poll");
    }
    std::size_t next = 0;
    if (watched[next++].revents != 0) return false;
    if (watched[next++].revents != 0 && frame_waits_on_can()) return true;
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
      if (watched[next++].revents != 0) return true;
    }
    for (Port& port : ports_) {
      if (watched[next++].revents != 0 && take_what_came(port)) return true;
    }
    if (std::chrono::steady_clock::now() < look) continue;
    look = std::chrono::steady_clock::now() + 1s;
    look_at_ports();
  }
}

void AttachedDrive::look_at_ports() {
  for (Port& port : ports_) {
    if (port.fd() < 0 && port.device->open_again()) {
      out_ << fmt::format("{} on {} is there again\n", port.device->path(), port.spec.line) << std::flush;
    }
    tell_noise(port);
  }
  if (can_ && can_->fd() < 0 && can_->open_again()) {
    out_ << fmt::format("{} is there again\n", can_->name()) << std::flush;
  }
}

/// It is left to the endpoint.
bool AttachedDrive::frame_waits_on_can() {
  const bool waits = can_->frame_waits();
  if (can_->fd() < 0) out_ << fmt::format("{} is gone\n", can_->name()) << std::flush;
  return waits;
}

/// One byte at a time: what follows the request is left to those who serve the line. True: the request is there.
bool AttachedDrive::take_what_came(Port& port) {
  for (int i = 0; i < most_bytes; ++i) {
    std::uint8_t byte = 0;
    const bool was_open = port.fd() >= 0;
    const bool got = port.device ? port.device->next_byte(byte) : ::read(port.fd(), &byte, 1) == 1;
    if (was_open && port.fd() < 0 && port.device->was_there()) {
      out_ << fmt::format("{} on {} is unplugged\n", port.device->path(), port.spec.line) << std::flush;
    }
    if (!got) return false;
    tell_baud(port);
    if (take_byte(port, byte)) return true;
  }
  return false;
}

bool AttachedDrive::take_byte(Port& port, std::uint8_t byte) {
  const auto now = std::chrono::steady_clock::now();
  if (now - port.last_byte > longest_gap) port.early.clear();
  port.last_byte = now;
  const std::span<const std::uint8_t> as_sent(&byte, 1);
  for (const std::uint8_t heard : port.baud ? port.baud->sent(as_sent) : as_sent) {
    port.early.push_back(heard);
    if (port.first.take(heard)) return true;
  }
  return false;
}

/// Once, unless it changes: who sets a wrong baud would wait in vain.
void AttachedDrive::tell_baud(Port& port) {
  constexpr std::size_t most_told = 100;
  if (!port.baud || !port.baud->has_changed() || noise_.size() >= most_told) return;
  noise_.push_back(fmt::format("{} was {}", port.where, port.baud->text(port.spec.line)));
  out_ << noise_.back() << '\n' << std::flush;
}

/// Each time that there is twice as much, so that a noisy line does not fill the terminal.
void AttachedDrive::tell_noise(Port& port) {
  const std::uint64_t bytes = port.first.taken();
  if (bytes == 0 || bytes < 2 * port.told_bytes) return;
  port.told_bytes = bytes;
  out_ << fmt::format("{}: {} bytes and no Modbus request among them: other baud or parity, or A and B swapped?\n",
                      port.spec.line, bytes)
       << std::flush;
}

}  // namespace hil::harness
