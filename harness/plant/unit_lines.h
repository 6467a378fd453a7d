#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "harness/faults/fault_injector.h"
#include "harness/plant/poll_statistics.h"
#include "harness/plant/supply_switch.h"
#include "harness/plant/wire_faults.h"
#include "harness/scenario/scenario.h"
#include "sim/kernel/kernel.h"
#include "sim/signals/signal_registry.h"
#include "sim/wire/network_port.h"
#include "sim/wire/serial_line.h"

namespace hil::harness {

/// The lines of a bench with the units on them, how each of these is found on the network, and what can be wrong with
/// its wires. All references must outlive this object.
class UnitLines {
 public:
  /// `real_wire`: names of the lines at whose far side a real wire takes the time of the characters.
  UnitLines(sim::Kernel& kernel, std::uint64_t seed, std::set<std::string> real_wire, FaultInjector& faults,
            sim::SignalRegistry& signals);

  void add_line(const LineSpec& spec);
  struct Unit {
    std::string name;
    std::string line;
    int address = 0;
    sim::Time turnaround{0};
    Place place;
  };
  /// A unit on its line, with the faults that every unit can have; on the network `server` answers, too.
  void plug_in(const Unit& unit, SupplySwitch& server);
  /// On the network this one answers for the unit.
  void answer_on_network(const std::string& unit, SupplySwitch& server) { servers_.at(unit) = &server; }
  /// Its port is set to another address or baud by itself.
  void set_unit_port(const Unit& unit, std::uint8_t address, int baud);
  /// In the order in which they are along the bus; of each line after all of its units.
  void set_chain(const std::string& line, const std::vector<std::string>& units);
  /// How often the unit is asked and how it answers, by the address that it was plugged in with.
  void add_poll_signals(const UnitSpec& unit);

  /// Throws std::invalid_argument with the place of who names a line that does not exist.
  sim::SerialLine& wire(const std::string& name, const Place& place);
  /// nullptr when there is none.
  sim::SerialLine* find(const std::string& name);
  // Throw std::out_of_range for an unknown name.
  sim::SerialLine& wire(const std::string& name) { return lines_.at(name)->wire; }
  const PollStatistics& polls(const std::string& line) const { return lines_.at(line)->polls; }
  SupplySwitch& server(const std::string& unit) { return *servers_.at(unit); }
  sim::Time turnaround(const std::string& unit) const { return turnarounds_.at(unit); }
  sim::NetworkPort& tcp_port(const std::string& unit) { return tcp_ports_.at(unit); }

 private:
  struct Line {
    Line(sim::Kernel& kernel, const LineSpec& spec, std::uint64_t seed);
    sim::SerialLine wire;
    PollStatistics polls;
  };
  sim::Time turnaround_on(const sim::SerialLine& line, sim::Time turnaround) const;

  sim::Kernel& kernel_;
  std::uint64_t seed_;
  std::set<std::string> real_wire_;
  FaultInjector& faults_;
  sim::SignalRegistry& signals_;
  std::map<std::string, std::unique_ptr<Line>> lines_;
  std::map<std::string, PortSettings> port_settings_;  ///< of units, by name
  std::map<std::string, SupplySwitch*> servers_;       ///< the same, as the network finds them
  std::map<std::string, sim::NetworkPort> tcp_ports_;  ///< likewise
  std::map<std::string, sim::Time> turnarounds_;       ///< likewise, as their parts have it
};

}  // namespace hil::harness
