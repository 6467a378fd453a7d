#include "harness/checks/stl/formula.h"

#include <algorithm>
#include <utility>

#include "sim/signals/signal_registry.h"

namespace hil::harness::stl {
namespace {

void add(const Linear& linear, std::vector<Linear::Term>& found) {
  for (const Linear::Term& term : linear.terms) {
    const bool known = std::any_of(found.begin(), found.end(),
                                   [&term](const Linear::Term& other) { return other.signal == term.signal; });
    if (!known) found.push_back(term);
  }
}

void add(const Formula& formula, std::vector<Linear::Term>& found) {
  add(formula.expression.linear, found);
  for (const Expression::Magnitude& magnitude : formula.expression.magnitudes) add(magnitude.of, found);
  for (const Formula& operand : formula.operands) add(operand, found);
}

}  // namespace

Formula beyond(const std::string& signal, bool above, double bound) {
  const double sign = above ? 1.0 : -1.0;
  Formula formula;
  formula.expression.linear = {{{sign, signal, 0}}, -sign * bound};
  formula.expression.unit = sim::unit_of(signal);
  return formula;
}

Formula combined(Formula::Kind kind, Formula left, Formula right) {
  Formula formula;
  formula.kind = kind;
  formula.operands.push_back(std::move(left));
  formula.operands.push_back(std::move(right));
  return formula;
}

Formula temporal(Formula::Kind kind, Interval interval, Formula operand) {
  Formula formula;
  formula.kind = kind;
  formula.interval = interval;
  formula.operands.push_back(std::move(operand));
  return formula;
}

std::vector<Linear::Term> signals_of(const Formula& formula) {
  std::vector<Linear::Term> found;
  add(formula, found);
  return found;
}

}  // namespace hil::harness::stl
