#include "harness/checks/formula_check.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>

#include "harness/checks/signal_lookup.h"
#include "harness/checks/stl/monitor.h"
#include "harness/checks/windowed_check.h"

namespace hil::harness {
namespace {

void add(std::string& text, double factor, const std::string& what) {
  if (factor < 0.0) text += text.empty() ? "-" : " - ";
  if (factor >= 0.0 && !text.empty()) text += " + ";
  if (std::abs(factor) != 1.0) text += trimmed(std::abs(factor)) + " * ";
  text += what;
}

std::string text_of(const stl::Linear& linear) {
  std::string text;
  for (const stl::Linear::Term& term : linear.terms) add(text, term.factor, term.signal);
  return text;
}

using StatesOfSignals = std::map<std::string, StateNames>;

/// "grid.import_w 212 W": what stands on the signals' side when the whole has this value.
std::string value_text(const stl::Expression& expression, double value, const StatesOfSignals& states) {
  const stl::Linear& linear = expression.linear;
  const double sum = value - linear.constant;
  if (expression.magnitudes.empty() && linear.terms.size() == 1) {
    const stl::Linear::Term& only = linear.terms.front();
    const double worst = sum / only.factor;
    return only.signal + " " + with_unit(worst, expression.unit) + states.at(only.signal).in_brackets(worst);
  }
  std::string text = text_of(linear);
  for (const stl::Expression::Magnitude& magnitude : expression.magnitudes) {
    std::string inside = text_of(magnitude.of);
    if (magnitude.of.constant < 0.0) inside += " - " + trimmed(-magnitude.of.constant);
    if (magnitude.of.constant > 0.0) inside += " + " + trimmed(magnitude.of.constant);
    add(text, magnitude.factor, "abs(" + inside + ")");
  }
  return text + " = " + with_unit(sum, expression.unit);
}

class FormulaOnSignals final : public WindowedCheck {
 public:
  FormulaOnSignals(const CheckSpec& spec, const FormulaCheck& check, stl::Monitor monitor, StatesOfSignals states,
                   sim::Time step)
      : WindowedCheck(spec, ""),
        monitor_(std::move(monitor)),
        states_(std::move(states)),
        needs_crisp_(check.needs_crisp),
        step_(step) {}
  void step(sim::Time now) override {
    if (!window_.contains(now)) return;
    if (!first_) first_ = now;
    monitor_.observe();
  }
  CheckResult result() const override {
    const stl::Monitor::Outcome outcome = monitor_.outcome();
    const Finding finding = finding_of(outcome);
    if (finding.state == CheckState::untested) return in_words(finding, "");
    CheckResult result = in_words(finding, value_text(*outcome.decided_by, outcome.expression, states_) + " at " +
                                               time_text(finding.worst_at.value_or(sim::Time{0})));
    result.margin_unit = outcome.decided_by->unit;
    return result;
  }
  bool may_mend_after(sim::Time now) const override { return window_.open_after(now) && !monitor_.broken_for_good(); }

 protected:
  Finding so_far() const override { return finding_of(monitor_.so_far()); }

 private:
  Finding finding_of(const stl::Monitor::Outcome& outcome) const {
    Finding finding;
    if (outcome.state == CheckState::untested || (needs_crisp_ && !monitor_.crisp_seen())) return finding;
    // The condition came and its answer was not due yet.
    if (std::isinf(outcome.margin) && outcome.margin > 0.0) return finding;
    finding.state = outcome.state;
    finding.margin = outcome.margin;
    finding.worst = outcome.expression;
    if (outcome.at && first_) finding.worst_at = *first_ + step_ * static_cast<sim::Time::rep>(*outcome.at);
    return finding;
  }

  stl::Monitor monitor_;
  StatesOfSignals states_;
  bool needs_crisp_;
  sim::Time step_;
  std::optional<sim::Time> first_;
};

}  // namespace

std::unique_ptr<Check> make_formula_check(const CheckSpec& spec, const FormulaCheck& check, Bench& bench) {
  StatesOfSignals states;
  const auto source = [&](const std::string& signal) {
    CheckSpec here = spec;
    if (const auto place = check.places.find(signal); place != check.places.end()) here.signal_place = place->second;
    const sim::Signal& found = resolve(here, signal, bench.signals());
    states.try_emplace(signal, found.description);
    return found.value;
  };
  const sim::Time step = bench.kernel().step();
  for (const stl::Linear::Term& term : stl::signals_of(check.formula)) source(term.signal);
  try {
    stl::Monitor monitor(check.formula, step, source);
    return std::make_unique<FormulaOnSignals>(spec, check, std::move(monitor), std::move(states), step);
  } catch (const std::invalid_argument& fault) {
    refuse(spec, fault.what());
  }
}

}  // namespace hil::harness
