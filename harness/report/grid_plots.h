#pragma once

#include <vector>

#include "harness/scenario/scenario.h"

namespace hil::harness {

/// The plots of a scenario, and behind them, when something happens to the grid, those that show it: voltage
/// at the meter and behind each switched cable, frequency and what the inverters make of it.
std::vector<PlotSpec> plots_of(const Scenario& scenario);

}  // namespace hil::harness
