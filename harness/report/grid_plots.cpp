#include "harness/report/grid_plots.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hil::harness {
namespace {

template <typename... Kinds>
bool is_one_of(const Action& action) {
  return (std::holds_alternative<Kinds>(action) || ...);
}

bool moves_the_grid(const Action& action) {
  return is_one_of<SetGridVoltage, RampFrequency, JumpPhase, UnbalanceGrid, SetOutage, ReturnToNominal,
                   SetGridImpedance, SwitchCable>(action);
}

/// The bus that this cable feeds: its end on the other side than the grid's. Empty for a cable that does not exist.
std::string bus_behind(const models::Site::Parameters& plant, const std::string& cable) {
  const models::Site::Cable* wanted = nullptr;
  std::set<std::string> fed{plant.grid_bus};
  for (bool grown = true; grown;) {
    grown = false;
    const auto join = [&](const std::string& from, const std::string& to) {
      if (fed.contains(from) == fed.contains(to)) return;
      fed.insert({from, to});
      grown = true;
    };
    for (const models::Site::SiteTransformer& each : plant.transformers) join(each.from_bus, each.to_bus);
    for (const models::Site::Cable& each : plant.cables) {
      if (each.name == cable) {
        wanted = &each;
      } else {
        join(each.from_bus, each.to_bus);
      }
    }
  }
  if (wanted == nullptr) return {};
  return fed.contains(wanted->to_bus) && !fed.contains(wanted->from_bus) ? wanted->from_bus : wanted->to_bus;
}

/// Line to neutral, of the phases that there are.
std::vector<std::string> voltages(const Scenario& scenario, const std::string& where) {
  if (!scenario.site.plant.grid.split_phase) return {where + ".l*_voltage_ln_rms_v"};
  return {where + ".l1_voltage_ln_rms_v", where + ".l2_voltage_ln_rms_v"};
}

/// What a lost neutral or phase does is seen behind it, not at the meter.
void add_switched_buses(const Scenario& scenario, std::vector<PlotSpec>& plots) {
  std::set<std::string> shown;
  for_each_action(scenario, [&](const Action& action) {
    const auto* order = std::get_if<SwitchCable>(&action);
    if (order == nullptr) return;
    const std::string bus = bus_behind(scenario.site.plant, order->cable);
    if (bus.empty() || !shown.insert(bus).second) return;
    const std::string prefix = "bus." + bus;
    PlotSpec plot{"Voltage at " + bus, voltages(scenario, prefix), {}};
    plot.signals.push_back(prefix + ".neutral_v");
    plots.push_back(std::move(plot));
  });
}

}  // namespace

std::vector<PlotSpec> plots_of(const Scenario& scenario) {
  std::vector<PlotSpec> plots = scenario.plots;
  bool grid_moves = false;
  for_each_action(scenario, [&](const Action& action) { grid_moves = grid_moves || moves_the_grid(action); });
  if (!grid_moves) return plots;
  plots.push_back({"Grid voltage", voltages(scenario, "grid"), {}});
  add_switched_buses(scenario, plots);
  plots.push_back({"Grid frequency", {"grid.frequency_hz"}, {}});
  PlotSpec operation{"Inverters and the grid", {"grid.connected"}, {}};
  for (const models::Site::Inverter& inverter : scenario.site.plant.inverters) {
    if (inverter.lane.grid_code) operation.signals.push_back(inverter.name + ".operation");
    if (inverter.lane.backup) operation.signals.push_back(inverter.name + ".islanded");
  }
  plots.push_back(operation);
  return plots;
}

}  // namespace hil::harness
