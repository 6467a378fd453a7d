#include <benchmark/benchmark.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/checks/check.h"
#include "harness/record/recorded_signals.h"
#include "harness/record/trace_writer.h"
#include "harness/scenario/reader.h"
#include "models/site/site.h"

// Half an hour of day_ten_inverters.xml from noon on, when nothing rests, built up part by part. One iteration is a
// step; its time is the processor time of a process of its own, since a process can hold one kernel only.
namespace hil::harness {
namespace {

using namespace std::chrono_literals;

constexpr sim::Time played = 30min;
constexpr double seconds_to_noon = 12.0 * 3600.0;

Scenario the_day() {
  const std::filesystem::path root = HILBENCH_SOURCE_DIR;
  Diagnostics diagnostics;
  auto scenario = read_scenario(root / "tests/benchmarks/day_ten_inverters.xml", root / "scenarios", diagnostics);
  if (!scenario) throw std::runtime_error(diagnostics.sorted().front().text());
  if (!scenario->site.plant.weather) throw std::runtime_error("the day has no weather");
  scenario->site.plant.weather->start_utc_s += seconds_to_noon;
  return *std::move(scenario);
}

double processor_s() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Processor time of what is played, in seconds, without what it takes to set it up.
using Part = std::function<double(const Scenario&)>;

double seconds_in_child(const Scenario& scenario, const Part& part) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return 0.0;
  const pid_t child = ::fork();
  if (child == 0) {
    const double took_s = part(scenario);
    const bool told = ::write(ends[1], &took_s, sizeof(took_s)) == static_cast<ssize_t>(sizeof(took_s));
    ::_exit(told ? 0 : 1);
  }
  ::close(ends[1]);
  double took_s = 0.0;
  if (::read(ends[0], &took_s, sizeof(took_s)) != static_cast<ssize_t>(sizeof(took_s))) took_s = 0.0;
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return took_s;
}

double plant_in_a_loop(const Scenario& scenario) {
  models::Site site(scenario.site.plant);
  const double began_s = processor_s();
  for (sim::Time now{0}; now < played; now += scenario.step) site.advance();
  return processor_s() - began_s;
}

double plant_in_the_kernel(const Scenario& scenario) {
  models::Site site(scenario.site.plant);
  sim::Kernel kernel(scenario.step);
  kernel.each_step(sim::StepPhase::plant, [&site](sim::Time now) {
    if (now.count() > 0) site.advance();
  });
  const double began_s = processor_s();
  kernel.run(played);
  return processor_s() - began_s;
}

double bench_of(const Scenario& scenario, bool controller, bool judged, bool recorded) {
  Scenario shorter = scenario;
  shorter.duration = played;
  Bench::Wiring wiring;
  wiring.controller = controller;
  Bench bench(shorter, wiring);
  const std::vector<RecordedSignal> signals = recorded_signals(shorter, bench);
  bench.refresh_only(signals_of(signals));
  std::vector<std::unique_ptr<Check>> checks;
  if (judged) {
    for (const CheckSpec& spec : shorter.checks) checks.push_back(make_check(spec, bench));
  }
  const auto file = std::filesystem::temp_directory_path() / ("hilbench_day_" + std::to_string(::getpid()));
  std::unique_ptr<TraceWriter> trace;
  if (recorded) trace = std::make_unique<TraceWriter>(file, signals);
  bench.kernel().each_step(sim::StepPhase::checks, [&checks](sim::Time now) {
    for (const auto& check : checks) check->step(now);
  });
  bench.kernel().each_step(sim::StepPhase::record, [&trace](sim::Time now) {
    if (trace) trace->step(now);
  });
  const double began_s = processor_s();
  bench.run();
  if (trace) trace->flush();
  const double took_s = processor_s() - began_s;
  std::filesystem::remove(file);
  return took_s;
}

void day_step(benchmark::State& state, const Part& part) {
  const Scenario scenario = the_day();
  const auto steps = static_cast<double>(played / scenario.step);
  for (auto _ : state) state.SetIterationTime(seconds_in_child(scenario, part) / steps);
}

BENCHMARK_CAPTURE(day_step, plant_in_a_loop, plant_in_a_loop)->UseManualTime()->Iterations(1);
BENCHMARK_CAPTURE(day_step, plant_in_the_kernel, plant_in_the_kernel)->UseManualTime()->Iterations(1);
BENCHMARK_CAPTURE(day_step, without_controller,
                  [](const Scenario& scenario) { return bench_of(scenario, false, false, false); })
    ->UseManualTime()
    ->Iterations(1);
BENCHMARK_CAPTURE(day_step, in_closed_loop,
                  [](const Scenario& scenario) { return bench_of(scenario, true, false, false); })
    ->UseManualTime()
    ->Iterations(1);
BENCHMARK_CAPTURE(day_step, judged, [](const Scenario& scenario) { return bench_of(scenario, true, true, false); })
    ->UseManualTime()
    ->Iterations(1);
BENCHMARK_CAPTURE(day_step, judged_and_recorded,
                  [](const Scenario& scenario) { return bench_of(scenario, true, true, true); })
    ->UseManualTime()
    ->Iterations(1);

}  // namespace
}  // namespace hil::harness
