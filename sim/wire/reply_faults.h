#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "models/split_mix64.h"
#include "sim/kernel/kernel.h"
#include "sim/wire/modbus_rtu.h"
#include "sim/wire/wire_marks.h"

namespace hil::sim {

/// What a unit can do to its own replies, in the order in which it does it. The mark of each is bit number of it.
enum class ReplyFault : unsigned char {
  delay,           ///< `time` later
  jitter,          ///< up to `time` later, evenly spread
  exception,       ///< exception `number` in place of the reply; the request has no effect
  wrong_unit,      ///< from address `number`
  wrong_function,  ///< with function `number`
  flipped_bit,     ///< one bit of one byte, drawn
  wrong_crc,       ///< inverted
  doubled_byte,    ///< one byte twice, drawn which
  extra_bytes,     ///< `number` drawn bytes behind the frame, ahead of it when negative
  truncated,       ///< only the first `number` bytes, 0: a drawn share
  split,           ///< a silence of `time` after `number` bytes, 0: in the middle
  duplicated,      ///< once more, `time` after its end
};
inline constexpr std::size_t reply_fault_count = 12;

/// Of one unit, by ReplyFault.
struct ReplyFaults {
  struct Setting {
    double probability = 0.0;  ///< of each reply to be hit; 0: off
    int number = 0;
    Time time{0};
  };
  std::array<Setting, reply_fault_count> settings{};

  Setting& operator[](ReplyFault fault) { return settings[static_cast<std::size_t>(fault)]; }
  const Setting& operator[](ReplyFault fault) const { return settings[static_cast<std::size_t>(fault)]; }
};

constexpr WireMarks mark_of(ReplyFault fault) {
  return WireMarks{1} << static_cast<unsigned>(fault);
}

/// Those that are decided when the request is served; the others when the first bit of the reply is due.
inline constexpr WireMarks decided_at_request =
    mark_of(ReplyFault::delay) | mark_of(ReplyFault::jitter) | mark_of(ReplyFault::exception);
inline constexpr WireMarks decided_at_reply = ((WireMarks{1} << reply_fault_count) - 1) & ~decided_at_request;

/// Which of `candidates` hit the reply. Draws once for each that is on, and only for those.
WireMarks draw(const ReplyFaults& faults, WireMarks candidates, models::SplitMix64& random);
/// How much later the reply comes by delay and jitter.
Time added_wait(const ReplyFaults& faults, WireMarks hits, models::SplitMix64& random);

/// A reply on its way: bytes, and the runs in which they leave.
class OutgoingReply {
 public:
  static constexpr std::size_t most_extra_bytes = 64;
  static constexpr std::size_t largest = largest_rtu_frame + most_extra_bytes + 1;
  struct Run {
    std::size_t first = 0;
    std::size_t length = 0;
    Time pause{0};  ///< ahead of it, since the end of the run before
  };

  /// Where a server writes its PDU.
  std::span<std::uint8_t> pdu() { return std::span(bytes_).subspan(1, largest_pdu); }
  /// Makes a frame of the first `pdu_length` bytes of pdu(), as `hits` says.
  void build(std::uint8_t address, std::size_t pdu_length, const ReplyFaults& faults, WireMarks hits,
             models::SplitMix64& random);

  std::span<const Run> runs() const { return std::span(runs_).first(run_count_); }
  std::span<const std::uint8_t> bytes(const Run& run) const { return std::span(bytes_).subspan(run.first, run.length); }
  WireMarks marks() const { return marks_; }

 private:
  static constexpr std::size_t largest_pdu = 253;
  void insert(std::size_t at, std::uint8_t byte);
  void add_run(Run run) { runs_[run_count_++] = run; }

  std::array<std::uint8_t, largest> bytes_{};
  std::size_t size_ = 0;
  std::array<Run, 4> runs_{};
  std::size_t run_count_ = 0;
  WireMarks marks_ = 0;
};

}  // namespace hil::sim
