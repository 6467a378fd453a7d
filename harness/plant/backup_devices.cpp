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
      interface_(spec.parameters),
      grid_bus_(bus(spec.grid_bus)),
      home_bus_(bus(spec.bus)) {
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

void BackupDevices::move_relay(sim::BackupInterface::Cause cause, sim::Time now) {
  const bool closed = interface_.relay_closed();
  context_.site.set_cable_closed(spec_.relay, closed);
  context_.tell(
      {now, "switch", spec_.name, fmt::format("grid relay {}: {}", closed ? "closes" : "opens", sim::text_of(cause))});
}

void BackupDevices::move_channels(sim::Time now) {
  sim::SmartLoadChannel::Inputs inputs;
  inputs.islanded = !interface_.relay_closed();
  inputs.inverters_w = inverters_w();
  const auto& units = context_.scenario.site.solax;
  for (const SolaxSpec& unit : units) {
    inputs.battery_soc += context_.site.lane(unit.lane).reported_soc / static_cast<double>(units.size());
  }
  for (Channel& channel : channels_) {
    if (!channel.relay.advance(now, inputs)) continue;
    context_.site.set_cable_closed(channel.spec->cable, channel.relay.closed());
    context_.tell({now, "switch", spec_.name,
                   fmt::format("smart load {} {}", channel.spec->channel, channel.relay.closed() ? "on" : "off")});
  }
}

void BackupDevices::regulate(bool towards_grid) {
  sim::IslandRegulator::Inputs inputs;
  inputs.islanded = known_open_;
  inputs.towards_grid = towards_grid;
  inputs.angle_deg = interface_.angle_deg();
  inputs.slip_hz = interface_.slip_hz();
  inputs.voltage_gap_pu = interface_.voltage_gap_pu();
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

void BackupDevices::latch(sim::Time now, const sim::ParallelGroup& group, std::span<sim::SolaxHybrid* const> units,
                          std::optional<bool> connect_grid) {
  const bool linked = group.interface_linked();
  if (connect_grid) interface_.set_order({.connect_grid = *connect_grid});
  const bool has_supply = group.interface_has_supply();
  const bool barred = group.interface_lost_can() || group.interface_lost_supply();
  const auto moved = interface_.advance(now, {.grid = side(grid_bus_),
                                              .home = side(home_bus_),
                                              .has_supply = has_supply,
                                              .has_can = linked,
                                              .barred = barred});
  if (moved) move_relay(*moved, now);
  if (linked) known_open_ = !interface_.relay_closed();
  if (has_supply && linked) move_channels(now);
  regulate(linked && interface_.grid_good() && !interface_.home_dead());
  for (sim::SolaxHybrid* const unit : units) {
    sim::SolaxParallel told = unit->parallel();
    told.awaits_island = known_open_ || (linked && !barred);
    told.forms_island = known_open_;
    told.joins_grid = moved.has_value() && interface_.relay_closed();
    told.island_frequency_bias_hz = regulator_.frequency_bias_hz();
    told.island_voltage_pu = regulator_.voltage_pu();
    unit->set_parallel(told);
  }
}

void BackupDevices::refresh(sim::Time now) {
  const sim::BackupInterface::Side home = side(home_bus_);
  double highest_v = 0.0;
  for (const models::Phasor& ln_v : home.ln_v) highest_v = std::max(highest_v, models::magnitude(ln_v));
  const bool dark = highest_v < spec_.parameters.lost_pu * spec_.parameters.nominal_ln_v;
  if (dark) shown_.home_dark_s += std::chrono::duration<double>(now - shown_at_).count();
  shown_at_ = now;
  shown_.relay_closed = flag(interface_.relay_closed());
  shown_.grid_good = flag(interface_.grid_good());
  shown_.in_step = flag(interface_.in_step());
  shown_.angle_deg = interface_.angle_deg();
  shown_.slip_hz = interface_.slip_hz();
  shown_.home_hz = dark ? 0.0 : home.frequency_hz;
  shown_.frequency_bias_hz = regulator_.frequency_bias_hz();
  shown_.inverters_w = inverters_w();
  for (Channel& channel : channels_) channel.on = flag(channel.relay.closed());
}

std::vector<std::string> BackupDevices::watched() const {
  return {spec_.name + ".relay_closed", spec_.name + ".grid_good"};
}

}  // namespace hil::harness
