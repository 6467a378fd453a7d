#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ostream>
#include <stdexcept>
#include <system_error>

#include "harness/live/stepped_drive.h"
#include "harness/live/stop_signals.h"

// The wait for the controller's first turn.
namespace hil::harness {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto look_each = 200ms;
// A controller that is on its way to its first turn may say a few words before.
constexpr auto hint_after = 5s;

Clock::time_point limit_from(Clock::time_point began, std::optional<double> within_s) {
  if (!within_s) return Clock::time_point::max();
  return began + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*within_s));
}

}  // namespace

bool SteppedDrive::wait() {
  const FileDescriptor signals = stop_signals();
  const std::string at_most = first_turn_within_s_ ? fmt::format(", at most {:g} s", *first_turn_within_s_) : "";
  out_ << fmt::format("waiting for a controller to take its first turn on {}{}; Ctrl-C ends\n", clock_.path(), at_most)
       << std::flush;
  const auto limit = limit_from(Clock::now(), first_turn_within_s_);
  std::optional<Clock::time_point> hint_at;
  std::string said;  // the latest that was no turn
  for (;;) {
    try {
      if (take_first_turn(said)) return true;
    } catch (const std::runtime_error& error) {
      not_begun_ = {error.what(), true};
      return false;
    }
    const auto now = Clock::now();
    if (!hint_at && !hint(said).empty()) hint_at = now + hint_after;
    if (hint_at && now >= *hint_at) {
      out_ << hint(said) << '\n' << std::flush;
      hint_at = Clock::time_point::max();
    }
    if (now >= limit) {
      not_begun_.why = why_nobody(said);
      return false;
    }
    const auto left = std::min<Clock::duration>(limit - now, look_each);
    std::array<pollfd, 2> watched{pollfd{clock_.fd(), POLLIN, 0}, pollfd{signals.get(), POLLIN, 0}};
    const auto left_ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    if (::poll(watched.data(), watched.size(), static_cast<int>(left_ms)) < 0 && errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "poll");
    }
    if (watched[1].revents != 0) {
      not_begun_.why = "ended before the controller's first turn";
      return false;
    }
  }
}

/// True: it is there, and can be read once more. Throws std::runtime_error for one that is none. What else has come is
/// for people, its latest line goes to `said`.
bool SteppedDrive::take_first_turn(std::string& said) {
  while (const std::optional<std::string> line = clock_.next_line()) {
    if (is_turn(*line)) {
      const ControllerTurn turn = read_turn(*line);
      for (const Port& port : ports_) drop_leftovers(port, turn.sent[port.number]);
      clock_.put_back(*line);
      clock_.watch_hang_up();
      return true;
    }
    if (line->empty()) continue;
    out_ << "controller: " << as_seen(*line, ClockPort::longest_line) << '\n' << std::flush;
    said = *line;
  }
  return false;
}

/// What one that came and went without a turn has said on a port is not this one's, whose bytes are the last.
void SteppedDrive::drop_leftovers(const Port& port, std::int64_t sent_bytes) {
  int waiting = 0;
  if (::ioctl(port.pair.master.get(), FIONREAD, &waiting) != 0) return;
  const std::int64_t leftover_bytes = waiting - sent_bytes;
  std::array<std::uint8_t, 256> dropped{};
  for (std::int64_t left = leftover_bytes; left > 0;) {
    const auto most = static_cast<std::size_t>(std::min<std::int64_t>(left, dropped.size()));
    const ssize_t got = ::read(port.pair.master.get(), dropped.data(), most);
    if (got <= 0) return;
    left -= got;
  }
  if (leftover_bytes <= 0) return;
  out_ << fmt::format("{}: {} bytes that came before the controller's first turn are left out\n", port.line,
                      leftover_bytes)
       << std::flush;
}

std::string SteppedDrive::why_nobody(const std::string& said) const {
  std::string heard = "nothing came there";
  if (!said.empty()) heard = fmt::format("its latest words are \"{}\"", as_seen(said));
  if (!clock_.begun_line().empty()) {
    heard = fmt::format("what came last is \"{}\" without a line feed", as_seen(clock_.begun_line()));
  }
  return fmt::format("no controller took a turn on {} within {:g} s, {}", clock_.path(), *first_turn_within_s_, heard);
}

/// What somebody who waits in vain should look at; empty: nothing speaks for anything.
std::string SteppedDrive::hint(const std::string& said) const {
  constexpr const char* question =
      "has it a clock of its own? With the bench's there are hilcontroller --clock and the board's ..._stepped.elf; "
      "without --clock attach runs in real time";
  if (!said.empty()) {
    return fmt::format("the controller talks on {}, but \"{}\" is no turn: {}", clock_.path(), as_seen(said), question);
  }
  for (const Port& port : ports_) {
    int waiting = 0;
    if (::ioctl(port.pair.master.get(), FIONREAD, &waiting) != 0 || waiting == 0) continue;
    return fmt::format("{} bytes came on {}, but the controller took no turn on {}: {}", waiting, port.line,
                       clock_.path(), question);
  }
  return {};
}

}  // namespace hil::harness
