#pragma once

#include <optional>

#include "harness/checks/finding.h"
#include "harness/checks/sliding_maximum.h"
#include "harness/scenario/scenario.h"

namespace hil::harness {

// The arithmetic of the checks, fed with the samples inside the check's window. A sample is the value over the step
// that ends with it. Nothing here allocates after construction or knows a kernel, a registry or a window.

/// Never above (or below) a bound for longer than a time.
///
/// The slack of a sample is bound - value for `above`, value - bound for `below`. A value is beyond the bound for
/// longer than L when floor(L / step) + 1 consecutive samples are; so the margin is
///
///   margin = min over all windows of that many consecutive samples of (max of the slack inside the window)
///
/// that is: the bound minus the highest level that the signal kept for longer than L. With L = 0 every sample counts.
/// Worst instant: the end of the worst window. Untested while no whole window has been seen: a shorter observation
/// cannot break the check.
class NeverEvaluator {
 public:
  /// `step`: > 0.
  NeverEvaluator(const NeverCheck& check, sim::Time step);
  void observe(sim::Time now, double value);
  Finding finding() const;

 private:
  struct Side {
    double bound = 0.0;
    double sign = 1.0;  ///< +1: never above, -1: never below
    SlidingMaximum slack;
    Finding finding;
  };
  static void observe(Side& side, sim::Time now, double value);

  std::optional<Side> above_;
  std::optional<Side> below_;
};

/// Inside `to` +- `within` at every sample from `in` after the window's start.
/// Margin: within - largest |value - to| of those samples.
class SettlesEvaluator {
 public:
  explicit SettlesEvaluator(const SettlesCheck& check) : check_(check) {}
  void observe(sim::Time since_begin, sim::Time now, double value);
  Finding finding() const { return finding_; }
  /// Since the window's start: the first sample from which on the value stayed inside; nullopt: it is outside.
  std::optional<sim::Time> settled_after() const { return settled_after_; }

 private:
  SettlesCheck check_;
  Finding finding_;
  std::optional<sim::Time> settled_after_;
};

/// Integral of a power over the window. Margin: Wh to the nearer bound. No worst instant.
class EnergyEvaluator {
 public:
  explicit EnergyEvaluator(const EnergyCheck& check) : check_(check) {}
  /// `lasted`: the part of the sample's step inside the window.
  void observe(sim::Time lasted, double value_w);
  Finding finding() const;
  /// Broken by a bound that more energy of the sign it asks for would bring back: too little, or not yet as far below 0
  /// as an upper bound below 0.
  bool may_still_mend() const;

 private:
  EnergyCheck check_;
  double joules_ = 0.0;
  bool seen_ = false;
};

/// First sample strictly above (below) a level. Margin: seconds to the nearer of the two times allowed; a level that
/// was not reached counts as reached one step after the last sample, and as untested while there was still time.
class ReachesEvaluator {
 public:
  ReachesEvaluator(const ReachesCheck& check, sim::Time step) : check_(check), step_(step) {}
  void observe(sim::Time since_begin, sim::Time now, double value);
  Finding finding() const;
  bool reached() const { return reached_at_.has_value(); }

 private:
  ReachesCheck check_;
  sim::Time step_;
  std::optional<sim::Time> reached_at_;
  std::optional<sim::Time> reached_after_;  ///< since the window's start
  std::optional<sim::Time> last_;           ///< since the window's start
};

/// Margin: spread allowed - largest spread seen.
class TogetherEvaluator {
 public:
  explicit TogetherEvaluator(const TogetherCheck& check) : check_(check) {}
  void observe(sim::Time now, double lowest, double highest);
  Finding finding() const { return finding_; }

 private:
  TogetherCheck check_;
  Finding finding_;
};

}  // namespace hil::harness
