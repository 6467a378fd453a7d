#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/split_mix64.h"
#include "sim/kernel/kernel.h"
#include "sim/wire/driven_characters.h"
#include "sim/wire/line_conditions.h"
#include "sim/wire/serial_line.h"
#include "sim/wire/wiring_history.h"

namespace hil::sim {

/// The port of a unit as the line sees it: what it is doing, what it makes of a request, what it has put on the wire.
class Station {
 public:
  Station(const SerialLine::Unit& unit, const SerialFormat& line_format);

  const SerialLine::Unit& unit() const { return unit_; }
  std::uint8_t address() const { return condition_.address.value_or(unit_.address); }
  bool listening() const { return state_ == State::listening; }
  bool in_turnaround() const { return state_ == State::turnaround; }
  bool sending() const { return state_ == State::sending; }

  UnitCondition& condition() { return condition_; }
  const UnitCondition& condition() const { return condition_; }
  const SerialFormat& format() const { return condition_.format ? *condition_.format : line_format_; }
  /// Its driver is still on after a reply when another one begins.
  bool held_beyond(Time begin) const { return held_until > begin && !cut_off_; }
  bool holds_the_bus() const { return condition_.stuck_driver && !cut_off_; }

  /// The cable ahead of it is whole no longer, or again.
  void set_cut_off(bool cut_off) { cut_off_ = cut_off; }
  bool cut_off() const { return cut_off_; }

  /// How the far side hears this unit. `swapped`, here and below: A and B at the far side.
  UartReceiver::Wiring wiring_out(bool swapped) const {
    return {.sender = format(), .receiver = line_format_, .swapped = swapped != condition_.polarity_swapped};
  }
  /// Before a condition changes: what it has begun to send, and has heard of `request`, went over the wires as they
  /// are.
  void settle_wiring(const DrivenCharacters& request, bool swapped, Time now);
  /// A request has ended.
  void forget_request() { request_wiring_.clear(); }

  /// A sound request as this unit makes it out, into `scratch` when that is not what was sent; empty when it cannot, or
  /// does not listen.
  std::span<const std::uint8_t> make_out(const DrivenCharacters& request, bool swapped,
                                         std::span<std::uint8_t> scratch);
  /// Serves the request and goes into turn-around; false: stays silent. Of a broadcast the reply is dropped.
  bool serve(std::span<const std::uint8_t> frame, bool broadcast, Time now);

  Time reply_at() const { return reply_at_; }  ///< first bit of what comes next, in turn-around
  void begin_run();
  /// Back to listening, or to the silence ahead of the next run. True after the last one.
  bool end_run();
  void drop_reply() { state_ = State::listening; }

  models::SplitMix64& random() { return random_; }

  DrivenCharacters driven;
  WiringHistory reply_wiring;
  Time unheard_until{0};  ///< the far side hears another unit's reply till then
  Time held_until{0};     ///< the driver stays on after the reply

 private:
  enum class State : unsigned char { listening, turnaround, sending };

  // Every station is looked at for every event of the line: what that takes stands together.
  State state_ = State::listening;
  bool cut_off_ = false;
  Time reply_at_{0};
  UnitCondition condition_;
  SerialLine::Unit unit_;
  SerialFormat line_format_;
  WiringHistory request_wiring_;
  OutgoingReply reply_;
  std::size_t pdu_length_ = 0;
  WireMarks hits_ = 0;  ///< of the reply under way
  std::size_t next_run_ = 0;
  models::SplitMix64 random_;
};

}  // namespace hil::sim
