#include "harness/plant/pcs_devices.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

namespace hil::harness {

PcsDevices::PcsDevices(DeviceContext context) : context_(std::move(context)) {
  for (const PcsSpec& spec : context_.scenario.site.pcs) add(spec);
}

void PcsDevices::add(const PcsSpec& spec) {
  std::vector<std::size_t> lanes(spec.string_count());
  std::iota(lanes.begin(), lanes.end(), spec.first_lane);
  Pcs pcs;
  pcs.device =
      std::make_unique<sim::SinexcelPcs>(spec.name, context_.site, std::move(lanes), spec.rating, spec.settings);
  pcs.registers =
      std::make_unique<sim::RegisterServer>(context_.scenario.register_maps.at(spec.register_map), pcs.device->face());
  pcs.on_wire = std::make_unique<SupplySwitch>(*pcs.registers);
  pcs.device->register_signals(context_.signals);
  context_.lines.plug_in({spec.name, spec.line, spec.unit, spec.turnaround, spec.place}, *pcs.on_wire);
  context_.faults.expose_switch("stuck_values", spec.name,
                                [registers = pcs.registers.get()](bool on) { registers->hold_values(on); });
  expose_faults(spec, *pcs.device);
  pcs_.push_back(std::move(pcs));
}

void PcsDevices::expose_faults(const PcsSpec& spec, sim::SinexcelPcs& device) {
  for (std::size_t kind = 0; kind < sim::pcs_fault_count; ++kind) {
    const auto fault = static_cast<sim::PcsFault>(kind);
    context_.faults.expose(sim::pcs_fault_names[kind], spec.name,
                           [&device, fault, present_at = std::optional<std::size_t>{}](const FaultSpec* now) mutable {
                             if (present_at) device.set_fault(fault, *present_at, false);
                             present_at.reset();
                             if (now == nullptr) return;
                             present_at = static_cast<std::size_t>(now->parameter("string"));
                             device.set_fault(fault, *present_at, true);
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

sim::SinexcelPcs* PcsDevices::find(const std::string& name) {
  const auto found =
      std::find_if(pcs_.begin(), pcs_.end(), [&name](const Pcs& each) { return each.device->name() == name; });
  return found == pcs_.end() ? nullptr : found->device.get();
}

}  // namespace hil::harness
