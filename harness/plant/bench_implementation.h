#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/faults/fault_injector.h"
#include "harness/plant/bench.h"
#include "harness/plant/controller_actions.h"
#include "harness/plant/controller_host.h"
#include "harness/plant/controller_report.h"
#include "harness/plant/fleet_host.h"
#include "harness/plant/inverter_devices.h"
#include "harness/plant/inverter_signals.h"
#include "harness/plant/lan_link.h"
#include "harness/plant/meter_faults.h"
#include "harness/plant/metering_events.h"
#include "harness/plant/pcs_devices.h"
#include "harness/plant/plant_actions.h"
#include "harness/plant/plant_events.h"
#include "harness/plant/pv_inverter_signals.h"
#include "harness/plant/scripted_ems.h"
#include "harness/plant/service_program.h"
#include "harness/plant/site_signals.h"
#include "harness/plant/solax_devices.h"
#include "harness/plant/state_names.h"
#include "harness/plant/supply_switch.h"
#include "harness/plant/unit_lines.h"
#include "harness/timeline/timeline.h"
#include "sim/devices/register_server.h"
#include "sim/devices/three_phase_meter.h"

namespace hil::harness {

/// What a bench is made of. For the files bench*.cpp only.
struct Bench::Implementation {
  /// A discrete signal whose changes are events.
  struct Watched {
    const sim::Signal* signal = nullptr;
    double last = 0.0;
    StateNames names{};
  };

  Implementation(const Scenario& given, const Wiring& wiring);

  static models::Site::Parameters with_step(const Scenario& scenario);

  // bench_building.cpp: what the scenario has, one after the other.
  void add_meter(const MeterSpec& spec);
  /// It has the lines, or the devices on them, that nobody else was given.
  void add_ems(const EmsSpec& spec, const Wiring& wiring);
  std::map<std::string, TcpMaster::Device> devices_on_network(const EmsSpec& spec, const Wiring& wiring);
  void add_leader(const FleetLeaderSpec& spec, const Wiring& wiring);
  /// Of the calendar that the scenario's weather begins.
  sim::EtClock::Instant calendar_start() const;
  void add_lan_client(const LanClientSpec& spec);
  /// After all others, so that they stand last in lists and traces.
  void add_details();
  void watch(const std::string& name);
  std::array<sim::SerialLine*, controller::max_lines> ports(const std::set<std::string>& left_open);

  // bench_orders.cpp: what its timeline orders.
  void carry_out(const Action& action, sim::Time now);
  void carry_out(const OrderFleet& order, sim::Time now);
  void carry_out(const ReleaseFleet& /*order*/, sim::Time now);
  void switch_device(const SwitchDevice& order, sim::Time now);
  void set_unbalanced_output(const SetUnbalancedOutput& order, sim::Time now);
  void switch_cable(const SwitchCable& order, sim::Time now);
  void set_frequency_bias(const SetFrequencyBias& order, sim::Time now);
  void send(const OrderModbus& order, sim::Time now);

  // bench.cpp: its steps, and what it tells.
  void define_step();
  void advance_plant(sim::Time now);
  void end();
  static Event fired(const TriggerSpec& trigger, int count, sim::Time now);
  void tell(const Event& event);
  void tell_changes(sim::Time now);

  Scenario scenario;
  sim::Kernel kernel;
  models::Site site;
  sim::SignalRegistry signals;
  SiteSignals site_signals;
  InverterSignals inverter_signals;
  PlantEvents plant_events;
  MeteringEvents metering_events;
  PlantActions plant_actions;
  MeterFaults meter_faults;
  FaultInjector faults;
  UnitLines lines;
  std::optional<InverterDevices> inverters;
  std::optional<PcsDevices> pcs;
  std::optional<SolaxDevices> solax;
  std::optional<PvInverterSignals> pv_inverters;
  std::unique_ptr<sim::ThreePhaseMeter> meter;
  std::unique_ptr<sim::RegisterServer> meter_registers;
  std::unique_ptr<SupplySwitch> meter_supply;
  std::optional<ControllerHost> host;
  std::optional<FleetHost> leader;
  std::optional<ControllerReport> report;
  std::optional<ServiceProgram> service;
  std::deque<LanLink> lan_clients;  ///< stay where they are
  std::deque<ScriptedEms> ems;      ///< likewise
  std::optional<ControllerActions> controller_actions;
  Timeline timeline;
  std::vector<Watched> watched;
  std::vector<const sim::Signal*> details;
  std::vector<EventSink> event_sinks;
  std::vector<std::function<void(sim::Time, const std::string&)>> invariant_sinks;
  std::vector<std::function<void()>> end_sinks;
};

}  // namespace hil::harness
