#include "harness/plant/solax_devices.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "harness/scenario/derived_seed.h"
#include "harness/scenario/parallel_order.h"

namespace hil::harness {
namespace {

// In the order of sim::ParallelFault.
constexpr std::array<const char*, sim::parallel_fault_count> fault_signals{
    "system_fault", "sync_lost", "configuration_fault", "can_warning", "can_fault", "rs485_fault"};

/// The master asks one slave each second (solax-parallel 7.4).
constexpr sim::Time slave_period = std::chrono::seconds{1};

sim::PlugPin pin_of(const FaultSpec& fault, const char* parameter) {
  return static_cast<sim::PlugPin>(static_cast<unsigned>(fault.parameter(parameter)) - 1U);
}

sim::PlugChain::Plug plug_of(std::size_t unit, const FaultSpec& fault) {
  return {unit, fault.parameter("plug") == 0.0 ? sim::PlugChain::Side::out : sim::PlugChain::Side::in};
}

double flag(bool value) {
  return value ? 1.0 : 0.0;
}

}  // namespace

SolaxDevices::SolaxDevices(DeviceContext context, sim::Kernel& kernel, sim::SolaxClock::Instant clock_start)
    : context_(std::move(context)) {
  const SiteSpec& site = context_.scenario.site;
  units_.reserve(site.solax.size());
  for (const SolaxSpec& spec : site.solax) add(spec, clock_start);
  for (const Unit& unit : units_) devices_.push_back(unit.device.get());
  if (site.parallel) join(*site.parallel, kernel);
  if (group_ && site.backup_interface) backup_.emplace(context_, *site.backup_interface);
}

void SolaxDevices::add(const SolaxSpec& spec, sim::SolaxClock::Instant clock_start) {
  sim::SolaxHybrid::Settings settings = spec.settings;
  settings.clock_start = clock_start;
  settings.has_meter = spec.parallel.role == sim::ParallelRole::primary;
  Unit unit;
  unit.device = std::make_unique<sim::SolaxHybrid>(spec.name, context_.site, spec.lane, spec.identity, settings);
  unit.registers =
      std::make_unique<sim::RegisterServer>(shared_map(context_.scenario, spec.register_map), unit.device->face());
  unit.port = std::make_unique<sim::SolaxPort>(*unit.device, *unit.registers, spec.drops_rushed_requests);
  unit.on_wire = std::make_unique<SupplySwitch>(*unit.port);
  unit.identity = unit.set = spec.parallel;
  unit.device->register_signals(context_.signals);
  context_.signals.add(spec.name + ".rushed_requests", "requests of clients less than 1 s after the one before",
                       &unit.port->rushed_requests());
  context_.lines.plug_in({spec.name, spec.line, spec.unit, spec.turnaround, spec.place}, *unit.on_wire);
  if (settings.has_meter) {
    context_.faults.expose_switch("meter_link_lost", spec.name,
                                  [device = unit.device.get()](bool on) { device->set_meter_link(!on); });
  }
  context_.faults.expose_switch("stuck_values", spec.name,
                                [registers = unit.registers.get()](bool on) { registers->hold_values(on); });
  units_.push_back(std::move(unit));
}

void SolaxDevices::join(const ParallelSpec& spec, sim::Kernel& kernel) {
  std::vector<sim::ParallelGroup::Unit> members;
  for (const SolaxSpec& each : context_.scenario.site.solax) members.push_back({each.name, each.parallel});
  group_ = std::make_unique<sim::ParallelGroup>(kernel, members, spec.has_interface, spec.parameters,
                                                derived_seed(context_.scenario.seed, spec.name));
  combiner_inputs_ = spec.combiner_inputs;
  ems_ = std::make_unique<SolaxEmsHost>(context_, kernel, *group_, devices_);
  for (std::size_t i = 0; i < units_.size(); ++i) expose_plugs(i, members[i].name);
  expose_end_plug(spec.name);
  register_faults();
  if (!spec.has_interface) return;
  context_.signals.add(spec.name + ".interface_lost_can", "1 while the backup interface hears nobody on CAN",
                       &interface_.lost_can);
  context_.signals.add(spec.name + ".interface_lost_rs485", "1 while no primary asks the backup interface on RS485",
                       &interface_.lost_rs485);
  context_.signals.add(spec.name + ".interface_lost_supply", "1 while the backup interface warns of its supply",
                       &interface_.lost_supply);
  context_.signals.add(spec.name + ".interface_has_supply", "1 while 12 V and ground reach the backup interface",
                       &interface_.has_supply);
}

void SolaxDevices::register_faults() {
  for (std::size_t i = 0; i < units_.size(); ++i) {
    for (std::size_t fault = 0; fault < sim::parallel_fault_count; ++fault) {
      context_.signals.add(units_[i].device->name() + ".parallel." + fault_signals[fault],
                           std::string("0 none, 1 ") + sim::name_of(static_cast<sim::ParallelFault>(fault)),
                           &units_[i].faults[fault]);
    }
  }
}

void SolaxDevices::expose_plugs(std::size_t unit, const std::string& name) {
  sim::ParallelGroup& group = *group_;
  context_.faults.expose_each("plug_open", name, [&group, unit](const FaultSpec& fault, bool present) {
    group.rewire([&](sim::PlugChain& chain) { chain.set_open(plug_of(unit, fault), pin_of(fault, "pin"), present); });
  });
  context_.faults.expose_each("inverter_fault", name,
                              [device = units_[unit].device.get()](const FaultSpec& fault, bool present) {
                                device->set_fault(sim::SolaxHybrid::FaultWord::inverter,
                                                  static_cast<unsigned>(fault.parameter("bit")), present);
                              });
  context_.faults.expose_each("plug_shorted", name, [&group, unit](const FaultSpec& fault, bool present) {
    group.rewire([&](sim::PlugChain& chain) {
      chain.set_shorted(plug_of(unit, fault), pin_of(fault, "pin"), pin_of(fault, "other"), present);
    });
  });
  context_.faults.expose_each("plug_swapped", name, [&group, unit](const FaultSpec& fault, bool present) {
    group.rewire([&](sim::PlugChain& chain) {
      chain.set_swapped(plug_of(unit, fault), pin_of(fault, "pin"), pin_of(fault, "other"), present);
    });
  });
}

void SolaxDevices::expose_end_plug(const std::string& name) {
  using EndPlug = sim::PlugChain::EndPlug;
  const auto expose = [this, &name](const char* kind, bool& stands) {
    context_.faults.expose_switch(kind, name, [this, &stands](bool on) {
      stands = on;
      const EndPlug now = end_plug_shorted_ ? EndPlug::shorted : end_plug_missing_ ? EndPlug::missing : EndPlug::fitted;
      group_->rewire([now](sim::PlugChain& chain) { chain.set_end_plug(now); });
    });
  };
  expose("end_plug_missing", end_plug_missing_);
  expose("end_plug_shorted", end_plug_shorted_);
}

/// At its restart it begins anew, with what has been set since the last one.
void SolaxDevices::put_settings_in_force(std::size_t unit) {
  Unit& at = units_[unit];
  const bool answers = at.device->answers();
  if (std::exchange(at.answered, answers) == answers || answers) return;
  begin_anew(unit);
}

void SolaxDevices::begin_anew(std::size_t unit) {
  Unit& at = units_[unit];
  if (at.identity.role != at.set.role && at.identity.role != sim::ParallelRole::primary) {
    // Nobody is in its old place any more.
    const auto place = static_cast<std::size_t>(at.identity.role) - 1;
    for (Unit& each : units_) each.device->tell_slave(place, std::nullopt);
  }
  at.identity = at.set;
  group_->set_identity(unit, at.identity);
  at.device->set_has_meter(at.identity.role == sim::ParallelRole::primary);
}

void SolaxDevices::find_ac_inputs() {
  const ParallelSpec& spec = *context_.scenario.site.parallel;
  if (!spec.has_interface || !spec.wiring_fault) return;
  int free = combiner_inputs_ == 0 ? spec.direct_inputs : combiner_inputs_;
  for (std::size_t i = 0; i < units_.size(); ++i) {
    units_[i].installed = units_[i].installed || units_[i].device->has_supply();
    if (units_[i].installed) group_->set_miswired(i, free-- <= 0);
  }
}

Event SolaxDevices::carry_out(const SetParallel& order, sim::Time now) {
  const auto unit = std::find_if(units_.begin(), units_.end(),
                                 [&order](const Unit& each) { return each.device->name() == order.unit; });
  if (unit == units_.end()) throw std::invalid_argument(fmt::format("unit \"{}\" does not exist", order.unit));
  sim::ParallelIdentity set = unit->set;
  set.role = order.role.value_or(set.role);
  if (order.inverters_in_parallel && set.role != sim::ParallelRole::primary) {
    return {now, "settings", order.unit, "refused: the number of inverters is set at the primary only"};
  }
  set.count = order.inverters_in_parallel.value_or(set.count);
  set.safety_code = order.safety_code.value_or(set.safety_code);
  set.firmware = order.firmware.value_or(set.firmware);
  set.battery_count = order.battery_count.value_or(set.battery_count);
  unit->set = set;
  if (group_ && !unit->device->has_supply()) begin_anew(static_cast<std::size_t>(unit - units_.begin()));
  return {now, "settings", order.unit, text_of(order) + ", from its next start on"};
}

Event SolaxDevices::carry_out(const WireCombiner& order, sim::Time now) {
  if (!group_ || order.parallel != context_.scenario.site.parallel->name) {
    throw std::invalid_argument(fmt::format("parallel system \"{}\" does not exist", order.parallel));
  }
  combiner_inputs_ = order.inputs;
  return {now, "settings", order.parallel, text_of(order)};
}

void SolaxDevices::tell_group() {
  find_ac_inputs();
  for (std::size_t i = 0; i < units_.size(); ++i) {
    Unit& unit = units_[i];
    put_settings_in_force(i);
    const bool has_supply = unit.device->has_supply();
    if (has_supply != unit.has_supply) group_->set_powered(i, has_supply);
    unit.has_supply = has_supply;
    using Mode = sim::SolaxRunState::Mode;
    const Mode mode = unit.device->mode();
    const bool runs = mode == Mode::normal || mode == Mode::idle || mode == Mode::off_grid;
    const bool stopped = mode == Mode::fault || mode == Mode::permanent_fault;
    if (!unit.device->answers() || (stopped && !unit.device->parallel().fault)) {
      unit.failed = true;
    } else if (runs) {
      unit.failed = false;
    }
    group_->set_faulty(i, unit.failed);
  }
}

bool SolaxDevices::is_heard(std::size_t unit) const {
  // The primary shows the fault of whoever it does not hear.
  const bool is_primary = units_[unit].identity.role == sim::ParallelRole::primary;
  return group_->powered(unit) && (is_primary || !group_->supervision(unit).has(sim::ParallelFault::can));
}

void SolaxDevices::tell_devices(sim::Time now) {
  int heard = 0;
  for (std::size_t i = 0; i < units_.size(); ++i) heard += is_heard(i) ? 1 : 0;
  for (std::size_t i = 0; i < units_.size(); ++i) {
    const bool is_master = units_[i].identity.role == sim::ParallelRole::primary;
    sim::SolaxParallel told = units_[i].device->parallel();
    told.role = is_master ? sim::SolaxParallel::Role::master : sim::SolaxParallel::Role::slave;
    told.units = heard;
    told.fault = group_->supervision(i).stops();
    told.order = ems_->order(i, now);
    units_[i].device->set_parallel(told);
  }
  tell_next_slave(now);
}

void SolaxDevices::tell_next_slave(sim::Time now) {
  const auto is_primary = [this](std::size_t i) { return units_[i].identity.role == sim::ParallelRole::primary; };
  std::size_t master = 0;
  while (master < units_.size() && !is_primary(master)) ++master;
  if (master == units_.size()) return;
  const bool asks = now >= next_slave_at_;
  if (asks) next_slave_at_ = now + slave_period;
  // A lost one goes at once when its link has been given up; the others wait for their turn.
  for (std::size_t i = 0; i < units_.size(); ++i) {
    const std::size_t turn = (next_slave_ + i) % units_.size();
    if (is_primary(turn)) continue;
    const auto place = static_cast<std::size_t>(units_[turn].identity.role) - 1;
    if (!is_heard(turn)) units_[master].device->tell_slave(place, std::nullopt);
  }
  for (std::size_t i = 0; asks && i < units_.size(); ++i) {
    const std::size_t turn = (next_slave_ + i) % units_.size();
    if (is_primary(turn) || !is_heard(turn)) continue;
    const auto place = static_cast<std::size_t>(units_[turn].identity.role) - 1;
    units_[master].device->tell_slave(place, units_[turn].device->unit_values());
    next_slave_ = turn + 1;
    return;
  }
}

void SolaxDevices::latch(sim::Time now) {
  if (group_) {
    tell_group();
    ems_->latch(now);
    tell_devices(now);
    if (backup_) {
      backup_->latch(now, *group_, devices_, ems_->interface_order(now));
      ems_->set_interface(backup_->status());
    }
  }
  for (Unit& unit : units_) {
    unit.device->latch(now);
    unit.on_wire->set_on(unit.device->answers());
  }
}

void SolaxDevices::refresh(sim::Time now) {
  for (std::size_t i = 0; i < units_.size(); ++i) {
    Unit& unit = units_[i];
    unit.device->refresh(now);
    unit.registers->refresh(now);
    for (std::size_t fault = 0; group_ && fault < sim::parallel_fault_count; ++fault) {
      unit.faults[fault] =
          flag(group_->powered(i) && group_->supervision(i).has(static_cast<sim::ParallelFault>(fault)));
    }
  }
  if (!group_) return;
  ems_->refresh(now);
  if (backup_) backup_->refresh(now);
  interface_.lost_can = flag(group_->interface_lost_can());
  interface_.lost_rs485 = flag(group_->interface_lost_rs485());
  interface_.lost_supply = flag(group_->interface_lost_supply());
  interface_.has_supply = flag(group_->interface_has_supply());
}

void SolaxDevices::register_details() const {
  for (const Unit& unit : units_) unit.device->register_details(context_.signals);
}

std::vector<std::string> SolaxDevices::watched() const {
  std::vector<std::string> names;
  for (const Unit& unit : units_) {
    names.push_back(unit.device->name() + ".run_mode");
    if (!group_) continue;
    for (const char* fault : fault_signals) names.push_back(unit.device->name() + ".parallel." + fault);
  }
  if (!group_) return names;
  for (std::string& name : ems_->watched()) names.push_back(std::move(name));
  if (!context_.scenario.site.parallel->has_interface) return names;
  if (backup_) {
    for (std::string& name : backup_->watched()) names.push_back(std::move(name));
  }
  for (const char* signal : {".interface_lost_can", ".interface_lost_rs485", ".interface_lost_supply"}) {
    names.push_back(context_.scenario.site.parallel->name + signal);
  }
  return names;
}

void SolaxDevices::hold_meter(bool on) {
  for (Unit& unit : units_) unit.device->hold_meter(on);
  if (ems_) ems_->hold_meter(on);
}

sim::SolaxHybrid* SolaxDevices::find(const std::string& name) {
  const auto found =
      std::find_if(units_.begin(), units_.end(), [&name](const Unit& each) { return each.device->name() == name; });
  return found == units_.end() ? nullptr : found->device.get();
}

}  // namespace hil::harness
