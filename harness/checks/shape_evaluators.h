#pragma once

#include <optional>
#include <vector>

#include "harness/checks/finding.h"
#include "harness/checks/sliding_maximum.h"
#include "harness/scenario/check_specs.h"

namespace hil::harness {

// As evaluators.h: fed with the samples inside the window, no allocation after construction.

/// Inside a band around a reference. With a time tolerance T the band at t reaches from the lowest to the highest value
/// that the reference has from t - T to t + T, so that a jump may come early or late and anything between its two
/// levels is inside meanwhile. Margin: the band's half width `within` minus the distance from what is between these
/// two.
///
/// A reference by points is known in advance and stands still beyond its ends. One by a signal is not: a sample is
/// judged T later, and the first and last T of the window are not.
class FollowsEvaluator {
 public:
  /// `step`: > 0.
  FollowsEvaluator(const FollowsCheck& check, sim::Time step);
  /// Against the points.
  void observe(sim::Time since_begin, sim::Time now, double value);
  /// Against another signal.
  void observe_both(sim::Time now, double value, double reference);
  Finding finding() const { return finding_; }
  /// Where the reference was for the worst sample.
  double worst_reference() const { return worst_reference_; }

 private:
  struct Sample {
    sim::Time at{0};
    double value = 0.0;
  };
  double reference_at(sim::Time since_begin) const;
  void push(double reference);
  void judge(sim::Time at, double value);

  FollowsCheck check_;
  sim::Time step_;
  std::size_t side_;  ///< steps in the time tolerance
  SlidingMaximum highest_;
  SlidingMaximum lowest_;  ///< with its sign turned
  std::vector<Sample> waiting_;
  std::size_t next_ = 0;
  bool begun_ = false;
  Finding finding_;
  double worst_reference_ = 0.0;
};

/// At its level +- within. Without a level: half of what the signal covered is held against `within`.
class ConstantEvaluator {
 public:
  explicit ConstantEvaluator(const ConstantCheck& check) : check_(check) {}
  void observe(sim::Time now, double value);
  Finding finding() const { return finding_; }

 private:
  ConstantCheck check_;
  Finding finding_;
  std::optional<double> lowest_;
  double highest_ = 0.0;
};

/// How often something comes. Margin: how many more or fewer would still be allowed.
class CountEvaluator {
 public:
  explicit CountEvaluator(const CountCheck& check) : check_(check) {}
  /// A step of the window, with the signal's value where one is looked at: counts each time that it comes beyond the
  /// level from within; where it stands at first is no coming.
  void observe(sim::Time now, const double* value);
  void happened(sim::Time now);
  Finding finding() const;
  /// Broken by the lower bound, which more of them would mend.
  bool too_few() const { return count_ < check_.at_least; }

 private:
  bool beyond(double value) const { return check_.above ? value > *check_.above : value < *check_.below; }

  CountCheck check_;
  std::optional<bool> beyond_;
  bool seen_ = false;
  double count_ = 0.0;
  std::optional<sim::Time> last_;
};

}  // namespace hil::harness
