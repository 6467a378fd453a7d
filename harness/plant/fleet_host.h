#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "controller/fleet/fleet_controller.h"
#include "harness/plant/event.h"
#include "sim/kernel/kernel.h"
#include "sim/signals/signal_registry.h"
#include "sim/wire/serial_line.h"

namespace hil::harness {

/// Host of the fleet leader inside the simulation: carries bytes between its ports and the lines, wakes it when it
/// asks, and moves the transfer switch for it. Nothing else crosses. What the leader thinks of its converters and of
/// the grid is told as events when it changes.
class FleetHost {
 public:
  /// `lines`: what is plugged into each port; nullptr where nothing is. `names`: of the converters, line by line.
  /// `move_switch`: carries out an order to the transfer switch; its contact tells the leader `switch_time` later.
  FleetHost(sim::Kernel& kernel, const controller::FleetSettings& settings,
            const std::array<sim::SerialLine*, controller::max_lines>& lines, const std::vector<std::string>& names,
            std::function<void(bool closed, sim::Time now)> move_switch, sim::Time switch_time, EventSink tell);
  FleetHost(const FleetHost&) = delete;
  FleetHost& operator=(const FleetHost&) = delete;

  /// leader.* and leader.NAME.*
  void register_signals(sim::SignalRegistry& registry) const;
  void order(controller::FleetMode mode, double ac_injection_w, double ac_injection_var, double grid_import_w,
             sim::Time now);
  /// Converters that were left alone are tried again.
  void release() { leader_.release(); }
  /// By somebody else: its contact tells the leader as after an order of its own.
  void transfer_switch_moved(bool closed, sim::Time now);

 private:
  struct Converter {
    std::string name;
    controller::PcsUnit::Phase last_phase = controller::PcsUnit::Phase::unknown;
    bool was_lost = false;
    std::uint8_t last_findings = 0;  ///< bits of PcsUnit::LimitFinding
    double phase = 0.0;
    double soc = 0.0;
    double ordered_w = 0.0;
    double ignored_writes = 0.0;
    double limit_findings = 0.0;
  };
  void carry_out();
  void publish();
  void tell_changes();
  void tell_findings(Converter& converter, std::uint8_t findings);
  void tell_if(double before, double after, const char* text);

  sim::Kernel& kernel_;
  std::array<sim::SerialLine*, controller::max_lines> lines_;
  std::function<void(bool, sim::Time)> move_switch_;
  sim::Time switch_time_;
  EventSink tell_;
  controller::FleetController leader_;
  std::vector<Converter> converters_;
  double ordered_w_ = 0.0;
  double grid_lost_ = 0.0;
  double meter_lost_ = 1.0;  ///< until it has spoken
  double switch_closed_ = 1.0;
  sim::Kernel::Alarm wake_;
  sim::Kernel::Alarm switch_moved_;
};

}  // namespace hil::harness
