#include "harness/report/lanes.h"

#include <fmt/format.h>
#include <gnuplot-iostream.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <utility>

#include "harness/report/gnuplot_text.h"
#include "harness/scenario/event_kinds.h"

namespace hil::harness {
namespace {

constexpr std::size_t bus_slices = 600;
constexpr int row_height = 26;
constexpr double half_a_row = 0.38;

double in_s(sim::Time time) {
  return std::chrono::duration<double>(time).count();
}

const std::vector<double>* column(const Trace& trace, const std::string& name) {
  const auto found = std::find(trace.names.begin(), trace.names.end(), name);
  return found == trace.names.end() ? nullptr : &trace.columns[static_cast<std::size_t>(found - trace.names.begin())];
}

void add_row_names(Gnuplot& gnuplot, const std::vector<EventLane>& lanes, const std::vector<BusLane>& buses) {
  gnuplot << "set ytics scale 0 (";
  std::size_t row = lanes.size() + buses.size();
  const char* before = "";
  for (const EventLane& lane : lanes) {
    gnuplot << before << in_gnuplot_quotes(lane.kind) << " " << --row;
    before = ", ";
  }
  for (const BusLane& bus : buses) {
    gnuplot << before << in_gnuplot_quotes(bus.line) << " " << --row;
    before = ", ";
  }
  gnuplot << ")\n";
}

void draw_rows(Gnuplot& gnuplot, const std::vector<EventLane>& lanes, const std::vector<BusLane>& buses) {
  std::size_t row = lanes.size() + buses.size();
  std::vector<std::vector<std::pair<double, double>>> data;
  std::string plot = "plot ";
  const auto add = [&](const std::string& style, std::vector<std::pair<double, double>> points) {
    if (points.empty()) return;
    plot += (data.empty() ? "'-' " : ", '-' ") + style + " notitle";
    data.push_back(std::move(points));
  };
  for (const EventLane& lane : lanes) {
    --row;
    const auto at = static_cast<double>(row);
    const bool is_state = lane.kind == "state";
    for (const LaneBar& bar : lane.bars) {
      gnuplot << fmt::format(
          "set object rect from {},{} to {},{} behind fc rgb '#E69F00' fs transparent solid 0.45 noborder\n",
          bar.from_s, at - 0.25, bar.until_s, at + 0.25);
    }
    std::vector<std::pair<double, double>> points;
    for (const double time_s : lane.instants_s) points.emplace_back(time_s, at);
    add(fmt::format("with points pt 7 ps {} lc rgb '{}'", is_state ? 0.35 : 0.6, is_state ? "#888888" : "#0072B2"),
        std::move(points));
  }
  for (const BusLane& bus : buses) {
    --row;
    const double floor = static_cast<double>(row) - half_a_row;
    std::vector<std::pair<double, double>> load;
    std::vector<std::pair<double, double>> silent;
    for (std::size_t i = 0; i < bus.time_s.size(); ++i) {
      load.emplace_back(bus.time_s[i], floor + 2.0 * half_a_row * bus.load[i]);
      if (bus.silent[i]) silent.emplace_back(bus.time_s[i], floor + 2.0 * half_a_row);
    }
    add(fmt::format("using 1:2:({}) with filledcurves fs solid 1 lc rgb '#b9c9da'", floor), std::move(load));
    add(fmt::format("with points pt 7 ps 0.5 lc rgb '{}'", limit_colour), std::move(silent));
  }
  gnuplot << plot << "\n";
  for (const auto& points : data) gnuplot.send1d(points);
}

/// The first row at or after each multiple of the period.
std::vector<std::size_t> rows_each(const std::vector<double>& time_s, double period_s) {
  constexpr double rounding = 1e-9;  // of a period: times have six decimals
  const auto number = [&](double at_s) { return std::floor(at_s / period_s + rounding); };
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < time_s.size(); ++row) {
    if (rows.empty() || period_s <= 0.0 || number(time_s[row]) > number(time_s[rows.back()])) rows.push_back(row);
  }
  return rows;
}

}  // namespace

std::vector<EventLane> event_lanes(const std::vector<Event>& events, double end_s) {
  std::map<std::pair<std::size_t, std::string>, EventLane> by_kind;
  std::map<std::string, double> begun;  // faults by target and kind
  const auto lane_of = [&](const std::string& kind) -> EventLane& {
    EventLane& lane = by_kind[{rank_of_event(kind), kind}];
    lane.kind = kind;
    return lane;
  };
  constexpr std::string_view begins = " begins";
  constexpr std::string_view ends = " ends";
  for (const Event& event : events) {
    EventLane& lane = lane_of(event.kind);
    lane.instants_s.push_back(in_s(event.at));
    if (event.kind != "fault") continue;
    if (const std::size_t at = event.text.find(begins); at != std::string::npos) {
      begun[event.subject + " " + event.text.substr(0, at)] = in_s(event.at);
    } else if (const std::size_t end = event.text.find(ends); end != std::string::npos) {
      const auto fault = begun.find(event.subject + " " + event.text.substr(0, end));
      if (fault == begun.end()) continue;
      lane.bars.push_back({fault->second, in_s(event.at)});
      begun.erase(fault);
    }
  }
  for (const auto& [fault, from_s] : begun) lane_of("fault").bars.push_back({from_s, end_s});
  std::vector<EventLane> lanes;
  lanes.reserve(by_kind.size());
  for (auto& [rank, lane] : by_kind) lanes.push_back(std::move(lane));
  return lanes;
}

std::optional<BusLane> bus_lane(const Trace& trace, const std::string& line, std::size_t slices, double period_s) {
  const std::vector<double>* busy_s = column(trace, line + ".busy_s");
  const std::vector<double>* unanswered = column(trace, line + ".unanswered");
  const std::vector<double>* collisions = column(trace, line + ".collisions");
  if (busy_s == nullptr || unanswered == nullptr || collisions == nullptr || busy_s->size() < 2) return std::nullopt;
  const std::vector<double>& time_s = trace.columns.front();
  BusLane lane{line, {}, {}, {}};
  const std::vector<std::size_t> taken = rows_each(time_s, period_s);
  const std::size_t rows = taken.size() - 1;
  const std::size_t parts = std::min(slices, rows);
  for (std::size_t part = 0; part < parts; ++part) {
    const std::size_t from = taken[rows * part / parts];
    const std::size_t until = taken[rows * (part + 1) / parts];
    const double took_s = time_s[until] - time_s[from];
    lane.time_s.push_back(time_s[until]);
    lane.load.push_back(took_s > 0.0 ? std::clamp(((*busy_s)[until] - (*busy_s)[from]) / took_s, 0.0, 1.0) : 0.0);
    lane.silent.push_back((*unanswered)[until] > (*unanswered)[from] || (*collisions)[until] > (*collisions)[from]);
  }
  return lane;
}

bool draw_lanes(const Scenario& scenario, const Trace& trace, const std::vector<Event>& events,
                const std::filesystem::path& file, GnuplotScript& script) {
  const double end_s = trace.columns.front().back();
  const std::vector<EventLane> lanes = event_lanes(events, end_s);
  std::vector<BusLane> buses;
  const double period_s = std::chrono::duration<double>(scenario.record_period).count();
  for (const LineSpec& line : scenario.site.lines) {
    if (auto bus = bus_lane(trace, line.name, bus_slices, period_s)) buses.push_back(*std::move(bus));
  }
  const std::size_t rows = lanes.size() + buses.size();
  if (rows == 0) return false;
  Gnuplot& gnuplot = script.next_drawing();
  gnuplot << gnuplot_head(file.string(), "lanes", 70 + row_height * static_cast<int>(rows), end_s) << "unset key\n"
          << fmt::format("set yrange [-0.6:{}]\nset bmargin 3.2\nset tmargin 0.5\n", static_cast<double>(rows) - 0.4)
          << "set grid xtics lc rgb '#dddddd' lt 1\n";
  add_row_names(gnuplot, lanes, buses);
  draw_rows(gnuplot, lanes, buses);
  return true;
}

}  // namespace hil::harness
