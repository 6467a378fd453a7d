#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/record/csv_reader.h"
#include "harness/report/gnuplot_script.h"
#include "harness/scenario/scenario.h"

namespace hil::harness {

/// Something that lasted, in a lane.
struct LaneBar {
  double from_s = 0.0;
  double until_s = 0.0;
};
/// A row of the drawing: instants of one kind, or what lasted.
struct EventLane {
  std::string kind;
  std::vector<double> instants_s;
  std::vector<LaneBar> bars;  ///< faults from their beginning to their end
};
/// One lane a kind, marks first; a fault that does not end lasts to `end_s`.
std::vector<EventLane> event_lanes(const std::vector<Event>& events, double end_s);

/// A line of the controller over the run, one entry for each of at most `slices` equal parts of the time.
struct BusLane {
  std::string line;
  std::vector<double> time_s;  ///< end of each part
  std::vector<double> load;    ///< share of it with a driver on the wire, 0..1
  std::vector<bool> silent;    ///< a good request of it stayed without an answer, or frames collided
};
/// nullopt: the trace does not hold the line. `period_s`: that its signals are recorded at; rows between are of others
/// alone. 0: all rows are its.
std::optional<BusLane> bus_lane(const Trace& trace, const std::string& line, std::size_t slices, double period_s = 0.0);

/// Draws both, on the time axis of the plots. False: there is nothing to draw.
bool draw_lanes(const Scenario& scenario, const Trace& trace, const std::vector<Event>& events,
                const std::filesystem::path& file, GnuplotScript& script);

}  // namespace hil::harness
