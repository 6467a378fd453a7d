#pragma once

#include <array>
#include <vector>

#include "controller/core/commissioning.h"
#include "controller/core/plant_view.h"
#include "harness/plant/controller_host.h"
#include "harness/plant/event.h"
#include "sim/kernel/kernel.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {

/// What the controller says of itself, looked at once a second: how it is, what scan and CT check have found, what is
/// wrong with its set-up, and how often it has cured a freeze. As signals, and each change as an event.
///
/// | signal | value |
/// | --- | --- |
/// | controller.state | 0 starting, 1 regulating, 2 meter lost, 3 stopped by a contact, 4 safe state, 5 no power |
/// | controller.scan_done, controller.sweep_done | 1 once every entered, every other address has been asked |
/// | controller.ct_check | 0 never, 1 running, 2 done, 3 and above as CtCheckState |
/// | controller.setup.FAULT | 1 while its set-up has it |
/// | controller.finding.KIND | how many such findings stand in its report |
/// | controller.dhcp | 1: its LAN address is given to it, 0: the static one |
/// | controller.freeze_cures | limits taken away to end a freeze, since its start |
/// | controller.view.TOTAL | what its monitoring shows of the plant: PlantView; 0 while it is not known |
/// | controller.view.PORT.unitN.VALUE | and of the inverter with address N: DeviceView |
class ControllerReport {
 public:
  /// `host` must outlive this object.
  ControllerReport(sim::Kernel& kernel, const ControllerHost& host, EventSink tell);
  ControllerReport(const ControllerReport&) = delete;
  ControllerReport& operator=(const ControllerReport&) = delete;

  void register_signals(sim::SignalRegistry& registry) const;

 private:
  void register_view(sim::SignalRegistry& registry) const;
  void look(sim::Time now);
  /// Without power it says nothing; what it then finds again, or no longer, is told when it is back.
  void forget();
  void show(const controller::PlantView& view);
  void tell_network(const controller::NetworkSettings& network, sim::Time now);
  void tell_setup(const controller::SetupFaults& faults, sim::Time now);
  void tell_findings(const controller::CommissioningReport& report, sim::Time now);

  struct ShownDevice {
    double ac_injection_w = 0.0;
    double pv_w = 0.0;
    double pv1_v = 0.0;
    double pv1_a = 0.0;
    double battery_discharge_w = 0.0;
    double soc = 0.0;
    double pv_today_wh = 0.0;
  };
  struct Shown {
    double pv_w = 0.0;
    double battery_discharge_w = 0.0;
    double inverters_w = 0.0;
    double grid_export_w = 0.0;
    double load_w = 0.0;
    double mean_soc = 0.0;
    double weighted_soc = 0.0;
    std::array<double, 3> phase_export_w{};
    std::array<double, 3> phase_v{};
    std::array<ShownDevice, controller::max_inverters> devices{};
  };

  /// Whose view has signals: an inverter that was entered at the start of the run.
  struct Seen {
    std::size_t line = 0;
    std::uint8_t address = 0;
    bool operator==(const Seen&) const = default;
  };

  const ControllerHost& host_;
  EventSink tell_;
  sim::Kernel::Alarm next_look_;
  controller::SetupFaults faults_;
  std::vector<controller::Finding> findings_;
  double state_ = 0.0;
  double scan_done_ = 0.0;
  double sweep_done_ = 0.0;
  double ct_check_ = 0.0;
  double freeze_cures_ = 0.0;
  double dhcp_ = 0.0;
  controller::NetworkSettings network_;  ///< as last seen
  Shown shown_;
  std::vector<Seen> seen_;  ///< in the order of Shown::devices
  std::array<double, controller::setup_fault_count> setup_{};
  std::array<double, controller::finding_kind_count> counts_{};
};

}  // namespace hil::harness
