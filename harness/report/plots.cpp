#include "harness/report/plots.h"

#include <fmt/format.h>
#include <gnuplot-iostream.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <map>
#include <set>
#include <stdexcept>

#include "harness/record/csv_reader.h"
#include "harness/record/results_folder.h"
#include "harness/report/decimation.h"
#include "harness/report/grid_plots.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {
namespace {

// Okabe and Ito: told apart by colour-blind readers too.
constexpr std::array colours{"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"};
constexpr double nearest_labels = 0.03;  // of the time axis

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
  std::string name = std::to_string(number) + "_";
  for (const char c : title) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) name += c;
    if (c >= 'A' && c <= 'Z') name += static_cast<char>(c - 'A' + 'a');
    if (c == ' ' || c == '_' || c == '-') name += '_';
  }
  return name + ".svg";
}

/// A gnuplot string: in single quotes nothing but the quote itself is special, and a line break ends the command.
std::string in_gnuplot_quotes(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? "''" : std::string(1, static_cast<unsigned char>(c) < ' ' ? ' ' : c);
  return result + "'";
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

/// The smaller the sooner drawn.
std::size_t rank_of(const Event& event) {
  constexpr std::array kinds{"mark", "fault", "grid", "cable", "switch", "contactor", "command", "irradiance"};
  return static_cast<std::size_t>(std::find(kinds.begin(), kinds.end(), event.kind) - kinds.begin());
}

std::string shortened(std::string text) {
  if (text.size() <= longest_event_label) return text;
  std::size_t length = longest_event_label;
  const auto inside_a_character = [&] { return (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U; };
  while (length > 0 && inside_a_character()) --length;
  return text.substr(0, length) + "...";
}

void draw(const PlotSpec& plot, std::size_t number, const std::filesystem::path& file, const Trace& trace,
          const std::vector<Event>& events) {
  std::vector<Curve> curves = curves_of(plot, trace);
  std::erase_if(curves, [](const Curve& curve) { return curve.points.empty(); });
  if (curves.empty()) throw std::runtime_error("plot \"" + plot.title + "\": nothing recorded");

  double lowest = curves.front().points.front().second;
  double highest = lowest;
  std::set<std::string> units;
  for (const Curve& curve : curves) {
    units.insert(curve.unit);
    for (const auto& [time_s, value] : curve.points) {
      lowest = std::min(lowest, value);
      highest = std::max(highest, value);
    }
  }
  std::string units_text;
  for (const std::string& unit : units) units_text += (units_text.empty() ? "" : ", ") + unit;
  // A flat curve needs a range of its own; the others get room above and below.
  const double room = highest > lowest ? 0.05 * (highest - lowest) : 1.0;

  Gnuplot gnuplot("gnuplot");
  gnuplot << "set terminal svg size 960,340 dynamic noenhanced font 'sans-serif,12' name 'plot_" << number << "'\n"
          << "set output " << in_gnuplot_quotes(file.string()) << "\n"
          << "set xlabel 'time_s'\nset ylabel " << in_gnuplot_quotes(units_text) << "\n"
          << "set key above left horizontal reverse Left samplen 2\nset grid lc rgb '#dddddd' lt 1\n"
          << "set border 3 lc rgb '#666666'\nset tics nomirror\n"
          << fmt::format("set xrange [0:{}]\n", trace.columns.front().back())
          << fmt::format("set yrange [{}:{}]\n", lowest - room, highest + room);
  const EventLines instants = event_lines(events, trace.columns.front().back());
  if (instants.left_out > 0) gnuplot << fmt::format("set title '{} events not drawn' font ',9'\n", instants.left_out);
  for (const EventLine& line : instants.lines) {
    gnuplot << fmt::format("set arrow from {0},graph 0 to {0},graph 1 nohead dt 2 lc rgb '#999999' back\n", line.at_s);
    if (line.label.empty()) continue;
    gnuplot << fmt::format("set label {} at {},graph 0.98 rotate by -90 left offset 0.9,0 font ',9' tc rgb '#666666'\n",
                           in_gnuplot_quotes(line.label), line.at_s);
  }
  gnuplot << "plot ";
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const std::string legend = curves[i].name + (curves[i].unit.empty() ? "" : " [" + curves[i].unit + "]");
    gnuplot << (i == 0 ? "" : ", ") << "'-' with lines lw 1.5 lc rgb '" << colours[i % colours.size()] << "' title "
            << in_gnuplot_quotes(legend);
  }
  gnuplot << "\n";
  for (const Curve& curve : curves) gnuplot.send1d(curve.points);
}

}  // namespace

EventLines event_lines(const std::vector<Event>& events, double end_s) {
  std::map<sim::Time, std::vector<const Event*>> instants;
  for (const Event& event : events) {
    if (event.kind != "state") instants[event.at].push_back(&event);
  }
  const auto by_rank = [](const Event* left, const Event* right) { return rank_of(*left) < rank_of(*right); };
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

PlotSet make_plots(const Scenario& scenario, const std::filesystem::path& folder) {
  PlotSet set;
  const std::vector<PlotSpec> plots = plots_of(scenario);
  if (plots.empty()) return set;
  if (!on_path("gnuplot")) {
    set.note = "gnuplot is not installed, so there are no plots";
    return set;
  }
  const BrokenPipesIgnored guard;
  try {
    const Trace trace = read_trace(folder / results::trace_csv);
    if (trace.columns.empty() || trace.columns.front().empty()) throw std::runtime_error("the trace is empty");
    const std::vector<Event> events = read_events(folder / results::events_csv);
    std::filesystem::create_directories(folder / results::plots);
    for (std::size_t i = 0; i < plots.size(); ++i) {
      const std::string file = results::plots + ("/" + file_name(i + 1, plots[i].title));
      draw(plots[i], i + 1, folder / file, trace, events);
      if (!std::filesystem::exists(folder / file)) throw std::runtime_error("gnuplot wrote no " + file);
      set.files.push_back({plots[i].title, file});
    }
  } catch (const std::exception& error) {
    set.note = error.what();
  }
  return set;
}

}  // namespace hil::harness
