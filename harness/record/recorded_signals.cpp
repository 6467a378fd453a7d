#include "harness/record/recorded_signals.h"

#include <set>
#include <variant>

#include "harness/report/grid_plots.h"

namespace hil::harness {
namespace {

/// Names or patterns of what a check looks at.
struct LookedAt {
  std::vector<std::string> operator()(const FormulaCheck& check) const {
    std::vector<std::string> names;
    for (const stl::Linear::Term& term : stl::signals_of(check.formula)) names.push_back(term.signal);
    return names;
  }
  std::vector<std::string> operator()(const FollowsCheck& check) const { return {check.signal, check.reference}; }
  template <typename Kind>
  std::vector<std::string> operator()(const Kind& check) const {
    if constexpr (requires { check.signal; }) {
      return {check.signal};
    } else if constexpr (requires { check.signals; }) {
      return {check.signals};
    } else {
      return {};  // it looks at a line
    }
  }
};

}  // namespace

std::vector<const sim::Signal*> recorded_signals(const Scenario& scenario, const Bench& bench) {
  std::set<const sim::Signal*> left_out(bench.details().begin(), bench.details().end());
  const auto keep = [&](const std::string& pattern) {
    for (const sim::Signal* signal : bench.signals().matching(pattern)) left_out.erase(signal);
  };
  if (scenario.site.plant.weather) keep("site.clear_index");
  for (const CheckSpec& check : scenario.checks) {
    for (const std::string& pattern : std::visit(LookedAt{}, check.kind)) keep(pattern);
  }
  for (const TriggerSpec& trigger : scenario.triggers) {
    for (const std::string& pattern : std::visit(LookedAt{}, trigger.kind)) keep(pattern);
  }
  for (const PlotSpec& plot : plots_of(scenario)) {
    for (const std::string& pattern : plot.signals) keep(pattern);
  }
  std::vector<const sim::Signal*> recorded;
  for (const sim::Signal* signal : bench.signals().all()) {
    if (!left_out.contains(signal)) recorded.push_back(signal);
  }
  return recorded;
}

}  // namespace hil::harness
