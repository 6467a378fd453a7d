#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/plant/device_context.h"
#include "sim/devices/backup_interface.h"
#include "sim/devices/generator.h"
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
/// A generator has a relay of its own, which follows the same rules: it closes in step when the generator has run warm,
/// and the grid's relay and it are never closed together. Behind either the inverters follow what they find; behind the
/// generator they take charge_w from it in equal shares.
///
/// Signals "<name>.relay_closed" and so on.
class BackupDevices {
 public:
  static constexpr double charge_margin = 0.9;  ///< of what the batteries may take, before an island's frequency rises

  BackupDevices(const DeviceContext& context, const BackupInterfaceSpec& spec);

  /// StepPhase::latch, before the inverters: `units` in the order of the scenario's. `connect_grid`: the order that
  /// stands; nullopt: none; a closed relay
  /// stays, an open one has no leave to close.
  void latch(sim::Time now, const sim::ParallelGroup& group, std::span<sim::SolaxHybrid* const> units,
             std::optional<bool> connect_grid);
  /// As it says on CAN.
  sim::SolaxInterfaceStatus status() const {
    return {.grid_good = grid_.relay.grid_good(), .closed = grid_.relay.relay_closed()};
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
  struct Port {
    sim::BackupInterface relay;
    std::size_t bus = 0;
    std::size_t cable = 0;
    const char* name = "";
  };
  struct GeneratorPort {
    sim::Generator engine;
    Port port;
    double state = 0.0;
    double relay_closed = 0.0;
    double generation_w = 0.0;
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
  /// The relay's last move as the home saw it, from the first instant beside the window to `transfer_calm` after the
  /// last one.
  struct Transfer {
    bool under_way = false;
    bool was_closed = true;  ///< ahead of it
    bool is_closed = true;
    sim::Time calm_since{0};
    sim::Time outside{0};  ///< of its window, in all
    double lowest_v = 0.0;
    double highest_v = 0.0;
  };
  static constexpr sim::Time transfer_calm = std::chrono::seconds{1};  ///< chosen
  /// Tells how long and how far the home was out of its window when the relay moved.
  void watch_transfer(sim::Time now, const sim::BackupInterface::Side& home);
  void register_signals() const;
  void add_generator(const GeneratorSpec& spec);
  std::size_t bus(const std::string& name) const;
  sim::BackupInterface::Side side(std::size_t bus) const;
  void give_orders(std::optional<bool> connect_grid);
  /// True: it has moved to closed.
  bool advance(Port& port, sim::Time now, const sim::ParallelGroup& group);
  void move_channels(sim::Time now);
  void run_generator(sim::Time now);
  bool on_generator() const { return generator_ && generator_->port.relay.relay_closed(); }
  bool cut_off() const { return !grid_.relay.relay_closed() && !on_generator(); }
  void regulate();
  void tell(std::span<sim::SolaxHybrid* const> units, bool may_island, bool joined) const;
  double inverters_w() const;
  double mean_soc() const;

  DeviceContext context_;
  const BackupInterfaceSpec& spec_;
  Port grid_;
  std::optional<GeneratorPort> generator_{};
  sim::IslandRegulator regulator_;
  std::vector<Channel> channels_;
  std::size_t home_bus_;
  bool known_cut_off_ = false;    ///< to the inverters: nothing but they feeds the home
  bool known_generator_ = false;  ///< likewise: the generator does
  bool linked_ = false;
  bool connect_grid_ = true;  ///< the last order
  sim::Time shown_at_{0};
  Shown shown_;
  Transfer transfer_;
};

}  // namespace hil::harness
