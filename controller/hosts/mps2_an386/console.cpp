#include "controller/hosts/mps2_an386/console.h"

#include <array>
#include <charconv>
#include <span>

#include "controller/hosts/mps2_an386/board.h"
#include "controller/hosts/mps2_an386/uart.h"

namespace hil::board {

ConsoleLine& ConsoleLine::operator<<(std::string_view text) {
  for (const char c : text) {
    if (count_ < sizeof text_ - 2) text_[count_++] = c;
  }
  return *this;
}

ConsoleLine& ConsoleLine::operator<<(std::int64_t number) {
  std::array<char, 20> digits{};
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return *this << std::string_view(digits.data(), static_cast<std::size_t>(result.ptr - digits.data()));
}

void ConsoleLine::send() {
  text_[count_++] = '\r';
  text_[count_++] = '\n';
  uart(console_uart).send({reinterpret_cast<const std::uint8_t*>(text_), count_});
  count_ = 0;
}

void halt(std::string_view why) {
  asm volatile("cpsid i" ::: "memory");
  constexpr std::uintptr_t base = 0x40009000;  // UART 4, see uart.cpp
  constexpr std::uint32_t transmit_full = 1u << 0;
  for (const char c : why) {
    while ((device_register(base + 4) & transmit_full) != 0) {
    }
    device_register(base) = static_cast<std::uint8_t>(c);
  }
  for (;;) wait_for_interrupt();
}

}  // namespace hil::board
