#include "harness/checks/shape_evaluators.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hil::harness {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// What is not a number is as far off as can be.
double or_infinite(double distance) {
  return std::isnan(distance) ? infinity : distance;
}

/// The first of equal ones.
bool is_worse(const Finding& finding, double margin) {
  return finding.state == CheckState::untested || margin < finding.margin;
}

}  // namespace

FollowsEvaluator::FollowsEvaluator(const FollowsCheck& check, sim::Time step)
    : check_(check),
      step_(step),
      side_(static_cast<std::size_t>(check.time_tolerance / step)),
      highest_(2 * side_ + 1),
      lowest_(2 * side_ + 1),
      waiting_(side_ + 1) {}

double FollowsEvaluator::reference_at(sim::Time since_begin) const {
  const auto& points = check_.points;
  // The first point behind it: at a jump the level after it counts.
  const auto next = std::upper_bound(points.begin(), points.end(), since_begin,
                                     [](sim::Time time, const FollowsCheck::Point& point) { return time < point.at; });
  if (next == points.begin()) return points.front().value;
  if (next == points.end()) return points.back().value;
  const FollowsCheck::Point& before = *(next - 1);
  const double share =
      std::chrono::duration<double>(since_begin - before.at) / std::chrono::duration<double>(next->at - before.at);
  return before.value + share * (next->value - before.value);
}

void FollowsEvaluator::push(double reference) {
  highest_.push(std::isnan(reference) ? -infinity : reference);
  lowest_.push(std::isnan(reference) ? -infinity : -reference);
}

void FollowsEvaluator::judge(sim::Time at, double value) {
  const double high = highest_.maximum();
  const double low = -lowest_.maximum();
  const double distance = or_infinite(std::max({value - high, low - value, 0.0}));
  const double margin = check_.within - (std::isnan(value) ? infinity : distance);
  if (!is_worse(finding_, margin)) return;
  finding_ = {state_of(margin), margin, value, at};
  worst_reference_ = std::clamp(value, std::min(low, high), std::max(low, high));
}

void FollowsEvaluator::observe(sim::Time since_begin, sim::Time now, double value) {
  const auto side = static_cast<sim::Time::rep>(side_);
  if (!begun_) {
    for (sim::Time::rep k = -side; k < side; ++k) push(reference_at(since_begin + step_ * k));
    begun_ = true;
  }
  push(reference_at(since_begin + step_ * side));
  judge(now, value);
}

void FollowsEvaluator::observe_both(sim::Time now, double value, double reference) {
  push(reference);
  waiting_[next_] = {now, value};
  next_ = (next_ + 1) % waiting_.size();
  // The oldest one waiting has as many samples of the reference behind it as ahead of it.
  if (highest_.full()) judge(waiting_[next_].at, waiting_[next_].value);
}

void ConstantEvaluator::observe(sim::Time now, double value) {
  double distance = infinity;
  if (check_.at) {
    distance = or_infinite(std::abs(value - *check_.at));
  } else if (!std::isnan(value)) {
    highest_ = lowest_ ? std::max(highest_, value) : value;
    lowest_ = std::min(lowest_.value_or(value), value);
    distance = (highest_ - *lowest_) / 2.0;
  }
  const double margin = check_.within - distance;
  if (is_worse(finding_, margin)) finding_ = {state_of(margin), margin, value, now};
}

void CountEvaluator::observe(sim::Time now, const double* value) {
  seen_ = true;
  if (value == nullptr) return;
  const bool beyond_now = beyond(*value);
  if (beyond_now && beyond_ == false) happened(now);
  beyond_ = beyond_now;
}

void CountEvaluator::happened(sim::Time now) {
  ++count_;
  last_ = now;
}

Finding CountEvaluator::finding() const {
  if (!seen_) return {};
  double margin = count_ - check_.at_least;
  // Without a least number there is no "too few": the distance to 0 says nothing.
  if (check_.at_most) {
    const double most = *check_.at_most - count_;
    margin = check_.at_least > 0.0 ? std::min(margin, most) : most;
  }
  return {state_of(margin), margin, count_, last_};
}

}  // namespace hil::harness
