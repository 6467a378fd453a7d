#include "harness/record/recorded_signals.h"

#include <set>
#include <string>
#include <variant>
#include <vector>

#include "harness/report/grid_plots.h"
#include "harness/scenario/check_signals.h"

namespace hil::harness {
namespace {

/// The serial lines whose exchanges a check looks at; empty: none.
struct Lines {
  std::vector<std::string> operator()(const BusCheck& check) const { return {check.line}; }
  std::vector<std::string> operator()(const AnswersCheck& check) const { return {check.line}; }
  std::vector<std::string> operator()(const FreshCheck& check) const { return {line_of(check.write)}; }
  std::vector<std::string> operator()(const OrderCheck& check) const {
    return {line_of(check.read), line_of(check.before_write)};
  }
  template <typename Kind>
  std::vector<std::string> operator()(const Kind& /*of signals or events*/) const {
    return {};
  }

  std::string line_of(const RegisterName& name) const {
    for (const UnitSpec& unit : units_of(site)) {
      if (unit.name == name.unit) return unit.line;
    }
    return {};  // the check itself refuses it
  }

  const SiteSpec& site;
};

/// What is named in the scenario, patterns resolved.
std::set<const sim::Signal*> named_signals(const Scenario& scenario, const Bench& bench) {
  std::set<const sim::Signal*> named;
  const auto keep = [&](const std::string& pattern) {
    for (const sim::Signal* signal : bench.signals().matching(pattern)) named.insert(signal);
  };
  if (scenario.site.plant.weather) keep("site.clear_index");
  for (const CheckSpec& check : scenario.checks) {
    for (const std::string& pattern : signals_of(check)) keep(pattern);
  }
  // The load of a line whose exchanges a check looks at: the lanes of the report are drawn from it.
  for (const CheckSpec& check : scenario.checks) {
    for (const std::string& line : std::visit(Lines{scenario.site}, check.kind)) {
      for (const char* counter : {".busy_s", ".unanswered", ".collisions"}) keep(line + counter);
    }
  }
  for (const TriggerSpec& trigger : scenario.triggers) {
    if (const auto* when = std::get_if<WhenTrigger>(&trigger.kind)) keep(when->signal);
  }
  for (const PlotSpec& plot : plots_of(scenario)) {
    for (const std::string& pattern : plot.signals) keep(pattern);
  }
  for (const RecordSpec& record : scenario.records) keep(record.signals);
  return named;
}

}  // namespace

std::vector<RecordedSignal> recorded_signals(const Scenario& scenario, const Bench& bench) {
  const std::set<const sim::Signal*> named = named_signals(scenario, bench);
  std::set<const sim::Signal*> details;
  if (scenario.record_others) details.insert(bench.details().begin(), bench.details().end());
  std::vector<RecordedSignal> recorded;
  for (const sim::Signal* signal : bench.signals().all()) {
    const bool unasked = scenario.record_others && !details.contains(signal);
    if (unasked || named.contains(signal)) recorded.push_back({signal, scenario.record_period, false});
  }
  for (const RecordSpec& spec : scenario.records) {
    const std::vector<const sim::Signal*> matching = bench.signals().matching(spec.signals);
    const std::set<const sim::Signal*> of_this(matching.begin(), matching.end());
    for (RecordedSignal& each : recorded) {
      if (of_this.contains(each.signal)) {
        each = {each.signal, spec.period.value_or(scenario.record_period), spec.on_change};
      }
    }
  }
  return recorded;
}

std::vector<const sim::Signal*> signals_of(const std::vector<RecordedSignal>& recorded) {
  std::vector<const sim::Signal*> signals;
  signals.reserve(recorded.size());
  for (const RecordedSignal& each : recorded) signals.push_back(each.signal);
  return signals;
}

}  // namespace hil::harness
