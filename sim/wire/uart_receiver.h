#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/wire/serial_format.h"

namespace hil::sim {

/// What a receiver makes of a run of characters that were sent back to back, bit by bit: after a falling edge it takes
/// every bit in its middle by its own baud, then waits for the next falling edge. With the sender's own format and
/// polarity it hears what was sent; else garbage, of which some characters may look sound.
///
/// The line is at rest before and after the run; over swapped wires that rest is a break, which ends the run with a
/// character 00. Left out: oversampling and its majority, slow edges.
class UartReceiver {
 public:
  struct Wiring {
    SerialFormat sender;
    SerialFormat receiver;
    bool swapped = false;  ///< A and B between the two
  };
  /// Characters that `count` sent ones can be heard as, at most.
  static constexpr std::size_t most_heard(std::size_t count) { return 6 * count + 1; }

  struct Heard {
    std::size_t count = 0;
    bool sound = true;  ///< every start, parity and stop bit fitted
  };
  /// Writes into `heard`, which has room for most_heard().
  static Heard hear(std::span<const std::uint8_t> sent, const Wiring& wiring, std::span<std::uint8_t> heard);
};

}  // namespace hil::sim
