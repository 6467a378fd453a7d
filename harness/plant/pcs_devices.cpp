#include "harness/plant/pcs_devices.h"

#include <algorithm>
#include <utility>

#include "harness/plant/made_converters.h"
#include "sim/devices/pws2_port.h"

namespace hil::harness {

PcsDevices::PcsDevices(DeviceContext context) : context_(std::move(context)) {
  for (const PcsSpec& spec : context_.scenario.site.pcs) add(spec);
}

std::unique_ptr<sim::RegisterServer> PcsDevices::registers_of(const PcsSpec& spec,
                                                              const sim::StorageConverter& device) const {
  return std::make_unique<sim::RegisterServer>(shared_map(context_.scenario, spec.register_map), device.face());
}

PcsDevices::Pcs PcsDevices::with_pcs(const PcsSpec& spec) {
  Pcs pcs;
  pcs.device = made_pcs(spec, context_.site);
  pcs.registers = registers_of(spec, *pcs.device);
  pcs.on_wire = std::make_unique<SupplySwitch>(*pcs.registers);
  return pcs;
}

PcsDevices::Pcs PcsDevices::with_pws2(const PcsSpec& spec) {
  Pcs pcs;
  auto device = made_pws2(spec, context_.site, context_.lines.wire(spec.line, spec.place).format().baud);
  pcs.registers = registers_of(spec, *device);
  pcs.port = std::make_unique<sim::Pws2Port>(*device, *pcs.registers);
  pcs.on_wire = std::make_unique<SupplySwitch>(*pcs.port);
  context_.faults.expose_each("pcs_word_bit", spec.name, [&pws2 = *device](const FaultSpec& fault, bool present) {
    pws2.set_condition(static_cast<int>(fault.parameter("word")), static_cast<unsigned>(fault.parameter("bit")),
                       present);
  });
  pcs.device = std::move(device);
  return pcs;
}

void PcsDevices::add(const PcsSpec& spec) {
  Pcs pcs = spec.profile == sim::PcsProfile::pws2 ? with_pws2(spec) : with_pcs(spec);
  pcs.device->register_signals(context_.signals);
  context_.lines.plug_in({spec.name, spec.line, spec.unit, spec.turnaround, spec.place}, *pcs.on_wire);
  context_.faults.expose_switch("stuck_values", spec.name,
                                [registers = pcs.registers.get()](bool on) { registers->hold_values(on); });
  expose_faults(spec, *pcs.device);
  pcs_.push_back(std::move(pcs));
}

void PcsDevices::expose_faults(const PcsSpec& spec, sim::StorageConverter& device) {
  for (std::size_t kind = 0; kind < sim::pcs_fault_count; ++kind) {
    const auto fault = static_cast<sim::PcsFault>(kind);
    context_.faults.expose_each(sim::pcs_fault_names[kind], spec.name,
                                [&device, fault](const FaultSpec& now, bool present) {
                                  device.set_fault(fault, static_cast<std::size_t>(now.parameter("string")), present);
                                });
  }
}

void PcsDevices::latch(sim::Time now) {
  for (Pcs& pcs : pcs_) {
    pcs.device->latch(now);
    pcs.on_wire->set_on(pcs.device->answers());
  }
}

void PcsDevices::refresh(sim::Time now) {
  for (Pcs& pcs : pcs_) {
    pcs.device->refresh(now);
    pcs.registers->refresh(now);
  }
}

void PcsDevices::register_details() const {
  for (const Pcs& pcs : pcs_) pcs.device->register_details(context_.signals);
}

std::vector<std::string> PcsDevices::watched() const {
  std::vector<std::string> names;
  for (const PcsSpec& spec : context_.scenario.site.pcs) {
    for (const char* signal : {"state", "fault_latched", "warning"}) names.push_back(spec.name + "." + signal);
    for (std::size_t string = 1; string <= spec.string_count(); ++string) {
      for (const char* signal : {"state", "full"}) {
        names.push_back(spec.name + ".string" + std::to_string(string) + "." + signal);
      }
    }
  }
  return names;
}

sim::StorageConverter* PcsDevices::find(const std::string& name) {
  const auto found =
      std::find_if(pcs_.begin(), pcs_.end(), [&name](const Pcs& each) { return each.device->name() == name; });
  return found == pcs_.end() ? nullptr : found->device.get();
}

}  // namespace hil::harness
