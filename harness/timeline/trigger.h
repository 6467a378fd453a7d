#pragma once

#include <cstddef>
#include <utility>
#include <variant>

#include "harness/scenario/triggers.h"
#include "harness/timeline/moments.h"

namespace hil::harness {

/// A trigger of the timeline at work: waits for its moment, then its actions come, each at its delay.
class Trigger {
 public:
  Trigger(TriggerSpec spec, const Moment& moment) : spec_(std::move(spec)), moment_(moment) {}

  /// Calls `tell_fired()` when it fires and `carry_out(action)` for each action that is due, in order.
  /// False: nothing of it happened.
  template <typename CarryOut, typename TellFired>
  bool step(sim::Time now, const CarryOut& carry_out, const TellFired& tell_fired) {
    if (fired_ == spec_.times && !under_way_) return false;
    // Asked while its actions last as well: it has to see when the signal is on the other side.
    const bool due = std::visit([now](auto& moment) { return moment.due(now); }, moment_);
    bool acted = carry_out_due(now, carry_out);
    if (!due || under_way_ || fired_ == spec_.times) return acted;
    std::visit([](auto& moment) { moment.fired(); }, moment_);
    ++fired_;
    fired_at_ = now;
    next_ = 0;
    under_way_ = true;
    tell_fired();
    carry_out_due(now, carry_out);
    return true;
  }

  const TriggerSpec& spec() const { return spec_; }
  int fired() const { return fired_; }

 private:
  template <typename CarryOut>
  bool carry_out_due(sim::Time now, const CarryOut& carry_out) {
    bool acted = false;
    while (under_way_ && next_ < spec_.actions.size() && fired_at_ + spec_.actions[next_].delay <= now) {
      carry_out(spec_.actions[next_++].action);
      acted = true;
    }
    if (next_ == spec_.actions.size() && now >= fired_at_ + spec_.length) under_way_ = false;
    return acted;
  }

  TriggerSpec spec_;
  Moment moment_;
  int fired_ = 0;
  sim::Time fired_at_{0};
  std::size_t next_ = 0;
  bool under_way_ = false;
};

}  // namespace hil::harness
