#pragma once

#include <chrono>

namespace hil::sim {

enum class Parity : unsigned char { none, even, odd };

/// Baud rate and character format of an asynchronous line, and the times that follow from them.
/// Source: Modbus over serial line 1.02, 2.5.1.1; physics-and-standards section 7.
struct SerialFormat {
  int baud = 9600;    ///< 1200 .. 1,000,000
  int data_bits = 8;  ///< 8
  Parity parity = Parity::none;
  int stop_bits = 1;  ///< 1 or 2
  /// false: a character lasts 1 ns whatever the baud, as over a wire that slows nothing down; t1.5 and t3.5 stay.
  bool takes_time = true;

  bool operator==(const SerialFormat&) const = default;
  int bits_per_character() const { return 1 + data_bits + (parity == Parity::none ? 0 : 1) + stop_bits; }
  /// `count` characters, rounded to the nanosecond once for the whole run of characters.
  std::chrono::nanoseconds characters(long count) const;
  /// Longest silence inside a frame: 1.5 characters, fixed 750 us above 19,200 baud.
  std::chrono::nanoseconds t1_5() const;
  /// Silence between frames: 3.5 characters, fixed 1,750 us above 19,200 baud.
  std::chrono::nanoseconds t3_5() const;
};

}  // namespace hil::sim
