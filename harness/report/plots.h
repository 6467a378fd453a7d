#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/scenario/scenario.h"

namespace hil::harness {

struct PlotFile {
  std::string title;
  std::string file;  ///< relative to the results folder: "plots/1_power.svg"
};

struct PlotSet {
  std::vector<PlotFile> files;
  std::string note;  ///< why plots are missing; empty: none is
};

inline constexpr std::size_t most_points_per_curve = 2000;

/// One SVG per <plot>, drawn by gnuplot from trace.csv and events.csv in `folder`, the timeline's events as vertical
/// lines. Plots are an extra: without gnuplot or a readable trace there is a note, never an exception.
PlotSet make_plots(const Scenario& scenario, const std::filesystem::path& folder);

}  // namespace hil::harness
