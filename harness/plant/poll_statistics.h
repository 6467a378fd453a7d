#pragma once

#include <algorithm>
#include <array>
#include <chrono>

#include "sim/wire/modbus_rtu.h"
#include "sim/wire/serial_line.h"

namespace hil::harness {

/// How often the far side of a line asks each unit, and what comes of it.
class PollStatistics {
 public:
  struct Unit {
    bool expected = false;
    sim::Time last{0};             ///< beginning of the last request to it
    double unanswered_polls = 0;   ///< without a sound reply of the unit before the next request on the line
    double longest_reply_s = 0.0;  ///< from the first bit of a request to the last of its reply
  };

  /// A unit that is to be asked from the start of the run on. Requests to other addresses (scans, broadcasts) do not
  /// count.
  void expect(std::uint8_t address) { units_[address].expected = true; }
  const Unit& unit(std::uint8_t address) const { return units_[address]; }

  void frame(const sim::SerialLine::FrameRecord& record) {
    if (record.bytes.empty()) return;
    Unit& unit = units_[record.bytes.front()];
    if (record.from_far_side) {
      if (asked_ != nullptr) ++asked_->unanswered_polls;
      asked_ = unit.expected ? &unit : nullptr;
      if (!unit.expected) return;
      longest_ = std::max(longest_, record.begin - unit.last);
      unit.last = record.begin;
    } else if (&unit == asked_ && sim::has_valid_crc(record.bytes)) {
      asked_ = nullptr;
      const double took_s = std::chrono::duration<double>(record.end - unit.last).count();
      unit.longest_reply_s = std::max(unit.longest_reply_s, took_s);
    }
  }
  /// The longest time between the beginnings of two requests to a unit. Counts the time since the last request of each
  /// unit as well, so that a unit never asked is seen.
  sim::Time longest(sim::Time now) const {
    sim::Time longest = longest_;
    for (const Unit& unit : units_) {
      if (unit.expected) longest = std::max(longest, now - unit.last);
    }
    return longest;
  }

 private:
  std::array<Unit, 256> units_{};
  Unit* asked_ = nullptr;  ///< whose reply is still to come
  sim::Time longest_{0};
};

}  // namespace hil::harness
