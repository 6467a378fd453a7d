#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/checks/bus_exchange.h"
#include "harness/checks/finding.h"
#include "harness/scenario/check_specs.h"

namespace hil::harness {

// As evaluators.h, fed with the exchanges inside the window.

/// Requests without an answer, or the most repetitions of one in a row, or the share of those answered in time (from a
/// request's first bit to its answer's last). Margin: how many more would be allowed; share minus the least share.
/// Untested without a request.
class AnswersEvaluator {
 public:
  explicit AnswersEvaluator(const AnswersCheck& check) : check_(check) {}
  void requested(const BusExchange& exchange);
  void concluded(const BusExchange& exchange);
  Finding finding() const;

 private:
  AnswersCheck check_;
  double requests_ = 0.0;  ///< concluded
  double in_time_ = 0.0;
  double unanswered_ = 0.0;
  double repetitions_ = 0.0;  ///< of the present request
  double most_repetitions_ = 0.0;
  std::optional<sim::Time> worst_at_;
};

/// Longest time without a request to one of some units inside the window, whose start and last step count as requests:
/// a unit that is never asked is seen. Margin: seconds below the bound.
class PollGapEvaluator {
 public:
  PollGapEvaluator(const BusCheck& check, std::size_t units) : check_(check), last_(units) {}
  /// The last request to a unit began at `at`, inside the window; one that is known already tells nothing.
  void polled(std::size_t unit, sim::Time at);
  /// A step of the window, so long after its start.
  void observe(sim::Time since_begin, sim::Time now);
  Finding finding() const { return finding_; }

 private:
  void note(sim::Time gap, sim::Time at);

  BusCheck check_;
  std::vector<sim::Time> last_;  ///< request to each unit
  bool begun_ = false;
  Finding finding_;
};

/// Longest age of the last order that the unit has taken, counted from the end of its answer; before the first one from
/// the window's start. Margin: seconds below the bound.
class FreshEvaluator {
 public:
  explicit FreshEvaluator(const FreshCheck& check) : check_(check) {}
  /// A step of the window.
  void observe(sim::Time now);
  void written(sim::Time at) { last_ = at; }
  Finding finding() const { return finding_; }

 private:
  FreshCheck check_;
  std::optional<sim::Time> last_;
  Finding finding_;
};

/// Least number of readings between two writes; repetitions of a write are none of their own. Margin: readings beyond
/// those demanded. Untested without a write.
class OrderEvaluator {
 public:
  explicit OrderEvaluator(const OrderCheck& check) : check_(check) {}
  void read() { ++readings_; }
  /// `judged`: false outside the window, where it only ends what was read for it.
  void written(sim::Time at, bool judged);
  Finding finding() const { return finding_; }

 private:
  OrderCheck check_;
  double readings_ = 0.0;
  Finding finding_;
};

}  // namespace hil::harness
