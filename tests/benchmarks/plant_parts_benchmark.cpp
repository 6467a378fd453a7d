#include <benchmark/benchmark.h>

#include <vector>

#include "models/electrical/network.h"
#include "models/grid_code/grid_codes.h"
#include "models/site/load_lane.h"
#include "models/site/site_network.h"
#include "tests/benchmarks/plant_sites.h"

// The parts of one step of the twelve-bus radial site, each by itself on what it sees in the whole. All counts are for
// ten inverters. See README.md.
namespace hil::models {
namespace {

using Lane = std::size_t;
constexpr Lane lanes = plant_inverters;
constexpr double hz = 50.0;

/// What each part saw in `Orders::rounds` steps of the moving site.
struct Record {
  struct Step {
    std::vector<InverterLane::View> lanes;
    std::vector<PortInjection> injections;
  };
  explicit Record(const PlantShape& shape) : parameters(plant_site(shape)) {
    for (const Site::Load& load : parameters.loads) {
      loads.emplace_back(LoadLane::Parameters{load.zip, load.rlc, load.behaviour}, hz);
    }
    plan = site_network(parameters, loads);
    Network network(plan.parameters);
    Site site(parameters);
    const Orders orders;
    std::vector<PortInjection> injections(plan.parameters.ports.size());
    constexpr std::size_t warm_up_steps = 3000;
    for (std::size_t step = 0; step < warm_up_steps + Orders::rounds; ++step) {
      for (std::size_t i = 0; i < lanes; ++i) site.command(i).battery_discharge_request_w = orders[step][i];
      site.advance();
      for (LoadLane& load : loads) load.plan(hz, 20.0, network, injections.data());
      if (step < warm_up_steps) continue;
      Step seen;
      for (std::size_t i = 0; i < lanes; ++i) {
        seen.lanes.push_back(site.lane(i));
        for (std::size_t k = 0; k < phase_count; ++k) {
          injections[phase_count * i + k] = {.power_va = site.lane(i).power.phase_injection_va[k], .max_a = 16.5};
        }
      }
      seen.injections = injections;
      steps.push_back(seen);
    }
  }
  const Step& at(std::size_t step, bool moving) const { return steps[moving ? step % steps.size() : 0]; }

  Site::Parameters parameters;
  std::vector<LoadLane> loads;
  SiteNetwork plan;
  std::vector<Step> steps;
};

const Record& record(bool moving) {
  static const Record steady({});
  static const Record moved({.noisy_load = true});
  return moving ? moved : steady;
}

const InverterLane::Parameters& lane_parameters() {
  return record(false).parameters.inverters[0].lane;
}

void part_network(benchmark::State& state, bool moving) {
  const Record& seen = record(moving);
  Network network(seen.plan.parameters);
  std::vector<PhasePhasors> emf_ln_v(seen.plan.parameters.sources.size(), balanced(230.0));
  std::size_t step = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(network.solve(emf_ln_v, seen.at(step, moving).injections));
    ++step;
  }
}

void part_measurement(benchmark::State& state, bool moving) {
  const Record& seen = record(moving);
  std::vector<GridMeasurement> parts(lanes,
                                     GridMeasurement(lane_parameters().grid_code->measurement, seen.parameters.step));
  for (GridMeasurement& part : parts) part.start_in_service();
  std::size_t step = 0;
  for (auto _ : state) {
    const Record::Step& now = seen.at(step++, moving);
    for (Lane i = 0; i < lanes; ++i) benchmark::DoNotOptimize(&parts[i].advance({now.lanes[i].terminal_ln_v, hz}));
  }
}

/// What the grid code's other two parts are given.
std::vector<std::vector<GridMeasurement::Outputs>> measured(bool moving) {
  const Record& seen = record(moving);
  std::vector<GridMeasurement> parts(lanes,
                                     GridMeasurement(lane_parameters().grid_code->measurement, seen.parameters.step));
  for (GridMeasurement& part : parts) part.start_in_service();
  std::vector<std::vector<GridMeasurement::Outputs>> outputs(Orders::rounds);
  for (std::size_t step = 0; step < Orders::rounds; ++step) {
    for (Lane i = 0; i < lanes; ++i) {
      outputs[step].push_back(parts[i].advance({seen.at(step, moving).lanes[i].terminal_ln_v, hz}));
    }
  }
  return outputs;
}

void part_protection(benchmark::State& state, bool moving) {
  const auto grid = measured(moving);
  std::vector<InterfaceProtection> parts(
      lanes, InterfaceProtection(lane_parameters().grid_code->protection, record(moving).parameters.step));
  for (InterfaceProtection& part : parts) part.start_in_service();
  std::size_t step = 0;
  for (auto _ : state) {
    const auto& now = grid[step++ % grid.size()];
    for (Lane i = 0; i < lanes; ++i) benchmark::DoNotOptimize(&parts[i].advance({now[i], true}));
  }
}

void part_support(benchmark::State& state, bool moving) {
  const auto grid = measured(moving);
  const Record& seen = record(moving);
  GridSupport::Parameters parameters = lane_parameters().grid_code->support;
  parameters.apparent_pu = 1.1;
  std::vector<GridSupport> parts(lanes, GridSupport(parameters, seen.parameters.step));
  std::size_t step = 0;
  for (auto _ : state) {
    const auto& now = grid[step % grid.size()];
    const Record::Step& at = seen.at(step++, moving);
    for (Lane i = 0; i < lanes; ++i) {
      const double active_pu = at.lanes[i].power.ac_injection_w / 10000.0;
      benchmark::DoNotOptimize(&parts[i].advance({.grid = now[i], .active_power_pu = active_pu}));
    }
  }
}

void part_power_stage(benchmark::State& state, bool moving) {
  const Record& seen = record(moving);
  const Orders orders;
  std::vector<HybridInverter> parts(lanes, HybridInverter(lane_parameters().power_stage, seen.parameters.step));
  HybridInverter::Inputs inputs;
  inputs.duty = HybridInverter::Duty::following;
  inputs.pv_ceiling_w = inputs.ac_ceiling_w = 1e9;
  std::size_t step = 0;
  for (auto _ : state) {
    const Record::Step& now = seen.at(step, moving);
    for (Lane i = 0; i < lanes; ++i) {
      const InverterLane::View& lane = now.lanes[i];
      inputs.terminal_ln_v = lane.terminal_ln_v;
      inputs.pv_offered_w = lane.pv_offered_w;
      inputs.battery_discharge_request_w = moving ? orders[step][i] : orders.steady()[i];
      inputs.battery_max_charge_w = lane.battery_limits.charge_w;
      inputs.battery_max_discharge_w = lane.battery_limits.discharge_w;
      const PhasePhasors planned_va = parts[i].plan(inputs).phase_injection_va;
      benchmark::DoNotOptimize(&parts[i].settle(planned_va));
    }
    ++step;
  }
}

void part_mppt(benchmark::State& state, bool moving) {
  const Record& seen = record(moving);
  const InverterLane::PvInput& pv = lane_parameters().pv[0];
  std::vector<MpptTracker> parts(lanes, MpptTracker(pv.array, pv.tracker, seen.parameters.step));
  for (MpptTracker& part : parts) {
    part.set_conditions(pv.irradiance_w_m2, pv.cell_temperature_c);
    part.start_at_maximum();
  }
  std::size_t step = 0;
  for (auto _ : state) {
    const Record::Step& now = seen.at(step++, moving);
    for (Lane i = 0; i < lanes; ++i) {
      benchmark::DoNotOptimize(parts[i].offered_w());
      parts[i].settle(now.lanes[i].power.pv_w);
    }
  }
}

void part_battery(benchmark::State& state, bool moving) {
  const Record& seen = record(moving);
  std::vector<BatteryPack> parts(lanes, BatteryPack(lane_parameters().battery, {.soc = 0.5}, seen.parameters.step));
  std::size_t step = 0;
  for (auto _ : state) {
    const Record::Step& now = seen.at(step++, moving);
    for (Lane i = 0; i < lanes; ++i) {
      benchmark::DoNotOptimize(parts[i].limits());
      benchmark::DoNotOptimize(&parts[i].advance(now.lanes[i].power.battery_discharge_w));
    }
  }
}

/// All of the above but the network, joined.
void part_lanes(benchmark::State& state, bool moving) {
  const Record& seen = record(moving);
  const Orders orders;
  InverterLane::Parameters parameters = lane_parameters();
  parameters.nominal_ln_v = 230.0;
  parameters.nominal_hz = hz;
  PvPlanes no_weather({}, seen.parameters.step);
  std::vector<InverterLane> parts;
  for (Lane i = 0; i < lanes; ++i) {
    parts.emplace_back(parameters, no_weather, seen.parameters.step);
    parts[i].set_terminal(seen.steps[0].lanes[i].terminal_ln_v);
  }
  InverterLane::Flow flow;
  std::size_t step = 0;
  for (auto _ : state) {
    const Record::Step& now = seen.at(step, moving);
    for (Lane i = 0; i < lanes; ++i) {
      parts[i].command().battery_discharge_request_w = moving ? orders[step][i] : orders.steady()[i];
      parts[i].plan(hz);
      flow.terminal_ln_v = now.lanes[i].terminal_ln_v;
      for (std::size_t k = 0; k < phase_count; ++k) {
        const Phasor s = parts[i].wanted_va()[k];
        const Phasor v = flow.terminal_ln_v[k];
        const double per_v2 = 1.0 / std::norm(v);
        flow.port_a[k] = {(s.real() * v.real() + s.imag() * v.imag()) * per_v2,
                          (s.real() * v.imag() - s.imag() * v.real()) * per_v2};
      }
      parts[i].settle(flow);
    }
    ++step;
  }
}

void part_loads(benchmark::State& state, bool moving) {
  const Record& seen = record(moving);
  Network network(seen.plan.parameters);
  std::vector<PhasePhasors> emf_ln_v(seen.plan.parameters.sources.size(), balanced(230.0));
  std::vector<PortInjection> injections = seen.steps[0].injections;
  benchmark::DoNotOptimize(network.solve(emf_ln_v, injections));
  std::vector<LoadLane> parts = seen.loads;
  for (auto _ : state) {
    for (LoadLane& part : parts) {
      part.plan(hz, 20.0, network, injections.data());
      part.read(network);
      part.settle(1e-6);
    }
  }
}

void part_metering(benchmark::State& state, bool moving) {
  const Record& seen = record(moving);
  MeterInstallation metering(seen.parameters.metering.installation, seen.parameters.step);
  std::size_t step = 0;
  for (auto _ : state) {
    const InverterLane::View& now = seen.at(step++, moving).lanes[0];
    metering.advance(now.terminal_ln_v, now.injection_a, hz);
  }
}

/// Losses of the network: what the energy balance of the site costs most for.
void part_invariants(benchmark::State& state, bool moving) {
  const Record& seen = record(moving);
  Network network(seen.plan.parameters);
  std::vector<PhasePhasors> emf_ln_v(seen.plan.parameters.sources.size(), balanced(230.0));
  benchmark::DoNotOptimize(network.solve(emf_ln_v, seen.steps[0].injections));
  for (auto _ : state) benchmark::DoNotOptimize(network.loss_w());
}

BENCHMARK_CAPTURE(part_network, steady, false);
BENCHMARK_CAPTURE(part_network, moving, true);
BENCHMARK_CAPTURE(part_lanes, steady, false);
BENCHMARK_CAPTURE(part_lanes, moving, true);
BENCHMARK_CAPTURE(part_measurement, steady, false);
BENCHMARK_CAPTURE(part_measurement, moving, true);
BENCHMARK_CAPTURE(part_protection, steady, false);
BENCHMARK_CAPTURE(part_protection, moving, true);
BENCHMARK_CAPTURE(part_support, steady, false);
BENCHMARK_CAPTURE(part_support, moving, true);
BENCHMARK_CAPTURE(part_power_stage, steady, false);
BENCHMARK_CAPTURE(part_power_stage, moving, true);
BENCHMARK_CAPTURE(part_mppt, steady, false);
BENCHMARK_CAPTURE(part_mppt, moving, true);
BENCHMARK_CAPTURE(part_battery, steady, false);
BENCHMARK_CAPTURE(part_battery, moving, true);
BENCHMARK_CAPTURE(part_loads, steady, false);
BENCHMARK_CAPTURE(part_loads, moving, true);
BENCHMARK_CAPTURE(part_metering, steady, false);
BENCHMARK_CAPTURE(part_metering, moving, true);
BENCHMARK_CAPTURE(part_invariants, steady, false);
BENCHMARK_CAPTURE(part_invariants, moving, true);

}  // namespace
}  // namespace hil::models
