#pragma once

#include <string>
#include <vector>

#include "harness/record/run.h"

namespace hil::harness {

struct PlotSet {
  std::vector<PlotFile> files;
  std::string note;  ///< why plots are missing; empty: none is
};

inline constexpr std::size_t most_points_per_curve = 2000;

/// An instant of the timeline in a plot.
struct EventLine {
  double at_s = 0.0;
  std::string label;  ///< empty: the line alone, its label would overprint another
};
struct EventLines {
  std::vector<EventLine> lines;  ///< in time
  std::size_t left_out = 0;      ///< events without a line
};
inline constexpr std::size_t most_event_lines = 12;
inline constexpr std::size_t longest_event_label = 40;

/// One line an instant, at most most_event_lines: marks first, then faults, grid, switches, the rest. What devices did
/// by themselves (changes of state) stands in the report's table only. `end_s`: of the time axis.
EventLines event_lines(const std::vector<Event>& events, double end_s);

/// One SVG per plot of plots_of() and per signal that a check names and none of them shows, drawn by gnuplot from
/// trace.csv and events.csv in the result's folder, the timeline's events as vertical lines, the limits of checks as
/// horizontal ones, what is beyond the limit of a broken check shaded; before them the lanes of events and buses. All
/// have the same time axis. Plots are an extra: without gnuplot or a readable trace there is a note, never an
/// exception.
PlotSet make_plots(const Scenario& scenario, const RunResult& result);

}  // namespace hil::harness
