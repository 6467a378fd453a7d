#include "harness/plant/unit_lines.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "harness/plant/network_faults.h"
#include "harness/scenario/derived_seed.h"

namespace hil::harness {

UnitLines::Line::Line(sim::Kernel& kernel, const LineSpec& spec, std::uint64_t seed)
    : wire(kernel, spec.name, spec.format, derived_seed(seed, spec.name + " wire")) {}

UnitLines::UnitLines(sim::Kernel& kernel, std::uint64_t seed, std::set<std::string> real_wire, FaultInjector& faults,
                     sim::SignalRegistry& signals)
    : kernel_(kernel), seed_(seed), real_wire_(std::move(real_wire)), faults_(faults), signals_(signals) {}

void UnitLines::add_line(const LineSpec& spec) {
  auto line = std::make_unique<Line>(kernel_, spec, seed_);
  line->wire.add_monitor(
      [statistics = &line->polls](const sim::SerialLine::FrameRecord& record) { statistics->frame(record); });
  const sim::SerialLine::Counters& counters = line->wire.counters();
  signals_.add(spec.name + ".requests", "requests of the controller with a good checksum", &counters.requests);
  signals_.add(spec.name + ".replies", "replies of units", &counters.replies);
  signals_.add(spec.name + ".unanswered", "good requests that nobody answered", &counters.unanswered);
  signals_.add(spec.name + ".collisions", "frames that met another driver", &counters.collisions);
  signals_.add(spec.name + ".busy_s", "time with a driver on the wire", &counters.busy_s);
  expose_line_faults(faults_, line->wire);
  lines_.emplace(spec.name, std::move(line));
}

sim::SerialLine* UnitLines::find(const std::string& name) {
  const auto found = lines_.find(name);
  return found == lines_.end() ? nullptr : &found->second->wire;
}

sim::SerialLine& UnitLines::wire(const std::string& name, const Place& place) {
  if (sim::SerialLine* found = find(name)) return *found;
  throw std::invalid_argument(fmt::format("{}:{}: line \"{}\" does not exist", place.file, place.line, name));
}

sim::Time UnitLines::turnaround_on(const sim::SerialLine& line, sim::Time turnaround) const {
  if (line.format().takes_time) return turnaround;
  return real_wire_.contains(line.name()) ? line.format().t3_5() + turnaround : sim::Time{0};
}

void UnitLines::plug_in(const Unit& unit, SupplySwitch& server) {
  sim::SerialLine& on = wire(unit.line, unit.place);
  const auto address = static_cast<std::uint8_t>(unit.address);
  lines_.at(unit.line)->polls.expect(address);
  on.add_unit({.name = unit.name,
               .address = address,
               .server = &server,
               .turnaround = turnaround_on(on, unit.turnaround),
               .seed = derived_seed(seed_, unit.name + " wire")});
  expose_unit_faults(faults_, on, unit.name, port_settings_[unit.name]);
  servers_.emplace(unit.name, &server);
  turnarounds_.emplace(unit.name, unit.turnaround);
  const auto port =
      tcp_ports_.try_emplace(unit.name, sim::NetworkPort::Kind::stream, derived_seed(seed_, unit.name + " tcp"));
  expose_tcp_faults(faults_, port.first->second, unit.name);
}

void UnitLines::set_unit_port(const Unit& unit, std::uint8_t address, int baud) {
  set_port(wire(unit.line, unit.place), unit.name, port_settings_.at(unit.name), {address, baud});
  lines_.at(unit.line)->polls.moved(static_cast<std::uint8_t>(unit.address), address);
}

void UnitLines::set_chain(const std::string& line, const std::vector<std::string>& units) {
  lines_.at(line)->wire.set_chain(units);
}

void UnitLines::add_poll_signals(const UnitSpec& unit) {
  const PollStatistics::Unit& polled = lines_.at(unit.line)->polls.unit(static_cast<std::uint8_t>(unit.unit));
  signals_.add(unit.name + ".unanswered_polls", "requests of the controller without a sound reply",
               &polled.unanswered_polls);
  signals_.add(unit.name + ".longest_reply_s", "from a request's first bit to its reply's last, longest so far",
               &polled.longest_reply_s);
}

}  // namespace hil::harness
