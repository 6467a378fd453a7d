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
    std::uint8_t address = 0;
    sim::Time last{0};             ///< beginning of the last request to it
    double unanswered_polls = 0;   ///< without a sound reply of the unit before the next request on the line
    double longest_reply_s = 0.0;  ///< from the first bit of a request to the last of its reply
  };

  PollStatistics() = default;
  PollStatistics(const PollStatistics&) = delete;  // points into itself
  PollStatistics& operator=(const PollStatistics&) = delete;

  /// A unit that is to be asked from the start of the run on. Requests to other addresses (scans, broadcasts) do not
  /// count.
  void expect(std::uint8_t address) {
    units_[address].expected = true;
    units_[address].address = address;
    at_[address] = &units_[address];
  }
  /// By the address that it was expected at.
  const Unit& unit(std::uint8_t expected_at) const { return units_[expected_at]; }
  /// The unit has taken another address (45127) and is counted there from now on. Of several units at one address the
  /// one that was expected at the lowest is counted.
  void moved(std::uint8_t expected_at, std::uint8_t address) {
    units_[expected_at].address = address;
    at_.fill(nullptr);
    for (Unit& unit : units_) {
      if (unit.expected && at_[unit.address] == nullptr) at_[unit.address] = &unit;
    }
  }

  void frame(const sim::SerialLine::FrameRecord& record) {
    if (record.bytes.empty()) return;
    Unit* const unit = at_[record.bytes.front()];
    if (record.from_far_side) {
      if (asked_ != nullptr) ++asked_->unanswered_polls;
      asked_ = unit;
      if (unit == nullptr) return;
      longest_ = std::max(longest_, record.begin - unit->last);
      unit->last = record.begin;
    } else if (unit != nullptr && unit == asked_ && sim::has_valid_crc(record.bytes)) {
      asked_ = nullptr;
      const double took_s = std::chrono::duration<double>(record.end - unit->last).count();
      unit->longest_reply_s = std::max(unit->longest_reply_s, took_s);
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
  std::array<Unit, 256> units_{};  ///< by the address that they were expected at
  std::array<Unit*, 256> at_{};    ///< by the address of now; nullptr: nobody is expected there
  Unit* asked_ = nullptr;          ///< whose reply is still to come
  sim::Time longest_{0};
};

}  // namespace hil::harness
