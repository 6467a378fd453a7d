#include "models/site/site.h"

#include <algorithm>
#include <cmath>

#include "models/electrical/network.h"
#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

constexpr std::array phase_conductors{Conductor::l1, Conductor::l2, Conductor::l3};

static_assert(Site::Invariants::current_residual_bound_a == Network::current_residual_bound_a);

/// Index of `name`; throws an InvalidParameter that names who asked for it and what there is.
std::size_t index_of(const std::vector<std::string>& names, const std::string& name, const std::string& who) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  std::string known;
  for (const std::string& each : names) known += (known.empty() ? "" : ", ") + each;
  throw InvalidParameter("number of parts named \"" + name + "\" (" + who + ")", 0.0, "1; known: " + known);
}

void require_impedance(Phasor ohm, const std::string& field) {
  require(ohm.real() > 0.0 && std::isfinite(ohm.real()), field.c_str(), ohm.real(), "> 0 (resistance)");
  require(ohm.imag() >= 0.0 && std::isfinite(ohm.imag()), field.c_str(), ohm.imag(), ">= 0 (reactance)");
}

std::vector<std::string> buses_of(const Site::Parameters& parameters) {
  std::vector<std::string> buses{parameters.grid_bus};
  const auto add = [&buses](const std::string& bus) {
    if (std::find(buses.begin(), buses.end(), bus) == buses.end()) buses.push_back(bus);
  };
  for (const Site::Cable& cable : parameters.cables) {
    add(cable.from_bus);
    add(cable.to_bus);
  }
  return buses;
}

/// Ports: three for each inverter, then three for each load, L1-N L2-N L3-N.
Network::Parameters network_of(const Site::Parameters& parameters) {
  const Site::Grid& grid = parameters.grid;
  require_impedance(grid.phase_ohm, "grid phase_ohm");
  require_impedance(grid.neutral_ohm, "grid neutral_ohm");
  Network::Parameters network;
  network.buses = buses_of(parameters);
  network.sources = {{"grid", 0, {grid.phase_ohm, grid.phase_ohm, grid.phase_ohm, grid.neutral_ohm}}};
  network.nominal_ln_v = grid.nominal_ln_v;
  for (const Site::Cable& cable : parameters.cables) {
    require_impedance(cable.phase_ohm, "cable " + cable.name + " phase_ohm");
    require_impedance(cable.neutral_ohm, "cable " + cable.name + " neutral_ohm");
    Network::Branch branch;
    branch.name = cable.name;
    branch.from = index_of(network.buses, cable.from_bus, "from_bus of cable " + cable.name);
    branch.to = index_of(network.buses, cable.to_bus, "to_bus of cable " + cable.name);
    branch.series_ohm.diagonal() << cable.phase_ohm, cable.phase_ohm, cable.phase_ohm, cable.neutral_ohm;
    network.branches.push_back(branch);
  }
  const auto add_ports = [&network](const std::string& name, const std::string& bus, const std::string& who) {
    const std::size_t index = index_of(network.buses, bus, "bus of " + who + " " + name);
    for (const Conductor phase : phase_conductors) network.ports.push_back({name, index, phase, Conductor::n});
  };
  for (const Site::InverterLane& inverter : parameters.inverters) add_ports(inverter.name, inverter.bus, "inverter");
  for (const Site::Load& load : parameters.loads) add_ports(load.name, load.bus, "load");
  return network;
}

std::chrono::nanoseconds checked_step(std::chrono::nanoseconds step) {
  require(step >= std::chrono::milliseconds{1} && step <= std::chrono::seconds{1}, "step",
          std::chrono::duration<double>(step).count(), "0.001..1 s");
  return step;
}

double sum(const PhaseValues& values) {
  return values[0] + values[1] + values[2];
}

/// Adds `power_w * hours` to one of two counters, by its sign.
void integrate(double power_w, double hours, double& positive_wh, double& negative_wh) {
  (power_w >= 0.0 ? positive_wh : negative_wh) += std::abs(power_w) * hours;
}

}  // namespace

struct Site::Implementation {
  struct Lane {
    HybridInverter power_stage;
    BatteryPack battery;
    PvArray pv;
    LaneCommand command;
    LaneView view;
    std::size_t first_port;
    double initial_soc;
    double discharged_as = 0.0;  ///< coulombs out less coulombs stored, counted apart from the pack's own state
  };
  struct LoadLane {
    ZipLoad load;
    std::size_t first_port;
    double consumed_w = 0.0;
  };
  struct CableLoss {
    std::size_t branch;
    double phase_ohm;    ///< resistance
    double neutral_ohm;  ///< resistance
  };

  explicit Implementation(const Parameters& given);
  void advance_lane(Lane& lane);
  void set_admittances(const LoadLane& lane);
  void solve();
  void read_network();
  void meter_step();
  double conductor_loss_w() const;
  void check(double injected_w);

  std::chrono::nanoseconds step;
  double step_s;
  double step_h;
  Network network;
  std::vector<Lane> lanes;
  std::vector<LoadLane> loads;
  std::vector<PortInjection> port_injection;
  std::vector<CableLoss> cables;
  double source_phase_ohm;
  double source_neutral_ohm;
  PhasePhasors emf_ln_v;

  std::size_t meter_branch;
  std::size_t meter_bus;
  std::vector<CurrentTransformer> transformers;
  EnergyMeter meter;

  GridView grid;
  Invariants invariants;
  double total_load_w = 0.0;
  std::uint64_t iterations = 0;
};

Site::Implementation::Implementation(const Parameters& given)
    : step(checked_step(given.step)),
      step_s(std::chrono::duration<double>(step).count()),
      step_h(step_s / 3600.0),
      network(network_of(given)),
      source_phase_ohm(given.grid.phase_ohm.real()),
      source_neutral_ohm(given.grid.neutral_ohm.real()),
      emf_ln_v(balanced(given.grid.nominal_ln_v)),
      meter(given.metering.meter, step) {
  require(given.grid.frequency_hz > 0.0 && std::isfinite(given.grid.frequency_hz), "grid frequency_hz",
          given.grid.frequency_hz, "> 0");
  grid.frequency_hz = given.grid.frequency_hz;

  const std::vector<std::string> buses = buses_of(given);
  std::vector<std::string> cable_names;
  for (const Cable& cable : given.cables) {
    cables.push_back({cables.size(), cable.phase_ohm.real(), cable.neutral_ohm.real()});
    cable_names.push_back(cable.name);
  }
  meter_branch = index_of(cable_names, given.metering.cable, "cable of the meter");
  meter_bus = index_of(buses, given.cables[meter_branch].from_bus, "bus of the meter");
  for (const CurrentTransformer::Parameters& transformer : given.metering.transformers) {
    transformers.emplace_back(transformer);
  }

  std::size_t port = 0;
  for (const InverterLane& each : given.inverters) {
    BatteryPack::State charge;
    charge.soc = each.initial_soc;
    Lane lane{HybridInverter(each.power_stage, step),
              BatteryPack(each.battery, charge, step),
              PvArray(each.pv),
              LaneCommand{},
              LaneView{},
              port,
              each.initial_soc};
    lane.pv.set_conditions(each.irradiance_w_m2, each.cell_temperature_c);
    lane.view.pv_available_w = lane.pv.maximum_power_point().power_w;
    lane.view.battery_limits = lane.battery.limits();
    lane.view.battery_soc = lane.battery.state().soc;
    lanes.push_back(std::move(lane));
    port += phase_count;
  }
  for (const Load& each : given.loads) {
    loads.push_back({ZipLoad(each.load), port});
    set_admittances(loads.back());
    port += phase_count;
  }
  port_injection.resize(port);
  // Voltages before the first step: the loads that are on, no inverter yet.
  for (const LoadLane& lane : loads) {
    for (std::size_t k = 0; k < phase_count; ++k) {
      port_injection[lane.first_port + k].power_va = lane.load.injection_va(k, given.grid.nominal_ln_v);
    }
  }
  solve();
}

void Site::Implementation::set_admittances(const LoadLane& lane) {
  for (std::size_t k = 0; k < phase_count; ++k) {
    network.set_port_admittance(lane.first_port + k, lane.load.admittance_s(k));
  }
}

void Site::Implementation::advance_lane(Lane& lane) {
  LaneView& view = lane.view;
  view.battery_limits = lane.battery.limits();
  view.pv_available_w = lane.pv.maximum_power_point().power_w;
  const LaneCommand& command = lane.command;
  HybridInverter::Inputs inputs;
  inputs.terminal_ln_v = view.terminal_ln_v;
  inputs.connected = command.connected;
  inputs.pv_available_w = view.pv_available_w;
  inputs.pv_ceiling_w = command.pv_ceiling_w;
  inputs.battery_discharge_request_w = command.battery_discharge_request_w;
  inputs.battery_max_charge_w = view.battery_limits.charge_w;
  inputs.battery_max_discharge_w = view.battery_limits.discharge_w;
  inputs.ac_ceiling_w = command.ac_ceiling_w;
  inputs.reactive_injection_request_var = command.reactive_injection_request_var;
  view.power = lane.power_stage.advance(inputs);
  view.battery = lane.battery.advance(view.power.battery_discharge_w);
  view.battery_soc = lane.battery.state().soc;

  double port_w = 0.0;
  for (std::size_t k = 0; k < phase_count; ++k) {
    port_injection[lane.first_port + k].power_va = view.power.phase_injection_va[k];
    port_w += view.power.phase_injection_va[k].real();
  }
  view.pv_wh += view.power.pv_w * step_h;
  integrate(view.battery.discharge_w, step_h, view.battery_discharge_wh, view.battery_charge_wh);
  integrate(port_w, step_h, view.ac_out_wh, view.ac_in_wh);

  // What the PV array and the battery gave against what left at the AC port and as heat.
  const double residual_w = view.power.pv_w + view.battery.discharge_w - port_w - view.power.loss_w;
  invariants.inverter_energy_residual_w = std::max(invariants.inverter_energy_residual_w, std::abs(residual_w));
  const BatteryPack::Parameters& pack = lane.battery.parameters();
  const double stored_share = view.battery.discharge_a < 0.0 ? pack.coulombic_efficiency : 1.0;
  lane.discharged_as += view.battery.discharge_a * stored_share * step_s;
  const double counted_soc = lane.initial_soc - lane.discharged_as / (3600.0 * pack.capacity_ah);
  invariants.soc_residual = std::max(invariants.soc_residual, std::abs(view.battery_soc - counted_soc));
  // std::max drops a NaN, so that is looked for apart.
  invariants.finite = invariants.finite && std::isfinite(residual_w) && std::isfinite(counted_soc + view.battery_soc);
}

void Site::Implementation::solve() {
  const Network::Result result = network.solve({&emf_ln_v, 1}, port_injection);
  iterations += static_cast<std::uint64_t>(result.iterations);
  invariants.solved = result.solved;
  invariants.current_residual_a = result.current_residual_a;
  if (result.solved) read_network();  // else everything keeps the values of the last step that had a solution
}

void Site::Implementation::read_network() {
  for (Lane& lane : lanes) {
    for (std::size_t k = 0; k < phase_count; ++k) {
      lane.view.terminal_ln_v[k] = network.port_v(lane.first_port + k);
      lane.view.injection_a[k] = network.port_injection_a(lane.first_port + k);
    }
  }
  total_load_w = 0.0;
  for (LoadLane& lane : loads) {
    lane.consumed_w = 0.0;
    for (std::size_t port = lane.first_port; port < lane.first_port + phase_count; ++port) {
      lane.consumed_w -= (network.port_v(port) * std::conj(network.port_injection_a(port))).real();
    }
    total_load_w += lane.consumed_w;
  }
}

void Site::Implementation::meter_step() {
  const Phasor neutral_v = network.node_v(meter_bus, Conductor::n);
  PhasePhasors voltage_ln_v;
  PhasePhasors secondary_a;
  grid.import_var = 0.0;
  for (std::size_t k = 0; k < phase_count; ++k) {
    const Phasor primary_a = network.branch_a(meter_branch, phase_conductors[k]);
    voltage_ln_v[k] = network.node_v(meter_bus, phase_conductors[k]) - neutral_v;
    secondary_a[k] = transformers[k].secondary_a(primary_a);
    const Phasor import_va = voltage_ln_v[k] * std::conj(primary_a);
    grid.phase_import_w[k] = import_va.real();
    grid.import_var += import_va.imag();
    grid.voltage_ln_v[k] = magnitude(voltage_ln_v[k]);
    grid.current_a[k] = magnitude(primary_a);
  }
  grid.import_w = sum(grid.phase_import_w);
  grid.neutral_a = magnitude(network.branch_a(meter_branch, Conductor::n));
  grid.neutral_v = magnitude(neutral_v);
  integrate(grid.import_w, step_h, grid.imported_wh, grid.exported_wh);
  meter.advance(voltage_ln_v, secondary_a, grid.frequency_hz);
}

/// |i|^2 R of every conductor, the grid's own impedance included.
double Site::Implementation::conductor_loss_w() const {
  double loss_w = std::norm(network.source_a(0, Conductor::n)) * source_neutral_ohm;
  for (const Conductor phase : phase_conductors) loss_w += std::norm(network.source_a(0, phase)) * source_phase_ohm;
  for (const CableLoss& cable : cables) {
    loss_w += std::norm(network.branch_a(cable.branch, Conductor::n)) * cable.neutral_ohm;
    for (const Conductor phase : phase_conductors) {
      loss_w += std::norm(network.branch_a(cable.branch, phase)) * cable.phase_ohm;
    }
  }
  return loss_w;
}

void Site::Implementation::check(double injected_w) {
  double source_w = 0.0;
  for (std::size_t k = 0; k < phase_count; ++k) {
    source_w += (emf_ln_v[k] * std::conj(network.source_a(0, phase_conductors[k]))).real();
  }
  const double residual_w = source_w + injected_w - total_load_w - conductor_loss_w();
  invariants.site_energy_residual_w = std::abs(residual_w);
  invariants.finite = invariants.finite && std::isfinite(residual_w) && std::isfinite(grid.import_w);
}

bool Site::Invariants::hold() const {
  // "not above" would let NaN pass.
  return finite && solved && inverter_energy_residual_w <= energy_residual_bound_w &&
         site_energy_residual_w <= energy_residual_bound_w && current_residual_a <= current_residual_bound_a &&
         soc_residual <= soc_residual_bound;
}

Site::Site(const Parameters& parameters) : implementation_(std::make_unique<Implementation>(parameters)) {}
Site::~Site() = default;

void Site::advance() {
  Implementation& site = *implementation_;
  site.invariants = Invariants{};
  double injected_w = 0.0;
  for (Implementation::Lane& lane : site.lanes) {
    site.advance_lane(lane);
    for (const Phasor va : lane.view.power.phase_injection_va) injected_w += va.real();
  }
  for (const Implementation::LoadLane& lane : site.loads) {
    for (std::size_t port = lane.first_port; port < lane.first_port + phase_count; ++port) {
      const double ln_v = magnitude(site.network.port_v(port));
      site.port_injection[port].power_va = lane.load.injection_va(port - lane.first_port, ln_v);
    }
  }
  site.solve();
  if (!site.invariants.solved) return;
  site.meter_step();
  site.check(injected_w);
}

std::size_t Site::inverter_count() const {
  return implementation_->lanes.size();
}
Site::LaneCommand& Site::command(std::size_t inverter) {
  return implementation_->lanes[inverter].command;
}
const Site::LaneView& Site::lane(std::size_t inverter) const {
  return implementation_->lanes[inverter].view;
}

PvArray::Point Site::pv_point(std::size_t inverter) const {
  const Implementation::Lane& lane = implementation_->lanes[inverter];
  return lane.pv.curtailed_point(lane.view.power.pv_w);
}

const Site::GridView& Site::grid() const {
  return implementation_->grid;
}
double Site::load_w(std::size_t load) const {
  return implementation_->loads[load].consumed_w;
}
double Site::total_load_w() const {
  return implementation_->total_load_w;
}
const EnergyMeter& Site::meter() const {
  return implementation_->meter;
}
const Site::Invariants& Site::invariants() const {
  return implementation_->invariants;
}
std::uint64_t Site::network_iterations() const {
  return implementation_->iterations;
}

void Site::set_load_on(std::size_t load, bool on) {
  Implementation::LoadLane& lane = implementation_->loads[load];
  lane.load.set_on(on);
  implementation_->set_admittances(lane);
}

bool Site::load_on(std::size_t load) const {
  return implementation_->loads[load].load.on();
}

void Site::set_irradiance(std::size_t inverter, double irradiance_w_m2) {
  PvArray& pv = implementation_->lanes[inverter].pv;
  pv.set_conditions(irradiance_w_m2, pv.cell_temperature_c());
}

void Site::set_grid_voltage(double ln_v) {
  require(ln_v >= 0.0 && std::isfinite(ln_v), "grid ln_v", ln_v, ">= 0");
  implementation_->emf_ln_v = balanced(ln_v);
}

void Site::set_grid_frequency(double hz) {
  require(hz > 0.0 && std::isfinite(hz), "grid frequency_hz", hz, "> 0");
  implementation_->grid.frequency_hz = hz;
}

void Site::set_ct_reversed(std::size_t phase, bool reversed) {
  implementation_->transformers[phase].set_reversed(reversed);
}

}  // namespace hil::models
