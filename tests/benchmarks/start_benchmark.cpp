#include <benchmark/benchmark.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string_view>

#include "harness/plant/bench.h"
#include "harness/scenario/reader.h"
#include "tests/benchmarks/child_time.h"

// From the start of a process to the end of its first step: loading the program, reading the scenario, its site, its
// catalogues and register maps, building the bench, one step. One iteration is a process; its time is its processor
// time. Beside it a process of the same program that does nothing.
namespace hil::harness {
namespace {

constexpr std::string_view to_first_step = "--to-first-step";

int play_first_step(const char* file) {
  const std::filesystem::path root = HILBENCH_SOURCE_DIR;
  Diagnostics diagnostics;
  auto scenario = read_scenario(root / file, root / "scenarios", diagnostics);
  if (!scenario) return 1;
  scenario->duration = scenario->step;
  Bench bench(*scenario);
  bench.run();
  return bench.kernel().now() == scenario->step ? 0 : 1;
}

/// The program again, with these arguments; its processor time.
double seconds_of_process(const char* what, const char* file) {
  const double before_s = benchmarks::processor_s_with_children();
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl("/proc/self/exe", "start_benchmark", what, file, nullptr);
    ::_exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  const double took_s = benchmarks::processor_s_with_children() - before_s;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? took_s : -1.0;
}

void start_of(benchmark::State& state, const char* what, const char* file) {
  for (auto _ : state) {
    const double took_s = seconds_of_process(what, file);
    if (took_s < 0.0) {
      state.SkipWithError("the process failed");
      return;
    }
    state.SetIterationTime(took_s);
  }
}

constexpr int processes = 20;
BENCHMARK_CAPTURE(start_of, nothing, "--nothing", "")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(processes);
BENCHMARK_CAPTURE(start_of, two_inverters, to_first_step.data(), "scenarios/goodwe/heater_step_zero_export.xml")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(processes);
BENCHMARK_CAPTURE(start_of, ten_inverters, to_first_step.data(), "tests/benchmarks/day_ten_inverters.xml")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(processes);

}  // namespace
}  // namespace hil::harness

int main(int argc, char** argv) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (first == hil::harness::to_first_step) return hil::harness::play_first_step(argc > 2 ? argv[2] : "");
  if (first == "--nothing") return 0;
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
