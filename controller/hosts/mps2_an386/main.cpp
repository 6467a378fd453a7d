#include <array>
#include <cstdint>
#include <span>

#include "controller/hosts/mps2_an386/board.h"
#include "controller/hosts/mps2_an386/clock.h"
#include "controller/hosts/mps2_an386/console.h"
#include "controller/hosts/mps2_an386/hosted_core.h"
#include "controller/hosts/mps2_an386/stack_use.h"
#include "controller/hosts/mps2_an386/uart.h"
#include HILBENCH_BOARD_SETTINGS

namespace hil::board {
namespace {

namespace core = hil::controller;
using namespace std::chrono_literals;

constexpr std::int32_t console_baud = 115'200;
constexpr auto settings = site_settings();
using Core = CoreFor<decltype(settings)>;

void carry_out(Core& controller) {
  const core::Output& output = controller.output();
  for (std::size_t line = 0; line < core::max_lines; ++line) {
    // A frame that the UART cannot take yet is lost; the core sees that as a reply that does not come.
    uart(line).send(output.lines[line].pending());
  }
  controller.sent();
}

void tell(const Core& controller, core::Time longest_call) {
  std::int32_t lost = 0;
  for (std::size_t line = 0; line < core::max_lines; ++line) lost += static_cast<std::int32_t>(uart(line).lost_bytes());
  ConsoleLine line;
  tell_state(line, controller, now());
  line << ", " << lost << " bytes lost, stack " << static_cast<std::int32_t>(most_stack_used()) << " B, call "
       << static_cast<std::int32_t>(longest_call / 1us) << " us";
  line.send();
}

[[noreturn]] void run() {
  static Core controller(settings);
  start_clock();
  for (std::size_t line = 0; line < core::max_lines; ++line) uart(line).start(line, baud_of(settings, line));
  uart(console_uart).start(console_uart, console_baud);

  core::Time longest_call{0};
  core::Time next_tell = 1s;
  const auto timed = [&](auto&& entry) {
    const core::Time began = now();
    entry(began);
    carry_out(controller);
    longest_call = std::max(longest_call, now() - began);
  };
  for (;;) {
    for (std::size_t line = 0; line < core::max_lines; ++line) {
      std::array<std::uint8_t, core::largest_frame> bytes;
      const std::size_t count = uart(line).take(bytes);
      if (count == 0) continue;
      timed([&](core::Time at) { controller.bytes_arrived(line, std::span(bytes).first(count), at); });
    }
    if (now() >= controller.output().next_wake) {
      timed([&](core::Time at) { controller.woken(at); });
    }
    if (now() >= next_tell) {
      // What it stands on is not what it was: silence is what the inverters' fallback limits are for.
      if (stack_overflowed()) halt("fault: the stack was too small\r\n");
      tell(controller, longest_call);
      next_tell += 1s;
    }
    rest(controller.output().next_wake);
  }
}

}  // namespace
}  // namespace hil::board

int main() {
  hil::board::run();
}
