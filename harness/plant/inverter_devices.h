#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/plant/device_context.h"
#include "harness/plant/supply_switch.h"
#include "sim/devices/dongle_gateway.h"
#include "sim/devices/goodwe_et.h"
#include "sim/devices/register_server.h"
#include "sim/devices/server_quirks.h"

namespace hil::harness {

/// The inverters of a bench: firmware, registers, line, dongle and the faults that only they can have.
class InverterDevices {
 public:
  /// `clock_start`: where their clocks stand at the start.
  InverterDevices(DeviceContext context, sim::EtClock::Instant clock_start);

  /// StepPhase::latch: their lines and the loads at their contacts take what the firmware has decided, too.
  void latch(sim::Time now);
  /// StepPhase::refresh.
  void refresh(sim::Time now);
  void register_details() const;
  /// Signals whose changes are events.
  std::vector<std::string> watched() const;

  /// nullptr when there is none of that name.
  sim::GoodweEt* find(const std::string& name);
  sim::NetworkPort& dongle_port(const std::string& name) { return dongle_ports_.at(name); }

 private:
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
  static UnitLines::Unit unit_of(const InverterSpec& spec);
  void add(const InverterSpec& spec, std::size_t lane, sim::EtClock::Instant clock_start);
  void expose_link_faults(const InverterSpec& spec, const Inverter& inverter);
  void follow(std::size_t number, sim::Time now);

  DeviceContext context_;
  std::vector<Inverter> inverters_;
  std::map<std::string, sim::NetworkPort> dongle_ports_;
};

}  // namespace hil::harness
