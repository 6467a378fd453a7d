#include "harness/checks/signal_names.h"

#include <utility>
#include <variant>

#include "harness/checks/signal_lookup.h"

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
