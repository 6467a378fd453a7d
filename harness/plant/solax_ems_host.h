#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/solax/solax_ems.h"
#include "harness/plant/device_context.h"
#include "sim/devices/parallel_group.h"
#include "sim/devices/solax_can.h"
#include "sim/devices/solax_hybrid.h"

namespace hil::harness {

/// Host of the energy managers of parallel SolaX inverters inside the simulation, and of what the firmware of each
/// inverter does on CAN beside its heartbeat: a status of itself ten times a second, and orders of the primary obeyed.
///
/// A secondary does what it is ordered while the order stands and the primary asks it on RS485, too: document 002 has
/// the primary's directions there. Which of the two carries what is not public; assumed.
///
/// An energy manager runs in every inverter whose role is primary, as long as that answers; it begins anew with it.
/// Between it and the rest cross frames of the bus, what its own inverter says of itself and the meter's import, and
/// nothing else.
///
/// Signals of the first primary: "<parallel>.ems_state" ...; of each inverter: "<unit>.ordered_ac_w",
/// "<unit>.ordered_var", "<unit>.order_stands".
class SolaxEmsHost {
 public:
  static constexpr sim::Time status_period = sim::ParallelGroup::heartbeat_period;
  /// After the statuses of a round: they are on the wire for about a millisecond. Assumed.
  static constexpr sim::Time cycle_offset = std::chrono::milliseconds{20};

  /// `units` in the order of the group. All must outlive it.
  SolaxEmsHost(const DeviceContext& context, sim::Kernel& kernel, sim::ParallelGroup& group,
               std::vector<sim::SolaxHybrid*> units);
  SolaxEmsHost(const SolaxEmsHost&) = delete;  // its alarms hold its address
  SolaxEmsHost& operator=(const SolaxEmsHost&) = delete;

  /// StepPhase::latch, before the inverters: starts and ends energy managers.
  void latch(sim::Time now);
  /// nullopt: it has none, and feeds nothing as a secondary.
  std::optional<sim::SolaxParallel::Order> order(std::size_t unit, sim::Time now) const;
  /// What measures in the site's meter hangs: it goes on answering what it showed then.
  void hold_meter(bool on);
  /// What the backup interface says of itself from now on, ten times a second. Without a call it says nothing.
  void set_interface(const sim::SolaxInterfaceStatus& status) { interface_ = status; }
  /// What the energy manager told it last, as long as that stands: the grid may be connected.
  std::optional<bool> interface_order(sim::Time now) const;
  /// StepPhase::refresh.
  void refresh(sim::Time now);
  /// Signals whose changes are events.
  std::vector<std::string> watched() const;

 private:
  struct Unit {
    explicit Unit(sim::SolaxHybrid& of, sim::Time patience) : device(&of), follower(patience) {}
    sim::SolaxHybrid* device;
    sim::SolaxFollower follower;
    std::optional<controller::SolaxEms> ems{};
    bool answered = true;
    double ordered_w = 0.0;
    double ordered_var = 0.0;
    double order_stands = 0.0;
  };
  /// Of the first primary.
  struct Shown {
    double state = 0.0;
    double load_w = 0.0;
    double ordered_w = 0.0;
    double members = 0.0;
    double unheard_w = 0.0;
    double meter_stale = 0.0;
  };
  void hear(std::size_t unit, const sim::CanFrame& frame, sim::Time now);
  bool is_primary(std::size_t unit) const;
  controller::SolaxEmsSettings settings(std::size_t unit) const;
  void say_status(sim::Time now);
  void run_ems(std::size_t unit, sim::Time now);

  const DeviceContext& context_;
  std::string name_;
  sim::ParallelGroup& group_;
  sim::Time order_valid_;
  std::vector<std::unique_ptr<Unit>> units_;
  std::optional<sim::SolaxInterfaceStatus> interface_{};
  std::optional<sim::SolaxInterfaceOrder> interface_order_{};
  sim::Time interface_told_at_{0};
  std::optional<models::EnergyMeter::Reading> held_meter_{};
  Shown shown_;
  sim::Kernel::Alarm status_;
  sim::Kernel::Alarm cycle_;
};

}  // namespace hil::harness
