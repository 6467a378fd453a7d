#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/wire/uart_receiver.h"
#include "sim/wire/wire_marks.h"

namespace hil::sim {

/// How a run of characters reaches a receiver when wires or formats change while it is sent: what has begun before a
/// change is heard as before it. Left out: what the change makes of the character under way.
class WiringHistory {
 public:
  using Wiring = UartReceiver::Wiring;

  WiringHistory() { parts_.reserve(expected_changes); }

  void clear() { parts_.clear(); }
  /// The first `characters` have begun; those not settled before were sent over `wiring`.
  void settle(std::size_t characters, const Wiring& wiring);
  /// What is wrong for any of `characters`, of which the last, not settled ones are sent over `last`; 0: heard as sent.
  WireMarks marks(std::size_t characters, const Wiring& last) const;
  /// Writes into `heard`, which has room for UartReceiver::most_heard().
  UartReceiver::Heard hear(std::span<const std::uint8_t> sent, const Wiring& last, std::span<std::uint8_t> heard) const;

 private:
  static constexpr std::size_t expected_changes = 16;  // in one frame; more may allocate
  struct Part {
    std::size_t end = 0;  ///< characters, from the first of all
    Wiring wiring;
  };
  std::size_t settled() const { return parts_.empty() ? 0 : parts_.back().end; }

  std::vector<Part> parts_;
};

}  // namespace hil::sim
