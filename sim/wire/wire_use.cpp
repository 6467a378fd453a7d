#include "sim/wire/wire_use.h"

#include <algorithm>

namespace hil::sim {

void WireUse::drive(Time begin, Time end) {
  if (end <= end_) return;
  driven_ += end - std::max(begin, end_);
  end_ = end;
}

double WireUse::busy_s(Time now) const {
  const Time to_come = std::max(Time::zero(), end_ - now);
  return std::chrono::duration<double>(driven_ - to_come).count();
}

bool WireUse::collide(DrivenCharacters& one, DrivenCharacters& other, Time begin) {
  const Time end = std::min(one.end(), other.end());
  if (end <= begin) return false;
  one.spoil(begin, end, wire_mark::collision);
  other.spoil(begin, end, wire_mark::collision);
  const bool is_new = begin >= collision_end_;
  collision_end_ = std::max(collision_end_, end);
  return is_new;
}

}  // namespace hil::sim
