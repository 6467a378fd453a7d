#include "harness/timeline/timeline.h"

#include <utility>

namespace hil::harness {

Timeline::Timeline(std::vector<TimelineEntry> entries, CarryOut carry_out)
    : entries_(std::move(entries)), carry_out_(std::move(carry_out)) {}

void Timeline::step(sim::Time now) {
  for (; next_ < entries_.size() && entries_[next_].at <= now; ++next_) {
    for (const Action& action : entries_[next_].actions) carry_out_(action, now);
  }
}

}  // namespace hil::harness
