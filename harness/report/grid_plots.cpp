#include "harness/report/grid_plots.h"

#include <algorithm>
#include <variant>

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

}  // namespace

std::vector<PlotSpec> plots_of(const Scenario& scenario) {
  std::vector<PlotSpec> plots = scenario.plots;
  const bool grid_moves =
      std::any_of(scenario.timeline.begin(), scenario.timeline.end(), [](const TimelineEntry& entry) {
        return std::any_of(entry.actions.begin(), entry.actions.end(), moves_the_grid);
      });
  if (!grid_moves) return plots;
  plots.push_back({"Grid voltage", {"grid.l*_voltage_ln_rms_v"}, {}});
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
