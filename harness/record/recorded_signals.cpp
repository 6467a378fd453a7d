#include "harness/record/recorded_signals.h"

#include <set>
#include <variant>

#include "harness/report/grid_plots.h"

namespace hil::harness {
namespace {

/// Name or pattern of what a check or a trigger looks at; empty for one that looks at none.
template <typename Kind>
std::string looked_at(const Kind& check) {
  if constexpr (requires { check.signal; }) {
    return check.signal;
  } else if constexpr (requires { check.signals; }) {
    return check.signals;
  } else {
    return "";
  }
}

}  // namespace

std::vector<const sim::Signal*> recorded_signals(const Scenario& scenario, const Bench& bench) {
  std::set<const sim::Signal*> left_out(bench.details().begin(), bench.details().end());
  const auto keep = [&](const std::string& pattern) {
    for (const sim::Signal* signal : bench.signals().matching(pattern)) left_out.erase(signal);
  };
  if (scenario.site.plant.weather) keep("site.clear_index");
  for (const CheckSpec& check : scenario.checks) {
    keep(std::visit([](const auto& kind) { return looked_at(kind); }, check.kind));
  }
  for (const TriggerSpec& trigger : scenario.triggers) {
    keep(std::visit([](const auto& kind) { return looked_at(kind); }, trigger.kind));
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
