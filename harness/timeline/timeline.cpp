#include "harness/timeline/timeline.h"

#include <stdexcept>
#include <utility>

#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

struct MomentMaker {
  const TriggerSpec& spec;
  const sim::SignalRegistry& signals;
  sim::Time step;
  Marks& marks;

  Moment operator()(const WhenTrigger& trigger) const {
    const sim::Signal* signal = signals.find(trigger.signal);
    if (signal == nullptr) {
      const std::string what = "<" + spec.element + ">: signal " + in_quotes(trigger.signal) + " is unknown";
      throw std::invalid_argument(Fault{spec.place, what}.text());
    }
    return LevelMoment{trigger, *signal->value, marks.watch(trigger.after), step};
  }
  Moment operator()(const AfterTrigger& trigger) const { return MarkMoment{trigger, marks.watch(trigger.mark)}; }
  Moment operator()(const EveryTrigger& trigger) const { return PeriodMoment{trigger}; }
};

}  // namespace

void Timeline::add_triggers(const std::vector<TriggerSpec>& triggers, const sim::SignalRegistry& signals,
                            sim::Time step, TellFired tell_fired) {
  tell_fired_ = std::move(tell_fired);
  for (const TriggerSpec& spec : triggers) {
    triggers_.emplace_back(spec, std::visit(MomentMaker{spec, signals, step, marks_}, spec.kind));
  }
}

void Timeline::step(sim::Time now) {
  for (; next_ < entries_.size() && entries_[next_].at <= now; ++next_) {
    for (const Action& action : entries_[next_].actions) carry_out(action, now);
  }
  // A mark set by a trigger further down is there for those above it, too. Each round fires one at least, and none
  // fires twice in a step without its moment coming again, which takes time.
  for (bool acted = !triggers_.empty(); acted;) {
    acted = false;
    for (Trigger& trigger : triggers_) {
      const bool happened = trigger.step(
          now, [&](const Action& action) { carry_out(action, now); },
          [&] { tell_fired_(trigger.spec(), trigger.fired(), now); });
      acted = acted || happened;
    }
  }
}

void Timeline::carry_out(const Action& action, sim::Time now) {
  if (const auto* mark = std::get_if<Mark>(&action)) marks_.came(mark->name, now);
  carry_out_(action, now);
}

}  // namespace hil::harness
