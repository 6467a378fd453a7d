#include <benchmark/benchmark.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "harness/plant/event.h"
#include "harness/record/csv_reader.h"
#include "harness/record/event_writer.h"
#include "harness/record/results_folder.h"
#include "harness/record/trace_writer.h"
#include "harness/report/plots.h"
#include "tests/benchmarks/child_time.h"

// The drawings of a report of a day: 60 signals a second, four panels of two signals each and the lane of events. One
// iteration is all of them, from trace.csv to SVG; its time is processor time, gnuplot's included.
namespace hil::harness {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t signal_count = 60;
constexpr int rows = 86'400;
constexpr std::array panels{"s0.*_w", "s1.*_w", "s2.*_w", "s3.*_w"};

/// A results folder with the recording of a day, for as long as this lives.
class RecordedDay {
 public:
  RecordedDay() {
    std::filesystem::create_directories(result.folder);
    std::array<double, signal_count> values{};
    sim::SignalRegistry signals;
    for (std::size_t i = 0; i < signal_count; ++i) {
      signals.add("s" + std::to_string(i / 2) + (i % 2 == 0 ? ".pv_w" : ".load_w"), "", &values[i]);
    }
    TraceWriter trace(result.folder / results::trace_csv, signals.all(), 1s);
    for (int row = 0; row < rows; ++row) {
      for (std::size_t i = 0; i < signal_count; ++i) {
        values[i] = 5000.0 * std::sin(1e-4 * row + static_cast<double>(i)) + 37.0 * ((row * 7919) % 101);
      }
      trace.step(1s * row);
    }
    trace.flush();
    EventWriter events(result.folder / results::events_csv);
    events.write({3600s, "mark", "noon", ""});
    scenario.name = "day";
    scenario.duration = 1s * rows;
    for (const char* panel : panels) scenario.plots.push_back({panel, {panel}, {}});
  }
  ~RecordedDay() { std::filesystem::remove_all(result.folder); }
  RecordedDay(const RecordedDay&) = delete;
  RecordedDay& operator=(const RecordedDay&) = delete;

  Scenario scenario;
  RunResult result = [] {
    RunResult made;
    made.folder = std::filesystem::temp_directory_path() / ("hilbench_plots_" + std::to_string(::getpid()));
    return made;
  }();
};

void plots_of_a_day(benchmark::State& state) {
  const RecordedDay day;
  for (auto _ : state) {
    const double began_s = benchmarks::processor_s_with_children();
    const PlotSet set = make_plots(day.scenario, day.result);
    state.SetIterationTime(benchmarks::processor_s_with_children() - began_s);
    if (!set.note.empty() || set.files.size() < panels.size()) {
      state.SkipWithError(set.note.empty() ? "plots are missing" : set.note.c_str());
      return;
    }
  }
}
BENCHMARK(plots_of_a_day)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(3);

/// What of it is reading the recording back.
void read_trace_of_a_day(benchmark::State& state) {
  const RecordedDay day;
  for (auto _ : state) {
    const double began_s = benchmarks::processor_s_with_children();
    benchmark::DoNotOptimize(read_trace(day.result.folder / results::trace_csv).columns.data());
    state.SetIterationTime(benchmarks::processor_s_with_children() - began_s);
  }
}
BENCHMARK(read_trace_of_a_day)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
}  // namespace hil::harness
