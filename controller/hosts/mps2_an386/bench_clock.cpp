#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <span>
#include <string_view>

#include "controller/hosts/mps2_an386/board.h"
#include "controller/hosts/mps2_an386/clock.h"
#include "controller/hosts/mps2_an386/console.h"
#include "controller/hosts/mps2_an386/uart.h"

// Time as the bench says it, over the console's UART, so that a run does not depend on how fast the machine is that
// plays board and bench. Turn by turn: the board says what it has sent and when it wants to be woken, "d WAKE SENT...",
// and rests; the bench says what time it is and what has come on the lines until then, "t NOW HEARD...". Times in
// nanoseconds, bytes of each line since the start. The board goes on when it has these bytes.
namespace hil::board {
namespace {

constexpr std::size_t longest_line = 120;

controller::Time time{0};

Uart& console() {
  return uart(console_uart);
}

void say_done(controller::Time next_wake) {
  wait_until([] { return !console().is_sending(); });
  ConsoleLine line;
  line << "d " << next_wake.count();
  for (std::size_t port = 0; port < controller::max_lines; ++port) {
    wait_until([port] { return !uart(port).is_sending(); });
    line << " " << std::int64_t{uart(port).sent_bytes()};
  }
  line.send();
}

/// The next line of the bench, without its end.
std::string_view next_line(std::array<char, longest_line>& text) {
  std::size_t count = 0;
  for (;;) {
    std::uint8_t byte = 0;
    wait_until([] { return console().has_bytes(); });
    console().take(std::span(&byte, 1));
    if (byte == '\n') return {text.data(), count};
    if (count < text.size()) text[count++] = static_cast<char>(byte);
  }
}

/// Takes a whole number and the blank before it off the front; 0 where there is none.
std::int64_t next_number(std::string_view& text) {
  text.remove_prefix(std::min<std::size_t>(1, text.size()));
  std::int64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(result.ptr - text.data()));
  return number;
}

}  // namespace

void start_clock() {}

void tick() {}

controller::Time now() {
  return time;
}

void rest(controller::Time next_wake) {
  say_done(next_wake);
  std::array<char, longest_line> text;
  std::string_view line = next_line(text);
  while (!line.starts_with('t')) line = next_line(text);
  line.remove_prefix(1);
  time = controller::Time{next_number(line)};
  for (std::size_t port = 0; port < controller::max_lines; ++port) {
    const auto heard = static_cast<std::uint32_t>(next_number(line));
    wait_until([port, heard] { return uart(port).heard_bytes() >= heard; });
  }
}

}  // namespace hil::board
