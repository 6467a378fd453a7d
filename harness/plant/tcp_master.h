#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "harness/plant/ems_master.h"
#include "harness/plant/supply_switch.h"
#include "harness/plant/tcp_client.h"
#include "harness/plant/tcp_traffic.h"
#include "sim/kernel/kernel.h"
#include "sim/wire/modbus_server.h"
#include "sim/wire/modbus_tcp.h"
#include "sim/wire/network_port.h"

namespace hil::harness {

/// A client of one device on Modbus TCP, in virtual time: its bytes reach the device at once, a reply leaves after the
/// device's turn-around (assumed: the same as on its line) and when its network port lets it, and what the client makes
/// of it counts at that instant.
///
/// One connection, opened with the first request. It ends, and the next request opens another, when the timeout passes
/// without a whole reply (counted from the request), when the client refuses a reply, and when the device resets it. A
/// device that refuses connections, or resets them, gives no answer at once. One without supply is a dead host: nobody
/// takes a connection until the timeout, nobody closes the one that stands; with supply again it resets that at the
/// next request. Must not outlive kernel, port, server and supply.
class TcpMaster final : public EmsMaster {
 public:
  struct Device {
    std::uint8_t unit = 0;
    sim::ModbusServer* server = nullptr;
    sim::NetworkPort* port = nullptr;  ///< of this master alone
    sim::Time turnaround{0};
    const SupplySwitch* supply = nullptr;  ///< nullptr: never without
  };

  TcpMaster(sim::Kernel& kernel, const Device& device, sim::Time timeout, std::unique_ptr<TcpClient> client, Done done);
  ~TcpMaster() override;
  TcpMaster(const TcpMaster&) = delete;
  TcpMaster& operator=(const TcpMaster&) = delete;

  void add_monitor(TcpTraffic::Monitor monitor) { monitors_.push_back(std::move(monitor)); }
  void add_exchange_monitor(TcpExchange::Monitor monitor) { exchange_monitors_.push_back(std::move(monitor)); }
  void ask(const Request& request) override;

 private:
  void send_first();
  bool is_dead() const { return device_.supply != nullptr && !device_.supply->is_on(); }
  std::uint64_t cuts() const { return device_.supply != nullptr ? device_.supply->cuts() : 0; }
  bool connect();
  void deliver(std::span<const std::uint8_t> bytes);
  void wake(sim::Time now);
  void follow_faults();
  void arm();
  void disconnect(TcpTraffic::What why);
  void reset();
  void finish(Outcome outcome, std::span<const std::uint8_t> pdu);
  void tell_exchange(bool over, Outcome outcome = Outcome::none, std::span<const std::uint8_t> reply = {}) const;
  void tell(TcpTraffic::What what, std::span<const std::uint8_t> bytes = {}, sim::NetworkMarks marks = 0) const;

  sim::Kernel& kernel_;
  Device device_;
  sim::Time timeout_;
  Done done_;
  std::vector<TcpTraffic::Monitor> monitors_;
  std::vector<TcpExchange::Monitor> exchange_monitors_;
  std::unique_ptr<TcpClient> client_;
  std::vector<Request> queue_;  ///< the first is under way
  bool under_way_ = false;
  bool lost_ = false;  ///< the request under way will have no answer, its connection is gone
  std::uint64_t connection_ = 0;
  std::uint64_t cuts_ = 0;       ///< of the device's supply, when the connection was opened
  sim::ModbusTcpFramer framer_;  ///< of the device's end
  bool to_be_reset_ = false;     ///< the device knows nothing of the connection
  bool gone_ = false;            ///< half open: the device hears nothing
  bool resetting_ = false;       ///< connections are hit by the fault
  sim::Kernel::Alarm wake_;
  sim::Kernel::Alarm deadline_;
};

}  // namespace hil::harness
