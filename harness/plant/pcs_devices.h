#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/plant/device_context.h"
#include "harness/plant/supply_switch.h"
#include "sim/devices/register_server.h"
#include "sim/devices/storage_converter.h"
#include "sim/wire/modbus_server.h"

namespace hil::harness {

/// The storage converters of a bench: firmware, registers, line and the faults that only they can have.
class PcsDevices {
 public:
  explicit PcsDevices(DeviceContext context);

  /// StepPhase::latch.
  void latch(sim::Time now);
  /// StepPhase::refresh.
  void refresh(sim::Time now);
  void register_details() const;
  /// Signals whose changes are events.
  std::vector<std::string> watched() const;

  /// nullptr when there is none of that name.
  sim::StorageConverter* find(const std::string& name);

 private:
  struct Pcs {
    std::unique_ptr<sim::StorageConverter> device;
    std::unique_ptr<sim::RegisterServer> registers;
    std::unique_ptr<sim::ModbusServer> port;  ///< in front of them; PWS2 only
    std::unique_ptr<SupplySwitch> on_wire;    ///< in front of all
  };
  void add(const PcsSpec& spec);
  Pcs with_pcs(const PcsSpec& spec);
  Pcs with_pws2(const PcsSpec& spec);
  std::unique_ptr<sim::RegisterServer> registers_of(const PcsSpec& spec, const sim::StorageConverter& device) const;
  void expose_faults(const PcsSpec& spec, sim::StorageConverter& device);

  DeviceContext context_;
  std::vector<Pcs> pcs_;
};

}  // namespace hil::harness
