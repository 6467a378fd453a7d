#include "harness/plant/inverter_devices.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/plant/network_faults.h"
#include "harness/scenario/derived_seed.h"

namespace hil::harness {

InverterDevices::InverterDevices(DeviceContext context, sim::EtClock::Instant clock_start)
    : context_(std::move(context)) {
  const auto& specs = context_.scenario.site.inverters;
  for (std::size_t i = 0; i < specs.size(); ++i) add(specs[i], i, clock_start);
}

UnitLines::Unit InverterDevices::unit_of(const InverterSpec& spec) {
  return {spec.name, spec.line, spec.unit, spec.turnaround, spec.place};
}

void InverterDevices::add(const InverterSpec& spec, std::size_t lane, sim::EtClock::Instant clock_start) {
  Inverter inverter;
  sim::GoodweEt::Settings settings = spec.settings;
  settings.clock_start = clock_start;
  sim::SerialLine& line = context_.lines.wire(spec.line, spec.place);
  settings.serial_port = {static_cast<double>(spec.unit), static_cast<double>(line.format().baud)};
  inverter.device =
      std::make_unique<sim::GoodweEt>(spec.name, context_.site, lane, spec.identity, settings, spec.quirks);
  inverter.registers =
      std::make_unique<sim::RegisterServer>(shared_map(context_.scenario, spec.register_map), inverter.device->face());
  inverter.registers->set_least_refresh_period(spec.stale_period);
  inverter.registers->set_busy(spec.busy);
  inverter.quirks = std::make_unique<sim::ServerQuirks>(spec.server_quirks, *inverter.registers);
  inverter.dongle = std::make_unique<sim::DongleGateway>(*inverter.quirks);
  inverter.on_line = std::make_unique<SupplySwitch>(*inverter.quirks);
  inverter.on_network = std::make_unique<SupplySwitch>(*inverter.dongle);
  inverter.port = settings.serial_port;
  const auto& loads = context_.scenario.site.plant.loads;
  const auto load = std::find_if(loads.begin(), loads.end(),
                                 [&](const models::Site::Load& each) { return each.name == spec.contact_load; });
  if (load != loads.end()) inverter.contact_load = static_cast<std::size_t>(load - loads.begin());
  inverter.device->register_signals(context_.signals);
  context_.lines.plug_in(unit_of(spec), *inverter.on_line);
  sim::UnitCondition as_built;
  as_built.strict_gaps = spec.strict_gaps;
  line.set_condition(spec.name, as_built);
  context_.lines.answer_on_network(spec.name, *inverter.on_network);
  expose_link_faults(spec, inverter);
  context_.faults.expose_switch("stuck_values", spec.name,
                                [registers = inverter.registers.get()](bool on) { registers->hold_values(on); });
  const auto dongle =
      dongle_ports_.try_emplace(spec.name, sim::NetworkPort::Kind::datagram,
                                derived_seed(context_.scenario.seed, spec.name + " dongle"), spec.dongle_reply);
  expose_dongle_faults(context_.faults, dongle.first->second, spec.name);
  inverters_.push_back(std::move(inverter));
}

void InverterDevices::expose_link_faults(const InverterSpec& spec, const Inverter& inverter) {
  sim::GoodweEt& device = *inverter.device;
  FaultInjector& faults = context_.faults;
  if (spec.settings.own_meter) {
    faults.expose_switch("meter_link_lost", spec.name, [&device](bool on) { device.set_meter_link(!on); });
  }
  const auto code_of = [](const FaultSpec* fault) {
    std::optional<sim::ModbusException> code;
    if (fault != nullptr) code = static_cast<sim::ModbusException>(fault->parameter("code"));
    return code;
  };
  faults.expose("dsp_link_lost", spec.name,
                [&device, registers = inverter.registers.get(), code_of](const FaultSpec* fault) {
                  device.set_dsp_link(fault == nullptr);
                  registers->refuse_behind_dsp(code_of(fault));
                });
  faults.expose_each("alarm_bit", spec.name, [&device](const FaultSpec& fault, bool present) {
    const sim::EtAlarmBit& bit = sim::et_alarm_bits().at(static_cast<std::size_t>(fault.parameter("alarm")));
    device.raise_alarm(bit, fault.parameter("stops") != 0.0, present);
  });
  faults.expose("dongle_link_lost", spec.name, [dongle = inverter.dongle.get(), code_of](const FaultSpec* fault) {
    dongle->lose_link(code_of(fault));
  });
}

void InverterDevices::latch(sim::Time now) {
  for (std::size_t i = 0; i < inverters_.size(); ++i) {
    inverters_[i].device->latch(now);
    follow(i, now);
  }
}

void InverterDevices::follow(std::size_t number, sim::Time now) {
  Inverter& inverter = inverters_[number];
  const InverterSpec& spec = context_.scenario.site.inverters[number];
  inverter.on_line->set_on(inverter.device->answers());
  inverter.on_network->set_on(inverter.device->answers());
  const sim::GoodweEt::SerialPort& port = inverter.device->serial_port();
  if (port != inverter.port) {
    inverter.port = port;
    context_.lines.set_unit_port(unit_of(spec), static_cast<std::uint8_t>(port.address), static_cast<int>(port.baud));
    context_.tell(
        {now, "state", spec.name + ".serial_port", fmt::format("address {:g}, {:g} baud", port.address, port.baud)});
  }
  const double contact = inverter.device->load_contact();
  if (!inverter.contact_load || contact == inverter.contact) return;
  inverter.contact = contact;
  context_.site.set_load_on(*inverter.contact_load, contact != 0.0);
  context_.tell({now, "switch", spec.contact_load, fmt::format("{} by {}", contact != 0.0 ? "on" : "off", spec.name)});
}

void InverterDevices::refresh(sim::Time now) {
  for (Inverter& inverter : inverters_) {
    inverter.device->refresh(now);
    inverter.registers->refresh(now);
  }
}

void InverterDevices::register_details() const {
  for (const Inverter& inverter : inverters_) inverter.device->register_details(context_.signals);
}

std::vector<std::string> InverterDevices::watched() const {
  std::vector<std::string> names;
  for (const InverterSpec& spec : context_.scenario.site.inverters) {
    names.push_back(spec.name + ".freeze_state");
    names.push_back(spec.name + ".ems_mode");
  }
  return names;
}

sim::GoodweEt* InverterDevices::find(const std::string& name) {
  const auto found = std::find_if(inverters_.begin(), inverters_.end(),
                                  [&name](const Inverter& each) { return each.device->name() == name; });
  return found == inverters_.end() ? nullptr : found->device.get();
}

}  // namespace hil::harness
