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
#include "harness/plant/controller_actions.h"
#include "harness/plant/controller_host.h"
#include "harness/plant/controller_report.h"
#include "harness/plant/grid_actions.h"
#include "harness/plant/invariant_text.h"
#include "harness/plant/inverter_signals.h"
#include "harness/plant/lan_link.h"
#include "harness/plant/meter_faults.h"
#include "harness/plant/metering_events.h"
#include "harness/plant/network_faults.h"
#include "harness/plant/plant_actions.h"
#include "harness/plant/plant_events.h"
#include "harness/plant/poll_statistics.h"
#include "harness/plant/site_signals.h"
#include "harness/plant/supply_switch.h"
#include "harness/plant/wire_faults.h"
#include "harness/scenario/derived_seed.h"
#include "harness/scenario/event_kinds.h"
#include "harness/timeline/timeline.h"
#include "sim/devices/dongle_gateway.h"
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
  struct Line {
    Line(sim::Kernel& kernel, const LineSpec& spec, std::uint64_t seed)
        : wire(kernel, spec.name, spec.format, derived_seed(seed, spec.name + " wire")) {}
    sim::SerialLine wire;
    PollStatistics polls;
  };
  struct Inverter {
    std::unique_ptr<sim::GoodweEt> device;
    std::unique_ptr<sim::RegisterServer> registers;
    std::unique_ptr<sim::ServerQuirks> quirks;   ///< in front of them
    std::unique_ptr<sim::DongleGateway> dongle;  ///< in front of these, on the network
    std::unique_ptr<SupplySwitch> on_line;       ///< ahead of all of them
    std::unique_ptr<SupplySwitch> on_network;    ///< likewise
    sim::GoodweEt::SerialPort port;              ///< as its line knows it
    std::optional<std::size_t> contact_load{};
    double contact = -1.0;  ///< as the load knows it
  };
  /// A discrete signal whose changes are events.
  struct Watched {
    const sim::Signal* signal = nullptr;
    double last = 0.0;
  };

  Implementation(const Scenario& given, const Wiring& wiring)
      : scenario(given),
        real_wire(wiring.lines_on_a_real_wire),
        kernel(scenario.step),
        site(with_step(scenario)),
        site_signals(site, load_names(scenario.site)),
        inverter_signals(site, with_step(scenario), inverter_names()),
        plant_events(site, inverter_names(), [this](const Event& event) { tell(event); }),
        metering_events(site, scenario.site.meter.name, [this](const Event& event) { tell(event); }),
        plant_actions(site, scenario.site),
        meter_faults(site.metering()),
        timeline(scenario.timeline, [this](const Action& action, sim::Time now) { carry_out(action, now); }) {
    site_signals.register_signals(signals);
    for (LineSpec line : scenario.site.lines) {
      line.format.takes_time = !wiring.lines_without_time.contains(line.name) && !real_wire.contains(line.name);
      add_line(line);
    }
    for (std::size_t i = 0; i < scenario.site.inverters.size(); ++i) add_inverter(scenario.site.inverters[i], i);
    add_meter(scenario.site.meter);
    for (const LineSpec& spec : scenario.site.lines) {
      if (!spec.chain.empty()) lines.at(spec.name)->wire.set_chain(spec.chain);
    }
    if (wiring.controller) host.emplace(kernel, scenario.controller, ports(wiring.open_lines));
    if (host) report.emplace(kernel, *host, [this](const Event& event) { tell(event); });
    for (const LanClientSpec& spec : scenario.lan_clients) add_lan_client(spec);
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

  void add_line(const LineSpec& spec) {
    auto line = std::make_unique<Line>(kernel, spec, scenario.seed);
    line->wire.add_monitor(
        [statistics = &line->polls](const sim::SerialLine::FrameRecord& record) { statistics->frame(record); });
    const sim::SerialLine::Counters& counters = line->wire.counters();
    signals.add(spec.name + ".requests", "requests of the controller with a good checksum", &counters.requests);
    signals.add(spec.name + ".replies", "replies of units", &counters.replies);
    signals.add(spec.name + ".unanswered", "good requests that nobody answered", &counters.unanswered);
    signals.add(spec.name + ".collisions", "frames that met another driver", &counters.collisions);
    signals.add(spec.name + ".busy_s", "time with a driver on the wire", &counters.busy_s);
    expose_line_faults(faults, line->wire);
    lines.emplace(spec.name, std::move(line));
  }

  sim::SerialLine& wire(const std::string& name, const Place& place) {
    const auto found = lines.find(name);
    if (found == lines.end()) {
      throw std::invalid_argument(fmt::format("{}:{}: line \"{}\" does not exist", place.file, place.line, name));
    }
    return found->second->wire;
  }

  sim::Time turnaround_on(const sim::SerialLine& line, sim::Time turnaround) const {
    if (line.format().takes_time) return turnaround;
    return real_wire.contains(line.name()) ? line.format().t3_5() + turnaround : sim::Time{0};
  }

  /// A unit on a line, with the faults that every unit can have.
  void plug_in(const std::string& name, const std::string& line, int unit, sim::Time turnaround, const Place& place,
               sim::ModbusServer& server) {
    sim::SerialLine& on = wire(line, place);
    lines.at(line)->polls.expect(static_cast<std::uint8_t>(unit));
    on.add_unit({.name = name,
                 .address = static_cast<std::uint8_t>(unit),
                 .server = &server,
                 .turnaround = turnaround_on(on, turnaround),
                 .seed = derived_seed(scenario.seed, name + " wire")});
    expose_unit_faults(faults, on, name, port_settings[name]);
    servers.emplace(name, &server);
    const auto port =
        tcp_ports.try_emplace(name, sim::NetworkPort::Kind::stream, derived_seed(scenario.seed, name + " tcp"));
    expose_tcp_faults(faults, port.first->second, name);
  }

  void add_inverter(const InverterSpec& spec, std::size_t lane) {
    Inverter inverter;
    sim::GoodweEt::Settings settings = spec.settings;
    settings.clock_start = calendar_start();
    settings.serial_port = {static_cast<double>(spec.unit),
                            static_cast<double>(wire(spec.line, spec.place).format().baud)};
    inverter.device = std::make_unique<sim::GoodweEt>(spec.name, site, lane, spec.identity, settings, spec.quirks);
    inverter.registers =
        std::make_unique<sim::RegisterServer>(scenario.register_maps.at(spec.register_map), inverter.device->face());
    inverter.registers->set_least_refresh_period(spec.stale_period);
    inverter.registers->set_busy(spec.busy);
    inverter.quirks = std::make_unique<sim::ServerQuirks>(spec.server_quirks, *inverter.registers);
    inverter.dongle = std::make_unique<sim::DongleGateway>(*inverter.quirks);
    inverter.on_line = std::make_unique<SupplySwitch>(*inverter.quirks);
    inverter.on_network = std::make_unique<SupplySwitch>(*inverter.dongle);
    inverter.port = settings.serial_port;
    const auto& loads = scenario.site.plant.loads;
    const auto load = std::find_if(loads.begin(), loads.end(),
                                   [&](const models::Site::Load& each) { return each.name == spec.contact_load; });
    if (load != loads.end()) inverter.contact_load = static_cast<std::size_t>(load - loads.begin());
    inverter.device->register_signals(signals);
    plug_in(spec.name, spec.line, spec.unit, spec.turnaround, spec.place, *inverter.on_line);
    sim::UnitCondition as_built;
    as_built.strict_gaps = spec.strict_gaps;
    wire(spec.line, spec.place).set_condition(spec.name, as_built);
    servers.at(spec.name) = inverter.on_network.get();
    expose_link_faults(spec, inverter);
    expose_stuck_values(spec.name, *inverter.registers);
    const auto dongle = dongle_ports.try_emplace(spec.name, sim::NetworkPort::Kind::datagram,
                                                 derived_seed(scenario.seed, spec.name + " dongle"), spec.dongle_reply);
    expose_dongle_faults(faults, dongle.first->second, spec.name);
    watch(spec.name + ".freeze_state");
    watch(spec.name + ".ems_mode");
    inverters.push_back(std::move(inverter));
  }

  void expose_stuck_values(const std::string& name, sim::RegisterServer& registers) {
    faults.expose_switch("stuck_values", name, [&registers](bool on) { registers.hold_values(on); });
  }

  void expose_link_faults(const InverterSpec& spec, const Inverter& inverter) {
    sim::GoodweEt& device = *inverter.device;
    if (spec.settings.own_meter) {
      faults.expose_switch("meter_link_lost", spec.name, [&device](bool on) { device.set_meter_link(!on); });
    }
    const auto code_of = [](const FaultSpec* fault) {
      std::optional<sim::ModbusException> code;
      if (fault != nullptr) code = static_cast<sim::ModbusException>(fault->parameter("code"));
      return code;
    };
    faults.expose("dsp_link_lost", spec.name,
                  [&device, registers = inverter.registers.get(), code_of](const FaultSpec* fault) {
                    device.set_dsp_link(fault == nullptr);
                    registers->refuse_behind_dsp(code_of(fault));
                  });
    faults.expose("dongle_link_lost", spec.name, [dongle = inverter.dongle.get(), code_of](const FaultSpec* fault) {
      dongle->lose_link(code_of(fault));
    });
  }

  /// Its line and its contact's load take what the firmware has decided.
  void follow(std::size_t number, sim::Time now) {
    Inverter& inverter = inverters[number];
    const InverterSpec& spec = scenario.site.inverters[number];
    inverter.on_line->set_on(inverter.device->answers());
    inverter.on_network->set_on(inverter.device->answers());
    const sim::GoodweEt::SerialPort& port = inverter.device->serial_port();
    if (port != inverter.port) {
      inverter.port = port;
      set_port(wire(spec.line, spec.place), spec.name, port_settings.at(spec.name),
               {static_cast<std::uint8_t>(port.address), static_cast<int>(port.baud)});
      lines.at(spec.line)->polls.moved(static_cast<std::uint8_t>(spec.unit), static_cast<std::uint8_t>(port.address));
      tell({now, "state", spec.name + ".serial_port", fmt::format("address {:g}, {:g} baud", port.address, port.baud)});
    }
    const double contact = inverter.device->load_contact();
    if (!inverter.contact_load || contact == inverter.contact) return;
    inverter.contact = contact;
    site.set_load_on(*inverter.contact_load, contact != 0.0);
    tell({now, "switch", spec.contact_load, fmt::format("{} by {}", contact != 0.0 ? "on" : "off", spec.name)});
  }

  void add_meter(const MeterSpec& spec) {
    meter = std::make_unique<sim::ThreePhaseMeter>(spec.name, site);
    meter_registers =
        std::make_unique<sim::RegisterServer>(scenario.register_maps.at(spec.register_map), meter->face());
    meter->register_signals(signals);
    expose_stuck_values(spec.name, *meter_registers);
    meter_supply = std::make_unique<SupplySwitch>(*meter_registers);
    plug_in(spec.name, spec.line, spec.unit, spec.turnaround, spec.place, *meter_supply);
  }

  /// Of the calendar that the scenario's weather begins.
  sim::EtClock::Instant calendar_start() const {
    const auto& weather = scenario.site.plant.weather;
    if (!weather) return calendar_begin;
    return sim::EtClock::Instant{std::chrono::seconds{static_cast<std::int64_t>(weather->start_utc_s)}};
  }

  void add_lan_client(const LanClientSpec& spec) {
    LanServer server;
    server.there = [this] { return host && host->powered(); };
    server.open = [this](LanReceiver receiver) { return host->lan_open(std::move(receiver)); };
    server.send = [this](std::size_t client, std::span<const std::uint8_t> bytes) { host->lan_send(client, bytes); };
    server.close = [this](std::size_t client) { host->lan_close(client); };
    const auto clock = [start = calendar_start()](sim::Time now) { return clock_time(start + now); };
    lan_clients.emplace_back(kernel, spec.name, spec.settings, spec.latency, spec.start, clock, std::move(server),
                             [this](const Event& event) { tell(event); });
    lan_clients.back().register_signals(signals);
  }

  /// After all others, so that they stand last in lists and traces.
  void add_details() {
    inverter_signals.register_main(signals);
    const std::size_t main = signals.all().size();
    inverter_signals.register_details(signals);
    for (const Inverter& inverter : inverters) inverter.device->register_details(signals);
    if (host) host->register_signals(signals);
    if (report) report->register_signals(signals);
    site_signals.register_details(signals, scenario.site.meter.name);
    for (const InverterSpec& spec : scenario.site.inverters) add_poll_signals(spec.name, spec.line, spec.unit);
    add_poll_signals(scenario.site.meter.name, scenario.site.meter.line, scenario.site.meter.unit);
    details.assign(signals.all().begin() + static_cast<std::ptrdiff_t>(main), signals.all().end());
  }

  void add_poll_signals(const std::string& name, const std::string& line, int address) {
    const PollStatistics::Unit& unit = lines.at(line)->polls.unit(static_cast<std::uint8_t>(address));
    signals.add(name + ".unanswered_polls", "requests of the controller without a sound reply", &unit.unanswered_polls);
    signals.add(name + ".longest_reply_s", "from a request's first bit to its reply's last, longest so far",
                &unit.longest_reply_s);
  }

  void watch(const std::string& name) {
    const sim::Signal* signal = signals.find(name);
    if (signal == nullptr) throw std::logic_error("signal \"" + name + "\" is to be watched and does not exist");
    watched.push_back({signal, *signal->value});
  }

  std::array<sim::SerialLine*, controller::max_lines> ports(const std::set<std::string>& left_open) {
    std::array<sim::SerialLine*, controller::max_lines> plugged{};
    for (std::size_t port = 0; port < plugged.size(); ++port) {
      const auto found = lines.find("com" + std::to_string(port + 1));
      if (found != lines.end() && left_open.count(found->first) == 0) plugged[port] = &found->second->wire;
    }
    return plugged;
  }

  void define_step() {
    using sim::StepPhase;
    kernel.each_step(StepPhase::timeline, [this](sim::Time now) {
      faults.step(now, [this, now](const FaultSpec& over) { tell({now, "fault", over.target, over.kind + " ends"}); });
      timeline.step(now);
    });
    kernel.each_step(StepPhase::latch, [this](sim::Time now) {
      for (std::size_t i = 0; i < inverters.size(); ++i) {
        inverters[i].device->latch(now);
        follow(i, now);
      }
    });
    kernel.each_step(StepPhase::plant, [this](sim::Time now) { advance_plant(now); });
    kernel.each_step(StepPhase::refresh, [this](sim::Time now) {
      site_signals.refresh();
      inverter_signals.refresh();
      for (Inverter& inverter : inverters) {
        inverter.device->refresh(now);
        inverter.registers->refresh(now);
      }
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
    const std::string text = describe_broken(site, inverter_names());
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
    for (Watched& watched_signal : watched) {
      const double value = *watched_signal.signal->value;
      if (value == watched_signal.last) continue;
      tell({now, "state", watched_signal.signal->name, fmt::format("{:g} -> {:g}", watched_signal.last, value)});
      watched_signal.last = value;
    }
  }

  std::vector<std::string> inverter_names() const {
    std::vector<std::string> names;
    for (const InverterSpec& inverter : scenario.site.inverters) names.push_back(inverter.name);
    return names;
  }

  void switch_device(const SwitchDevice& order, sim::Time now) {
    const auto& specs = scenario.site.inverters;
    const auto found = std::find_if(specs.begin(), specs.end(),
                                    [&order](const InverterSpec& spec) { return spec.name == order.device; });
    if (found != specs.end()) {
      inverters[static_cast<std::size_t>(found - specs.begin())].device->set_supply(order.on);
    } else if (order.device == scenario.site.meter.name) {
      meter_supply->set_on(order.on);
    } else {
      throw std::invalid_argument(fmt::format("device \"{}\" does not exist", order.device));
    }
    tell({now, "switch", order.device, order.on ? "supply on" : "supply off"});
  }

  void set_unbalanced_output(const SetUnbalancedOutput& order, sim::Time now) {
    const auto found = std::find_if(inverters.begin(), inverters.end(), [&order](const Inverter& inverter) {
      return inverter.device->name() == order.inverter;
    });
    if (found == inverters.end()) {
      throw std::invalid_argument(fmt::format("inverter \"{}\" does not exist", order.inverter));
    }
    found->device->set_unbalanced_output(order.on);
    tell({now, "settings", order.inverter,
          fmt::format("{} output from its next start on", order.on ? "unbalanced" : "balanced")});
  }

  void carry_out(const Action& action, sim::Time now) {
    std::visit(Overloaded{[&](const FaultSpec& order) {
                            faults.begin(order, now);
                            tell({now, "fault", order.target, order.kind + " begins"});
                          },
                          [&](const Mark& order) {
                            tell({now, "mark", order.name, ""});
                          },
                          [&](const SwitchDevice& order) { switch_device(order, now); },
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
  std::set<std::string> real_wire;  ///< lines
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
  std::map<std::string, std::unique_ptr<Line>> lines;
  std::vector<Inverter> inverters;
  std::map<std::string, PortSettings> port_settings;     ///< of inverters and meter, by name
  std::map<std::string, sim::ModbusServer*> servers;     ///< the same, as the network finds them
  std::map<std::string, sim::NetworkPort> tcp_ports;     ///< likewise
  std::map<std::string, sim::NetworkPort> dongle_ports;  ///< of inverters
  std::unique_ptr<sim::ThreePhaseMeter> meter;
  std::unique_ptr<sim::RegisterServer> meter_registers;
  std::unique_ptr<SupplySwitch> meter_supply;
  std::optional<ControllerHost> host;
  std::optional<ControllerReport> report;
  std::deque<LanLink> lan_clients;  ///< stay where they are
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
  implementation_->lines.at(line)->wire.add_monitor(std::move(monitor));
}

double Bench::longest_poll_period_s(const std::string& line) const {
  const auto& polls = implementation_->lines.at(line)->polls;
  return std::chrono::duration<double>(polls.longest(implementation_->kernel.now())).count();
}

sim::Time Bench::last_poll(const std::string& line, std::uint8_t address) const {
  return implementation_->lines.at(line)->polls.unit(address).last;
}

sim::SerialLine& Bench::line(const std::string& name) {
  return implementation_->lines.at(name)->wire;
}

sim::ModbusServer& Bench::device(const std::string& name) {
  return *implementation_->servers.at(name);
}

sim::NetworkPort& Bench::tcp_port(const std::string& name) {
  return implementation_->tcp_ports.at(name);
}

sim::NetworkPort& Bench::dongle_port(const std::string& name) {
  return implementation_->dongle_ports.at(name);
}

ControllerHost* Bench::controller_host() {
  return implementation_->host ? &*implementation_->host : nullptr;
}

void Bench::run() {
  implementation_->kernel.run(implementation_->scenario.duration);
}

}  // namespace hil::harness
