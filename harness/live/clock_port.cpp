#include "harness/live/clock_port.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

constexpr auto end_is_taken_within = 1s;

/// Takes a blank and a whole number off the front.
bool take_number(std::string_view& text, std::int64_t& number) {
  if (!text.starts_with(' ')) return false;
  const auto result = std::from_chars(text.data() + 1, text.data() + text.size(), number);
  if (result.ec != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(result.ptr - text.data()));
  return true;
}

}  // namespace

bool is_turn(std::string_view line) {
  return line.starts_with("d ");
}

ControllerTurn read_turn(std::string_view line) {
  std::string_view rest = line.substr(is_turn(line) ? 1 : 0);
  ControllerTurn turn;
  std::int64_t wake_at_ns = 0;
  bool good = is_turn(line) && take_number(rest, wake_at_ns);
  turn.wake_at = sim::Time{wake_at_ns};
  for (std::int64_t& sent : turn.sent) good = good && take_number(rest, sent) && sent >= 0;
  if (good && rest.empty()) return turn;
  throw std::runtime_error(fmt::format(
      "the controller says \"{}\" on its clock's port, must be \"d\", the time to be woken at and the bytes "
      "sent on {} ports, 0 or more",
      as_seen(line), ControllerTurn::port_count));
}

const char* controller_port_name(std::size_t port) {
  constexpr std::array<const char*, ControllerTurn::port_count> names{"COM1", "COM2", "COM3", "the meter's port"};
  return names.at(port);
}

std::string as_seen(std::string_view bytes, std::size_t most) {
  std::string text;
  for (const char byte : bytes.substr(0, most)) {
    if (byte >= ' ' && byte <= '~') {
      text += byte;
    } else {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    }
  }
  return bytes.size() > most ? text + "..." : text;
}

std::optional<std::string> ClockPort::next_line() {
  for (;;) {
    const std::size_t end = words_.find('\n');
    if (end != std::string::npos) {
      std::string line = words_.substr(0, end);
      words_.erase(0, end + 1);
      while (line.ends_with('\r')) line.pop_back();
      if (is_turn(line)) last_turn_ = line;
      return line;
    }
    if (words_.size() > longest_line) {
      throw std::runtime_error(
          fmt::format("{} bytes without a line feed came on the clock's port {}, a line may have {}; they begin \"{}\"",
                      words_.size(), path_, longest_line, as_seen(words_)));
    }
    std::array<char, 512> bytes{};
    const ssize_t got = ::read(fd(), bytes.data(), bytes.size());
    if (got > 0) {
      words_.append(bytes.data(), static_cast<std::size_t>(got));
    } else if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
      return std::nullopt;
    } else {
      tell_hang_up();
    }
  }
}

bool ClockPort::has_hung_up() const {
  pollfd watched{fd(), 0, 0};
  return ::poll(&watched, 1, 0) == 1 && (watched.revents & POLLHUP) != 0;
}

void ClockPort::tell_hang_up() const {
  const std::string of_next = words_.empty() ? "" : fmt::format(" and \"{}\" of the next", as_seen(words_));
  throw std::runtime_error(
      fmt::format("the controller has closed the clock's port {} before the run was over, after its turn \"{}\"{}: it "
                  "must stay until the bench says \"e\"",
                  path_, as_seen(last_turn_), of_next));
}

void ClockPort::say_end(sim::Time now) const {
  if (has_hung_up()) return;
  // The controller's end as it is seen from there: what is to be read there has not been taken.
  const FileDescriptor its_end(::open(pair_.path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  const std::string line = fmt::format("e {}\n", now.count());
  if (!its_end.is_open() || ::write(fd(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) return;
  const auto given_up = std::chrono::steady_clock::now() + end_is_taken_within;
  pollfd untaken{its_end.get(), POLLIN, 0};
  while (::poll(&untaken, 1, 0) == 1 && std::chrono::steady_clock::now() < given_up) {
    std::this_thread::sleep_for(1ms);
  }
}

}  // namespace hil::harness
