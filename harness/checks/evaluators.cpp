#include "harness/checks/evaluators.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hil::harness {
namespace {

constexpr double joules_per_wh = 3600.0;

double seconds(sim::Time time) {
  return std::chrono::duration<double>(time).count();
}

/// What is not a number is as far beyond any bound as can be.
double or_infinite(double distance) {
  return std::isnan(distance) ? std::numeric_limits<double>::infinity() : distance;
}

/// Keeps the sample with the smallest margin; the first of equal ones.
void keep_worst(Finding& finding, double margin, double worst, sim::Time now) {
  if (finding.state != CheckState::untested && !(margin < finding.margin)) return;
  finding = {state_of(margin), margin, worst, now};
}

}  // namespace

NeverEvaluator::NeverEvaluator(const NeverCheck& check, sim::Time step) {
  const auto samples = static_cast<std::size_t>(check.longer_than / step) + 1;
  if (check.above) above_.emplace(Side{*check.above, 1.0, SlidingMaximum{samples}, {}});
  if (check.below) below_.emplace(Side{*check.below, -1.0, SlidingMaximum{samples}, {}});
}

void NeverEvaluator::observe(Side& side, sim::Time now, double value) {
  side.slack.push(-or_infinite(side.sign * (value - side.bound)));
  if (!side.slack.full()) return;
  const double margin = side.slack.maximum();
  keep_worst(side.finding, margin, side.bound - side.sign * margin, now);
}

void NeverEvaluator::observe(sim::Time now, double value) {
  if (above_) observe(*above_, now, value);
  if (below_) observe(*below_, now, value);
}

Finding NeverEvaluator::finding() const {
  if (!above_) return below_ ? below_->finding : Finding{};
  if (!below_) return above_->finding;
  return below_->finding.margin < above_->finding.margin ? below_->finding : above_->finding;
}

void SettlesEvaluator::observe(sim::Time since_begin, sim::Time now, double value) {
  const double distance = or_infinite(std::abs(value - check_.to));
  if (distance > check_.within) {
    settled_after_.reset();
  } else if (!settled_after_) {
    settled_after_ = since_begin;
  }
  if (since_begin >= check_.in) keep_worst(finding_, check_.within - distance, value, now);
}

void EnergyEvaluator::observe(sim::Time lasted, double value_w) {
  if (lasted <= sim::Time{0}) return;
  joules_ += value_w * seconds(lasted);
  seen_ = true;
}

Finding EnergyEvaluator::finding() const {
  if (!seen_) return {};
  const double energy_wh = joules_ / joules_per_wh;
  const double margin_wh = std::min(energy_wh - check_.at_least_wh, check_.at_most_wh - energy_wh);
  return {state_of(margin_wh), margin_wh, energy_wh, std::nullopt};
}

bool EnergyEvaluator::may_still_mend() const {
  const double energy_wh = joules_ / joules_per_wh;
  return energy_wh < check_.at_least_wh || (check_.at_most_wh < 0.0 && energy_wh > check_.at_most_wh);
}

void ReachesEvaluator::observe(sim::Time since_begin, sim::Time now, double value) {
  last_ = since_begin;
  if (reached_at_) return;
  if ((check_.above && value > *check_.above) || (check_.below && value < *check_.below)) {
    reached_at_ = now;
    reached_after_ = since_begin;
  }
}

Finding ReachesEvaluator::finding() const {
  if (!last_) return {};
  if (!reached_after_ && *last_ + step_ <= check_.no_later_than) return {};
  const sim::Time after = reached_after_.value_or(*last_ + step_);
  sim::Time margin = check_.no_later_than - after;
  // Without a beginning there is no "too early": the distance to 0 says nothing.
  if (check_.not_before > sim::Time{0}) margin = std::min(margin, after - check_.not_before);
  const double margin_s = seconds(margin);
  return {state_of(margin_s), margin_s, seconds(after), reached_at_};
}

void TogetherEvaluator::observe(sim::Time now, double lowest, double highest) {
  const double spread = or_infinite(highest - lowest);
  keep_worst(finding_, check_.spread - spread, spread, now);
}

}  // namespace hil::harness
