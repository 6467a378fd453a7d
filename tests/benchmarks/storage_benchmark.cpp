#include <benchmark/benchmark.h>

#include <chrono>

#include "models/storage/battery_pack.h"

namespace {

using hil::models::BatteryPack;

BatteryPack::Parameters pack() {
  return {.capacity_ah = 100.0,
          .cells_in_series = 160,
          .max_charge_a = 50.0,
          .max_discharge_a = 80.0,
          .coulombic_efficiency = 0.998};
}

/// One step of a pack that swings around the middle, with its limits asked for as a site does.
void step_pack(benchmark::State& state, const BatteryPack::Parameters& parameters) {
  BatteryPack battery{parameters, {.soc = 0.5}, std::chrono::milliseconds{state.range(0)}};
  double request_w = 8000.0;
  for (auto _ : state) {
    const BatteryPack::Limits limits = battery.limits();
    benchmark::DoNotOptimize(limits);
    benchmark::DoNotOptimize(battery.advance(request_w));
    if (battery.state().soc < 0.3 || battery.state().soc > 0.7)
      request_w = battery.state().soc < 0.3 ? -8000.0 : 8000.0;
  }
}

void advance_bare_pack(benchmark::State& state) {
  step_pack(state, pack());
}
void advance_pack_with_everything_on(benchmark::State& state) {
  step_pack(state, hil::models::with_everything_on(pack()));
}

// Steps of 10, 100 and 1000 ms: the slow parts run each tenth, each and each step.
BENCHMARK(advance_bare_pack)->Arg(10)->Arg(100)->Arg(1000);
BENCHMARK(advance_pack_with_everything_on)->Arg(10)->Arg(100)->Arg(1000);

}  // namespace
