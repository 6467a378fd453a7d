#include "sim/wire/serial_format.h"

#include <cstdint>

namespace hil::sim {

namespace {

constexpr int highest_baud_with_scaled_gaps = 19'200;

/// `half_characters` * bits / 2 / baud in nanoseconds, to the nearest, halves up. 64 bits hold 10^8 characters.
std::chrono::nanoseconds half_characters(const SerialFormat& format, std::int64_t half_characters) {
  constexpr std::int64_t half_second_ns = 500'000'000;
  const std::int64_t baud = format.baud;
  const std::int64_t scaled = half_characters * format.bits_per_character() * half_second_ns;
  return std::chrono::nanoseconds{(2 * scaled + baud) / (2 * baud)};
}

}  // namespace

std::chrono::nanoseconds SerialFormat::characters(long count) const {
  if (!takes_time) return std::chrono::nanoseconds{count};
  return half_characters(*this, 2 * count);
}

std::chrono::nanoseconds SerialFormat::t1_5() const {
  if (baud > highest_baud_with_scaled_gaps) return std::chrono::microseconds{750};
  return half_characters(*this, 3);
}

std::chrono::nanoseconds SerialFormat::t3_5() const {
  if (baud > highest_baud_with_scaled_gaps) return std::chrono::microseconds{1750};
  return half_characters(*this, 7);
}

}  // namespace hil::sim
