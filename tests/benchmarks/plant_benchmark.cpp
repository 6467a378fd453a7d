#include <benchmark/benchmark.h>

#include "tests/benchmarks/bare_plant.h"
#include "tests/benchmarks/plant_sites.h"
#include "tests/models/site/allocation_count.h"

// One step of the whole plant, and beside it the least that it could cost. See README.md.
namespace hil::models {
namespace {

enum class Motion { steady, moving };

constexpr int warm_up_steps = 3000;

void give_orders(Site& site, const std::array<double, plant_inverters>& orders_w) {
  for (std::size_t i = 0; i < plant_inverters; ++i) site.command(i).battery_discharge_request_w = orders_w[i];
}

void plant_step(benchmark::State& state, PlantShape shape, Motion motion) {
  const bool moving = motion == Motion::moving;
  shape.noisy_load = moving;
  Site site(plant_site(shape));
  const Orders orders;
  give_orders(site, orders.steady());
  for (int step = 0; step < warm_up_steps; ++step) site.advance();

  const std::uint64_t iterations_before = site.network_iterations();
  const std::uint64_t allocations_before = allocations_so_far();
  std::size_t step = 0;
  bool holds = true;
  for (auto _ : state) {
    if (moving) give_orders(site, orders[step]);
    site.advance();
    holds = holds && site.invariants().solved;
    ++step;
  }
  const auto steps = static_cast<double>(step);
  state.counters["allocations"] = static_cast<double>(allocations_so_far() - allocations_before);
  state.counters["iterations"] = static_cast<double>(site.network_iterations() - iterations_before) / steps;
  if (!holds || !site.invariants().hold()) state.SkipWithError("an invariant does not hold");
}

void bare_step(benchmark::State& state, std::size_t buses, Motion motion) {
  BarePlant plant(plant_site({.buses = buses}));
  const Orders orders;
  for (int step = 0; step < warm_up_steps; ++step) plant.advance(orders.steady(), 1.0);
  std::size_t step = 0;
  for (auto _ : state) {
    if (motion == Motion::moving) {
      plant.advance(orders[step], 1.0 + 1e-6 * orders[step][0]);
    } else {
      plant.advance(orders.steady(), 1.0);
    }
    benchmark::DoNotOptimize(plant.import_w());
    ++step;
  }
  state.counters["import_w"] = plant.import_w();
}

BENCHMARK_CAPTURE(bare_step, 12_radial_steady, 12, Motion::steady);
BENCHMARK_CAPTURE(bare_step, 12_radial_moving, 12, Motion::moving);
BENCHMARK_CAPTURE(bare_step, 60_radial_steady, 60, Motion::steady);
BENCHMARK_CAPTURE(bare_step, 60_radial_moving, 60, Motion::moving);
BENCHMARK_CAPTURE(plant_step, 12_radial_steady, PlantShape{.buses = 12}, Motion::steady);
BENCHMARK_CAPTURE(plant_step, 12_radial_moving, PlantShape{.buses = 12}, Motion::moving);
BENCHMARK_CAPTURE(plant_step, 12_radial_backup_steady, PlantShape{.buses = 12, .backup = true}, Motion::steady);
BENCHMARK_CAPTURE(plant_step, 12_radial_backup_moving, PlantShape{.buses = 12, .backup = true}, Motion::moving);
BENCHMARK_CAPTURE(plant_step, 12_meshed_steady, PlantShape{.buses = 12, .meshed = true}, Motion::steady);
BENCHMARK_CAPTURE(plant_step, 12_meshed_moving, PlantShape{.buses = 12, .meshed = true}, Motion::moving);
BENCHMARK_CAPTURE(plant_step, 60_radial_steady, PlantShape{.buses = 60}, Motion::steady);
BENCHMARK_CAPTURE(plant_step, 60_radial_moving, PlantShape{.buses = 60}, Motion::moving);
BENCHMARK_CAPTURE(plant_step, 60_meshed_steady, PlantShape{.buses = 60, .meshed = true}, Motion::steady);
BENCHMARK_CAPTURE(plant_step, 60_meshed_moving, PlantShape{.buses = 60, .meshed = true}, Motion::moving);
BENCHMARK_CAPTURE(plant_step, 12_radial_demanding_steady, PlantShape{.buses = 12, .demanding = true}, Motion::steady);
BENCHMARK_CAPTURE(plant_step, 12_radial_demanding_moving, PlantShape{.buses = 12, .demanding = true}, Motion::moving);
BENCHMARK_CAPTURE(plant_step, 60_radial_demanding_steady, PlantShape{.buses = 60, .demanding = true}, Motion::steady);
BENCHMARK_CAPTURE(plant_step, 60_radial_demanding_moving, PlantShape{.buses = 60, .demanding = true}, Motion::moving);

}  // namespace
}  // namespace hil::models
