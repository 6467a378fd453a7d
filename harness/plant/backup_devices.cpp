#include "harness/plant/backup_devices.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace hil::harness {
namespace {

double flag(bool value) {
  return value ? 1.0 : 0.0;
}

}  // namespace

BackupDevices::BackupDevices(const DeviceContext& context, const BackupInterfaceSpec& spec)
    : context_(context),
      spec_(spec),
      grid_{sim::BackupInterface{spec.parameters}, bus(spec.grid_bus), spec.relay, "grid"},
      home_bus_(bus(spec.bus)) {
  if (spec_.generator) add_generator(*spec_.generator);
  for (const SmartLoadSpec& load : spec_.smart_loads) {
    channels_.push_back({&load, sim::SmartLoadChannel{load.parameters}});
  }
  register_signals();
}

void BackupDevices::register_signals() const {
  const auto add = [this](const std::string& signal, const char* description, const double* value) {
    context_.signals.add(spec_.name + "." + signal, description, value);
  };
  add("relay_closed", "grid relay of the backup interface: 0 open, 1 closed", &shown_.relay_closed);
  add("grid_good", "1 while the grid has been in its window for return_s", &shown_.grid_good);
  add("in_step", "1 while grid and home are equal enough to be joined", &shown_.in_step);
  add("angle_deg", "by which the grid is ahead of the home; 0 unless both are live", &shown_.angle_deg);
  add("slip_hz", "frequency of the home less that of the grid; 0 unless both are live", &shown_.slip_hz);
  add("home_hz", "frequency at the home, 0 while it is dead", &shown_.home_hz);
  add("frequency_bias_hz", "that the primary asks of all that form the island", &shown_.frequency_bias_hz);
  add("inverters_w", "power of all inverters into the home", &shown_.inverters_w);
  add("home_dark_s", "how long the home has been dead so far, in all", &shown_.home_dark_s);
  for (const Channel& channel : channels_) {
    add(fmt::format("smart_load{}_on", channel.spec->channel), "smart-load channel: 0 open, 1 closed", &channel.on);
  }
}

void BackupDevices::add_generator(const GeneratorSpec& spec) {
  sim::BackupInterface::Parameters parameters = spec_.parameters;
  parameters.return_time = spec.warm_up;
  generator_.emplace(GeneratorPort{sim::Generator{spec.parameters, context_.site, spec.lane},
                                   {sim::BackupInterface{parameters, false}, bus(spec.bus), spec.cable, "generator"}});
  const std::string name = spec_.name + ".generator";
  context_.signals.add(name + "_state", "generator: 0 off, 1 starting, 2 running", &generator_->state);
  context_.signals.add(name + "_relay_closed", "relay of the generator: 0 open, 1 closed", &generator_->relay_closed);
  context_.signals.add(name + "_w", "power of the generator", &generator_->generation_w);
}

std::size_t BackupDevices::bus(const std::string& name) const {
  for (std::size_t index = 0; index < context_.site.bus_count(); ++index) {
    if (context_.site.bus_name(index) == name) return index;
  }
  throw std::invalid_argument(fmt::format("bus \"{}\" does not exist", name));
}

sim::BackupInterface::Side BackupDevices::side(std::size_t bus) const {
  return {context_.site.bus_ln_v(bus), context_.site.bus_frequency_hz(bus)};
}

double BackupDevices::inverters_w() const {
  double sum_w = 0.0;
  for (const SolaxSpec& unit : context_.scenario.site.solax) {
    sum_w += context_.site.lane(unit.lane).power.ac_injection_w;
  }
  return sum_w;
}

double BackupDevices::mean_soc() const {
  double sum = 0.0;
  int count = 0;
  for (const SolaxSpec& unit : context_.scenario.site.solax) {
    if (!context_.site.command(unit.lane).supplied) continue;
    sum += context_.site.lane(unit.lane).reported_soc;
    ++count;
  }
  return count > 0 ? sum / count : 1.0;
}

void BackupDevices::give_orders(std::optional<bool> connect_grid) {
  connect_grid_ = connect_grid.value_or(connect_grid_ && grid_.relay.relay_closed());
  grid_.relay.set_order({.connect_grid = connect_grid_ && !on_generator()});
  if (!generator_) return;
  const bool wanted = generator_->engine.serves() && !grid_.relay.relay_closed() && !grid_.relay.grid_good();
  generator_->port.relay.set_order({.connect_grid = wanted});
}

bool BackupDevices::advance(Port& port, sim::Time now, const sim::ParallelGroup& group) {
  const auto moved = port.relay.advance(now, {.grid = side(port.bus),
                                              .home = side(home_bus_),
                                              .has_supply = group.interface_has_supply(),
                                              .has_can = linked_,
                                              .barred = group.interface_lost_can() || group.interface_lost_supply()});
  if (!moved) return false;
  const bool closed = port.relay.relay_closed();
  context_.site.set_cable_closed(port.cable, closed);
  context_.tell({now, "switch", spec_.name,
                 fmt::format("{} relay {}: {}", port.name, closed ? "closes" : "opens", sim::text_of(*moved))});
  return closed;
}

void BackupDevices::move_channels(sim::Time now) {
  sim::SmartLoadChannel::Inputs inputs;
  inputs.islanded = !grid_.relay.relay_closed();
  inputs.inverters_w = inverters_w();
  inputs.battery_soc = mean_soc();
  for (Channel& channel : channels_) {
    if (!channel.relay.advance(now, inputs)) continue;
    context_.site.set_cable_closed(channel.spec->cable, channel.relay.closed());
    context_.tell({now, "switch", spec_.name,
                   fmt::format("smart load {} {}", channel.spec->channel, channel.relay.closed() ? "on" : "off")});
  }
}

void BackupDevices::run_generator(sim::Time now) {
  generator_->engine.latch(
      now, {.grid_gone = !grid_.relay.relay_closed(), .grid_good = grid_.relay.grid_good(), .battery_soc = mean_soc()});
}

void BackupDevices::regulate() {
  const sim::BackupInterface* towards = nullptr;
  if (linked_ && grid_.relay.grid_good()) {
    towards = &grid_.relay;
  } else if (linked_ && generator_ && generator_->engine.serves() && generator_->port.relay.grid_good()) {
    towards = &generator_->port.relay;
  }
  sim::IslandRegulator::Inputs inputs;
  inputs.islanded = known_cut_off_;
  if (towards != nullptr && !towards->home_dead()) {
    inputs.towards_grid = true;
    inputs.angle_deg = towards->angle_deg();
    inputs.slip_hz = towards->slip_hz();
    inputs.voltage_gap_pu = towards->voltage_gap_pu();
  }
  inputs.rated_w = 0.0;
  inputs.surplus_w = -std::numeric_limits<double>::max();
  int forming = 0;
  for (const SolaxSpec& unit : context_.scenario.site.solax) {
    const models::Site::LaneView& lane = context_.site.lane(unit.lane);
    inputs.rated_w += unit.identity.rated_w;
    if (lane.duty != models::HybridInverter::Duty::forming) continue;
    const double takes_w =
        std::min(lane.battery_limits.charge_w, context_.site.command(unit.lane).battery_max_charge_w);
    // They share alike: who may take least speaks for all. Its own PV gives way to what flows in.
    const double surplus_w = -lane.power.ac_injection_w - charge_margin * takes_w;
    inputs.surplus_w = std::max(inputs.surplus_w, surplus_w);
    ++forming;
  }
  inputs.surplus_w = forming > 0 ? forming * inputs.surplus_w : 0.0;
  regulator_.advance(context_.scenario.step, inputs);
}

void BackupDevices::tell(std::span<sim::SolaxHybrid* const> units, bool may_island, bool joined) const {
  std::optional<double> charge_w;
  // The energy manager knows nothing of the generator: its orders are for the grid.
  if (known_generator_) {
    const auto running = std::count_if(units.begin(), units.end(), [](const auto* unit) { return unit->has_supply(); });
    charge_w = -spec_.generator->parameters.charge_w / std::max(1.0, static_cast<double>(running));
  }
  for (sim::SolaxHybrid* const unit : units) {
    sim::SolaxParallel told = unit->parallel();
    told.awaits_island = may_island;
    told.forms_island = known_cut_off_;
    told.joins_grid = joined;
    told.island_frequency_bias_hz = regulator_.frequency_bias_hz();
    told.island_voltage_pu = regulator_.voltage_pu();
    if (charge_w) told.order = {.ac_injection_w = *charge_w};
    unit->set_parallel(told);
  }
}

void BackupDevices::latch(sim::Time now, const sim::ParallelGroup& group, std::span<sim::SolaxHybrid* const> units,
                          std::optional<bool> connect_grid) {
  linked_ = group.interface_linked();
  // First, so that where it stops its relay opens in the same step.
  if (generator_ && linked_) run_generator(now);
  if (linked_) give_orders(connect_grid);
  bool joined = advance(grid_, now, group);
  if (generator_ && grid_.relay.relay_closed()) generator_->port.relay.set_order({.connect_grid = false});
  if (generator_) joined = advance(generator_->port, now, group) || joined;
  if (linked_) {
    known_cut_off_ = cut_off();
    known_generator_ = on_generator();
  }
  if (linked_ && group.interface_has_supply()) move_channels(now);
  regulate();
  const bool barred = group.interface_lost_can() || group.interface_lost_supply();
  tell(units, known_cut_off_ || (linked_ && !barred), joined);
}

void BackupDevices::watch_transfer(sim::Time now, const sim::BackupInterface::Side& home) {
  const sim::BackupInterface::Parameters& window = spec_.parameters;
  double lowest_v = std::numeric_limits<double>::max();
  double highest_v = 0.0;
  for (std::size_t leg = 0; leg < models::phases_of(window.split_phase); ++leg) {
    lowest_v = std::min(lowest_v, models::magnitude(home.ln_v[leg]));
    highest_v = std::max(highest_v, models::magnitude(home.ln_v[leg]));
  }
  const bool inside =
      lowest_v >= window.lowest_pu * window.nominal_ln_v && highest_v <= window.highest_pu * window.nominal_ln_v;
  const bool is_closed = grid_.relay.relay_closed();
  const bool calm = inside && is_closed == transfer_.is_closed;
  if (!transfer_.under_way && calm) return;
  if (!transfer_.under_way) {
    transfer_ = {.under_way = true, .was_closed = transfer_.is_closed, .lowest_v = lowest_v, .highest_v = highest_v};
  }
  transfer_.is_closed = is_closed;
  transfer_.lowest_v = std::min(transfer_.lowest_v, lowest_v);
  transfer_.highest_v = std::max(transfer_.highest_v, highest_v);
  if (!inside) transfer_.outside += now - shown_at_;
  if (!calm) transfer_.calm_since = now;
  if (now - transfer_.calm_since < transfer_calm) return;
  transfer_.under_way = false;
  if (transfer_.was_closed == is_closed) return;
  const double outside_s = std::chrono::duration<double>(transfer_.outside).count();
  context_.tell({now, "state", spec_.name,
                 fmt::format("passed {}: home {:.1f} to {:.1f} V, {}{:g}..{:g} pu{}",
                             is_closed ? "to the grid" : "off the grid", transfer_.lowest_v, transfer_.highest_v,
                             outside_s > 0.0 ? "outside " : "always within ", window.lowest_pu, window.highest_pu,
                             outside_s > 0.0 ? fmt::format(" for {:.4g} s", outside_s) : "")});
}

void BackupDevices::refresh(sim::Time now) {
  const sim::BackupInterface::Side home = side(home_bus_);
  watch_transfer(now, home);
  double highest_v = 0.0;
  for (const models::Phasor& ln_v : home.ln_v) highest_v = std::max(highest_v, models::magnitude(ln_v));
  const bool dark = highest_v < spec_.parameters.lost_pu * spec_.parameters.nominal_ln_v;
  if (dark) shown_.home_dark_s += std::chrono::duration<double>(now - shown_at_).count();
  shown_at_ = now;
  shown_.relay_closed = flag(grid_.relay.relay_closed());
  shown_.grid_good = flag(grid_.relay.grid_good());
  shown_.in_step = flag(grid_.relay.in_step());
  shown_.angle_deg = grid_.relay.angle_deg();
  shown_.slip_hz = grid_.relay.slip_hz();
  shown_.home_hz = dark ? 0.0 : home.frequency_hz;
  shown_.frequency_bias_hz = regulator_.frequency_bias_hz();
  shown_.inverters_w = inverters_w();
  for (Channel& channel : channels_) channel.on = flag(channel.relay.closed());
  if (!generator_) return;
  generator_->state = static_cast<double>(generator_->engine.state());
  generator_->relay_closed = flag(on_generator());
  generator_->generation_w = context_.site.lane(spec_.generator->lane).power.ac_injection_w;
}

std::vector<std::string> BackupDevices::watched() const {
  std::vector<std::string> names{spec_.name + ".relay_closed", spec_.name + ".grid_good"};
  if (generator_) names.push_back(spec_.name + ".generator_state");
  return names;
}

}  // namespace hil::harness
