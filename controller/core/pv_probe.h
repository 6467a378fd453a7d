#pragma once

#include <array>
#include <chrono>
#include <cstddef>

#include "controller/core/fleet.h"

namespace hil::controller {

/// The one place that knows of PV behind a limit: which units it is held back at, what a raised limit should bring, and
/// how far the charge order is raised to see whether more of it follows (probe).
///
/// A unit at its limit does not show how much PV it could give. The batteries then charge more, step by step, each step
/// once PV has followed the last one so far that less than 0.6 of it is left as import; steps that fail, or without PV
/// in sight, become rare. PV has the first claim on a released limit too: what it is still expected to bring is held
/// against an import for a while before the batteries cover it (relief).
class PvProbe {
 public:
  PvProbe() { held_back_at_.fill(Time{std::chrono::seconds{-10}}); }
  /// Forgets everything but where PV was held back.
  void reset();
  /// Where PV is held back by its limit now, and how fast all PV rises; once a round of readings.
  void look(const Fleet& fleet);
  bool held_back_within(std::size_t k, Time now, Time span) const { return now - held_back_at_[k] < span; }
  /// PV of this unit was held back lately: changes of the battery order go by that.
  bool waits(std::size_t k, Time now) const;

  /// Limits were raised by this much for units that rested at them: PV may follow.
  void limit_released(double raise_w, Time now);
  /// PV power still expected to rise, W: all that was released for a second, then what its rise so far promises.
  double relief_w(Time now) const;
  void pv_fell() { credit_w_ = 0.0; }
  /// The batteries charge more for a moment, to see whether PV follows: limits stay where they are.
  bool under_way(Time now) const;

  struct Situation {
    bool held_back = false;  ///< more PV could flow if more were asked for
    double pv_w = 0.0;       ///< that is seen to flow
    double excess_w = 0.0;   ///< import beyond the target
    double inverters = 0.0;  ///< that feed
    bool settled = false;    ///< the readings show what came of the last orders
  };
  /// By how much the batteries should charge more now; 0: not at all.
  double step_w(const Situation& situation, Time now);
  /// An import beyond what PV was expected to cover was left to the batteries.
  void failed(Time now);
  void end_decision(bool held_back) { was_held_back_ = held_back; }

 private:
  bool may_step(const Situation& situation, Time now) const;
  /// The last step is still being judged.
  bool pending(Time now) const;

  std::array<Time, max_inverters> held_back_at_{};  ///< when it was last seen so
  double credit_w_ = 0.0;                           ///< expected from PV at credit_at_
  Time credit_at_{0};                               ///< when the last unit was sent it
  Time released_at_{0};                             ///< when it was decided
  double pv_seen_w_ = 0.0;                          ///< of all units, in samples the oldest of which is of seen_at_
  Time seen_at_{0};
  double rise_w_per_s_ = 0.0;                   ///< until then
  double step_w_ = 0.0;                         ///< last one; 0: none yet
  int followed_ = 0;                            ///< steps in a row that PV has followed
  Time stepped_at_{std::chrono::seconds{-60}};  ///< long ago at first
  Time not_before_{0};
  Time pause_{0};  ///< after the last failure; grows while steps fail
  bool was_held_back_ = false;
};

}  // namespace hil::controller
