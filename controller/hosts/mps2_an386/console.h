#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hil::board {

inline constexpr std::size_t console_uart = 4;

/// A line of words and whole numbers for the console, of fixed length; what does not fit is left away.
class ConsoleLine {
 public:
  ConsoleLine& operator<<(std::string_view text);
  ConsoleLine& operator<<(std::int64_t number);
  /// Sends it with its end of line, unless the one before is still leaving.
  void send();

 private:
  char text_[120];
  std::size_t count_ = 0;
};

/// Says why the processor goes no further, without interrupts.
[[noreturn]] void halt(std::string_view why);

}  // namespace hil::board
