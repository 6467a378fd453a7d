#include "harness/checks/signal_names.h"

#include <utility>
#include <variant>

#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

/// Name or pattern of what a check or a trigger looks at; empty for one that looks at no signal.
template <typename Kind>
std::string looked_at(const Kind& kind) {
  if constexpr (requires { kind.signal; }) {
    return kind.signal;
  } else if constexpr (requires { kind.signals; }) {
    return kind.signals;
  } else {
    return "";
  }
}

/// Collects what is unknown.
class Finder {
 public:
  explicit Finder(const sim::SignalRegistry& signals) : signals_(signals) {}

  void look_up(const std::string& pattern, const std::string& element, const Place& at, const Place& otherwise) {
    if (pattern.empty() || !signals_.matching(pattern).empty()) return;
    faults.push_back({at.line > 0 ? at : otherwise, "<" + element + ">: " + unknown_signal(pattern, signals_), "S003"});
  }

  std::vector<Fault> faults;

 private:
  const sim::SignalRegistry& signals_;
};

}  // namespace

// Known names of the same owner ("et1." of "et1.socc"), or all when there is no such owner; the nearest first.
std::string unknown_signal(const std::string& name, const sim::SignalRegistry& signals) {
  constexpr std::size_t most_shown = 400;
  auto candidates = signals.matching(name.substr(0, name.find('.')) + ".*");
  if (candidates.empty()) candidates = signals.all();
  std::vector<std::string> names;
  names.reserve(candidates.size());
  for (const sim::Signal* signal : candidates) names.push_back(signal->name);
  std::string known = list_nearest_first(name, std::move(names));
  if (known.size() > most_shown) known = known.substr(0, known.rfind(", ", most_shown)) + ", ...";
  return "signal " + in_quotes(name) + " is unknown; known: " + known;
}

std::vector<Fault> unknown_signals(const Scenario& scenario, const sim::SignalRegistry& signals) {
  Finder finder{signals};
  const auto name_of = [](const auto& kind) { return looked_at(kind); };
  for (const TriggerSpec& trigger : scenario.triggers) {
    finder.look_up(std::visit(name_of, trigger.kind), trigger.element, trigger.signal_place, trigger.place);
  }
  for (const CheckSpec& check : scenario.checks) {
    finder.look_up(std::visit(name_of, check.kind), check.element, check.signal_place, check.place);
  }
  for (const PlotSpec& plot : scenario.plots) {
    for (std::size_t i = 0; i < plot.signals.size(); ++i) {
      finder.look_up(plot.signals[i], "signal", i < plot.signal_places.size() ? plot.signal_places[i] : Place{},
                     plot.place);
    }
  }
  return std::move(finder.faults);
}

}  // namespace hil::harness
