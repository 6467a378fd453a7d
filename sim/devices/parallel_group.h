#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "models/split_mix64.h"
#include "sim/devices/parallel_supervision.h"
#include "sim/kernel/kernel.h"
#include "sim/wire/can_bus.h"
#include "sim/wire/plug_chain.h"

namespace hil::sim {

/// Parallel inverters and their backup interface on the wires between them: who hears whom, and what each of them makes
/// of it (ParallelSupervision).
///
///   CAN     each inverter says what it is and how it is, ten times a second; the bit rate is assumed
///   RS485   the primary asks one inverter after the other, all within a second; what it reaches answers. The link
///           counts here, no bytes: its protocol is not published (solax-parallel 15)
///   SYSR    the primary's signal is there where the pair leads whole and it has power
///
/// Without the end plug both buses err with unterminated_error_rate, and so they do beyond an open ground: a frame on
/// CAN is sent again, a question on RS485 waits for its next turn. The interface warns of a lost CAN, of RS485 on which
/// no primary asks it, and of a lost supply after interface_delay: document 002 names no fault for them.
class ParallelGroup {
 public:
  struct Unit {
    std::string name;
    ParallelIdentity identity;
  };
  struct Parameters {
    ParallelSupervision::Parameters supervision;
    int can_bit_rate_hz = 500'000;
    bool interface_can_is_fault = false;   ///< an interface not heard on CAN: ParallelCAN ComFault of the primary
    double unterminated_error_rate = 0.0;  ///< of frames on CAN, of questions on RS485; 0..1
    Time interface_delay = std::chrono::seconds{10};
    Time order_valid = std::chrono::seconds{3};  ///< of the primary's energy manager; assumed
  };
  static constexpr Time heartbeat_period = std::chrono::milliseconds{100};
  static constexpr Time question_round = std::chrono::seconds{1};

  /// `units` in the order of the chain, the one next to the interface first. All run. Throws std::invalid_argument.
  ParallelGroup(Kernel& kernel, const std::vector<Unit>& units, bool has_interface, const Parameters& parameters,
                std::uint64_t seed);
  ParallelGroup(const ParallelGroup&) = delete;  // its alarms hold its address
  ParallelGroup& operator=(const ParallelGroup&) = delete;

  /// The wiring is changed, and counts from now on.
  void rewire(const std::function<void(PlugChain&)>& change);
  const PlugChain& chain() const { return chain_; }
  /// Back with power, it begins anew.
  void set_powered(std::size_t unit, bool powered);
  /// Its settings are changed, and it begins anew.
  void set_identity(std::size_t unit, const ParallelIdentity& identity);
  /// `faulty`: something beside the parallel faults keeps it from running.
  void set_faulty(std::size_t unit, bool faulty);
  /// `miswired`: its AC output has no place in the system; it shows Parallel CfgFault.
  void set_miswired(std::size_t unit, bool miswired) { units_.at(unit).supervision.set_miswired(miswired); }
  /// Called with each frame that the inverter hears on CAN, or behind them the interface. Before the run.
  void on_can(std::size_t node, CanBus::Heard heard) { listeners_.at(node) = std::move(heard); }
  /// As CanBus::send(), from such a node.
  bool send(std::size_t node, const CanFrame& frame) { return can_.send(node, frame); }
  /// One more node on CAN, on the same wires as the last inverter: whoever is not simulated. Nobody here supervises it.
  /// Returns its number on can(), where it has power until told otherwise. Before the run. Throws
  /// std::invalid_argument when the bus is full.
  std::size_t join_can(const std::string& name, CanBus::Heard heard);

  const ParallelSupervision& supervision(std::size_t unit) const { return units_.at(unit).supervision; }
  bool powered(std::size_t unit) const { return units_.at(unit).powered; }
  /// It has power and no fault of its own or of the parallel system.
  bool runs(std::size_t unit) const;
  bool interface_has_supply() const { return interface_supply_; }
  /// The interface has supply, and the primary and it hear each other on CAN.
  bool interface_linked() const;
  bool interface_lost_can() const { return interface_lost_can_; }
  bool interface_lost_rs485() const { return interface_lost_rs485_; }
  bool interface_lost_supply() const { return interface_lost_supply_; }
  std::size_t unit_count() const { return units_.size(); }
  const CanBus& can() const { return can_; }
  CanBus& can() { return can_; }

 private:
  struct Member {
    ParallelSupervision supervision;
    ParallelIdentity identity;
    bool powered = true;
    bool faulty = false;
    bool in_sync = true;  ///< the primary's signal gets here
  };
  /// Behind all: none has that role and power.
  std::size_t primary_place() const;
  /// After each change of wiring, power or roles.
  void find_links();
  void place_nodes();
  void beat();
  /// On RS485; drawn for each question.
  bool is_lost();
  void ask_next(Time now);
  void advance(Time now);

  Kernel& kernel_;
  Parameters parameters_;
  PlugChain chain_;
  CanBus can_;
  std::vector<Member> units_;
  std::vector<CanBus::Heard> listeners_;  ///< of the inverters, then of the interface
  std::size_t next_asked_ = 0;
  double rs485_error_rate_ = 0.0;
  models::SplitMix64 random_;
  Time interface_heard_{0};
  Time interface_asked_{0};
  Time interface_supplied_{0};
  bool interface_supply_ = true;
  bool interface_lost_can_ = false;
  bool interface_lost_rs485_ = false;
  bool interface_lost_supply_ = false;
  Kernel::Alarm beat_;
  Kernel::Alarm ask_;
};

}  // namespace hil::sim
