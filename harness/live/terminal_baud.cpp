#include "harness/live/terminal_baud.h"

// Not <termios.h>, whose names are the same: only the kernel's own structure has the baud as a number.
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <fmt/format.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sim/wire/uart_receiver.h"

namespace hil::harness {
namespace {

constexpr std::size_t most_bytes = 512;  // at one go, of either side

/// The name that programs know it by; of any other the number alone.
tcflag_t name_of(int baud) {
  constexpr std::array<std::pair<int, tcflag_t>, 11> names{{{1200, B1200},
                                                            {2400, B2400},
                                                            {4800, B4800},
                                                            {9600, B9600},
                                                            {19200, B19200},
                                                            {38400, B38400},
                                                            {57600, B57600},
                                                            {115200, B115200},
                                                            {230400, B230400},
                                                            {460800, B460800},
                                                            {921600, B921600}}};
  const auto* const named =
      std::find_if(names.begin(), names.end(), [baud](const auto& each) { return each.first == baud; });
  return named == names.end() ? BOTHER : named->second;
}

}  // namespace

void set_terminal_baud(int fd, int baud) {
  termios2 settings{};
  if (::ioctl(fd, TCGETS2, &settings) != 0) return;
  settings.c_cflag &= ~static_cast<tcflag_t>(CBAUD | CIBAUD);
  settings.c_cflag |= name_of(baud);
  settings.c_ispeed = settings.c_ospeed = static_cast<speed_t>(baud);
  ::ioctl(fd, TCSETS2, &settings);
}

TerminalBaud::TerminalBaud(int fd, const sim::SerialFormat& of_line)
    : fd_(fd), of_line_(of_line), baud_(of_line.baud), garbage_(sim::UartReceiver::most_heard(most_bytes)) {}

bool TerminalBaud::has_changed() {
  termios2 settings{};
  const bool known = of_line_.takes_time && ::ioctl(fd_, TCGETS2, &settings) == 0 && settings.c_ospeed > 0;
  const int baud = known ? static_cast<int>(settings.c_ospeed) : of_line_.baud;
  const bool changed = baud != baud_;
  baud_ = baud;
  return changed;
}

std::string TerminalBaud::text(const std::string& line) const {
  if (baud_ == of_line_.baud) return fmt::format("set to {} baud, as {} is", baud_, line);
  return fmt::format("set to {} baud, {} has {}: neither understands the other", baud_, line, of_line_.baud);
}

std::span<const std::uint8_t> TerminalBaud::sent(std::span<const std::uint8_t> bytes) {
  sim::SerialFormat own = of_line_;
  own.baud = baud_;
  return through(bytes, own, of_line_);
}

std::span<const std::uint8_t> TerminalBaud::heard(std::span<const std::uint8_t> bytes) {
  sim::SerialFormat own = of_line_;
  own.baud = baud_;
  return through(bytes, of_line_, own);
}

std::span<const std::uint8_t> TerminalBaud::through(std::span<const std::uint8_t> bytes,
                                                    const sim::SerialFormat& sender,
                                                    const sim::SerialFormat& receiver) {
  if (sender == receiver) return bytes;
  const auto made_out = bytes.first(std::min(bytes.size(), most_bytes));
  const auto heard = sim::UartReceiver::hear(made_out, {.sender = sender, .receiver = receiver}, garbage_);
  return std::span(garbage_).first(heard.count);
}

}  // namespace hil::harness
