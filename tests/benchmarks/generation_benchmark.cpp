#include <benchmark/benchmark.h>

#include <chrono>

#include "models/generation/clouds.h"
#include "models/generation/mppt.h"
#include "models/generation/plane_irradiance.h"
#include "tests/models/generation/example_array.h"
#include "tests/models/generation/example_sky.h"

// What one input costs a step of 20 ms. Aims: steady below 20 ns, moving demand below 100 ns.
namespace hil::models {
namespace {

using namespace std::chrono_literals;

MpptTracker tracking(double return_s = 2.0) {
  MpptTracker::Parameters parameters = MpptTracker::healthy(180.0, 150.0, 850.0, 16.0);
  parameters.return_s = return_s;
  MpptTracker tracker{array_of(14, 2), parameters, 20ms};
  tracker.set_conditions(800.0, 40.0);
  for (int step = 0; step < 1000; ++step) tracker.settle(1e9);
  return tracker;
}

void tracker_steady_at_maximum(benchmark::State& state) {
  MpptTracker tracker = tracking();
  for (auto _ : state) {
    tracker.set_conditions(800.0, 40.0);
    tracker.settle(tracker.offered_w());
    benchmark::DoNotOptimize(tracker.point());
  }
}
BENCHMARK(tracker_steady_at_maximum);

void tracker_steady_curtailed(benchmark::State& state) {
  MpptTracker tracker = tracking();
  for (auto _ : state) {
    tracker.set_conditions(800.0, 40.0);
    tracker.settle(2000.0);
    benchmark::DoNotOptimize(tracker.point());
  }
}
BENCHMARK(tracker_steady_curtailed);

/// Triangle between 1.5 and 3.5 kW in steps of 2 W: a load that ramps.
void tracker_moving_demand(benchmark::State& state) {
  MpptTracker tracker = tracking();
  double demand_w = 1500.0;
  double change_w = 2.0;
  for (auto _ : state) {
    demand_w += change_w;
    if (demand_w > 3500.0 || demand_w < 1500.0) change_w = -change_w;
    tracker.settle(demand_w);
    benchmark::DoNotOptimize(tracker.point());
  }
}
BENCHMARK(tracker_moving_demand);

/// 0.5 and 3 kW by turns, without return ramp: the start from the last point does not help.
void tracker_jumping_demand(benchmark::State& state) {
  MpptTracker tracker = tracking(0.0);
  bool high = false;
  for (auto _ : state) {
    high = !high;
    tracker.settle(high ? 3000.0 : 500.0);
    benchmark::DoNotOptimize(tracker.point());
  }
}
BENCHMARK(tracker_jumping_demand);

/// 30 W/m2/s up and down: 0.6 W/m2 a step.
void tracker_moving_light(benchmark::State& state) {
  MpptTracker tracker = tracking();
  TriangleIrradiance light{
      {.low_w_m2 = 300.0, .high_w_m2 = 1000.0, .slope_w_m2_s = 30.0, .dwell_s = 0.0, .repeats = 1000}, 20ms};
  for (auto _ : state) {
    light.advance();
    tracker.set_conditions(light.irradiance_w_m2(), 40.0);
    tracker.settle(1e9);
    benchmark::DoNotOptimize(tracker.point());
  }
}
BENCHMARK(tracker_moving_light);

void tracker_moving_light_shaded(benchmark::State& state) {
  MpptTracker tracker = tracking();
  tracker.set_string_shading(1, 0.5);
  TriangleIrradiance light{
      {.low_w_m2 = 300.0, .high_w_m2 = 1000.0, .slope_w_m2_s = 30.0, .dwell_s = 0.0, .repeats = 1000}, 20ms};
  for (auto _ : state) {
    light.advance();
    tracker.set_conditions(light.irradiance_w_m2(), 40.0);
    tracker.settle(1e9);
    benchmark::DoNotOptimize(tracker.point());
  }
}
BENCHMARK(tracker_moving_light_shaded);

void sun_position_once(benchmark::State& state) {
  double instant_utc_s = utc_s(2024, 6, 21, 11);
  for (auto _ : state) {
    instant_utc_s += 60.0;
    benchmark::DoNotOptimize(sun_position(instant_utc_s, bratislava()));
  }
}
BENCHMARK(sun_position_once);

void plane_irradiance_under_broken_clouds(benchmark::State& state) {
  PlaneIrradiance light{{.site = bratislava(),
                         .plane = {.tilt_deg = 30.0, .azimuth_deg = 180.0, .albedo = 0.2},
                         .linke_turbidity = 3.0,
                         .start_utc_s = utc_s(2024, 6, 21)},
                        20ms};
  BrokenClouds clouds{{.seed = 3,
                       .gap_index = 1.0,
                       .cloud_min_index = 0.2,
                       .cloud_max_index = 0.6,
                       .gap = {.min_s = 20.0, .max_s = 120.0},
                       .cloud = {.min_s = 10.0, .max_s = 90.0},
                       .edge = {.min_s = 1.0, .max_s = 8.0}},
                      20ms};
  for (auto _ : state) {
    clouds.advance();
    light.advance(clouds.clear_index());
    benchmark::DoNotOptimize(light.irradiance_w_m2());
  }
}
BENCHMARK(plane_irradiance_under_broken_clouds);

}  // namespace
}  // namespace hil::models
