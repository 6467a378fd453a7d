#pragma once

#include <functional>
#include <vector>

#include "harness/scenario/scenario.h"
#include "harness/timeline/marks.h"
#include "harness/timeline/trigger.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {

/// Carries out what the scenario orders: its events in one sorted list, each in the first step at or after its time,
/// then what its triggers set off, in the file's order. A mark set in a step is seen by all triggers in that step.
/// Allocates nothing while stepping.
class Timeline {
 public:
  using CarryOut = std::function<void(const Action&, sim::Time now)>;
  /// `count`: it fires for the so many-th time.
  using TellFired = std::function<void(const TriggerSpec&, int count, sim::Time now)>;

  /// `entries`: sorted by time.
  Timeline(std::vector<TimelineEntry> entries, CarryOut carry_out)
      : entries_(std::move(entries)), carry_out_(std::move(carry_out)) {}
  /// Before the run. `signals` must outlive this object; throws std::invalid_argument with the trigger's place for a
  /// signal that is not there.
  void add_triggers(const std::vector<TriggerSpec>& triggers, const sim::SignalRegistry& signals, sim::Time step,
                    TellFired tell_fired);
  /// StepPhase::timeline.
  void step(sim::Time now);

  const std::vector<Trigger>& triggers() const { return triggers_; }

 private:
  void carry_out(const Action& action, sim::Time now);

  std::vector<TimelineEntry> entries_;
  CarryOut carry_out_;
  TellFired tell_fired_;
  std::size_t next_ = 0;
  Marks marks_;
  std::vector<Trigger> triggers_;
};

}  // namespace hil::harness
