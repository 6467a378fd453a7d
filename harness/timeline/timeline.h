#pragma once

#include <functional>
#include <vector>

#include "harness/scenario/scenario.h"

namespace hil::harness {

/// The scenario's events in one sorted list; each is carried out in the first step at or after its time.
class Timeline {
 public:
  using CarryOut = std::function<void(const Action&, sim::Time now)>;

  /// `entries`: sorted by time.
  Timeline(std::vector<TimelineEntry> entries, CarryOut carry_out);
  /// StepPhase::timeline.
  void step(sim::Time now);

 private:
  std::vector<TimelineEntry> entries_;
  CarryOut carry_out_;
  std::size_t next_ = 0;
};

}  // namespace hil::harness
