#include "harness/plant/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "harness/faults/fault_injector.h"
#include "harness/faults/fault_kinds.h"
#include "harness/plant/controller_actions.h"
#include "harness/plant/controller_host.h"
#include "harness/plant/controller_report.h"
#include "harness/plant/fleet_host.h"
#include "harness/plant/grid_actions.h"
#include "harness/plant/invariant_text.h"
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
#include "harness/scenario/event_kinds.h"
#include "harness/scenario/fleet_order.h"
#include "harness/timeline/timeline.h"
#include "sim/devices/register_server.h"
#include "sim/devices/three_phase_meter.h"
#include "sim/wire/network_port.h"
#include "sim/wire/serial_line.h"

namespace hil::harness {
namespace {

std::vector<std::string> load_names(const SiteSpec& site) {
  std::vector<std::string> names;
  for (const auto& load : site.plant.loads) names.push_back(load.name);
  return names;
}

/// They stand behind all others.
std::size_t lanes_without_battery(const SiteSpec& site) {
  const bool has_generator = site.backup_interface && site.backup_interface->generator;
  return site.pv_inverters.size() + (has_generator ? 1 : 0);
}

/// The first day of the clocks of all devices in a site without weather.
constexpr sim::EtClock::Instant calendar_begin = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};

sec1000::ClockTime clock_time(std::chrono::sys_time<sim::Time> instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(instant - day)};
  return {.year = static_cast<int>(date.year()),
          .month = static_cast<int>(static_cast<unsigned>(date.month())),
          .day = static_cast<int>(static_cast<unsigned>(date.day())),
          .hour = static_cast<int>(time.hours().count()),
          .minute = static_cast<int>(time.minutes().count()),
          .second = static_cast<int>(time.seconds().count())};
}

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

struct Bench::Implementation {
  /// A discrete signal whose changes are events.
  struct Watched {
    const sim::Signal* signal = nullptr;
    double last = 0.0;
    StateNames names{};
  };

  Implementation(const Scenario& given, const Wiring& wiring)
      : scenario(given),
        kernel(scenario.step),
        site(with_step(scenario)),
        site_signals(site, load_names(scenario.site)),
        inverter_signals(site, with_step(scenario), lane_names(scenario.site), lanes_without_battery(scenario.site)),
        plant_events(site, scenario.site.plant, lane_names(scenario.site), [this](const Event& event) { tell(event); }),
        metering_events(site, scenario.site.meter.name, [this](const Event& event) { tell(event); }),
        plant_actions(site, scenario.site),
        meter_faults(site.metering()),
        lines(kernel, scenario.seed, wiring.lines_on_a_real_wire, faults, signals),
        timeline(scenario.timeline, [this](const Action& action, sim::Time now) { carry_out(action, now); }) {
    site_signals.register_signals(signals);
    for (LineSpec line : scenario.site.lines) {
      line.format.takes_time =
          !wiring.lines_without_time.contains(line.name) && !wiring.lines_on_a_real_wire.contains(line.name);
      lines.add_line(line);
    }
    const DeviceContext context{scenario, site, signals, faults, lines, [this](const Event& event) { tell(event); }};
    inverters.emplace(context, calendar_start());
    pcs.emplace(context);
    solax.emplace(context, kernel, calendar_start());
    pv_inverters.emplace(site, scenario.site, signals);
    for (const std::string& name : inverters->watched()) watch(name);
    for (const std::string& name : pcs->watched()) watch(name);
    for (const std::string& name : solax->watched()) watch(name);
    add_meter(scenario.site.meter);
    for (const LineSpec& spec : scenario.site.lines) {
      if (!spec.chain.empty()) lines.set_chain(spec.name, spec.chain);
    }
    if (wiring.controller && scenario.has_controller()) {
      host.emplace(kernel, scenario.controller, ports(wiring.open_lines));
    }
    if (host) report.emplace(kernel, *host, [this](const Event& event) { tell(event); });
    for (const LanClientSpec& spec : scenario.lan_clients) add_lan_client(spec);
    for (const EmsSpec& spec : scenario.ems) add_ems(spec, wiring);
    if (has_service_orders(scenario)) {
      service.emplace(scenario, lines, [this](const Event& event) { tell(event); });
      service->register_signals(signals);
    }
    if (wiring.controller && scenario.leader) add_leader(*scenario.leader, wiring);
    controller_actions.emplace(host ? &*host : nullptr, lan_clients);
    add_details();
    meter_faults.expose(faults, scenario.site.meter.name);
    timeline.add_triggers(
        scenario.triggers, signals, scenario.step,
        [this](const TriggerSpec& trigger, int count, sim::Time now) { tell(fired(trigger, count, now)); });
    define_step();
  }

  static models::Site::Parameters with_step(const Scenario& scenario) {
    models::Site::Parameters parameters = scenario.site.plant;
    parameters.step = scenario.step;
    return parameters;
  }

  void add_meter(const MeterSpec& spec) {
    meter = std::make_unique<sim::ThreePhaseMeter>(spec.name, site);
    meter_registers =
        std::make_unique<sim::RegisterServer>(scenario.register_maps.at(spec.register_map), meter->face());
    meter->register_signals(signals);
    faults.expose_switch("stuck_values", spec.name, [this](bool on) {
      meter_registers->hold_values(on);
      solax->hold_meter(on);
    });
    meter_supply = std::make_unique<SupplySwitch>(*meter_registers);
    lines.plug_in({spec.name, spec.line, spec.unit, spec.turnaround, spec.place}, *meter_supply);
  }

  /// It has the lines, or the devices on them, that nobody else was given.
  void add_ems(const EmsSpec& spec, const Wiring& wiring) {
    const auto tell_all = [this](const Event& event) { tell(event); };
    if (spec.over == EmsOver::tcp) {
      ems.emplace_back(kernel, spec, scenario, devices_on_network(spec, wiring), make_tcp_client, tell_all);
      ems.back().register_signals(signals);
      return;
    }
    std::map<std::string, sim::SerialLine*> of_it;
    for (const std::string& line : spec.lines) {
      if (wiring.controller && !wiring.open_lines.contains(line)) of_it.emplace(line, &lines.wire(line, spec.place));
    }
    ems.emplace_back(kernel, spec, of_it, scenario, tell_all);
    ems.back().register_signals(signals);
  }

  std::map<std::string, TcpMaster::Device> devices_on_network(const EmsSpec& spec, const Wiring& wiring) {
    std::map<std::string, TcpMaster::Device> devices;
    for (const UnitSpec& unit : units_of(scenario.site)) {
      const bool named = std::find(spec.lines.begin(), spec.lines.end(), unit.line) != spec.lines.end();
      if (!named || !wiring.controller || wiring.open_lines.contains(unit.line)) continue;
      SupplySwitch& server = lines.server(unit.name);
      devices[unit.name] = {static_cast<std::uint8_t>(unit.unit), &server, &lines.tcp_port(unit.name),
                            lines.turnaround(unit.name), &server};
    }
    return devices;
  }

  void add_leader(const FleetLeaderSpec& spec, const Wiring& wiring) {
    std::vector<std::string> names;
    for (const std::string line : {"com1", "com2", "com3"}) {
      for (const PcsSpec& each : scenario.site.pcs) {
        if (each.line == line) names.push_back(each.name);
      }
    }
    const auto& cables = scenario.site.plant.cables;
    const auto cable = std::find_if(cables.begin(), cables.end(), [&spec](const models::Site::Cable& each) {
      return each.name == spec.transfer_switch;
    });
    const auto move_switch = [this, cable = static_cast<std::size_t>(cable - cables.begin())](bool closed,
                                                                                              sim::Time now) {
      site.set_cable_closed(cable, closed);
      tell({now, "switch", scenario.site.plant.cables[cable].name,
            closed ? "closed by the leader" : "opened by the leader"});
    };
    leader.emplace(kernel, spec.settings, ports(wiring.open_lines), names, move_switch, spec.switch_time,
                   [this](const Event& event) { tell(event); });
    leader->register_signals(signals);
  }

  void carry_out(const OrderFleet& order, sim::Time now) {
    Event event{now, "command", "leader", text_of(order)};
    if (leader) {
      leader->order(order.mode, order.ac_injection_w, order.ac_injection_var, order.grid_import_w, now);
    } else {
      event.text += " (no leader here)";
    }
    tell(event);
  }

  void carry_out(const ReleaseFleet& /*order*/, sim::Time now) {
    if (leader) leader->release();
    tell({now, "command", "leader", leader ? "tries again who was left alone" : "release (no leader here)"});
  }

  /// Of the calendar that the scenario's weather begins.
  sim::EtClock::Instant calendar_start() const {
    const auto& weather = scenario.site.plant.weather;
    if (!weather) return calendar_begin;
    return sim::EtClock::Instant{std::chrono::seconds{static_cast<std::int64_t>(weather->start_utc_s)}};
  }

  void add_lan_client(const LanClientSpec& spec) {
    LanServer server;
    server.there = [this, asked = spec.address] {
      return host && host->powered() && (!asked || asked == host->lan_address(scenario.dhcp_address));
    };
    server.open = [this](LanReceiver receiver) { return host->lan_open(std::move(receiver)); };
    server.send = [this](std::size_t client, std::span<const std::uint8_t> bytes) { host->lan_send(client, bytes); };
    server.close = [this](std::size_t client) { host->lan_close(client); };
    const auto clock = [start = calendar_start()](sim::Time now) { return clock_time(start + now); };
    lan_clients.emplace_back(kernel, spec.name, spec.settings, spec.latency, spec.start, clock, std::move(server),
                             [this](const Event& event) { tell(event); });
    LanLink& link = lan_clients.back();
    link.register_signals(signals);
    faults.expose_switch("lan_wrong_checksum", spec.name, [&link](bool on) { link.spoil_checksums(on); });
    faults.expose_switch("lan_split", spec.name, [&link](bool on) { link.split_answers(on); });
  }

  /// After all others, so that they stand last in lists and traces.
  void add_details() {
    inverter_signals.register_main(signals);
    const std::size_t main = signals.all().size();
    inverter_signals.register_details(signals);
    inverters->register_details();
    pcs->register_details();
    solax->register_details();
    if (host) host->register_signals(signals);
    if (report) report->register_signals(signals);
    site_signals.register_details(signals, scenario.site.meter.name);
    for (const UnitSpec& unit : units_of(scenario.site)) lines.add_poll_signals(unit);
    details.assign(signals.all().begin() + static_cast<std::ptrdiff_t>(main), signals.all().end());
  }

  void watch(const std::string& name) {
    const sim::Signal* signal = signals.find(name);
    if (signal == nullptr) throw std::logic_error("signal \"" + name + "\" is to be watched and does not exist");
    watched.push_back({signal, *signal->value, StateNames(signal->description)});
  }

  std::array<sim::SerialLine*, controller::max_lines> ports(const std::set<std::string>& left_open) {
    std::array<sim::SerialLine*, controller::max_lines> plugged{};
    for (std::size_t port = 0; port < plugged.size(); ++port) {
      const std::string name = "com" + std::to_string(port + 1);
      if (!left_open.contains(name)) plugged[port] = lines.find(name);
    }
    return plugged;
  }

  void define_step() {
    using sim::StepPhase;
    kernel.each_step(StepPhase::timeline, [this](sim::Time now) {
      faults.step(now, [this, now](const FaultSpec& over) {
        tell({now, "fault", over.target, fault_text(over) + " ends"});
      });
      timeline.step(now);
    });
    kernel.each_step(StepPhase::latch, [this](sim::Time now) {
      inverters->latch(now);
      pcs->latch(now);
      solax->latch(now);
    });
    kernel.each_step(StepPhase::plant, [this](sim::Time now) { advance_plant(now); });
    kernel.each_step(StepPhase::refresh, [this](sim::Time now) {
      site_signals.refresh();
      inverter_signals.refresh();
      inverters->refresh(now);
      pcs->refresh(now);
      solax->refresh(now);
      pv_inverters->refresh();
      meter->refresh(now);
      meter_registers->refresh(now);
    });
    kernel.each_step(StepPhase::checks, [this](sim::Time now) {
      tell_changes(now);
      plant_events.step(now);
      metering_events.step(now);
    });
  }

  void advance_plant(sim::Time now) {
    if (now == sim::Time{0}) return;
    site.advance();
    if (site.invariants().hold()) return;
    const std::string text = describe_broken(site, lane_names(scenario.site));
    tell({now, "invariant", "site", text});
    for (const auto& sink : invariant_sinks) sink(now, text);
    end();
  }

  void end() {
    kernel.stop();
    for (const auto& sink : end_sinks) sink();
  }

  static Event fired(const TriggerSpec& trigger, int count, sim::Time now) {
    const std::string which = trigger.times == 1 ? "" : fmt::format(", time {}", count);
    return {now, "trigger", trigger.element, trigger.description + which};
  }

  void tell(const Event& event) {
    // A check or a drawing would never meet it.
    if (rank_of_event(event.kind) == event_kinds.size()) throw std::logic_error("event of unknown kind " + event.kind);
    for (const auto& sink : event_sinks) sink(event);
  }

  void tell_changes(sim::Time now) {
    for (Watched& each : watched) {
      const double value = *each.signal->value;
      if (value == each.last) continue;
      tell({now, "state", each.signal->name,
            fmt::format("{:g}{} -> {:g}{}", each.last, each.names.in_brackets(each.last), value,
                        each.names.in_brackets(value))});
      each.last = value;
    }
  }

  void switch_device(const SwitchDevice& order, sim::Time now) {
    if (sim::GoodweEt* inverter = inverters->find(order.device)) {
      inverter->set_supply(order.on);
    } else if (sim::StorageConverter* converter = pcs->find(order.device)) {
      converter->set_supply(order.on);
    } else if (sim::SolaxHybrid* hybrid = solax->find(order.device)) {
      hybrid->set_supply(order.on);
    } else if (order.device == scenario.site.meter.name) {
      meter_supply->set_on(order.on);
    } else {
      throw std::invalid_argument(fmt::format("device \"{}\" does not exist", order.device));
    }
    tell({now, "switch", order.device, order.on ? "supply on" : "supply off"});
  }

  void set_unbalanced_output(const SetUnbalancedOutput& order, sim::Time now) {
    sim::GoodweEt* inverter = inverters->find(order.inverter);
    if (inverter == nullptr) {
      throw std::invalid_argument(fmt::format("inverter \"{}\" does not exist", order.inverter));
    }
    inverter->set_unbalanced_output(order.on);
    tell({now, "settings", order.inverter,
          fmt::format("{} output from its next start on", order.on ? "unbalanced" : "balanced")});
  }

  void switch_cable(const SwitchCable& order, sim::Time now) {
    Event event = plant_actions.carry_out(order);
    event.at = now;
    tell(event);
    const bool is_whole = !order.conductor;
    if (leader && is_whole && order.cable == scenario.leader->transfer_switch) {
      leader->transfer_switch_moved(order.closed, now);
    }
  }

  void set_frequency_bias(const SetFrequencyBias& order, sim::Time now) {
    sim::StorageConverter* converter = pcs->find(order.pcs);
    if (converter == nullptr) throw std::invalid_argument(fmt::format("PCS \"{}\" does not exist", order.pcs));
    converter->set_frequency_bias_hz(order.bias_hz);
    tell({now, "settings", order.pcs, fmt::format("frequency bias {:g} Hz", order.bias_hz)});
  }

  void send(const OrderModbus& order, sim::Time now) {
    if (order.ems.empty() && service) return service->carry_out(order, now);
    const auto found =
        std::find_if(ems.begin(), ems.end(), [&order](const ScriptedEms& each) { return each.name() == order.ems; });
    if (found == ems.end()) throw std::invalid_argument(fmt::format("EMS \"{}\" does not exist", order.ems));
    tell(found->carry_out(order, now));
  }

  void carry_out(const Action& action, sim::Time now) {
    std::visit(Overloaded{[&](const FaultSpec& order) {
                            faults.begin(order, now);
                            tell({now, "fault", order.target, fault_text(order) + " begins"});
                          },
                          [&](const Mark& order) {
                            tell({now, "mark", order.name, ""});
                          },
                          [&](const SwitchDevice& order) { switch_device(order, now); },
                          [&](const OrderModbus& order) { send(order, now); },
                          [&](const SetParallel& order) { tell(solax->carry_out(order, now)); },
                          [&](const WireCombiner& order) { tell(solax->carry_out(order, now)); },
                          [&](const OrderFleet& order) { carry_out(order, now); },
                          [&](const ReleaseFleet& order) { carry_out(order, now); },
                          [&](const SetFrequencyBias& order) { set_frequency_bias(order, now); },
                          [&](const SwitchCable& order) { switch_cable(order, now); },
                          [&](const SetUnbalancedOutput& order) { set_unbalanced_output(order, now); },
                          [&](const auto& order) {
                            if constexpr (requires { harness::carry_out(order, site.grid_source()); }) {
                              tell({now, "grid", "grid", harness::carry_out(order, site.grid_source())});
                            } else if constexpr (requires { controller_actions->carry_out(order, now); }) {
                              tell(controller_actions->carry_out(order, now));
                            } else {
                              Event event = plant_actions.carry_out(order);
                              event.at = now;
                              tell(event);
                            }
                          }},
               action);
  }

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

Bench::Bench(const Scenario& scenario, const Wiring& wiring)
    : implementation_(std::make_unique<Implementation>(scenario, wiring)) {}
Bench::~Bench() = default;

sim::Kernel& Bench::kernel() {
  return implementation_->kernel;
}
const sim::SignalRegistry& Bench::signals() const {
  return implementation_->signals;
}
const std::vector<const sim::Signal*>& Bench::details() const {
  return implementation_->details;
}
void Bench::refresh_only(const std::vector<const sim::Signal*>& wanted) {
  implementation_->site_signals.refresh_only(wanted);
  implementation_->inverter_signals.refresh_only(wanted);
}
std::vector<int> Bench::triggers_fired() const {
  std::vector<int> counts;
  for (const Trigger& trigger : implementation_->timeline.triggers()) counts.push_back(trigger.fired());
  return counts;
}
const models::Site& Bench::site() const {
  return implementation_->site;
}

const Scenario& Bench::scenario() const {
  return implementation_->scenario;
}

void Bench::on_event(EventSink sink) {
  implementation_->event_sinks.push_back(std::move(sink));
}

void Bench::on_invariant_broken(std::function<void(sim::Time, const std::string&)> sink) {
  implementation_->invariant_sinks.push_back(std::move(sink));
}

void Bench::note(const Event& event) {
  implementation_->tell(event);
}

void Bench::on_end(std::function<void()> sink) {
  implementation_->end_sinks.push_back(std::move(sink));
}

void Bench::end() {
  implementation_->end();
}

void Bench::on_frame(const std::string& line, sim::SerialLine::Monitor monitor) {
  implementation_->lines.wire(line).add_monitor(std::move(monitor));
}

double Bench::longest_poll_period_s(const std::string& line) const {
  const auto& polls = implementation_->lines.polls(line);
  return std::chrono::duration<double>(polls.longest(implementation_->kernel.now())).count();
}

sim::Time Bench::last_poll(const std::string& line, std::uint8_t address) const {
  return implementation_->lines.polls(line).unit(address).last;
}

sim::SerialLine& Bench::line(const std::string& name) {
  return implementation_->lines.wire(name);
}

sim::ModbusServer& Bench::device(const std::string& name) {
  return implementation_->lines.server(name);
}

void Bench::on_tcp(const std::function<void(const std::string&, const TcpTraffic&)>& monitor) {
  for (const ScriptedEms& each : implementation_->ems) {
    for (const auto& [device, connection] : each.connections()) {
      connection->add_monitor([monitor, name = device](const TcpTraffic& traffic) { monitor(name, traffic); });
    }
  }
}

void Bench::on_tcp_exchange(const std::string& device, const TcpExchange::Monitor& monitor) {
  for (const ScriptedEms& each : implementation_->ems) {
    const auto connection = each.connections().find(device);
    if (connection != each.connections().end()) connection->second->add_exchange_monitor(monitor);
  }
}

std::vector<std::string> Bench::devices_on_tcp() const {
  std::vector<std::string> devices;
  for (const ScriptedEms& each : implementation_->ems) {
    for (const auto& [device, connection] : each.connections()) devices.push_back(device);
  }
  return devices;
}

sim::NetworkPort& Bench::tcp_port(const std::string& name) {
  return implementation_->lines.tcp_port(name);
}

sim::NetworkPort& Bench::dongle_port(const std::string& name) {
  return implementation_->inverters->dongle_port(name);
}

sim::ParallelGroup* Bench::parallel_group() {
  return implementation_->solax ? implementation_->solax->group() : nullptr;
}

ControllerHost* Bench::controller_host() {
  return implementation_->host ? &*implementation_->host : nullptr;
}

void Bench::run() {
  implementation_->kernel.run(implementation_->scenario.duration);
}

}  // namespace hil::harness
