#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/plant/ems_master.h"
#include "harness/plant/event.h"
#include "harness/plant/tcp_client.h"
#include "harness/plant/tcp_master.h"
#include "harness/scenario/scenario.h"
#include "sim/kernel/kernel.h"
#include "sim/signals/signal_registry.h"
#include "sim/wire/serial_line.h"

namespace hil::harness {

/// A scripted EMS: does on its lines, or in connections to the devices on them, what the timeline says, reads what its
/// polls say, and judges each answer by what was said of it. It knows Modbus and no device.
class ScriptedEms {
 public:
  /// `lines`: those of `spec` that it has, by name; the others are somebody else's. All must outlive this object.
  ScriptedEms(sim::Kernel& kernel, const EmsSpec& spec, const std::map<std::string, sim::SerialLine*>& lines,
              const Scenario& scenario, EventSink tell);
  /// On the network; `devices`: those on the lines of `spec` that it has, by name. `make_client`: for each of them.
  ScriptedEms(sim::Kernel& kernel, const EmsSpec& spec, const Scenario& scenario,
              const std::map<std::string, TcpMaster::Device>& devices, const TcpClientMaker& make_client,
              EventSink tell);
  ScriptedEms(const ScriptedEms&) = delete;  // its masters hold its address
  ScriptedEms& operator=(const ScriptedEms&) = delete;

  const std::string& name() const { return spec_.name; }
  void register_signals(sim::SignalRegistry& registry) const;
  /// The request waits for those before it on its line. Returns what to tell of it.
  Event carry_out(const OrderModbus& order, sim::Time now);

  /// Those that it has a connection with, by name; none on lines.
  const std::map<std::string, TcpMaster*>& connections() const { return connections_; }

 private:
  struct Unit {
    std::uint8_t address = 0;
    EmsMaster* master = nullptr;            ///< nullptr: somebody else has its line
    const sim::RegisterMap* map = nullptr;  ///< for what is told; nullptr: not read
  };
  struct Poll {
    EmsPollSpec spec;
    Unit unit;
    sim::Time next{0};
    bool waits = false;  ///< the former one has not ended
    bool fails = false;
    std::vector<double> values;
    double whole = 0.0;  ///< of a register that has a signal by its name, in the unit of that
    double scale = 1.0;  ///< from its words to that
    std::vector<bool> is_signed;
  };
  EmsMaster::Done done();
  void begin(const Scenario& scenario, const std::map<std::string, EmsMaster*>& master_of);
  void tell_of(const std::string& device, const TcpTraffic& traffic);
  void ask_polls(sim::Time now);
  void set_alarm();
  void answered(const EmsMaster::Request& request, EmsMaster::Outcome outcome, std::span<const std::uint8_t> pdu);
  /// With what its words stand for.
  std::string words_of(const OrderModbus& order) const;
  void take(Poll& poll, const std::string& answer, std::span<const std::uint8_t> pdu);
  void judge(const OrderModbus& order, const std::string& answer, std::span<const std::uint8_t> pdu);

  sim::Kernel& kernel_;
  EmsSpec spec_;
  EventSink tell_;
  std::vector<std::unique_ptr<EmsMaster>> masters_;
  std::map<std::string, TcpMaster*> connections_;
  std::map<std::string, Unit> units_;  ///< by name
  std::vector<Poll> polls_;
  std::vector<std::optional<OrderModbus>> orders_;  ///< under way or waiting; empty places are used again
  sim::Kernel::Alarm next_poll_;
  double requests_ = 0.0;
  double answers_ = 0.0;
  double unexpected_answers_ = 0.0;
  double failed_polls_ = 0.0;
};

}  // namespace hil::harness
