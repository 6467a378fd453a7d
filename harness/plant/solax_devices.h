#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/plant/backup_devices.h"
#include "harness/plant/device_context.h"
#include "harness/plant/event.h"
#include "harness/plant/solax_ems_host.h"
#include "harness/plant/supply_switch.h"
#include "sim/devices/parallel_group.h"
#include "sim/devices/register_server.h"
#include "sim/devices/solax_clock.h"
#include "sim/devices/solax_hybrid.h"
#include "sim/devices/solax_port.h"

namespace hil::harness {

/// The SolaX inverters of a bench: firmware, registers, line, and the wires between them with their faults. What the
/// wires let each of them hear (ParallelGroup) becomes what its firmware is told (SolaxParallel). The master asks one
/// slave after the other for the values in its parallel block, one a second (solax-parallel 7.4).
///
/// Signals: "<unit>.parallel.can_fault" and so on, 1 while it shows the fault; "<parallel>.interface_lost_can" and so
/// on; "<unit>.rushed_requests". What is set at a unit is in force once that has been restarted, by its supply or by
/// register. Units take AC inputs in the order of the chain, from their first supply on; who finds none is wired
/// wrongly.
class SolaxDevices {
 public:
  SolaxDevices(DeviceContext context, sim::Kernel& kernel, sim::SolaxClock::Instant clock_start);

  /// StepPhase::latch.
  void latch(sim::Time now);
  /// StepPhase::refresh.
  void refresh(sim::Time now);
  /// Throw std::invalid_argument for a name that does not exist.
  Event carry_out(const SetParallel& order, sim::Time now);
  Event carry_out(const WireCombiner& order, sim::Time now);
  /// What measures in the site's meter hangs: it goes on answering what it showed then.
  void hold_meter(bool on);
  void register_details() const;
  /// Signals whose changes are events.
  std::vector<std::string> watched() const;

  /// nullptr when there is none of that name.
  sim::SolaxHybrid* find(const std::string& name);
  /// nullptr: one that stands alone.
  sim::ParallelGroup* group() { return group_.get(); }

 private:
  struct Unit {
    std::unique_ptr<sim::SolaxHybrid> device;
    std::unique_ptr<sim::RegisterServer> registers;
    std::unique_ptr<sim::SolaxPort> port;
    std::unique_ptr<SupplySwitch> on_wire;
    std::array<double, sim::parallel_fault_count> faults{};
    sim::ParallelIdentity identity;  ///< in force
    sim::ParallelIdentity set;       ///< at its next start
    bool installed = false;          ///< it has had supply
    bool has_supply = true;          ///< as the group was told
    bool answered = true;            ///< it did not boot in the step before
    bool failed = false;             ///< it stopped for something of its own, and does not run again yet
  };
  struct Interface {
    double lost_can = 0.0;
    double lost_rs485 = 0.0;
    double lost_supply = 0.0;
    double has_supply = 0.0;
  };
  void add(const SolaxSpec& spec, sim::SolaxClock::Instant clock_start);
  void join(const ParallelSpec& spec, sim::Kernel& kernel);
  void expose_plugs(std::size_t unit, const std::string& name);
  void expose_end_plug(const std::string& name);
  void register_faults();
  void put_settings_in_force(std::size_t unit);
  void begin_anew(std::size_t unit);
  void find_ac_inputs();
  void tell_group();
  void tell_devices(sim::Time now);
  void tell_next_slave(sim::Time now);
  /// On CAN: a unit that is dark, or that does not hear the others, is not.
  bool is_heard(std::size_t unit) const;

  DeviceContext context_;
  std::vector<Unit> units_;
  std::unique_ptr<sim::ParallelGroup> group_;  ///< nullptr: one that stands alone
  std::optional<BackupDevices> backup_{};      ///< nullopt: no power flows through an interface
  std::vector<sim::SolaxHybrid*> devices_;     ///< of `units_`
  std::unique_ptr<SolaxEmsHost> ems_;          ///< nullptr: one that stands alone
  Interface interface_;
  int combiner_inputs_ = 0;
  std::size_t next_slave_ = 0;
  sim::Time next_slave_at_{0};
  bool end_plug_missing_ = false;
  bool end_plug_shorted_ = false;
};

}  // namespace hil::harness
