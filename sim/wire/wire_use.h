#pragma once

#include "sim/kernel/kernel.h"
#include "sim/wire/driven_characters.h"

namespace hil::sim {

/// Who is on a wire and when: how long it is driven, and where two drivers meet.
class WireUse {
 public:
  /// `quiet_since`: nobody was on the wire then.
  explicit WireUse(Time quiet_since) : end_(quiet_since) {}

  /// When the last driver known so far leaves the wire.
  Time end() const { return end_; }
  void drive(Time begin, Time end);
  /// Time with a driver on the wire till now, overlaps counted once.
  double busy_s(Time now) const;

  /// Both drive from `begin` to the end of the one that ends first: what they send then is spoilt. True when that is a
  /// collision of its own, and not part of one with a third driver.
  bool collide(DrivenCharacters& one, DrivenCharacters& other, Time begin);

 private:
  Time end_;
  Time driven_{0};  ///< up to end_, what is known to come as well
  Time collision_end_{0};
};

}  // namespace hil::sim
