#include "harness/checks/check.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "harness/checks/bus_checks.h"
#include "harness/checks/evaluators.h"
#include "harness/checks/formula_check.h"
#include "harness/checks/shape_checks.h"
#include "harness/checks/signal_lookup.h"
#include "harness/checks/signal_names.h"
#include "harness/checks/untested_text.h"
#include "harness/checks/windowed_check.h"
#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

class Never final : public WindowedCheck {
 public:
  Never(const CheckSpec& spec, const NeverCheck& check, const sim::Signal& signal, sim::Time step)
      : WindowedCheck(spec, signal.unit), value_(signal.value), states_(signal.description), evaluator_(check, step) {}
  void step(sim::Time now) override {
    if (window_.contains(now)) evaluator_.observe(now, *value_);
  }
  Finding so_far() const override { return evaluator_.finding(); }
  CheckResult result() const override {
    const Finding finding = evaluator_.finding();
    return in_words(finding, value_at(finding.worst, margin_unit(), finding.worst_at, states_));
  }

 private:
  const double* value_;
  StateNames states_;
  NeverEvaluator evaluator_;
};

class Settles final : public WindowedCheck {
 public:
  Settles(const CheckSpec& spec, const SettlesCheck& check, const sim::Signal& signal)
      : WindowedCheck(spec, signal.unit), value_(signal.value), states_(signal.description), evaluator_(check) {}
  void step(sim::Time now) override {
    if (window_.contains(now)) evaluator_.observe(window_.since_begin(now), now, *value_);
  }
  Finding so_far() const override { return evaluator_.finding(); }
  CheckResult result() const override {
    const Finding finding = evaluator_.finding();
    const auto settled = evaluator_.settled_after();
    return in_words(finding, value_at(finding.worst, margin_unit(), finding.worst_at, states_) +
                                 (settled ? ", inside after " + time_text(*settled) : ", outside at the end"));
  }

 private:
  const double* value_;
  StateNames states_;
  SettlesEvaluator evaluator_;
};

class Energy final : public WindowedCheck {
 public:
  Energy(const CheckSpec& spec, const EnergyCheck& check, const sim::Signal& signal)
      : WindowedCheck(spec, "Wh"), value_(signal.value), evaluator_(check) {}
  void step(sim::Time now) override {
    evaluator_.observe(window_.overlap(last_step_, now), *value_);
    last_step_ = now;
  }
  Finding so_far() const override { return evaluator_.finding(); }
  CheckResult result() const override {
    const Finding finding = evaluator_.finding();
    return in_words(finding, with_unit(finding.worst, "Wh"));
  }
  bool may_mend_after(sim::Time now) const override { return window_.open_after(now) && evaluator_.may_still_mend(); }

 private:
  const double* value_;
  EnergyEvaluator evaluator_;
  sim::Time last_step_{0};
};

class Reaches final : public WindowedCheck {
 public:
  Reaches(const CheckSpec& spec, const ReachesCheck& check, const sim::Signal& signal, sim::Time step)
      : WindowedCheck(spec, "s"), value_(signal.value), evaluator_(check, step) {}
  void step(sim::Time now) override {
    if (window_.contains(now)) evaluator_.observe(window_.since_begin(now), now, *value_);
  }
  Finding so_far() const override { return evaluator_.finding(); }
  CheckResult result() const override {
    const Finding finding = evaluator_.finding();
    if (!evaluator_.reached()) return in_words(finding, "not reached");
    return in_words(finding, "reached after " + trimmed(finding.worst) + " s, at " + time_text(*finding.worst_at));
  }

 private:
  const double* value_;
  ReachesEvaluator evaluator_;
};

class Together final : public WindowedCheck {
 public:
  Together(const CheckSpec& spec, const TogetherCheck& check, const std::vector<const sim::Signal*>& signals)
      : WindowedCheck(spec, signals.front()->unit), signals_(signals), evaluator_(check) {}
  void step(sim::Time now) override {
    if (!window_.contains(now)) return;
    End lowest{signals_.front(), *signals_.front()->value};
    End highest = lowest;
    for (const sim::Signal* signal : signals_) {
      const double value = *signal->value;
      // Not std::min: what is not a number must not be passed over.
      if (!(value >= lowest.value)) lowest = {signal, value};
      if (!(value <= highest.value)) highest = {signal, value};
    }
    evaluator_.observe(now, lowest.value, highest.value);
    if (evaluator_.finding().worst_at != now) return;
    lowest_ = lowest;
    highest_ = highest;
  }
  Finding so_far() const override { return evaluator_.finding(); }
  CheckResult result() const override {
    const Finding finding = evaluator_.finding();
    std::string text = "spread " + value_at(finding.worst, margin_unit(), finding.worst_at);
    if (lowest_.signal != nullptr && lowest_.signal == highest_.signal) {
      text += ": each has " + with_unit(lowest_.value, margin_unit());
    } else if (lowest_.signal != nullptr) {
      text += ": " + text_of(lowest_) + ", " + text_of(highest_);
    }
    return in_words(finding, text);
  }

 private:
  struct End {
    const sim::Signal* signal = nullptr;
    double value = 0.0;
  };
  std::string text_of(const End& end) const { return end.signal->name + " has " + with_unit(end.value, margin_unit()); }

  std::vector<const sim::Signal*> signals_;
  TogetherEvaluator evaluator_;
  End lowest_;  ///< at the worst instant
  End highest_;
};

struct Maker {
  const CheckSpec& spec;
  Bench& bench;

  std::unique_ptr<Check> operator()(const NeverCheck& check) const {
    return std::make_unique<Never>(spec, check, resolve(spec, check.signal, bench.signals()), bench.kernel().step());
  }
  std::unique_ptr<Check> operator()(const SettlesCheck& check) const {
    return std::make_unique<Settles>(spec, check, resolve(spec, check.signal, bench.signals()));
  }
  std::unique_ptr<Check> operator()(const EnergyCheck& check) const {
    const sim::Signal& signal = resolve(spec, check.signal, bench.signals());
    if (signal.unit != "W") refuse(spec, "signal " + in_quotes(check.signal) + " is no power, its name must end in _w");
    return std::make_unique<Energy>(spec, check, signal);
  }
  std::unique_ptr<Check> operator()(const ReachesCheck& check) const {
    return std::make_unique<Reaches>(spec, check, resolve(spec, check.signal, bench.signals()), bench.kernel().step());
  }
  std::unique_ptr<Check> operator()(const TogetherCheck& check) const {
    const auto signals = bench.signals().matching(check.signals);
    if (signals.empty()) refuse(spec, unknown_signal(check.signals, bench.signals()));
    if (signals.size() < 2) {
      refuse(spec, "signals " + in_quotes(check.signals) + " match " + signals.front()->name + " only, must match two");
    }
    return std::make_unique<Together>(spec, check, signals);
  }
  std::unique_ptr<Check> operator()(const BusCheck& check) const { return make_poll_gap_check(spec, check, bench); }
  std::unique_ptr<Check> operator()(const FormulaCheck& check) const { return make_formula_check(spec, check, bench); }
  std::unique_ptr<Check> operator()(const FollowsCheck& check) const { return make_follows_check(spec, check, bench); }
  std::unique_ptr<Check> operator()(const ConstantCheck& check) const {
    return make_constant_check(spec, check, bench);
  }
  std::unique_ptr<Check> operator()(const CountCheck& check) const { return make_count_check(spec, check, bench); }
  std::unique_ptr<Check> operator()(const AnswersCheck& check) const { return make_answers_check(spec, check, bench); }
  std::unique_ptr<Check> operator()(const FreshCheck& check) const { return make_fresh_check(spec, check, bench); }
  std::unique_ptr<Check> operator()(const OrderCheck& check) const { return make_order_check(spec, check, bench); }
};

}  // namespace

void Check::happened(const Event& /*event*/) {}

bool Check::may_mend_after(sim::Time /*now*/) const {
  return false;
}

CheckResult result_at(const Check& check, sim::Time now, bool stopped) {
  CheckResult result = check.result();
  if (stopped && result.state == CheckState::broken && check.may_mend_after(now)) {
    CheckResult untested;
    untested.spec = std::move(result.spec);
    untested.margin_unit = std::move(result.margin_unit);
    result = std::move(untested);
  }
  if (result.state == CheckState::untested) result.worst_text = why_untested(result.spec);
  return result;
}

std::unique_ptr<Check> make_check(const CheckSpec& spec, Bench& bench) {
  return std::visit(Maker{spec, bench}, spec.kind);
}

std::vector<Fault> signal_faults(const Scenario& scenario, Bench& bench) {
  std::vector<Fault> faults = unknown_signals(scenario, bench.signals());
  if (!faults.empty()) return faults;
  for (const CheckSpec& spec : scenario.checks) {
    try {
      make_check(spec, bench);
    } catch (const BadCheck& refused) {
      faults.push_back(refused.fault());
    }
  }
  return faults;
}

}  // namespace hil::harness
