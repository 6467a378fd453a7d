#include "controller/core/pv_probe.h"

#include <algorithm>

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

/// So long after PV was seen held back, changes of the battery order go by that.
constexpr Time held_back_remembered = 3s;
/// PV follows a released limit within 1..3 s (physics-and-standards 2.1): full credit first, then by what is seen of
/// it.
constexpr Time full_credit = 1s;
constexpr Time credit_ends = 3s;
constexpr Time credit_ends_at_last = 4s;
/// The last of four units on a line is sent its limit by then.
constexpr Time sent_within = 1200ms;
/// A lag that is over after three seconds still has its rise of one second before it; readings are half a second old.
constexpr double rise_goes_on_s = 1.6;
/// Two looks nearer than this tell no rise: means and images of 0.2 s each.
constexpr Time between_looks = 350ms;
constexpr double first_step_w = 60.0;
/// For each inverter: what comes late of it is imported for a moment.
constexpr double largest_step_of_each_w = 75.0;
constexpr double largest_step_of_one_w = 100.0;
/// Once so many in a row have brought PV there is more of it than that.
constexpr int sure_after = 4;
constexpr double largest_step_w = 400.0;
constexpr double step_growth = 2.5;
/// PV has followed when less than this part of the step is left as import.
constexpr double step_followed = 0.6;
constexpr Time step_judged = 4s;
constexpr Time step_followed_within = 2s;
/// Without PV in sight the battery may have displaced all of it, so look now and then.
constexpr Time blind_step = 10s;
/// A step that PV did not follow: wait before the next one, each time twice as long.
constexpr Time first_pause = 2s;
constexpr Time longest_pause = 60s;

}  // namespace

void PvProbe::reset() {
  const std::array<Time, max_inverters> held_back_at = held_back_at_;
  *this = PvProbe{};
  held_back_at_ = held_back_at;
}

void PvProbe::look(const Fleet& fleet) {
  for (std::size_t k = 0; k < fleet.count; ++k) {
    if (!fleet.steered(k)) continue;
    if (fleet.pv_held_back(k)) held_back_at_[k] = fleet.now();
    const bool sent =
        fleet.commands.inverters[k].ac_limit_w <= fleet.unit(k).limit_in_force_w.value_or(0.0) + dead_band_w;
    // PV begins to follow once its unit has been sent it.
    if (!sent && fleet.now() - released_at_ < sent_within) credit_at_ = fleet.now();
  }
  double pv_w = 0.0;
  Time oldest = fleet.now();
  for (std::size_t k = 0; k < fleet.count; ++k) {
    if (!fleet.steered(k) || !fleet.unit(k).ac_injection) continue;
    pv_w += std::max(fleet.pv_w(k), 0.0);
    oldest = std::min(oldest, fleet.unit(k).ac_injection->at);
  }
  const Time since = oldest - seen_at_;
  if (since < between_looks) return;
  rise_w_per_s_ = std::max(pv_w - pv_seen_w_, 0.0) / std::chrono::duration<double>(since).count();
  pv_seen_w_ = pv_w;
  seen_at_ = oldest;
}

bool PvProbe::waits(std::size_t k, Time now) const {
  return held_back_within(k, now, held_back_remembered);
}

void PvProbe::limit_released(double raise_w, Time now) {
  credit_w_ = relief_w(now) + raise_w;
  credit_at_ = now;
  released_at_ = now;
}

double PvProbe::relief_w(Time now) const {
  const Time age = seen_at_ - credit_at_;
  if (age >= credit_ends || now - credit_at_ >= credit_ends_at_last) return 0.0;
  if (age <= full_credit) return credit_w_;
  return std::min(credit_w_, rise_goes_on_s * rise_w_per_s_);
}

bool PvProbe::under_way(Time now) const {
  return step_w_ > 0.0 && now - stepped_at_ < step_followed_within;
}

bool PvProbe::pending(Time now) const {
  return step_w_ > 0.0 && now - stepped_at_ < step_judged;
}

bool PvProbe::may_step(const Situation& situation, Time now) const {
  if (now < not_before_ || !situation.settled) return false;
  if (pending(now)) return situation.excess_w < step_followed * step_w_;  // PV has followed the last one
  return situation.held_back && was_held_back_ && (situation.pv_w > pv_in_sight_w || now - stepped_at_ > blind_step);
}

double PvProbe::step_w(const Situation& situation, Time now) {
  if (!may_step(situation, now)) return 0.0;
  const bool goes_on = pending(now);
  followed_ = goes_on ? followed_ + 1 : 0;
  const double largest_w = followed_ >= sure_after ? largest_step_w
                                                   : std::clamp(largest_step_of_each_w * situation.inverters,
                                                                largest_step_of_one_w, largest_step_w);
  step_w_ = goes_on ? std::min(step_w_ * step_growth, largest_w) : first_step_w;
  stepped_at_ = now;
  limit_released(step_w_, now);
  return step_w_;
}

void PvProbe::failed(Time now) {
  if (pending(now)) {
    // Failed at the first step: there was no PV to gain. Failed later: PV came, but slower than asked for.
    pause_ = followed_ > 0 ? first_pause : std::clamp(pause_ * 2, first_pause, longest_pause);
    not_before_ = now + pause_;
  }
  step_w_ = 0.0;
}

}  // namespace hil::controller
