#include "harness/report/formula_limits.h"

#include <algorithm>
#include <cmath>

namespace hil::harness {
namespace {

using Kind = stl::Formula::Kind;
using Side = CheckLimit::Side;

/// Where in the run a part of the formula is judged.
struct Judged {
  sim::Time from{0};
  sim::Time until{0};
};

/// Follows what the whole formula asks of each of its parts.
class Walk {
 public:
  explicit Walk(sim::Time end) : end_(end) {}

  /// `wanted`: that it holds, else that it does not. `must`: nothing else can make up for it.
  void visit(const stl::Formula& formula, bool wanted, bool must, const Judged& judged) {
    switch (formula.kind) {
      case Kind::predicate:
        found.push_back({&formula.expression, wanted, must, judged.from, judged.until});
        return;
      case Kind::negation:
        visit(formula.operands[0], !wanted, must, judged);
        return;
      case Kind::conjunction:
        visit_both(formula, wanted, wanted, must && wanted, judged);
        return;
      case Kind::disjunction:
        visit_both(formula, wanted, wanted, must && !wanted, judged);
        return;
      case Kind::implication:
        visit_both(formula, !wanted, wanted, must && !wanted, judged);
        return;
      case Kind::always:
        visit(formula.operands[0], wanted, must && wanted, later(judged, formula.interval));
        return;
      case Kind::eventually:
        visit(formula.operands[0], wanted, must && !wanted, later(judged, formula.interval));
        return;
      case Kind::until:
        visit_both(formula, wanted, wanted, false, later(judged, formula.interval));
        return;
    }
  }

  std::vector<JudgedComparison> found;

 private:
  void visit_both(const stl::Formula& formula, bool left, bool right, bool must, const Judged& judged) {
    visit(formula.operands[0], left, must, judged);
    visit(formula.operands[1], right, must, judged);
  }
  Judged later(const Judged& judged, const stl::Interval& interval) const {
    return {judged.from + interval.from, interval.to ? std::min(judged.until + *interval.to, end_) : end_};
  }
  sim::Time end_;
};

void add(std::vector<CheckLimit>& limits, const std::string& signal, double level, Side side,
         const JudgedComparison& judged) {
  if (judged.from < judged.until && std::isfinite(level)) {
    limits.push_back({signal, level, side, judged.from, judged.until, sim::Time{0}});
  }
}

/// factor * signal + constant >= 0, or factor * |signal| + constant >= 0.
void add_levels(std::vector<CheckLimit>& limits, const JudgedComparison& judged) {
  const stl::Expression& expression = *judged.expression;
  const stl::Linear& linear = expression.linear;
  if (linear.terms.size() == 1 && expression.magnitudes.empty()) {
    const stl::Linear::Term& term = linear.terms.front();
    add(limits, term.signal, -linear.constant / term.factor, side_of(judged, term.factor), judged);
  }
  if (!linear.terms.empty() || expression.magnitudes.size() != 1) return;
  const stl::Expression::Magnitude& magnitude = expression.magnitudes.front();
  if (magnitude.of.terms.size() != 1) return;
  const stl::Linear::Term& term = magnitude.of.terms.front();
  const double middle = -magnitude.of.constant / term.factor;
  const double reach = std::abs(linear.constant / magnitude.factor / term.factor);
  const bool inside = (magnitude.factor < 0.0) == judged.wanted;
  const bool must = judged.must && inside;
  add(limits, term.signal, middle + reach, must ? Side::highest : Side::level, judged);
  add(limits, term.signal, middle - reach, must ? Side::lowest : Side::level, judged);
}

/// Comparisons that a margin can come from.
void collect(const stl::Formula& formula, std::vector<const stl::Expression*>& compared) {
  if (formula.kind == Kind::predicate && !formula.crisp) compared.push_back(&formula.expression);
  for (const stl::Formula& operand : formula.operands) collect(operand, compared);
}

/// Half its width, when the two comparisons bound one signal from both sides.
std::optional<double> half_band(const stl::Expression& left, const stl::Expression& right) {
  const auto is_plain = [](const stl::Expression& each) {
    return each.linear.terms.size() == 1 && each.magnitudes.empty();
  };
  if (!is_plain(left) || !is_plain(right)) return std::nullopt;
  const stl::Linear::Term& one = left.linear.terms.front();
  const stl::Linear::Term& other = right.linear.terms.front();
  if (one.signal != other.signal || one.factor * other.factor >= 0.0) return std::nullopt;
  const auto level = [](const stl::Expression& each) { return -each.linear.constant / each.linear.terms[0].factor; };
  const double width = one.factor > 0.0 ? level(right) - level(left) : level(left) - level(right);
  return width > 0.0 ? std::optional(0.5 * width) : std::nullopt;
}

}  // namespace

std::vector<JudgedComparison> judged_comparisons(const stl::Formula& formula, sim::Time from, sim::Time until) {
  Walk walk(until);
  walk.visit(formula, true, true, {from, from});
  return std::move(walk.found);
}

CheckLimit::Side side_of(const JudgedComparison& comparison, double factor) {
  if (!comparison.must) return Side::level;
  return (factor > 0.0) == comparison.wanted ? Side::lowest : Side::highest;
}

std::vector<CheckLimit> formula_limits(const stl::Formula& formula, sim::Time from, sim::Time until) {
  std::vector<CheckLimit> limits;
  for (const JudgedComparison& judged : judged_comparisons(formula, from, until)) add_levels(limits, judged);
  return limits;
}

std::optional<double> formula_scale(const stl::Formula& formula) {
  std::vector<const stl::Expression*> compared;
  collect(formula, compared);
  if (compared.size() == 2) {
    if (const auto half = half_band(*compared[0], *compared[1])) return half;
  }
  std::optional<double> smallest;
  for (const stl::Expression* each : compared) {
    const double number = std::abs(each->linear.constant);
    if (number > 0.0 && (!smallest || number < *smallest)) smallest = number;
  }
  return smallest;
}

}  // namespace hil::harness
