#pragma once

#include <variant>

#include "harness/scenario/triggers.h"
#include "harness/timeline/marks.h"

namespace hil::harness {

// What a trigger waits for, in virtual time. due() is asked in each step, as often as anybody likes, and goes on to say
// yes until fired() is called. Nothing here allocates.

/// A signal beyond a bound. The timeline comes first in a step, so it sees the values of the step before.
class LevelMoment {
 public:
  /// `value` and `origin` must outlive this object.
  LevelMoment(const WhenTrigger& trigger, const double& value, const Marks::Instant& origin, sim::Time step)
      : trigger_(trigger), value_(value), origin_(origin), step_(step), ready_(!trigger.crossing) {}

  bool due(sim::Time now) {
    if (now != sampled_) {
      sampled_ = now;
      due_ = sample(now - step_);
    }
    return due_;
  }
  void fired() {
    due_ = false;
    ready_ = false;
    beyond_since_.reset();
  }

 private:
  /// `seen`: the instant of the value.
  bool sample(sim::Time seen) {
    // At 0 nothing has been solved yet.
    if (!origin_ || seen < step_ || seen < *origin_ + trigger_.not_before) return false;
    if (!(trigger_.above ? value_ > *trigger_.above : value_ < *trigger_.below)) {
      ready_ = true;
      beyond_since_.reset();
      return false;
    }
    if (!ready_) return false;
    if (!beyond_since_) beyond_since_ = seen;
    return seen - *beyond_since_ >= trigger_.held;
  }

  WhenTrigger trigger_;
  const double& value_;
  const Marks::Instant& origin_;
  sim::Time step_;
  sim::Time sampled_{-1};
  bool due_ = false;
  bool ready_;                             ///< was on the other side since it fired last
  std::optional<sim::Time> beyond_since_;  ///< without a break
};

/// So long after a mark.
class MarkMoment {
 public:
  MarkMoment(const AfterTrigger& trigger, const Marks::Instant& mark) : delay_(trigger.delay), mark_(mark) {}

  bool due(sim::Time now) const { return !fired_ && mark_ && now >= *mark_ + delay_; }
  void fired() { fired_ = true; }

 private:
  sim::Time delay_;
  const Marks::Instant& mark_;
  bool fired_ = false;
};

/// Each period. Instants do not drift: the n-th is from + n period.
class PeriodMoment {
 public:
  explicit PeriodMoment(const EveryTrigger& trigger) : trigger_(trigger), next_(trigger.from) {}

  bool due(sim::Time now) const { return now >= next_ && next_ <= trigger_.until; }
  void fired() { next_ += trigger_.period; }

 private:
  EveryTrigger trigger_;
  sim::Time next_;
};

using Moment = std::variant<LevelMoment, MarkMoment, PeriodMoment>;

}  // namespace hil::harness
