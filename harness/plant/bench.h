#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "harness/plant/event.h"
#include "harness/plant/tcp_traffic.h"
#include "harness/scenario/scenario.h"
#include "sim/kernel/kernel.h"
#include "sim/signals/signal_registry.h"
#include "sim/wire/network_port.h"
#include "sim/wire/serial_line.h"

namespace hil::harness {

class ControllerHost;

/// A scenario turned into a running bench: kernel, plant, devices, lines, controller, timeline. One per process.
class Bench {
 public:
  /// What else than the controller of the scenario has the far side of lines.
  struct Wiring {
    bool controller = true;              ///< the in-process controller runs, on the lines that are not `open`
    std::set<std::string> open_lines{};  ///< left to line(); their names must exist
    /// Of the open ones, those on which characters take no time and units answer without turn-around.
    std::set<std::string> lines_without_time{};
    /// Of the open ones, those at whose far side a real wire takes the time of the characters: here they take none, and
    /// units keep their turn-around, with the t3.5 of silence before it.
    std::set<std::string> lines_on_a_real_wire{};
  };
  /// Throws std::invalid_argument or a derived class when the scenario cannot be built.
  explicit Bench(const Scenario& scenario) : Bench(scenario, Wiring{}) {}
  Bench(const Scenario& scenario, const Wiring& wiring);
  ~Bench();
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  sim::Kernel& kernel();
  const sim::SignalRegistry& signals() const;
  /// Of signals(): those that nobody needs in every trace, see recorded_signals().
  const std::vector<const sim::Signal*>& details() const;
  /// What is not among `wanted` need not be kept up to date where that costs something. Without a call everything is.
  void refresh_only(const std::vector<const sim::Signal*>& wanted);
  /// How often each of the scenario's triggers has fired so far, in their order.
  std::vector<int> triggers_fired() const;
  const models::Site& site() const;
  /// That it was built from.
  const Scenario& scenario() const;

  /// Called for every event, in order, at its instant. Before run().
  void on_event(EventSink sink);
  /// Something that happened beside the plant: goes to all of on_event().
  void note(const Event& event);
  /// Called with the broken invariant's text; the run then ends.
  void on_invariant_broken(std::function<void(sim::Time, const std::string&)> sink);
  /// Called when end() is: for who brings the kernel from instant to instant, and must not go on. Before run().
  void on_end(std::function<void()> sink);
  /// Ends the run with the present step.
  void end();

  /// Called for every frame on the line, at its end. Before run(). Throws std::out_of_range for an unknown line.
  void on_frame(const std::string& line, sim::SerialLine::Monitor monitor);

  /// Poll statistics of a line: longest time between two requests to the same unit so far, seconds.
  double longest_poll_period_s(const std::string& line) const;
  /// When the last request to a unit began, by the address that it has in the scenario; 0: there was none.
  sim::Time last_poll(const std::string& line, std::uint8_t address) const;

  /// Throw std::out_of_range for an unknown name.
  sim::SerialLine& line(const std::string& name);
  /// An inverter as its dongle answers for it.
  sim::ModbusServer& device(const std::string& name);
  /// Called for what the EMSs on the network and their devices say to each other, with the device. Before run().
  void on_tcp(const std::function<void(const std::string& device, const TcpTraffic& traffic)>& monitor);
  /// Called for each request of an EMS on the network to that device, when it is put and when it is over. Before run().
  /// Nothing when no such EMS has it.
  void on_tcp_exchange(const std::string& device, const TcpExchange::Monitor& monitor);
  /// Devices that an EMS on the network has: their ports are taken.
  std::vector<std::string> devices_on_tcp() const;
  /// The network side of a device: on Modbus TCP, and of an inverter's dongle.
  sim::NetworkPort& tcp_port(const std::string& name);
  sim::NetworkPort& dongle_port(const std::string& name);

  /// The wires between parallel SolaX inverters; nullptr: the site has none.
  sim::ParallelGroup* parallel_group();

  /// The in-process controller; nullptr: it does not run.
  ControllerHost* controller_host();

  /// To the scenario's end, or until an invariant breaks.
  void run();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace hil::harness
