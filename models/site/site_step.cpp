#include <algorithm>
#include <cmath>

#include "models/electrical/block4.h"
#include "models/site/site_implementation.h"

namespace hil::models {

namespace {

// An island whose voltage has fallen below this is dead.
constexpr double dead_pu = 0.05;

double sum(const PhaseValues& values) {
  return values[0] + values[1] + values[2];
}

/// Whether a port still wants what it is given: a change this small moves no voltage by as much as the network is
/// solved to, and all three phases together not the balance of an inverter (HybridInverter takes 1e-6 W for rounding).
bool same_power(Phasor given_va, Phasor wanted_va) {
  constexpr double least_va = 1e-7;
  return std::abs(wanted_va.real() - given_va.real()) <= least_va &&
         std::abs(wanted_va.imag() - given_va.imag()) <= least_va;
}

}  // namespace

/// Which frequency each bus sees changes only with a switch.
void Site::Implementation::find_followers() {
  const std::size_t buses = plan.parameters.buses.size();
  const std::size_t grid_island = network.island(plan.grid_bus);
  const std::size_t site_island = network.island(plan.site_bus);
  with_grid.resize(buses);
  with_site.resize(buses);
  for (std::size_t bus = 0; bus < buses; ++bus) {
    with_grid[bus] = network.island(bus) == grid_island;
    with_site[bus] = network.island(bus) == site_island;
  }
  find_lost_conductors();
  followers_found_at = network.switchings();
}

double Site::Implementation::frequency_at(std::size_t bus) {
  if (network.switchings() != followers_found_at) find_followers();
  if (source_closed[SiteNetwork::grid_source] && with_grid[bus]) return grid_source.outputs().frequency_hz;
  if (island_lives && with_site[bus]) return island.outputs().frequency_hz;
  if (formed_hz(bus) > 0.0) return formed_hz(bus);
  return grid_source.parameters().nominal_hz;  // nothing there to measure
}

/// Which islands forming lanes hold, and at which frequency. Kept until asked for anew, so that within a step every
/// lane sees the same whatever its place.
void Site::Implementation::find_formed() {
  const bool any = std::any_of(formers.begin(), formers.end(), [this](std::size_t i) { return lanes[i].holds_site(); });
  if (!any && !formed.any) return;
  formed.any = any;
  std::fill(formed.sum_hz.begin(), formed.sum_hz.end(), 0.0);
  std::fill(formed.count.begin(), formed.count.end(), 0);
  for (std::size_t bus = 0; bus < formed.island.size(); ++bus) formed.island[bus] = network.island(bus);
  for (const std::size_t i : formers) {
    if (!lanes[i].holds_site()) continue;
    const std::size_t island_there = formed.island[plan.inverter_bus[i]];
    formed.sum_hz[island_there] += lanes[i].view().frequency_hz;
    ++formed.count[island_there];
  }
}

/// The mean of the lanes that hold the bus, which are equal but while one swings into the others; 0 without.
double Site::Implementation::formed_hz(std::size_t bus) const {
  const std::size_t island_there = formed.island[bus];
  const std::size_t count = formed.count[island_there];
  return count > 0 ? formed.sum_hz[island_there] / static_cast<double>(count) : 0.0;
}

InverterLane::BusFeed Site::Implementation::feed_of(std::size_t lane) const {
  const std::size_t bus = plan.inverter_bus[lane];
  if (source_closed[SiteNetwork::grid_source] && with_grid[bus]) return InverterLane::BusFeed::foreign;
  if (island_lives && with_site[bus]) return InverterLane::BusFeed::foreign;
  const bool of_backup = std::any_of(plan.backup.begin(), plan.backup.end(), [&](const SiteNetwork::Backup& backup) {
    return backup.bus != SiteNetwork::none && source_closed[backup.source] &&
           network.island(backup.bus) == network.island(bus);
  });
  if (of_backup) return InverterLane::BusFeed::foreign;
  const std::size_t others = formed.count[formed.island[bus]] - (lanes[lane].holds_site() ? 1 : 0);
  return others > 0 ? InverterLane::BusFeed::formed : InverterLane::BusFeed::none;
}

void Site::Implementation::aim(std::size_t source, const PhasePhasors& emf) {
  if (emf_ln_v[source] == emf) return;
  emf_ln_v[source] = emf;
  wishes_moved = true;
}

void Site::Implementation::follow_grid() {
  const GridSource::Outputs& now = grid_source.advance();
  aim(SiteNetwork::grid_source, now.emf_ln_v);
  const std::array<Phasor, conductor_count> ohm{now.phase_ohm, now.phase_ohm, now.phase_ohm, now.neutral_ohm};
  Network::Source& source = plan.parameters.sources[SiteNetwork::grid_source];
  if (ohm != source.series_ohm) {
    source.series_ohm = ohm;
    network.set_source_ohm(SiteNetwork::grid_source, ohm);
  }
  if (now.connected != source_closed[SiteNetwork::grid_source]) {
    source_closed[SiteNetwork::grid_source] = now.connected;
    network.set_source_closed(SiteNetwork::grid_source, now.connected);
  }
  if (network.switchings() != followers_found_at) find_followers();
  const bool fed = now.connected && with_grid[plan.site_bus];
  if (fed == site_is_fed) return;
  site_is_fed = fed;
  island_lives = false;
  if (!fed) {
    // What the grid leaves behind: the inverters that follow it feed on, from its last voltage, frequency and angle.
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      const bool follows = lanes[i].view().duty == HybridInverter::Duty::following;
      island_lives = island_lives || (follows && with_site[plan.inverter_bus[i]]);
    }
    const Phasor neutral_v = network.node_v(plan.site_bus, Conductor::n);
    double left_v = 0.0;
    for (std::size_t k = 0; k < phases; ++k)
      left_v += magnitude(network.node_v(plan.site_bus, phase_conductors[k]) - neutral_v);
    island.reset({left_v / static_cast<double>(phases), site_hz});
    island_angle_rad = std::arg(network.node_v(plan.site_bus, Conductor::l1));
  }
  network.set_source_closed(SiteNetwork::island_source, island_lives);
  source_closed[SiteNetwork::island_source] = island_lives;
}

void Site::Implementation::follow_island() {
  if (!island_lives) return;
  UnintendedIsland::Inputs inputs;
  const auto each = static_cast<double>(phases);
  const double between_phases = split_phase ? 4.0 : 3.0;
  bool fed = false;
  if (network.switchings() != followers_found_at) find_followers();
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    const InverterLane::View& view = lanes[i].view();
    if (view.duty != HybridInverter::Duty::following || !with_site[plan.inverter_bus[i]]) continue;
    fed = true;
    inputs.active_w += view.power.ac_injection_w / each;
    inputs.reactive_var += view.power.ac_injection_var / each;
  }
  for (std::size_t i = 0; i < loads.size(); ++i) {
    if (!with_site[plan.load_bus[i]]) continue;
    const LoadLane::Admittance part = loads[i].admittance(network, between_phases);
    inputs.conductance_s += part.conductance_s / each;
    inputs.inductive_s += part.inductive_s / each;
    inputs.capacitive_s += part.capacitive_s / each;
  }
  const UnintendedIsland::Outputs& now = island.advance(inputs);
  if (!fed && now.ln_v < dead_pu * nominal_ln_v) {
    island_lives = false;
    source_closed[SiteNetwork::island_source] = false;
    network.set_source_closed(SiteNetwork::island_source, false);
    return;
  }
  constexpr double full_turn_rad = 6.283185307179586;
  island_angle_rad = std::remainder(
      island_angle_rad + full_turn_rad * (now.frequency_hz - grid_source.parameters().nominal_hz) * step_h * 3600.0,
      full_turn_rad);
  aim(SiteNetwork::island_source, balanced(now.ln_v, island_angle_rad, split_phase));
}

void Site::Implementation::drive(std::size_t source, const InverterLane& lane) {
  if (lane.forming() != source_closed[source]) {
    source_closed[source] = lane.forming();
    network.set_source_closed(source, lane.forming());
  }
  aim(source, lane.emf_ln_v());
}

void Site::Implementation::place(std::size_t index) {
  const SiteNetwork::Backup& backup = plan.backup[index];
  const InverterLane& lane = lanes[index];
  if (plan.forming_source[index] != SiteNetwork::none) drive(plan.forming_source[index], lane);
  if (backup.bus == SiteNetwork::none) return;
  if (lane.relay_closed() != relay_closed[index]) {
    relay_closed[index] = lane.relay_closed();
    network.set_branch_closed(backup.relay, lane.relay_closed());
  }
  drive(backup.source, lane);
}

void Site::Implementation::plan_lanes() {
  if (clouds) {
    clouds->advance();
    weather.clear_index = clouds->clear_index();
  } else {
    clear_index.advance();
    weather.clear_index = clear_index.value;
  }
  planes.advance(weather);
  find_formed();
  for (const std::size_t i : formers) {
    feeds[i] = lanes[i].command().form_site ? feed_of(i) : InverterLane::BusFeed::none;
  }
  const bool grid_feeds = source_closed[SiteNetwork::grid_source];
  const double grid_hz = grid_source.outputs().frequency_hz;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    InverterLane& lane = lanes[i];
    const std::size_t bus = plan.inverter_bus[i];
    const bool on_grid = grid_feeds && network.switchings() == followers_found_at && with_grid[bus];
    lane.plan(on_grid ? grid_hz : frequency_at(bus), feeds[i]);
    place(i);
    const double max_a = lane.max_phase_a();
    const PhasePhasors& wishes_va = lane.wanted_va();
    for (std::size_t k = 0; k < phase_count; ++k) {
      PortInjection& injection = injections[phase_count * i + k];
      const Phasor wanted_va = wishes_va[k];
      if (same_power(injection.power_va, wanted_va) && injection.max_a == max_a) continue;
      injection.power_va = wanted_va;
      injection.max_a = max_a;
      wishes_moved = true;
    }
  }
  find_formed();
}

bool Site::Implementation::block_inverters() {
  bool blocked = false;
  for (std::size_t i = 0; i < phase_count * lanes.size(); ++i) {
    blocked = blocked || injections[i].power_va != Phasor{};
    injections[i].power_va = {};
  }
  return blocked;
}

bool Site::Implementation::rests() const {
  // Without neutral the injections follow the voltages, so that only the wishes stand still.
  return solution.solved && !wishes_moved && network.switchings() == solved_at && lanes_without_neutral.empty();
}

bool Site::Implementation::solve() {
  solved_anew = !rests();
  if (solved_anew) solve_anew();
  invariants.solved = solution.solved;
  invariants.current_residual_a = solution.current_residual_a;
  invariants.unsolved_bus = solution.residual_bus;
  return solution.solved;
}

Network::Result Site::Implementation::solve_network() {
  const Network::Result result = network.solve(emf_ln_v, injections_now());
  iterations += static_cast<std::uint64_t>(result.iterations);
  return result;
}

void Site::Implementation::solve_anew() {
  for (WithoutNeutral& lost : lanes_without_neutral) lost.blocked = false;
  Network::Result result = solve_network();
  if (result.solved && !lanes_without_neutral.empty()) result = solve_without_neutrals();
  // What inverters feed into a voltage that just collapsed may have no solution. They block for this step and see the
  // voltage without them in the next.
  if (!result.solved && block_inverters()) result = solve_network();
  solution = result;
  solved_at = network.switchings();
  if (!result.solved) return;
  read_flows();
  read_loads();
  read_meter_place();
  balance_energy();
}

void Site::Implementation::read_flows() {
  double all_lanes_w = 0.0;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    const InverterLane& lane = lanes[i];
    InverterLane::Flow& flow = flows[i];
    network.star_flows(phase_count * i, flow.terminal_ln_v, flow.port_a);
    if (split_phase) flow.terminal_ln_v[phases] = flow.port_a[phases] = {};
    for (std::size_t k = 0; k < phases; ++k) all_lanes_w += active_w(flow.terminal_ln_v[k], flow.port_a[k]);
    if (plan.forming_source[i] != SiteNetwork::none) {
      for (std::size_t k = 0; k < phases; ++k) {
        flow.source_a[k] = network.source_a(plan.forming_source[i], phase_conductors[k]);
      }
    }
    const SiteNetwork::Backup& backup = plan.backup[i];
    if (backup.bus != SiteNetwork::none) {
      const Phasor neutral_v = network.node_v(backup.bus, Conductor::n);
      for (std::size_t k = 0; k < phases; ++k) {
        const Conductor phase = phase_conductors[k];
        flow.backup_ln_v[k] = network.node_v(backup.bus, phase) - neutral_v;
        flow.backup_a[k] =
            lane.forming() ? network.source_a(backup.source, phase) : network.branch_a(backup.relay, phase);
      }
    }
  }
  injected_w = all_lanes_w;
}

void Site::Implementation::settle_lanes() {
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    InverterLane& lane = lanes[i];
    lane.settle(flows[i], solved_anew);
    invariants.inverter_energy_residual_w = std::max(invariants.inverter_energy_residual_w, lane.energy_residual_w());
    invariants.soc_residual = std::max(invariants.soc_residual, lane.soc_residual());
    // std::max drops a NaN, so that is looked for apart.
    invariants.finite = invariants.finite && lane.finite();
  }
}

void Site::Implementation::read_loads() {
  double all_loads_w = 0.0;
  for (LoadLane& load : loads) {
    load.read(network);
    all_loads_w += load.consumed_w();
  }
  total_load_w = all_loads_w;
}

void Site::Implementation::settle_loads() {
  for (LoadLane& load : loads) load.settle(step_h);
}

void Site::Implementation::read_meter_place() {
  const Phasor neutral_v = network.node_v(plan.meter_bus, Conductor::n);
  grid.import_var = 0.0;
  for (std::size_t k = 0; k < phase_count; ++k) {
    const Phasor primary_a = network.branch_a(plan.meter_branch, phase_conductors[k]);
    const bool exists = plan.phase_exists[plan.meter_bus][k];
    const Phasor voltage_ln_v = exists ? network.node_v(plan.meter_bus, phase_conductors[k]) - neutral_v : Phasor{};
    const Phasor import_va = times(voltage_ln_v, std::conj(primary_a));
    meter_primary_a[k] = primary_a;
    meter_voltage_ln_v[k] = voltage_ln_v;
    grid.phase_import_w[k] = import_va.real();
    grid.import_var += import_va.imag();
    grid.voltage_ln_v[k] = magnitude(voltage_ln_v);
    grid.current_a[k] = magnitude(primary_a);
  }
  grid.import_w = sum(grid.phase_import_w);
  grid.neutral_a = magnitude(network.branch_a(plan.meter_branch, Conductor::n));
  grid.neutral_v = magnitude(neutral_v);
}

void Site::Implementation::meter_step() {
  grid.connected = source_closed[SiteNetwork::grid_source];
  grid.frequency_hz = network.energised(plan.meter_bus, Conductor::l1) ||
                              network.energised(plan.meter_bus, Conductor::l2) ||
                              network.energised(plan.meter_bus, Conductor::l3)
                          ? frequency_at(plan.meter_bus)
                          : 0.0;
  (grid.import_w >= 0.0 ? grid.imported_wh : grid.exported_wh) += std::abs(grid.import_w) * step_h;
  metering.advance(meter_voltage_ln_v, meter_primary_a, grid.frequency_hz);
}

void Site::Implementation::balance_energy() {
  double source_w = 0.0;
  for (std::size_t s = 0; s < source_closed.size(); ++s) {
    if (!source_closed[s]) continue;
    for (std::size_t k = 0; k < phase_count; ++k) {
      source_w += active_w(emf_ln_v[s][k], network.source_a(s, phase_conductors[k]));
    }
  }
  site_residual_w = source_w + injected_w - total_load_w - network.loss_w();
}

void Site::Implementation::check() {
  invariants.site_energy_residual_w = std::abs(site_residual_w);
  invariants.finite = invariants.finite && std::isfinite(site_residual_w) && std::isfinite(grid.import_w);
}

void Site::advance() {
  Implementation& site = *implementation_;
  site.invariants = Invariants{};
  site.wishes_moved = false;
  site.follow_grid();
  site.follow_island();
  site.plan_lanes();
  const double frequency_hz = site.frequency_at(site.plan.site_bus);
  site.site_hz = frequency_hz;
  for (std::size_t i = 0; i < site.loads.size(); ++i) {
    // Behind an open backup relay the frequency is that of the lane that forms the island.
    const std::size_t lane = site.plan.load_backup[i];
    const bool on_own_island = lane != SiteNetwork::none && !site.lanes[lane].relay_closed();
    // Lanes may hold a part of the site that is cut off from the rest.
    const double formed_hz = site.formed_hz(site.plan.load_bus[i]);
    const double elsewhere_hz = formed_hz > 0.0 ? formed_hz : frequency_hz;
    const double load_hz = on_own_island ? site.lanes[lane].view().frequency_hz : elsewhere_hz;
    const bool moved = site.loads[i].plan(load_hz, site.ambient_c, site.network, site.injections.data());
    site.wishes_moved = site.wishes_moved || moved;
  }
  if (!site.solve()) {
    for (InverterLane& lane : site.lanes) lane.show_plan();
    return;
  }
  site.settle_lanes();
  site.settle_loads();
  site.meter_step();
  site.check();
}

}  // namespace hil::models
