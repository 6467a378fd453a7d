#pragma once

#include <algorithm>
#include <array>

#include "sim/wire/serial_line.h"

namespace hil::harness {

/// How often the far side of a line asks each unit: the longest time between the beginnings of two requests.
class PollStatistics {
 public:
  /// A unit that is to be asked from the start of the run on. Requests to other addresses (scans, broadcasts) do not
  /// count.
  void expect(std::uint8_t address) { units_[address].expected = true; }
  void frame(const sim::SerialLine::FrameRecord& record) {
    if (!record.from_far_side || record.bytes.empty()) return;
    Unit& unit = units_[record.bytes.front()];
    if (!unit.expected) return;
    longest_ = std::max(longest_, record.begin - unit.last);
    unit.last = record.begin;
  }
  /// Counts the time since the last request of each unit as well, so that a unit never asked is seen.
  sim::Time longest(sim::Time now) const {
    sim::Time longest = longest_;
    for (const Unit& unit : units_) {
      if (unit.expected) longest = std::max(longest, now - unit.last);
    }
    return longest;
  }

 private:
  struct Unit {
    bool expected = false;
    sim::Time last{0};
  };
  std::array<Unit, 256> units_{};
  sim::Time longest_{0};
};

}  // namespace hil::harness
