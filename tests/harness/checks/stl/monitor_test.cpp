#include "harness/checks/stl/monitor.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/models/site/allocation_count.h"

namespace hil::harness::stl {
namespace {

using namespace std::chrono_literals;
using sim::Time;
using Kind = Formula::Kind;

constexpr Time step = 10ms;
constexpr double infinity = std::numeric_limits<double>::infinity();

using Trace = std::map<std::string, std::vector<double>>;

/// Feeds a trace to a monitor.
class Bench {
 public:
  Bench(const Formula& formula, Trace trace)
      : trace_(std::move(trace)),
        monitor_(formula, step, [this](const std::string& signal) { return &present_[signal]; }) {
    const std::size_t samples = trace_.begin()->second.size();
    for (std::size_t k = 0; k < samples; ++k) {
      for (const auto& [signal, values] : trace_) present_[signal] = values[k];
      monitor_.observe();
    }
  }
  const Monitor& monitor() const { return monitor_; }

 private:
  Trace trace_;
  std::map<std::string, double> present_;
  Monitor monitor_;
};

Interval interval(int from, int to) {
  return {step * from, step * to};
}

// The definition, straight from the comment of Formula: each part looked up again at each sample, nothing kept, and
// lowest and highest value for what lies beyond the end. Written without looking at the monitor.

struct Range {
  double lowest = 0.0;
  double highest = 0.0;
};
Range least(Range left, Range right) {
  return {std::min(left.lowest, right.lowest), std::min(left.highest, right.highest)};
}
Range greatest(Range left, Range right) {
  return {std::max(left.lowest, right.lowest), std::max(left.highest, right.highest)};
}
Range turned(Range range) {
  return {-range.highest, -range.lowest};
}

class BruteForce {
 public:
  explicit BruteForce(const Trace& trace) : trace_(trace), samples_(static_cast<int>(trace.begin()->second.size())) {}

  Range at_start(const Formula& formula) const {
    switch (formula.kind) {
      case Kind::negation:
        return turned(at_start(formula.operands[0]));
      case Kind::conjunction:
        return least(at_start(formula.operands[0]), at_start(formula.operands[1]));
      case Kind::disjunction:
        return greatest(at_start(formula.operands[0]), at_start(formula.operands[1]));
      case Kind::implication:
        return greatest(turned(at_start(formula.operands[0])), at_start(formula.operands[1]));
      case Kind::predicate:
        return value(formula, 0);
      case Kind::always:
      case Kind::eventually:
      case Kind::until:
        return formula.interval.to ? value(formula, 0) : without_end(formula);
    }
    return {};
  }

  double expression(const Expression& expression, int k) const {
    double sum = linear(expression.linear, k);
    for (const Expression::Magnitude& magnitude : expression.magnitudes) {
      sum += magnitude.factor * std::abs(linear(magnitude.of, k));
    }
    return sum;
  }

 private:
  double linear(const Linear& linear, int k) const {
    double sum = linear.constant;
    for (const Linear::Term& term : linear.terms)
      sum += term.factor * trace_.at(term.signal)[static_cast<std::size_t>(k)];
    return sum;
  }

  Range value(const Formula& formula, int k) const {
    if (formula.kind == Kind::predicate) {
      if (k >= samples_) return {-infinity, infinity};
      const double r = expression(formula.expression, k);
      return {r, r};
    }
    if (formula.kind == Kind::negation) return turned(value(formula.operands[0], k));
    if (formula.kind == Kind::conjunction) return least(value(formula.operands[0], k), value(formula.operands[1], k));
    if (formula.kind == Kind::disjunction) {
      return greatest(value(formula.operands[0], k), value(formula.operands[1], k));
    }
    if (formula.kind == Kind::implication) {
      return greatest(turned(value(formula.operands[0], k)), value(formula.operands[1], k));
    }
    const int first = static_cast<int>(formula.interval.from / step);
    const int last = static_cast<int>(*formula.interval.to / step);
    if (formula.kind == Kind::until) return until(formula, k, first, last);
    Range result = value(formula.operands[0], k + first);
    for (int j = first + 1; j <= last; ++j) {
      const Range r = value(formula.operands[0], k + j);
      result = formula.kind == Kind::always ? least(result, r) : greatest(result, r);
    }
    return result;
  }

  Range until(const Formula& formula, int k, int first, int last) const {
    Range result{-infinity, -infinity};
    for (int j = first; j <= last; ++j) {
      Range r = value(formula.operands[1], k + j);
      for (int i = 0; i < j; ++i) r = least(r, value(formula.operands[0], k + i));
      result = greatest(result, r);
    }
    return result;
  }

  static int horizon(const Formula& formula) {
    int longest = 0;
    for (const Formula& operand : formula.operands) longest = std::max(longest, horizon(operand));
    return longest + (formula.interval.to ? static_cast<int>(*formula.interval.to / step) : 0);
  }

  /// Looks at what is seen only: samples that the end leaves undecided neither break nor fulfil. Before the first one
  /// is decided the rest is open.
  Range without_end(const Formula& formula) const {
    const int first = static_cast<int>(formula.interval.from / step);
    int needed = first;
    for (const Formula& operand : formula.operands) needed = std::max(needed, first + horizon(operand));
    const bool decided = samples_ > needed;
    if (formula.kind == Kind::always) {
      double highest = infinity;
      for (int k = first; k < samples_; ++k) highest = std::min(highest, value(formula.operands[0], k).highest);
      return {decided ? highest : -infinity, highest};
    }
    if (formula.kind == Kind::eventually) {
      double lowest = -infinity;
      for (int k = first; k < samples_; ++k) lowest = std::max(lowest, value(formula.operands[0], k).lowest);
      return {lowest, decided ? lowest : infinity};
    }
    constexpr int far_beyond = 60;
    const Range all = until(formula, 0, first, samples_ + far_beyond);
    return {all.lowest, decided ? all.lowest : all.highest};
  }

  const Trace& trace_;
  int samples_;
};

int any_int(int lowest, int highest) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(lowest, highest + 1));
}

/// Whole numbers, so that sums are exact; few, so that they often meet.
Linear any_linear() {
  Linear linear;
  linear.constant = any_int(-3, 3);
  linear.terms.push_back({static_cast<double>(any_int(0, 1) * 2 - 1), "a"});
  if (any_int(0, 2) == 0) linear.terms.push_back({static_cast<double>(any_int(-2, 2)), "b"});
  return linear;
}

Formula any_predicate() {
  Formula formula;
  if (any_int(0, 3) == 0) {
    formula.expression.magnitudes.push_back({static_cast<double>(any_int(-2, 2)), any_linear()});
    formula.expression.linear.constant = any_int(-3, 3);
  } else {
    formula.expression.linear = any_linear();
  }
  return formula;
}

/// `inside`: of another operator in time, where an interval must be given.
Formula any_formula(int depth, bool inside) {
  if (depth == 0) return any_predicate();
  Formula formula;
  formula.kind = static_cast<Kind>(any_int(0, 7));
  if (formula.kind == Kind::predicate) return any_predicate();
  const bool in_time = formula.kind == Kind::always || formula.kind == Kind::eventually || formula.kind == Kind::until;
  const bool one = formula.kind == Kind::negation || formula.kind == Kind::always || formula.kind == Kind::eventually;
  if (in_time) {
    const int from = any_int(0, 3);
    formula.interval = interval(from, from + any_int(0, 4));
    if (!inside && any_int(0, 1) == 0) formula.interval.to.reset();
  }
  for (int k = 0; k < (one ? 1 : 2); ++k) formula.operands.push_back(any_formula(depth - 1, inside || in_time));
  return formula;
}

Trace any_trace() {
  Trace trace;
  const auto samples = static_cast<std::size_t>(any_int(1, 30));
  for (const char* signal : {"a", "b"}) {
    for (std::size_t k = 0; k < samples; ++k) trace[signal].push_back(any_int(-5, 5));
  }
  return trace;
}

CheckState state_of(const Range& range) {
  if (range.lowest >= 0.0) return CheckState::holds;
  return range.highest < 0.0 ? CheckState::broken : CheckState::untested;
}

RC_GTEST_PROP(StlMonitor, AgreesWithTheDefinitionInStateAndMargin, ()) {
  const Formula formula = any_formula(any_int(0, 4), false);
  const Trace trace = any_trace();
  const Bench bench(formula, trace);
  const Monitor::Outcome outcome = bench.monitor().outcome();
  const Range expected = BruteForce(trace).at_start(formula);
  RC_CLASSIFY(outcome.state == CheckState::holds);
  RC_CLASSIFY(outcome.state == CheckState::broken);
  RC_CLASSIFY(outcome.state == CheckState::untested);
  RC_ASSERT(outcome.state == state_of(expected));
  if (outcome.state == CheckState::holds) RC_ASSERT(outcome.margin == expected.lowest);
  if (outcome.state == CheckState::broken) RC_ASSERT(outcome.margin == expected.highest);
}

RC_GTEST_PROP(StlMonitor, NamesAComparisonAndASampleThatHaveTheMargin, ()) {
  const Formula formula = any_formula(any_int(0, 4), false);
  const Trace trace = any_trace();
  const Bench bench(formula, trace);
  const Monitor::Outcome outcome = bench.monitor().outcome();
  RC_PRE(outcome.state != CheckState::untested && std::isfinite(outcome.margin));
  RC_ASSERT(outcome.at.has_value() && *outcome.at < trace.at("a").size());
  const double value = BruteForce(trace).expression(*outcome.decided_by, static_cast<int>(*outcome.at));
  RC_ASSERT(value == outcome.expression);
  RC_ASSERT(std::abs(value) == std::abs(outcome.margin));
}

// What is decided stays so, whatever comes, unless an operator without end looks on.
RC_GTEST_PROP(StlMonitor, NeverTakesBackWhatItHasDecided, ()) {
  Formula formula = any_formula(any_int(0, 3), true);
  const Trace trace = any_trace();
  Trace beginning = trace;
  const auto cut = static_cast<std::size_t>(any_int(1, static_cast<int>(trace.at("a").size())));
  for (auto& [signal, values] : beginning) values.resize(cut);
  const CheckState early = Bench(formula, beginning).monitor().outcome().state;
  if (early != CheckState::untested) RC_ASSERT(Bench(formula, trace).monitor().outcome().state == early);
}

// A formula and its negation: one holds where the other is broken, by the same margin; both hold at 0.
RC_GTEST_PROP(StlMonitor, TurnsTheMarginWithTheFormula, ()) {
  Formula negated;
  negated.kind = Kind::negation;
  negated.operands.push_back(any_formula(any_int(0, 4), false));
  const Trace trace = any_trace();
  const Monitor::Outcome outcome = Bench(negated.operands[0], trace).monitor().outcome();
  const Monitor::Outcome turned = Bench(negated, trace).monitor().outcome();
  if (outcome.state == CheckState::broken) RC_ASSERT(turned.state == CheckState::holds);
  if (turned.state == CheckState::broken) RC_ASSERT(outcome.state == CheckState::holds);
}

RC_GTEST_PROP(SlidingExtremeProperty, IsTheExtremeOfTheLastValues, ()) {
  const auto count = static_cast<std::size_t>(any_int(1, 9));
  const bool maximum = any_int(0, 1) == 1;
  SlidingExtreme extreme(count, maximum);
  std::vector<double> values;
  for (std::uint64_t k = 0; k < 60; ++k) {
    values.push_back(any_int(-4, 4));
    const Robustness found = extreme.push(Robustness::of(values.back(), k, 0));
    const auto first = values.end() - static_cast<std::ptrdiff_t>(std::min(count, values.size()));
    RC_ASSERT(found.value ==
              (maximum ? *std::max_element(first, values.end()) : *std::min_element(first, values.end())));
    RC_ASSERT(found.value == values[found.sample()]);
  }
}

// 200 W at the third sample against 150 W: by hand 150 - 200.
TEST(StlMonitor, SaysWhereAnAlwaysIsBrokenWorst) {
  const Formula formula = temporal(Kind::always, {}, beyond("a", false, 150.0));
  const Monitor::Outcome outcome = Bench(formula, {{"a", {100, 160, 200, 170, 0}}}).monitor().outcome();
  EXPECT_EQ(outcome.state, CheckState::broken);
  EXPECT_DOUBLE_EQ(outcome.margin, -50.0);
  EXPECT_EQ(outcome.at, 2U);
}

TEST(StlMonitor, IsUntestedWhenTheObservationIsTooShort) {
  const Formula formula = temporal(Kind::eventually, interval(0, 4), beyond("a", true, 10.0));
  EXPECT_EQ(Bench(formula, {{"a", {0, 1, 2, 3}}}).monitor().outcome().state, CheckState::untested);
  EXPECT_EQ(Bench(formula, {{"a", {0, 1, 2, 3, 4}}}).monitor().outcome().state, CheckState::broken);
  EXPECT_EQ(Bench(formula, {{"a", {0, 11}}}).monitor().outcome().state, CheckState::holds);
}

// A run that was stopped: what more samples could still bring is not lost.
TEST(StlMonitor, KnowsWhatMoreSamplesCouldNotMend) {
  const auto lost = [](const Formula& formula, const Trace& trace) {
    return Bench(formula, trace).monitor().broken_for_good();
  };
  const Trace trace{{"a", {1, 2, 3}}};
  EXPECT_FALSE(lost(temporal(Kind::eventually, {}, beyond("a", true, 10.0)), trace));
  EXPECT_TRUE(lost(temporal(Kind::eventually, interval(0, 2), beyond("a", true, 10.0)), trace));
  EXPECT_FALSE(lost(temporal(Kind::eventually, interval(0, 3), beyond("a", true, 10.0)), trace));
  EXPECT_TRUE(lost(temporal(Kind::always, {}, beyond("a", true, 2.5)), trace));
  // Once the left side is broken, what is waited for comes too late.
  EXPECT_FALSE(lost(combined(Kind::until, beyond("a", true, 0.0), beyond("a", true, 10.0)), trace));
  EXPECT_TRUE(lost(combined(Kind::until, beyond("a", true, 1.5), beyond("a", true, 10.0)), trace));
}

TEST(StlMonitor, LetsWhatIsNotANumberFulfilNothing) {
  const Formula above = temporal(Kind::always, {}, beyond("a", true, 0.0));
  Formula below = temporal(Kind::always, {}, beyond("a", false, 0.0));
  const Trace trace{{"a", {std::nan("")}}};
  EXPECT_EQ(Bench(above, trace).monitor().outcome().state, CheckState::broken);
  EXPECT_EQ(Bench(below, trace).monitor().outcome().state, CheckState::broken);
}

// [0.011, 0.019] s holds no multiple of 10 ms; an inner operator without an end would keep everything; 2^24 values are
// 46.6 h of steps.
TEST(StlMonitor, RefusesIntervalsThatItCannotWatch) {
  const auto source = [](const std::string&) -> const double* {
    static const double value = 0.0;
    return &value;
  };
  const Formula predicate = beyond("a", true, 0.0);
  const Formula between = temporal(Kind::always, {11ms, 19ms}, predicate);
  EXPECT_THROW(Monitor(between, step, source), std::invalid_argument);
  const Formula nested = temporal(Kind::always, {}, temporal(Kind::eventually, {}, predicate));
  EXPECT_THROW(Monitor(nested, step, source), std::invalid_argument);
  const Formula days = temporal(Kind::always, {}, temporal(Kind::eventually, {0s, 48h}, predicate));
  EXPECT_THROW(Monitor(days, step, source), std::invalid_argument);
  // Outside of any other operator an interval costs nothing.
  EXPECT_NO_THROW(Monitor(temporal(Kind::always, {0s, 8784h}, predicate), step, source));
}

TEST(StlMonitor, AllocatesNothingWhileItObserves) {
  if (!models::allocations_are_counted()) GTEST_SKIP() << "a sanitizer brings its own allocator";
  Formula until = combined(Kind::until, beyond("a", true, -1.0), beyond("b", true, 0.5));
  until.interval = {50ms, 1s};
  const Formula formula = temporal(
      Kind::always, {},
      combined(Kind::implication, beyond("a", true, 0.9),
               combined(Kind::conjunction, temporal(Kind::eventually, {0s, 2s}, beyond("b", true, 0.0)), until)));
  double a = 0.0;
  double b = 0.0;
  Monitor monitor(formula, step, [&](const std::string& signal) { return signal == "a" ? &a : &b; });
  const std::uint64_t before = models::allocations_so_far();
  for (int k = 0; k < 20000; ++k) {
    a = std::sin(0.37 * k);
    b = std::sin(0.011 * k * k);
    monitor.observe();
  }
  EXPECT_EQ(models::allocations_so_far(), before);
}

}  // namespace
}  // namespace hil::harness::stl
