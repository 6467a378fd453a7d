#include "harness/report/plots.h"

#include <fmt/format.h>
#include <gnuplot-iostream.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "harness/record/csv_reader.h"
#include "harness/record/number_text.h"
#include "harness/record/results_folder.h"
#include "harness/report/check_limits.h"
#include "harness/report/decimation.h"
#include "harness/report/gnuplot_script.h"
#include "harness/report/gnuplot_text.h"
#include "harness/report/grid_plots.h"
#include "harness/report/lanes.h"
#include "harness/report/plotted_signals.h"
#include "harness/report/trace_limits.h"
#include "harness/report/violations.h"
#include "harness/scenario/check_signals.h"
#include "harness/scenario/event_kinds.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {
namespace {

constexpr double nearest_labels = 0.03;  // of the time axis
constexpr double farthest_limit = 1.5;   // of the height of the curves
constexpr std::size_t most_shades = 2 * most_trace_pieces;
constexpr std::size_t most_limit_labels = 16;
// Of a plot whose legend fits above its curves; each row of the legend beyond that makes it higher.
constexpr int usual_height = 340;
constexpr std::size_t usual_legend_rows = 2;
constexpr int legend_row_height = 15;
constexpr std::size_t legend_columns = 2;  // as wide as the longest names make them

struct Curve {
  std::string name;
  std::string unit;
  std::vector<PlotPoint> points;
};

/// Writing to a gnuplot that has died must be an error to look at, not the end of this process.
class BrokenPipesIgnored {
 public:
  BrokenPipesIgnored() : before_(std::signal(SIGPIPE, SIG_IGN)) {}
  ~BrokenPipesIgnored() { std::signal(SIGPIPE, before_); }
  BrokenPipesIgnored(const BrokenPipesIgnored&) = delete;
  BrokenPipesIgnored& operator=(const BrokenPipesIgnored&) = delete;

 private:
  void (*before_)(int);
};

bool on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access(fmt::format("{}/{}", folder, program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

std::string file_name(std::size_t number, const std::string& title) {
  constexpr std::size_t longest_stem = 64;
  std::string name = std::to_string(number) + "_";
  for (const char c : title) {
    if (name.size() == longest_stem) break;
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) name += c;
    if (c >= 'A' && c <= 'Z') name += static_cast<char>(c - 'A' + 'a');
    if (c == ' ' || c == '_' || c == '-') name += '_';
  }
  return name + ".svg";
}

std::vector<Curve> curves_of(const PlotSpec& plot, const Trace& trace) {
  // The registry knows how patterns match; the column's number comes back as its value's address.
  sim::SignalRegistry columns;
  const std::vector<double> places(trace.names.size());
  for (std::size_t i = 1; i < trace.names.size(); ++i) columns.add(trace.names[i], "", &places[i]);
  std::vector<Curve> curves;
  std::set<std::string> drawn;
  for (const std::string& pattern : plot.signals) {
    for (const sim::Signal* signal : columns.matching(pattern)) {
      if (!drawn.insert(signal->name).second) continue;
      const auto column = static_cast<std::size_t>(signal->value - places.data());
      curves.push_back(
          {signal->name, signal->unit, decimate(trace.columns.front(), trace.columns[column], most_points_per_curve)});
    }
  }
  return curves;
}

std::string shortened(std::string text) {
  if (text.size() <= longest_event_label) return text;
  std::size_t length = longest_event_label;
  const auto inside_a_character = [&] { return (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U; };
  while (length > 0 && inside_a_character()) --length;
  return text.substr(0, length) + "...";
}

double in_s(sim::Time time) {
  return std::chrono::duration<double>(time).count();
}

/// What a run left to be drawn.
struct Recording {
  Trace trace;
  std::vector<Event> events;
  double end_s = 0.0;
};

/// Of one check, on the curves that it looks at.
struct DrawnCheck {
  const CheckResult* check = nullptr;
  std::vector<CheckLimit> limits;
};

const std::vector<double>* column_of(const Trace& trace, const std::string& name) {
  const auto found = std::find(trace.names.begin(), trace.names.end(), name);
  return found == trace.names.end() ? nullptr : &trace.columns[static_cast<std::size_t>(found - trace.names.begin())];
}

/// The checks that look at one of the curves.
std::vector<DrawnCheck> checks_on(const std::vector<Curve>& curves, const std::vector<CheckResult>& checks,
                                  const Recording& recording) {
  const sim::Time end{std::llround(recording.end_s * 1e9)};
  std::vector<std::string> names;
  names.reserve(curves.size());
  for (const Curve& curve : curves) names.push_back(curve.name);
  std::vector<DrawnCheck> drawn;
  for (const CheckResult& check : checks) {
    if (!shows_one_of(names, signals_of(check.spec))) continue;
    drawn.push_back({&check, limits_of(check.spec, recording.events, end)});
    const std::vector<CheckLimit> from_trace = trace_limits(check.spec, recording.events, end, recording.trace);
    drawn.back().limits.insert(drawn.back().limits.end(), from_trace.begin(), from_trace.end());
    std::erase_if(drawn.back().limits, [&](const CheckLimit& limit) { return !shows_one_of(names, {limit.signal}); });
  }
  return drawn;
}

struct Range {
  double lowest = 0.0;
  double highest = 0.0;

  void include(double value) {
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
};

Range range_of(const std::vector<Curve>& curves) {
  Range range{curves.front().points.front().second, curves.front().points.front().second};
  for (const Curve& curve : curves) {
    for (const auto& [time_s, value] : curve.points) range.include(value);
  }
  return range;
}

/// What a limit may be away from the curves; of curves that stand still the nearest limit says it.
double reach_of_limits(const Range& range, const std::vector<DrawnCheck>& checks) {
  constexpr double still = 1e-9;
  const double height = range.highest - range.lowest;
  if (height > still) return farthest_limit * height;
  double nearest = std::numeric_limits<double>::infinity();
  for (const DrawnCheck& drawn : checks) {
    for (const CheckLimit& limit : drawn.limits) nearest = std::min(nearest, std::abs(limit.level - range.highest));
  }
  return std::isfinite(nearest) ? farthest_limit * std::max(nearest, still) : still;
}

/// Limits near the curves get room in the plot; one far away would press the curves flat and is left out.
Range with_limits(Range range, const std::vector<DrawnCheck>& checks) {
  const double reach = reach_of_limits(range, checks);
  const Range near{range.lowest - reach, range.highest + reach};
  for (const DrawnCheck& drawn : checks) {
    for (const CheckLimit& limit : drawn.limits) {
      for (const double level : {limit.level, limit.level_at(in_s(limit.until))}) {
        if (level >= near.lowest && level <= near.highest) range.include(level);
      }
    }
  }
  return range;
}

bool is_inside(const Range& range, const CheckLimit& limit) {
  const double last_level = limit.level_at(in_s(limit.until));
  return std::min(limit.level, last_level) >= range.lowest && std::max(limit.level, last_level) <= range.highest;
}

/// Those that have no room, in words at the edge beyond which they are.
void name_far_limits(Gnuplot& gnuplot, const std::vector<DrawnCheck>& checks, const Range& range) {
  constexpr std::size_t most_named = 6;
  std::map<bool, std::set<double>> far;  // above
  for (const DrawnCheck& drawn : checks) {
    for (const CheckLimit& limit : drawn.limits) {
      if (limit.rise_per_s == 0.0 && !limit.one_of_many && !is_inside(range, limit))
        far[limit.level > range.highest].insert(limit.level);
    }
  }
  for (const auto& [above, levels] : far) {
    std::string text = above ? "limits above:" : "limits below:";
    std::size_t named = 0;
    for (const double level : levels) {
      if (named++ == most_named) break;
      text += " " + trimmed(level);
    }
    if (levels.size() > most_named) text += " ...";
    gnuplot << fmt::format("set label {} at graph 0.995,graph {} right font ',9' tc rgb '{}' front\n",
                           in_gnuplot_quotes(text), above ? 0.97 : 0.03, limit_colour);
  }
}

/// Lines of the limits; level ones with their level.
void draw_limits(Gnuplot& gnuplot, const std::vector<DrawnCheck>& checks, const Range& range) {
  std::set<std::pair<double, double>> named;  // level and beginning: two checks may share a line
  for (const DrawnCheck& drawn : checks) {
    const double width = drawn.check->state == CheckState::broken ? 2.0 : 1.3;
    for (const CheckLimit& limit : drawn.limits) {
      if (!is_inside(range, limit)) continue;
      gnuplot << fmt::format("set arrow from {},{} to {},{} nohead dt 4 lw {} lc rgb '{}' front\n", in_s(limit.from),
                             limit.level, in_s(limit.until), limit.level_at(in_s(limit.until)), width, limit_colour);
      if (limit.rise_per_s != 0.0 || limit.one_of_many || named.size() == most_limit_labels ||
          !named.emplace(limit.level, in_s(limit.from)).second)
        continue;
      gnuplot << fmt::format("set label {} at {},{} right offset -0.3,{} font ',9' tc rgb '{}' front\n",
                             in_gnuplot_quotes(limit.note + trimmed(limit.level)), in_s(limit.until), limit.level,
                             limit.side == CheckLimit::Side::lowest ? -0.6 : 0.55, limit_colour);
    }
  }
}

/// The worst instant of each broken check; the words below each other, on the side that has room.
void draw_worst(Gnuplot& gnuplot, const std::vector<DrawnCheck>& checks, double end_s) {
  int row = 0;
  for (const DrawnCheck& drawn : checks) {
    if (drawn.check->state != CheckState::broken || !drawn.check->worst_at) continue;
    const double at_s = in_s(*drawn.check->worst_at);
    const bool near_the_end = at_s > 0.6 * end_s;
    gnuplot << fmt::format(
        "set arrow from {0},graph 0 to {0},graph 1 nohead lw 1.5 lc rgb '{1}' front\n"
        "set label {2} at {0},graph {3} {4} offset {5},0 font ',9' tc rgb '{1}' front\n",
        at_s, limit_colour, in_gnuplot_quotes("worst: " + drawn.check->worst_text), 0.04 + 0.06 * (row++ % 6),
        near_the_end ? "right" : "left", near_the_end ? -0.4 : 0.4);
  }
}

void draw_events(Gnuplot& gnuplot, const Recording& recording) {
  const EventLines instants = event_lines(recording.events, recording.end_s);
  if (instants.left_out > 0) gnuplot << fmt::format("set title '{} events not drawn' font ',9'\n", instants.left_out);
  for (const EventLine& line : instants.lines) {
    gnuplot << fmt::format("set arrow from {0},graph 0 to {0},graph 1 nohead dt 2 lc rgb '#999999' back\n", line.at_s);
    if (line.label.empty()) continue;
    gnuplot << fmt::format("set label {} at {},graph 0.98 rotate by -90 left offset 0.9,0 font ',9' tc rgb '#666666'\n",
                           in_gnuplot_quotes(line.label), line.at_s);
  }
}

/// An area between a curve and the limit that it is beyond: time_s, value, level.
struct Shade {
  std::vector<std::tuple<double, double, double>> points;
};

std::vector<Shade> shades_of(const std::vector<DrawnCheck>& checks, const Trace& trace) {
  std::vector<Shade> shades;
  for (const DrawnCheck& drawn : checks) {
    if (drawn.check->state != CheckState::broken) continue;
    for (const CheckLimit& limit : drawn.limits) {
      const std::vector<double>* values = column_of(trace, limit.signal);
      if (values == nullptr) continue;
      for (const Violation& violation : violations(limit, trace.columns.front(), *values)) {
        if (shades.size() == most_shades) return shades;
        shades.emplace_back();
        for (const auto& [time_s, value] : violation.points) {
          shades.back().points.emplace_back(time_s, value, limit.level_at(time_s));
        }
      }
    }
  }
  return shades;
}

/// Light bands behind the curves, so that a short violation is seen as well.
void draw_bands(Gnuplot& gnuplot, const std::vector<Shade>& shades) {
  for (const Shade& shade : shades) {
    gnuplot << fmt::format("set object rect from {},graph 0 to {},graph 1 behind fc rgb '{}' fs solid 0.08 noborder\n",
                           std::get<0>(shade.points.front()), std::get<0>(shade.points.back()), limit_colour);
  }
}

std::string units_of(const std::vector<Curve>& curves) {
  std::set<std::string> units;
  for (const Curve& curve : curves) units.insert(curve.unit);
  std::string text;
  for (const std::string& unit : units) text += (text.empty() ? "" : ", ") + unit;
  return text;
}

int height_of(std::size_t curves) {
  const std::size_t rows = (curves + legend_columns - 1) / legend_columns;
  return usual_height + legend_row_height * static_cast<int>(rows - std::min(rows, usual_legend_rows));
}

/// Dashed in another way each time the colours begin again.
std::string style_of(std::size_t curve) {
  return fmt::format("with lines lw 1.5 dt {} lc rgb '{}'", 1 + curve / curve_colours.size(),
                     curve_colours[curve % curve_colours.size()]);
}

/// The signals drawn.
std::vector<std::string> draw(const PlotSpec& plot, std::size_t number, const std::filesystem::path& file,
                              const Recording& recording, const std::vector<CheckResult>& results,
                              GnuplotScript& script) {
  std::vector<Curve> curves = curves_of(plot, recording.trace);
  std::erase_if(curves, [](const Curve& curve) { return curve.points.empty(); });
  if (curves.empty()) throw std::runtime_error("plot \"" + plot.title + "\": nothing recorded");
  const std::vector<DrawnCheck> checks = checks_on(curves, results, recording);
  const Range range = with_limits(range_of(curves), checks);
  // A flat curve needs a range of its own; the others get room above and below.
  const double room = range.highest > range.lowest ? 0.05 * (range.highest - range.lowest) : 1.0;
  const std::vector<Shade> shades = shades_of(checks, recording.trace);

  Gnuplot& gnuplot = script.next_drawing();
  gnuplot << gnuplot_head(file.string(), fmt::format("plot_{}", number), height_of(curves.size()), recording.end_s)
          << "set ylabel " << in_gnuplot_quotes(units_of(curves)) << "\n"
          << "set key above left horizontal reverse Left samplen 2\nset grid lc rgb '#dddddd' lt 1\n"
          << fmt::format("set yrange [{}:{}]\n", range.lowest - room, range.highest + room);
  draw_events(gnuplot, recording);
  draw_limits(gnuplot, checks, range);
  name_far_limits(gnuplot, checks, range);
  draw_worst(gnuplot, checks, recording.end_s);
  draw_bands(gnuplot, shades);
  gnuplot << "plot ";
  for (std::size_t i = 0; i < shades.size(); ++i) {
    gnuplot << fmt::format("'-' using 1:2:3 with filledcurves fs transparent solid 0.4 lc rgb '{}' notitle, ",
                           limit_colour);
  }
  std::vector<std::string> drawn;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const std::string legend = curves[i].name + (curves[i].unit.empty() ? "" : " [" + curves[i].unit + "]");
    gnuplot << (i == 0 ? "" : ", ") << "'-' " << style_of(i) << " title " << in_gnuplot_quotes(legend);
    drawn.push_back(curves[i].name);
  }
  gnuplot << "\n";
  for (const Shade& shade : shades) gnuplot.send1d(shade.points);
  for (const Curve& curve : curves) gnuplot.send1d(curve.points);
  return drawn;
}

/// The plots of the scenario, and one more for each signal that a check looks at and no plot shows.
std::vector<PlotSpec> with_checked_signals(std::vector<PlotSpec> plots, const std::vector<CheckResult>& checks,
                                           const Trace& trace) {
  std::set<std::string> shown;
  for (const PlotSpec& plot : plots) {
    for (const Curve& curve : curves_of(plot, trace)) shown.insert(curve.name);
  }
  for (const CheckResult& check : checks) {
    const std::vector<std::string> signals = signals_of(check.spec);
    std::map<std::string_view, std::vector<std::string>> by_unit;  // what shares an axis
    for (const std::string& each : signals) by_unit[sim::unit_of(each)].push_back(each);
    for (const auto& [unit, together] : by_unit) {
      const PlotSpec plot{fmt::format("{}", fmt::join(together, ", ")), together, {}};
      const std::vector<Curve> curves = curves_of(plot, trace);
      const bool is_new =
          std::any_of(curves.begin(), curves.end(), [&](const Curve& curve) { return !shown.contains(curve.name); });
      for (const Curve& curve : curves) shown.insert(curve.name);
      if (is_new) plots.push_back(plot);
    }
  }
  return plots;
}

/// The first plot that cannot be drawn is noted and ends them.
PlotSet order_drawings(const Scenario& scenario, const RunResult& result, const Recording& recording,
                       GnuplotScript& script) {
  PlotSet set;
  const std::vector<PlotSpec> plots = with_checked_signals(plots_of(scenario), result.checks, recording.trace);
  const std::string lanes = results::plots + std::string("/lanes.svg");
  if (draw_lanes(scenario, recording.trace, recording.events, result.folder / lanes, script)) {
    set.files.push_back({"Events, and load of the lines (red: requests without an answer)", lanes, {}});
  }
  try {
    for (std::size_t i = 0; i < plots.size(); ++i) {
      const std::string file = results::plots + ("/" + file_name(i + 1, plots[i].title));
      std::vector<std::string> drawn = draw(plots[i], i + 1, result.folder / file, recording, result.checks, script);
      set.files.push_back({plots[i].title, file, std::move(drawn)});
    }
  } catch (const std::exception& error) {
    set.note = error.what();
  }
  return set;
}

}  // namespace

EventLines event_lines(const std::vector<Event>& events, double end_s) {
  std::map<sim::Time, std::vector<const Event*>> instants;
  for (const Event& event : events) {
    if (event.kind != "state") instants[event.at].push_back(&event);
  }
  const auto by_rank = [](const Event* left, const Event* right) {
    return rank_of_event(left->kind) < rank_of_event(right->kind);
  };
  std::vector<std::vector<const Event*>> groups;
  for (auto& [at, group] : instants) {
    std::stable_sort(group.begin(), group.end(), by_rank);
    groups.push_back(group);
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [&](const auto& left, const auto& right) { return by_rank(left.front(), right.front()); });
  EventLines result;
  std::vector<double> labelled_s;
  for (const auto& group : groups) {
    if (result.lines.size() == most_event_lines) {
      result.left_out += group.size();
      continue;
    }
    EventLine line{std::chrono::duration<double>(group.front()->at).count(), {}};
    const bool crowded = std::any_of(labelled_s.begin(), labelled_s.end(),
                                     [&](double at_s) { return std::abs(at_s - line.at_s) < nearest_labels * end_s; });
    if (!crowded) {
      std::string label;
      for (const Event* event : group) {
        label += (label.empty() ? "" : "; ") + event->subject + (event->text.empty() ? "" : " " + event->text);
      }
      line.label = shortened(std::move(label));
      labelled_s.push_back(line.at_s);
    }
    result.lines.push_back(std::move(line));
  }
  std::sort(result.lines.begin(), result.lines.end(),
            [](const EventLine& left, const EventLine& right) { return left.at_s < right.at_s; });
  return result;
}

PlotSet make_plots(const Scenario& scenario, const RunResult& result) {
  PlotSet set;
  if (!on_path("gnuplot")) {
    set.note = "gnuplot is not installed, so there are no plots";
    return set;
  }
  const BrokenPipesIgnored guard;
  try {
    Recording recording{read_trace(result.folder / results::trace_csv), {}, 0.0};
    if (recording.trace.columns.empty() || recording.trace.columns.front().empty()) {
      throw std::runtime_error("the trace is empty");
    }
    recording.end_s = recording.trace.columns.front().back();
    recording.events = read_events(result.folder / results::events_csv);
    const std::filesystem::path folder = result.folder / results::plots;
    std::filesystem::create_directories(folder);
    GnuplotScript script(folder);
    PlotSet ordered = order_drawings(scenario, result, recording, script);
    set.note = std::move(ordered.note);
    for (const PlotFile& drawing : ordered.files) std::filesystem::remove(result.folder / drawing.file);
    script.run();
    for (PlotFile& drawing : ordered.files) {
      if (!std::filesystem::exists(result.folder / drawing.file)) {
        throw std::runtime_error("gnuplot wrote no " + drawing.file);
      }
      set.files.push_back(std::move(drawing));
    }
  } catch (const std::exception& error) {
    set.note = error.what();
  }
  return set;
}

}  // namespace hil::harness
