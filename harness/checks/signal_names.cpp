#include "harness/checks/signal_names.h"

#include <utility>
#include <variant>

#include "harness/checks/signal_lookup.h"
#include "harness/scenario/check_signals.h"
#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

/// Whether only the controller in process, or the fleet's leader, can say it.
bool is_of_controller(const std::string& pattern) {
  return pattern.starts_with("controller.") || pattern.starts_with("leader.");
}

/// Collects what is unknown.
class Finder {
 public:
  Finder(const sim::SignalRegistry& signals, ControllerOfBench controller)
      : signals_(signals), controller_(controller) {}

  void look_up(const std::string& pattern, const std::string& element, const Place& at, const Place& otherwise) {
    if (pattern.empty() || !signals_.matching(pattern).empty()) return;
    const bool left_out = controller_ == ControllerOfBench::left_out && is_of_controller(pattern);
    const std::string what =
        left_out ? "signal " + in_quotes(pattern) + needs_controller : unknown_signal(pattern, signals_);
    faults.push_back({at.line > 0 ? at : otherwise, "<" + element + ">: " + what, "S003"});
  }

  std::vector<Fault> faults;

 private:
  static constexpr const char* needs_controller =
      " needs the controller in process, which attach leaves out, for parity too; run has it";
  const sim::SignalRegistry& signals_;
  ControllerOfBench controller_;
};

}  // namespace

std::vector<Fault> unknown_signals(const Scenario& scenario, const sim::SignalRegistry& signals,
                                   ControllerOfBench controller) {
  Finder finder{signals, controller};
  for (const TriggerSpec& trigger : scenario.triggers) {
    const auto* when = std::get_if<WhenTrigger>(&trigger.kind);
    if (when != nullptr) finder.look_up(when->signal, trigger.element, trigger.signal_place, trigger.place);
  }
  for (const CheckSpec& check : scenario.checks) {
    for (const std::string& signal : signals_of(check)) {
      finder.look_up(signal, check.element, place_of_signal(check, signal), check.place);
    }
  }
  for (const RecordSpec& record : scenario.records) finder.look_up(record.signals, "signal", record.place, {});
  for (const PlotSpec& plot : scenario.plots) {
    for (std::size_t i = 0; i < plot.signals.size(); ++i) {
      finder.look_up(plot.signals[i], "signal", i < plot.signal_places.size() ? plot.signal_places[i] : Place{},
                     plot.place);
    }
  }
  return std::move(finder.faults);
}

}  // namespace hil::harness
