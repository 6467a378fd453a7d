#pragma once

#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/live/clock_port.h"
#include "harness/live/port_spec.h"
#include "harness/live/pseudo_terminal.h"
#include "harness/live/symbolic_link.h"
#include "harness/record/run.h"

namespace hil::harness {

/// Runs a scenario in virtual time with a controller on its lines that takes its time from the bench: nothing that
/// happens depends on how fast the machine is, so that the run can be held against the one in process exactly.
///
/// The lines are pseudo-terminals as of AttachedDrive; one more carries the clock, in lines of text, turn by turn:
///   controller: "d WAKE SENT1 SENT2 SENT3 SENT4"  it is done, wakes at WAKE, and has sent so many bytes on each port
///   bench:      "t NOW HEARD1 HEARD2 HEARD3 HEARD4"  it is NOW, and so many bytes have come for each port
///   bench:      "e NOW"  the run is over; without it the bench has broken off
/// Times in nanoseconds since the start, bytes since the start, ports COM1 to COM3 and the meter's. The controller
/// begins, with what it does at time 0. The bench goes on when all bytes sent have come, the controller when all that
/// it is told of have. Any other line of the controller is for people.
class SteppedDrive final : public Drive {
 public:
  struct Plan {
    std::vector<PortSpec> ports;  ///< each line once, pseudo-terminals only
    PortSpec clock;               ///< likewise
    /// Seconds of real time for the controller's first turn; none: as long as it takes.
    std::optional<double> first_turn_within_s{};
  };
  /// Why no run began.
  struct NotBegun {
    std::string why;
    bool by_controller = false;  ///< somebody came, and did otherwise than agreed
  };
  /// Opens all ports and says on `out` where the controller finds them. Throws std::runtime_error, naming the port.
  SteppedDrive(const Scenario& scenario, const Plan& plan, std::ostream& out);

  Bench::Wiring wiring() const override;
  /// For the controller's first turn.
  bool waits() const override { return true; }
  bool wait() override;
  /// Once wait() has given up.
  const NotBegun& not_begun() const { return not_begun_; }
  /// Throws std::runtime_error when the controller takes longer than half a minute of real time for a turn, leaves, or
  /// answers otherwise than agreed.
  void run(Bench& bench, const Scenario& scenario, RunResult& result) override;

 private:
  struct Port {
    std::string line;
    std::size_t number = 0;  ///< of the controller's port
    PseudoTerminalPair pair;
  };
  class Turns;
  PseudoTerminalPair open(const PortSpec& spec, const std::string& what, const std::string& about);
  bool take_first_turn(std::string& said);
  void drop_leftovers(const Port& port, std::int64_t sent_bytes);
  std::string why_nobody(const std::string& said) const;
  std::string hint(const std::string& said) const;

  std::ostream& out_;
  std::optional<double> first_turn_within_s_;
  NotBegun not_begun_;
  std::vector<std::string> unreached_;  ///< orders_to_nobody()
  std::vector<Port> ports_;
  ClockPort clock_;
  std::vector<std::unique_ptr<SymbolicLink>> links_;
};

}  // namespace hil::harness
