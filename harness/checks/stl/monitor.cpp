#include "harness/checks/stl/monitor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace hil::harness::stl {

double Monitor::Sum::value() const {
  double value = constant;
  for (const Term& term : terms) value += term.factor * *term.value;
  return value;
}

double Monitor::Predicate::value() const {
  double value = sum.value();
  for (const Magnitude& magnitude : magnitudes) value += magnitude.factor * std::abs(magnitude.of.value());
  return value;
}

Monitor::Monitor(const Formula& formula, sim::Time step, const Source& source) : step_(step) {
  compile_goal(formula, false, source);
  for (const Goal& goal : goals_) {
    if (goal.kind != GoalKind::junction) ++open_;
  }
}

Monitor::Steps Monitor::steps_of(const Interval& interval) const {
  const auto from = static_cast<std::uint64_t>((interval.from + step_ - sim::Time{1}) / step_);
  if (!interval.to) return {from, no_end};
  const auto to = static_cast<std::uint64_t>(*interval.to / step_);
  if (*interval.to < interval.from || from > to) {
    using Seconds = std::chrono::duration<double>;
    throw std::invalid_argument(fmt::format("no step of {} s lies in [{}, {}]", Seconds(step_).count(),
                                            Seconds(interval.from).count(), Seconds(*interval.to).count()));
  }
  return {from, to};
}

void Monitor::keep(std::uint64_t values) {
  if (values > most_kept - kept_) {
    throw std::invalid_argument(
        fmt::format("intervals inside one another are too long, must keep at most {} values", most_kept));
  }
  kept_ += values;
}

std::size_t Monitor::compile_predicate(const Formula& formula, bool negated, const Source& source) {
  if (predicates_.size() == most_predicates) {
    throw std::invalid_argument(fmt::format("has more than {} comparisons", most_predicates));
  }
  const auto bound = [&source](const Linear& linear) {
    Sum sum;
    sum.constant = linear.constant;
    for (const Linear::Term& term : linear.terms) sum.terms.push_back({term.factor, source(term.signal)});
    return sum;
  };
  Predicate predicate;
  predicate.sum = bound(formula.expression.linear);
  for (const Expression::Magnitude& magnitude : formula.expression.magnitudes) {
    predicate.magnitudes.push_back({magnitude.factor, bound(magnitude.of)});
  }
  predicate.expression = formula.expression;
  predicate.crisp = formula.crisp;
  predicate.sign = negated ? -1.0 : 1.0;
  predicates_.push_back(std::move(predicate));
  return predicates_.size() - 1;
}

std::size_t Monitor::add_stream(Stream stream) {
  streams_.push_back(std::move(stream));
  return streams_.size() - 1;
}

Delay Monitor::delay_of(std::size_t stream, std::uint64_t horizon) {
  const std::uint64_t count = horizon - streams_[stream].horizon;
  keep(count);
  return Delay{count};
}

std::size_t Monitor::compile_stream(const Formula& formula, bool negated, const Source& source) {
  using Kind = Formula::Kind;
  const auto operand = [&](std::size_t which, bool negate) {
    return compile_stream(formula.operands.at(which), negate, source);
  };
  if (formula.kind == Kind::predicate) return add_stream({compile_predicate(formula, negated, source)});
  if (formula.kind == Kind::negation) return operand(0, !negated);
  if (formula.kind == Kind::always || formula.kind == Kind::eventually) {
    if (!formula.interval.to) throw std::invalid_argument("an operator inside another one must have an interval [a,b]");
    const std::size_t of = operand(0, negated);
    const Steps steps = steps_of(formula.interval);
    keep(steps.to - steps.from + 1);
    const bool maximum = (formula.kind == Kind::eventually) != negated;
    return add_stream(
        {Window{of, SlidingExtreme{steps.to - steps.from + 1, maximum}}, streams_[of].horizon + steps.to});
  }
  if (formula.kind == Kind::until) {
    if (!formula.interval.to) throw std::invalid_argument("an operator inside another one must have an interval [a,b]");
    const std::size_t left = operand(0, negated);
    const std::size_t right = operand(1, negated);
    const Steps steps = steps_of(formula.interval);
    const std::uint64_t length = steps.to - steps.from + 1;
    keep(2 * length + steps.from);
    const std::uint64_t horizon = std::max(streams_[left].horizon, streams_[right].horizon);
    Until until{left,
                right,
                delay_of(left, horizon),
                delay_of(right, horizon),
                SlidingUntil{length, negated},
                Delay{length},
                std::nullopt,
                negated};
    if (steps.from > 0) until.before.emplace(steps.from, negated);
    return add_stream({std::move(until), horizon + steps.to});
  }
  const std::size_t left = operand(0, negated != (formula.kind == Kind::implication));
  const std::size_t right = operand(1, negated);
  const std::uint64_t horizon = std::max(streams_[left].horizon, streams_[right].horizon);
  const bool maximum = (formula.kind != Kind::conjunction) != negated;
  return add_stream({Junction{left, right, delay_of(left, horizon), delay_of(right, horizon), maximum}, horizon});
}

std::size_t Monitor::compile_goal(const Formula& formula, bool negated, const Source& source) {
  using Kind = Formula::Kind;
  if (formula.kind == Kind::negation) return compile_goal(formula.operands.at(0), !negated, source);
  Goal goal;
  if (formula.kind == Kind::predicate) {
    goal.left = compile_stream(formula, negated, source);
  } else if (formula.kind == Kind::always || formula.kind == Kind::eventually) {
    goal.kind = GoalKind::extreme;
    goal.maximum = (formula.kind == Kind::eventually) != negated;
    goal.left = compile_stream(formula.operands.at(0), negated, source);
    goal.horizon = streams_[goal.left].horizon;
  } else if (formula.kind == Kind::until) {
    goal.kind = GoalKind::until;
    goal.maximum = !negated;
    goal.left = compile_stream(formula.operands.at(0), negated, source);
    goal.right = compile_stream(formula.operands.at(1), negated, source);
    goal.horizon = std::max(streams_[goal.left].horizon, streams_[goal.right].horizon);
    goal.left_delay = delay_of(goal.left, goal.horizon);
    goal.right_delay = delay_of(goal.right, goal.horizon);
  } else {
    goal.kind = GoalKind::junction;
    goal.maximum = (formula.kind != Kind::conjunction) != negated;
    goal.left = compile_goal(formula.operands.at(0), negated != (formula.kind == Kind::implication), source);
    goal.right = compile_goal(formula.operands.at(1), negated, source);
  }
  if (goal.kind == GoalKind::extreme || goal.kind == GoalKind::until) {
    const Steps steps = steps_of(formula.interval);
    goal.from = steps.from;
    goal.to = steps.to;
  }
  goal.value.value = goal.maximum ? -infinity : infinity;
  goal.before.value = -goal.value.value;
  goals_.push_back(std::move(goal));
  return goals_.size() - 1;
}

Robustness Monitor::value_of(std::size_t number, Unknown unknown) {
  const Predicate& predicate = predicates_[number];
  if (unknown != Unknown::none) {
    return Robustness::of(unknown == Unknown::lowest ? -infinity : infinity, seen_, number);
  }
  double value = predicate.value();
  // What is not a number fulfils nothing.
  if (std::isnan(value)) return Robustness::of(-infinity, seen_, number);
  if (predicate.crisp) {
    crisp_seen_ = crisp_seen_ || value > 0.0;
    value = value > 0.0 ? infinity : -infinity;
  }
  return Robustness::of(predicate.sign * value, seen_, number);
}

Robustness Monitor::value_of(Junction& junction) {
  Robustness left;
  Robustness right;
  if (ready(junction.left)) left = junction.left_delay.exchange(streams_[junction.left].now);
  if (ready(junction.right)) right = junction.right_delay.exchange(streams_[junction.right].now);
  return chosen(junction.maximum, left, right);
}

Robustness Monitor::value_of(Window& window) {
  return ready(window.of) ? window.extreme.push(streams_[window.of].now) : Robustness{};
}

Robustness Monitor::value_of(Until& until) {
  Robustness left;
  Robustness right;
  if (ready(until.left)) left = until.left_delay.exchange(streams_[until.left].now);
  if (ready(until.right)) right = until.right_delay.exchange(streams_[until.right].now);
  if (!ready(until.left) || !ready(until.right)) return {};
  const Robustness value = until.run.push(left, right);
  if (!until.before) return value;
  const std::uint64_t first = std::max(streams_[until.left].horizon, streams_[until.right].horizon);
  const Robustness former = until.before_delay.exchange(left);
  if (seen_ - first < until.before_delay.size()) return value;
  return chosen(until.dual, until.before->push(former), value);
}

void Monitor::fold(Goal& goal, bool known) {
  Robustness left;
  Robustness right;
  if (goal.kind == GoalKind::until) {
    if (ready(goal.left)) left = goal.left_delay.exchange(streams_[goal.left].now);
    if (ready(goal.right)) right = goal.right_delay.exchange(streams_[goal.right].now);
  }
  if (seen_ < goal.horizon || goal.complete()) return;
  const std::uint64_t number = goal.folded++;
  if (number >= goal.from) {
    if (goal.kind == GoalKind::until) {
      goal.value = chosen(goal.maximum, goal.value, chosen(!goal.maximum, goal.before, right));
    } else {
      goal.value = goal.kind == GoalKind::at_start ? streams_[goal.left].now
                                                   : chosen(goal.maximum, goal.value, streams_[goal.left].now);
    }
    goal.decided = goal.decided || known;
  }
  if (goal.kind == GoalKind::until) goal.before = chosen(!goal.maximum, goal.before, left);
  if (goal.complete()) --open_;
}

void Monitor::advance(Unknown unknown) {
  for (Stream& stream : streams_) {
    if (const auto* predicate = std::get_if<std::size_t>(&stream.part)) {
      stream.now = value_of(*predicate, unknown);
    } else if (auto* junction = std::get_if<Junction>(&stream.part)) {
      stream.now = value_of(*junction);
    } else if (auto* window = std::get_if<Window>(&stream.part)) {
      stream.now = value_of(*window);
    } else if (auto* until = std::get_if<Until>(&stream.part)) {
      stream.now = value_of(*until);
    }
  }
  for (Goal& goal : goals_) {
    if (goal.kind != GoalKind::junction) fold(goal, unknown == Unknown::none);
  }
  ++seen_;
}

void Monitor::observe() {
  if (open_ > 0) advance(Unknown::none);
}

Monitor Monitor::drained(Unknown unknown) const {
  Monitor copy = *this;
  std::uint64_t horizon = 0;
  for (const Stream& stream : streams_) horizon = std::max(horizon, stream.horizon);
  // A stream can owe its value for as many samples as its horizon is long, and none for those that never began.
  for (std::uint64_t k = 0; k < horizon && copy.open_ > 0; ++k) copy.advance(unknown);
  return copy;
}

Monitor::Bounds Monitor::bounds(std::size_t number, const Monitor& lowest, const Monitor& highest, Rest rest) const {
  const Goal& goal = goals_[number];
  if (goal.kind == GoalKind::junction) {
    const Bounds left = bounds(goal.left, lowest, highest, rest);
    const Bounds right = bounds(goal.right, lowest, highest, rest);
    return {chosen(goal.maximum, left.lowest, right.lowest), chosen(goal.maximum, left.highest, right.highest)};
  }
  // What more samples can no longer take back, and how far they may still move it.
  const Goal& sure = goal.maximum ? lowest.goals_[number] : highest.goals_[number];
  const Goal& other = goal.maximum ? highest.goals_[number] : lowest.goals_[number];
  Robustness beyond = other.value;
  if (!other.complete()) {
    beyond.value = goal.maximum ? infinity : -infinity;
    if (goal.kind == GoalKind::until) beyond = chosen(goal.maximum, other.value, other.before);
    if (goal.to == no_end && goal.decided && rest == Rest::none) beyond = sure.value;
  }
  return goal.maximum ? Bounds{sure.value, beyond} : Bounds{beyond, sure.value};
}

Monitor::Bounds Monitor::drained_bounds(Rest rest) const {
  return bounds(goals_.size() - 1, drained(Unknown::lowest), drained(Unknown::highest), rest);
}

Monitor::Outcome Monitor::judged(const Bounds& bounds) const {
  Outcome outcome;
  const bool holds = bounds.lowest.value >= 0.0;
  if (!holds && !(bounds.highest.value < 0.0)) return outcome;
  const Robustness& decisive = holds ? bounds.lowest : bounds.highest;
  const Predicate& predicate = predicates_[decisive.predicate()];
  outcome.state = holds ? CheckState::holds : CheckState::broken;
  outcome.margin = decisive.value;
  outcome.at = decisive.sample();
  outcome.decided_by = &predicate.expression;
  outcome.expression = predicate.sign * decisive.value;
  return outcome;
}

Monitor::Outcome Monitor::outcome() const {
  return seen_ == 0 ? Outcome{} : judged(drained_bounds(Rest::none));
}

bool Monitor::broken_for_good() const {
  return seen_ > 0 && judged(drained_bounds(Rest::to_come)).state == CheckState::broken;
}

Monitor::Outcome Monitor::so_far() const {
  return seen_ == 0 ? Outcome{} : judged(bounds(goals_.size() - 1, *this, *this, Rest::none));
}

}  // namespace hil::harness::stl
