#include "harness/checks/shape_checks.h"

#include <fmt/format.h>

#include <utility>

#include "harness/checks/shape_evaluators.h"
#include "harness/checks/signal_lookup.h"
#include "harness/checks/windowed_check.h"

namespace hil::harness {
namespace {

class Follows final : public WindowedCheck {
 public:
  /// `reference`: nullptr for one by points.
  Follows(const CheckSpec& spec, const FollowsCheck& check, const sim::Signal& signal, const sim::Signal* reference,
          sim::Time step)
      : WindowedCheck(spec, signal.unit),
        value_(signal.value),
        reference_(reference != nullptr ? reference->value : nullptr),
        evaluator_(check, step) {}
  void step(sim::Time now) override {
    if (!window_.contains(now)) return;
    if (reference_ != nullptr) {
      evaluator_.observe_both(now, *value_, *reference_);
    } else {
      evaluator_.observe(window_.since_begin(now), now, *value_);
    }
  }
  CheckResult result() const override {
    const Finding finding = evaluator_.finding();
    return in_words(finding, value_at(finding.worst, margin_unit(), finding.worst_at) + ", reference " +
                                 with_unit(evaluator_.worst_reference(), margin_unit()));
  }

 protected:
  Finding so_far() const override { return evaluator_.finding(); }

 private:
  const double* value_;
  const double* reference_;
  FollowsEvaluator evaluator_;
};

class Constant final : public WindowedCheck {
 public:
  Constant(const CheckSpec& spec, const ConstantCheck& check, const sim::Signal& signal)
      : WindowedCheck(spec, signal.unit), value_(signal.value), states_(signal.description), evaluator_(check) {}
  void step(sim::Time now) override {
    if (window_.contains(now)) evaluator_.observe(now, *value_);
  }
  CheckResult result() const override {
    const Finding finding = evaluator_.finding();
    return in_words(finding, value_at(finding.worst, margin_unit(), finding.worst_at, states_));
  }

 protected:
  Finding so_far() const override { return evaluator_.finding(); }

 private:
  const double* value_;
  StateNames states_;
  ConstantEvaluator evaluator_;
};

class Count final : public WindowedCheck {
 public:
  /// `value`: nullptr where events are counted.
  Count(const CheckSpec& spec, const CountCheck& check, const double* value)
      : WindowedCheck(spec, ""), check_(check), value_(value), evaluator_(check) {}
  void step(sim::Time now) override {
    if (window_.contains(now)) evaluator_.observe(now, value_);
  }
  void happened(const Event& event) override {
    if (value_ != nullptr || event.kind != check_.event || !window_.contains(event.at)) return;
    if (!check_.subject.empty() && event.subject != check_.subject) return;
    if (event.text.find(check_.text) != std::string::npos) evaluator_.happened(event.at);
  }
  CheckResult result() const override {
    const Finding finding = evaluator_.finding();
    std::string text = fmt::format("{} times", finding.worst);
    if (finding.worst_at) text += ", the last at " + time_text(*finding.worst_at);
    return in_words(finding, text);
  }
  bool may_mend_after(sim::Time now) const override { return window_.open_after(now) && evaluator_.too_few(); }

 protected:
  Finding so_far() const override { return evaluator_.finding(); }

 private:
  CountCheck check_;
  const double* value_;
  CountEvaluator evaluator_;
};

}  // namespace

std::unique_ptr<Check> make_follows_check(const CheckSpec& spec, const FollowsCheck& check, Bench& bench) {
  const sim::Signal& signal = resolve(spec, check.signal, bench.signals());
  const sim::Signal* reference = nullptr;
  if (!check.reference.empty()) reference = &resolve(spec, check.reference, bench.signals());
  return std::make_unique<Follows>(spec, check, signal, reference, bench.kernel().step());
}

std::unique_ptr<Check> make_constant_check(const CheckSpec& spec, const ConstantCheck& check, Bench& bench) {
  return std::make_unique<Constant>(spec, check, resolve(spec, check.signal, bench.signals()));
}

std::unique_ptr<Check> make_count_check(const CheckSpec& spec, const CountCheck& check, Bench& bench) {
  const double* value = check.signal.empty() ? nullptr : resolve(spec, check.signal, bench.signals()).value;
  return std::make_unique<Count>(spec, check, value);
}

}  // namespace hil::harness
