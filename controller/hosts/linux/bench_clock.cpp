#include "controller/hosts/linux/bench_clock.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>
#include <stdexcept>
#include <string_view>

namespace hil::hosts {
namespace {

/// Takes a blank and a whole number off the front.
std::int64_t take_number(std::string_view& text, const std::string& line) {
  std::int64_t number = -1;
  if (text.starts_with(' ')) {
    const auto result = std::from_chars(text.data() + 1, text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(result.ptr - text.data()));
  }
  if (number >= 0) return number;
  throw std::runtime_error("the bench's clock says \"" + line +
                           "\", must be \"t\", the time in ns and four numbers of bytes, or \"e\" and the time");
}

}  // namespace

BenchClock::BenchClock(const std::string& path) : port_({path, {}}) {
  port_.open();
}

void BenchClock::say_done(controller::Time wake_at, const std::array<std::uint64_t, controller::max_lines>& sent) {
  const std::string line = fmt::format("d {} {}\n", wake_at.count(), fmt::join(sent, " "));
  // A terminal that takes no hundred bytes when the last turn is long over has nobody at its far end.
  if (port_.write({reinterpret_cast<const std::uint8_t*>(line.data()), line.size()}) != line.size()) {
    throw std::runtime_error("the bench does not fetch what it is told on its clock's port");
  }
}

std::optional<BenchClock::Turn> BenchClock::read() {
  // What has come counts, even if the bench has closed the port behind it.
  if (!has_line()) {
    std::array<std::uint8_t, 256> bytes{};
    const SerialPort::Heard heard = port_.read(bytes);
    if (heard.gone) {
      throw std::runtime_error(
          fmt::format("the bench that says the time is gone without \"e\", its last words are "
                      "\"{}\"{}",
                      last_, text_.empty() ? "" : " and \"" + text_ + "\" of a line"));
    }
    text_.append(reinterpret_cast<const char*>(bytes.data()), heard.count);
  }
  const std::size_t end = text_.find('\n');
  if (end == std::string::npos) return std::nullopt;
  last_ = text_.substr(0, end);
  text_.erase(0, end + 1);
  std::string_view rest = last_;
  Turn turn;
  turn.over = rest.starts_with('e');
  if (turn.over || rest.starts_with('t')) rest.remove_prefix(1);
  turn.now = controller::Time{take_number(rest, last_)};
  if (turn.over) return turn;
  for (std::uint64_t& count : turn.heard) count = static_cast<std::uint64_t>(take_number(rest, last_));
  return turn;
}

}  // namespace hil::hosts
