#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/plant/device_context.h"
#include "sim/devices/backup_interface.h"
#include "sim/devices/island_regulator.h"
#include "sim/devices/parallel_group.h"
#include "sim/devices/solax_can.h"
#include "sim/devices/solax_hybrid.h"

namespace hil::harness {

/// The backup interface of a bench on its place in the plant: what it measures, what its relays switch, and what the
/// inverters hear of it.
///
/// The energy manager of the primary orders over CAN whether the grid may be connected; all else is the interface's
/// own. While CAN leads from the primary to the interface the inverters know the relay's place; afterwards they believe
/// the last they heard.
///
/// Signals "<name>.relay_closed" and so on.
class BackupDevices {
 public:
  static constexpr double charge_margin = 0.9;  ///< of what the batteries may take, before an island's frequency rises

  BackupDevices(const DeviceContext& context, const BackupInterfaceSpec& spec);

  /// StepPhase::latch, before the inverters: `units` in the order of the scenario's. `connect_grid`: the order that
  /// stands; nullopt: none, the one before counts.
  void latch(sim::Time now, const sim::ParallelGroup& group, std::span<sim::SolaxHybrid* const> units,
             std::optional<bool> connect_grid);
  /// As it says on CAN.
  sim::SolaxInterfaceStatus status() const {
    return {.grid_good = interface_.grid_good(), .closed = interface_.relay_closed()};
  }
  /// StepPhase::refresh.
  void refresh(sim::Time now);
  /// Signals whose changes are events.
  std::vector<std::string> watched() const;

 private:
  struct Channel {
    const SmartLoadSpec* spec = nullptr;
    sim::SmartLoadChannel relay;
    double on = 1.0;
  };
  struct Shown {
    double relay_closed = 1.0;
    double grid_good = 1.0;
    double in_step = 1.0;
    double angle_deg = 0.0;
    double slip_hz = 0.0;
    double home_hz = 0.0;
    double frequency_bias_hz = 0.0;
    double inverters_w = 0.0;
    double home_dark_s = 0.0;
  };
  void register_signals() const;
  std::size_t bus(const std::string& name) const;
  sim::BackupInterface::Side side(std::size_t bus) const;
  void move_relay(sim::BackupInterface::Cause cause, sim::Time now);
  void move_channels(sim::Time now);
  void regulate(bool towards_grid);
  double inverters_w() const;

  DeviceContext context_;
  const BackupInterfaceSpec& spec_;
  sim::BackupInterface interface_;
  sim::IslandRegulator regulator_;
  std::vector<Channel> channels_;
  std::size_t grid_bus_;
  std::size_t home_bus_;
  bool known_open_ = false;  ///< to the inverters
  sim::Time shown_at_{0};
  Shown shown_;
};

}  // namespace hil::harness
