#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/plant/backup_devices.h"
#include "harness/plant/device_context.h"
#include "harness/plant/solax_ems_host.h"
#include "harness/plant/supply_switch.h"
#include "sim/devices/parallel_group.h"
#include "sim/devices/register_server.h"
#include "sim/devices/solax_clock.h"
#include "sim/devices/solax_hybrid.h"

namespace hil::harness {

/// The SolaX inverters of a bench: firmware, registers, line, and the wires between them with their faults. What the
/// wires let each of them hear (ParallelGroup) becomes what its firmware is told (SolaxParallel). The master asks one
/// slave after the other for the values in its parallel block, one a second (solax-parallel 7.4).
///
/// Signals: "<unit>.parallel.can_fault" and so on, 1 while it shows the fault; "<parallel>.interface_lost_can" and so
/// on.
class SolaxDevices {
 public:
  SolaxDevices(DeviceContext context, sim::Kernel& kernel, sim::SolaxClock::Instant clock_start);

  /// StepPhase::latch.
  void latch(sim::Time now);
  /// StepPhase::refresh.
  void refresh(sim::Time now);
  void register_details() const;
  /// Signals whose changes are events.
  std::vector<std::string> watched() const;

  /// nullptr when there is none of that name.
  sim::SolaxHybrid* find(const std::string& name);

 private:
  struct Unit {
    std::unique_ptr<sim::SolaxHybrid> device;
    std::unique_ptr<sim::RegisterServer> registers;
    std::unique_ptr<SupplySwitch> on_wire;
    std::array<double, sim::parallel_fault_count> faults{};
    bool has_supply = true;  ///< as the group was told
    bool failed = false;     ///< it stopped for something of its own, and does not run again yet
  };
  struct Interface {
    double lost_can = 0.0;
    double lost_supply = 0.0;
    double has_supply = 0.0;
  };
  void add(const SolaxSpec& spec, sim::SolaxClock::Instant clock_start);
  void join(const ParallelSpec& spec, sim::Kernel& kernel);
  void expose_plugs(std::size_t unit, const std::string& name);
  void expose_end_plug(const std::string& name);
  void register_faults();
  void tell_group();
  void tell_devices(sim::Time now);
  void tell_next_slave(sim::Time now);
  /// On CAN: a unit that is dark, or that does not hear the others, is not.
  bool is_heard(std::size_t unit) const;

  DeviceContext context_;
  std::vector<Unit> units_;
  std::unique_ptr<sim::ParallelGroup> group_;  ///< nullptr: one that stands alone
  std::unique_ptr<SolaxEmsHost> ems_;          ///< likewise
  std::optional<BackupDevices> backup_{};      ///< nullopt: no power flows through an interface
  std::vector<sim::SolaxHybrid*> devices_;     ///< of `units_`
  Interface interface_;
  std::size_t next_slave_ = 0;
  sim::Time next_slave_at_{0};
  bool end_plug_missing_ = false;
  bool end_plug_shorted_ = false;
};

}  // namespace hil::harness
