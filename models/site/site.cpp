#include "models/site/site.h"

#include <cmath>

#include "models/invalid_parameter.h"
#include "models/site/site_implementation.h"

namespace hil::models {

namespace {

static_assert(Site::Invariants::current_residual_bound_a == Network::current_residual_bound_a);

std::chrono::nanoseconds checked_step(std::chrono::nanoseconds step) {
  require(step >= std::chrono::milliseconds{1} && step <= std::chrono::seconds{1}, "step",
          std::chrono::duration<double>(step).count(), "0.001..1 s");
  return step;
}

double checked_ambient(double ambient_c) {
  require(ambient_c >= -50.0 && ambient_c <= 60.0, "ambient_c", ambient_c, "-50..60");
  return ambient_c;
}

double site_voltage(const Site::Parameters& given) {
  return given.nominal_ln_v > 0.0 ? given.nominal_ln_v : given.grid.nominal_ln_v;
}

std::vector<LoadLane> loads_of(const Site::Parameters& given) {
  std::vector<LoadLane> loads;
  for (const Site::Load& each : given.loads) {
    loads.emplace_back(LoadLane::Parameters{each.zip, each.rlc, each.behaviour}, given.grid.nominal_hz);
  }
  return loads;
}

}  // namespace

Site::Implementation::Implementation(const Parameters& given)
    : step(checked_step(given.step)),
      step_h(std::chrono::duration<double, std::ratio<3600>>(step).count()),
      nominal_ln_v(site_voltage(given)),
      split_phase(given.grid.split_phase),
      phases(phases_of(split_phase)),
      loads(loads_of(given)),
      plan(site_network(given, loads)),
      network(plan.parameters),
      grid_source(given.grid, step),
      island({.nominal_ln_v = nominal_ln_v, .nominal_hz = given.grid.nominal_hz},
             {.ln_v = nominal_ln_v, .frequency_hz = given.grid.nominal_hz}, step),
      site_hz(given.grid.nominal_hz),
      planes(given.weather, step),
      ambient_c(checked_ambient(given.ambient_c)),
      metering(given.metering.installation, step) {
  if (given.weather) {
    const WeatherSettings& settings = *given.weather;
    weather = {settings.clear_index, settings.air_temperature_c, settings.wind_m_s};
    clear_index = {settings.clear_index, settings.clear_index, 0.0};
    if (settings.clouds) clouds.emplace(*settings.clouds, step);
  }
  for (const Inverter& each : given.inverters) {
    InverterLane::Parameters lane = each.lane;
    lane.nominal_ln_v = nominal_ln_v;
    lane.nominal_hz = given.grid.nominal_hz;
    lane.split_phase = split_phase;
    lanes.emplace_back(lane, planes, step);
    relay_closed.push_back(true);
    if (lane.site_forming) formers.push_back(lanes.size() - 1);
  }
  feeds.resize(lanes.size(), InverterLane::BusFeed::none);
  formed.island.resize(plan.parameters.buses.size());
  formed.sum_hz.resize(plan.parameters.buses.size());
  formed.count.resize(plan.parameters.buses.size());
  emf_ln_v.resize(plan.parameters.sources.size());
  for (const Network::Source& source : plan.parameters.sources) source_closed.push_back(source.closed);
  injections.resize(plan.parameters.ports.size());
  changed_injections = injections;
  flows.resize(lanes.size());
  find_followers();
  grid.frequency_hz = given.grid.nominal_hz;

  // Voltages before the first step: the loads that are on, no inverter yet.
  emf_ln_v[SiteNetwork::grid_source] = grid_source.outputs().emf_ln_v;
  for (LoadLane& load : loads) load.plan(grid.frequency_hz, ambient_c, network, injections.data());
  if (solve()) {
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      PhasePhasors terminal_ln_v{};
      for (std::size_t k = 0; k < phases; ++k) terminal_ln_v[k] = network.port_v(phase_count * i + k);
      lanes[i].set_terminal(terminal_ln_v);
    }
    settle_loads();
  }
}

bool Site::Invariants::hold() const {
  // "not above" would let NaN pass.
  return finite && solved && inverter_energy_residual_w <= energy_residual_bound_w &&
         site_energy_residual_w <= energy_residual_bound_w && current_residual_a <= current_residual_bound_a &&
         soc_residual <= soc_residual_bound;
}

Site::Site(const Parameters& parameters) : implementation_(std::make_unique<Implementation>(parameters)) {}
Site::~Site() = default;

std::size_t Site::inverter_count() const {
  return implementation_->lanes.size();
}
Site::LaneCommand& Site::command(std::size_t inverter) {
  return implementation_->lanes[inverter].command();
}
const Site::LaneView& Site::lane(std::size_t inverter) const {
  return implementation_->lanes[inverter].view();
}
double Site::battery_for_ac_w(std::size_t inverter, double ac_w, double pv_w) const {
  return implementation_->lanes.at(inverter).battery_for_ac_w(ac_w, pv_w);
}

BatteryPack& Site::battery(std::size_t inverter) {
  return implementation_->lanes[inverter].battery();
}
PvArray::Point Site::pv_point(std::size_t inverter, std::size_t input) const {
  const InverterLane& lane = implementation_->lanes[inverter];
  return input < lane.pv_input_count() ? lane.pv_input(input).point() : PvArray::Point{};
}
std::size_t Site::pv_input_count(std::size_t inverter) const {
  return implementation_->lanes[inverter].pv_input_count();
}
const Site::GridView& Site::grid() const {
  return implementation_->grid;
}
std::size_t Site::bus_count() const {
  return implementation_->plan.parameters.buses.size();
}
const std::string& Site::bus_name(std::size_t bus) const {
  return implementation_->plan.parameters.buses[bus];
}
std::size_t Site::meter_bus() const {
  return implementation_->plan.meter_bus;
}
std::size_t Site::site_bus() const {
  return implementation_->plan.site_bus;
}
Site::BusVoltage Site::bus_voltage(std::size_t bus) const {
  const Network& network = implementation_->network;
  const Phasor neutral_v = network.node_v(bus, Conductor::n);
  BusVoltage voltage;
  for (std::size_t k = 0; k < phase_count; ++k) {
    if (!implementation_->plan.phase_exists[bus][k]) continue;
    voltage.ln_v[k] = magnitude(network.node_v(bus, phase_conductors[k]) - neutral_v);
  }
  voltage.neutral_v = magnitude(neutral_v);
  return voltage;
}
PhasePhasors Site::bus_ln_v(std::size_t bus) const {
  const Network& network = implementation_->network;
  const Phasor neutral_v = network.node_v(bus, Conductor::n);
  PhasePhasors ln_v{};
  for (std::size_t k = 0; k < phase_count; ++k) {
    if (implementation_->plan.phase_exists[bus][k]) ln_v[k] = network.node_v(bus, phase_conductors[k]) - neutral_v;
  }
  return ln_v;
}
double Site::bus_frequency_hz(std::size_t bus) const {
  return implementation_->frequency_at(bus);
}
double Site::energy_residual_w(std::size_t inverter) const {
  return implementation_->lanes[inverter].energy_residual_w();
}
bool Site::finite(std::size_t inverter) const {
  return implementation_->lanes[inverter].finite();
}
double Site::load_w(std::size_t load) const {
  return implementation_->loads[load].consumed_w();
}
double Site::load_wh(std::size_t load) const {
  return implementation_->loads[load].consumed_wh();
}
double Site::total_load_w() const {
  return implementation_->total_load_w;
}
const EnergyMeter& Site::meter() const {
  return implementation_->metering.meter();
}
const MeterInstallation& Site::metering() const {
  return implementation_->metering;
}
MeterInstallation& Site::metering() {
  return implementation_->metering;
}
const Site::Invariants& Site::invariants() const {
  return implementation_->invariants;
}
bool Site::unintended_island() const {
  return implementation_->island_lives;
}
double Site::clear_index() const {
  return implementation_->weather.clear_index;
}
std::uint64_t Site::network_iterations() const {
  return implementation_->iterations;
}

void Site::set_load_on(std::size_t load, bool on) {
  implementation_->loads[load].set_on(on);
}
bool Site::load_on(std::size_t load) const {
  return implementation_->loads[load].on();
}
LoadBehaviour* Site::behaviour(std::size_t load) {
  return implementation_->loads[load].behaviour();
}
void Site::set_irradiance(std::size_t inverter, double irradiance_w_m2, double ramp_s) {
  require(irradiance_w_m2 >= 0.0 && irradiance_w_m2 <= 1500.0, "irradiance_w_m2", irradiance_w_m2, "0..1500");
  require(ramp_s >= 0.0 && std::isfinite(ramp_s), "ramp_s", ramp_s, ">= 0");
  implementation_->lanes[inverter].set_irradiance(irradiance_w_m2, ramp_s);
}
void Site::set_string_shading(std::size_t inverter, std::size_t input, std::size_t string, double factor) {
  implementation_->lanes[inverter].set_string_shading(input, string, factor);
}

void Site::set_clear_index(double clear_index, double ramp_s) {
  require(clear_index >= 0.0 && clear_index <= 1.5, "clear_index", clear_index, "0..1.5");
  require(ramp_s >= 0.0 && std::isfinite(ramp_s), "ramp_s", ramp_s, ">= 0");
  Implementation& site = *implementation_;
  site.clouds.reset();
  site.clear_index.value = site.weather.clear_index;
  site.clear_index.aim(clear_index, ramp_s / std::chrono::duration<double>(site.step).count());
}

GridSource& Site::grid_source() {
  return implementation_->grid_source;
}
void Site::set_cable_closed(std::size_t cable, bool closed) {
  implementation_->network.set_branch_closed(cable, closed);
}
void Site::set_conductor_closed(std::size_t cable, Conductor conductor, bool closed) {
  implementation_->network.set_conductor_closed(cable, conductor, closed);
}
void Site::set_ambient(double ambient_c) {
  implementation_->ambient_c = checked_ambient(ambient_c);
  for (InverterLane& lane : implementation_->lanes) lane.battery().set_ambient(ambient_c);
}
const GridCode* Site::grid_code(std::size_t inverter) const {
  return implementation_->lanes[inverter].grid_code();
}
void Site::set_grid_code(std::size_t inverter, const InterfaceProtection::Parameters& protection,
                         const GridSupport::Parameters& support) {
  implementation_->lanes[inverter].set_grid_code(protection, support);
}
const InverterLane::Backup* Site::backup(std::size_t inverter) const {
  return implementation_->lanes[inverter].backup();
}
void Site::set_backup_supply(std::size_t inverter, double nominal_ln_v, std::chrono::nanoseconds restart_delay) {
  implementation_->lanes[inverter].set_backup_supply(nominal_ln_v, restart_delay);
}

}  // namespace hil::models
