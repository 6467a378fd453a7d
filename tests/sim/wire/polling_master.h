#pragma once

#include <map>

#include "tests/sim/wire/line_rig.h"

namespace hil::sim::test {

/// A sound master of the simplest kind: asks its units in turn for ten registers, takes a reply of the right address,
/// function and length with a good checksum, else waits out its timeout; t3.5 after either it asks the next one.
class PollingMaster {
 public:
  struct Tally {
    int polls = 0;
    int good = 0;
    int bad = 0;              ///< bytes came, no reply of ours
    int silent = 0;           ///< nothing came
    Time longest{0};          ///< from the first bit of a request to the end of its good reply
    Time longest_between{0};  ///< from poll to poll
    Time last{-1};
  };
  PollingMaster(Kernel& kernel, SerialLine& line, std::vector<std::uint8_t> units, Time timeout, int registers = 10)
      : line_(line),
        registers_(registers),
        units_(std::move(units)),
        timeout_(timeout),
        alarm_(kernel.make_alarm([this](Time now) { waiting_ ? give_up(now) : ask(now); })) {
    line_.set_far_side([this](std::span<const std::uint8_t> bytes, Time now) { hear(bytes, now); });
    alarm_.set(Time{0});
  }

  const Tally& of(std::uint8_t unit) const { return tallies_.at(unit); }

 private:
  void ask(Time now) {
    unit_ = units_[next_];
    next_ = (next_ + 1) % units_.size();
    Tally& tally = tallies_[unit_];
    if (tally.last >= Time{0}) tally.longest_between = std::max(tally.longest_between, now - tally.last);
    tally.last = now;
    ++tally.polls;
    heard_.clear();
    waiting_ = true;
    line_.send(read_request(unit_, registers_));
    alarm_.set(now + timeout_);
  }

  void hear(std::span<const std::uint8_t> bytes, Time now) {
    if (!waiting_) return;
    heard_.insert(heard_.end(), bytes.begin(), bytes.end());
    const auto expected = static_cast<std::size_t>(5 + 2 * registers_);
    const bool ours = heard_.size() == expected && has_valid_crc(heard_) && heard_[0] == unit_ && heard_[1] == 3;
    if (!ours) return;
    Tally& tally = tallies_[unit_];
    ++tally.good;
    tally.longest = std::max(tally.longest, now - tally.last);
    done(now);
  }

  void give_up(Time now) {
    Tally& tally = tallies_[unit_];
    ++(heard_.empty() ? tally.silent : tally.bad);
    done(now);
  }

  void done(Time now) {
    waiting_ = false;
    alarm_.set(now + line_.format().t3_5());
  }

  SerialLine& line_;
  int registers_;
  std::vector<std::uint8_t> units_;
  Time timeout_;
  std::map<std::uint8_t, Tally> tallies_;
  std::size_t next_ = 0;
  std::uint8_t unit_ = 0;
  bool waiting_ = false;
  Bytes heard_;
  Kernel::Alarm alarm_;
};

}  // namespace hil::sim::test
