#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/wire/serial_format.h"

namespace hil::harness {

/// The baud that a program has set on its end of a pseudo-terminal, and what that makes of the bytes.
///
/// A pseudo-terminal carries bytes whatever baud is set on it, so a controller at a wrong baud would be understood here
/// and on no wire. What goes through one whose baud is not the line's is therefore heard as a UART hears it: garbage,
/// in which no frame is whole. A program that sets none, or 0 (to hang up), has the line's.
///
/// Left out: parity and stop bits, of which Linux keeps no parity on a pseudo-terminal; the garbage takes the time of
/// the line's characters. On a line without wire time there is no wrong baud.
class TerminalBaud {
 public:
  /// Whose master end `fd` is, which must outlive it.
  TerminalBaud(int fd, const sim::SerialFormat& of_line);

  /// Looks at the terminal. True: the baud is another than at the last look, the line's before the first.
  bool has_changed();
  /// At the last look; of a program that set none that of the line.
  int baud() const { return baud_; }
  /// "set to 19200 baud, com1 has 9600: neither understands the other", "set to 9600 baud, as com1 is"
  std::string text(const std::string& line) const;

  /// What the line hears of what the program sent, by the last look. Holds until the next call.
  std::span<const std::uint8_t> sent(std::span<const std::uint8_t> bytes);
  /// What the program hears of what the line says. Holds until the next call.
  std::span<const std::uint8_t> heard(std::span<const std::uint8_t> bytes);

 private:
  std::span<const std::uint8_t> through(std::span<const std::uint8_t> bytes, const sim::SerialFormat& sender,
                                        const sim::SerialFormat& receiver);

  int fd_;
  sim::SerialFormat of_line_;
  int baud_;
  std::vector<std::uint8_t> garbage_;
};

/// Sets it on a pseudo-terminal, be it by its master end, as a program at the other end would. Any number above 0.
void set_terminal_baud(int fd, int baud);

}  // namespace hil::harness
