#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "harness/plant/bench_implementation.h"
#include "harness/plant/device_context.h"

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

}  // namespace

Bench::Implementation::Implementation(const Scenario& given, const Wiring& wiring)
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

void Bench::Implementation::add_meter(const MeterSpec& spec) {
  meter = std::make_unique<sim::ThreePhaseMeter>(spec.name, site);
  meter_registers = std::make_unique<sim::RegisterServer>(shared_map(scenario, spec.register_map), meter->face());
  meter->register_signals(signals);
  faults.expose_switch("stuck_values", spec.name, [this](bool on) {
    meter_registers->hold_values(on);
    solax->hold_meter(on);
  });
  meter_supply = std::make_unique<SupplySwitch>(*meter_registers);
  lines.plug_in({spec.name, spec.line, spec.unit, spec.turnaround, spec.place}, *meter_supply);
}

void Bench::Implementation::add_ems(const EmsSpec& spec, const Wiring& wiring) {
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

std::map<std::string, TcpMaster::Device> Bench::Implementation::devices_on_network(const EmsSpec& spec,
                                                                                   const Wiring& wiring) {
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

void Bench::Implementation::add_leader(const FleetLeaderSpec& spec, const Wiring& wiring) {
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

sim::EtClock::Instant Bench::Implementation::calendar_start() const {
  const auto& weather = scenario.site.plant.weather;
  if (!weather) return calendar_begin;
  return sim::EtClock::Instant{std::chrono::seconds{static_cast<std::int64_t>(weather->start_utc_s)}};
}

void Bench::Implementation::add_lan_client(const LanClientSpec& spec) {
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

void Bench::Implementation::add_details() {
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

void Bench::Implementation::watch(const std::string& name) {
  const sim::Signal* signal = signals.find(name);
  if (signal == nullptr) throw std::logic_error("signal \"" + name + "\" is to be watched and does not exist");
  watched.push_back({signal, *signal->value, StateNames(signal->description)});
}

std::array<sim::SerialLine*, controller::max_lines> Bench::Implementation::ports(
    const std::set<std::string>& left_open) {
  std::array<sim::SerialLine*, controller::max_lines> plugged{};
  for (std::size_t port = 0; port < plugged.size(); ++port) {
    const std::string name = "com" + std::to_string(port + 1);
    if (!left_open.contains(name)) plugged[port] = lines.find(name);
  }
  return plugged;
}

}  // namespace hil::harness
