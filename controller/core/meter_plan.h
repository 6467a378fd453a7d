#pragma once

#include "controller/devices/meter_blocks.h"
#include "controller/settings.h"

namespace hil::controller {

/// Which block of the meter is read next: the powers, on which the law rests; each second the voltages and currents
/// for those who look on. A meter that does not give these is asked for them each ten seconds only. When a reply with
/// powers is missing they are asked for together with the reactive power: the late reply to the first request, an older
/// reading, has another length and passes for none.
class MeterPlan {
 public:
  /// `checks_cts`: the check of the CTs reads alone.
  MeterBlock next(Time now, bool checks_cts) noexcept {
    if (checks_cts) return open_ = MeterBlock::powers_and_reactive;
    if (phases_due_ == never_asked) phases_due_ = now + phases_period;  // the law gets the first second
    const bool powers_may_be_late = !answered_ && open_ == MeterBlock::powers;
    answered_ = false;
    open_ = now >= phases_due_ ? MeterBlock::phases : MeterBlock::powers;
    if (open_ == MeterBlock::powers && powers_may_be_late) open_ = MeterBlock::powers_and_reactive;
    if (open_ == MeterBlock::phases) phases_due_ = now + pause_without_answer;
    return open_;
  }
  /// What was last asked for.
  MeterBlock open() const noexcept { return open_; }
  void answered(Time now) noexcept {
    answered_ = true;
    if (open_ == MeterBlock::phases) phases_due_ = now + phases_period;
  }

 private:
  static constexpr Time phases_period = std::chrono::seconds{1};
  static constexpr Time pause_without_answer = std::chrono::seconds{10};
  static constexpr Time never_asked = Time::min();
  MeterBlock open_ = MeterBlock::powers;
  bool answered_ = true;  ///< what was last asked for
  Time phases_due_ = never_asked;
};

}  // namespace hil::controller
