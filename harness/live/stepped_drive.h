#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

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
/// Times in nanoseconds since the start, bytes since the start, ports COM1 to COM3 and the meter's. The controller
/// begins, with what it does at time 0. The bench goes on when all bytes sent have come, the controller when all that
/// it is told of have. Any other line of the controller is for people.
class SteppedDrive final : public Drive {
 public:
  struct Plan {
    std::vector<PortSpec> ports;  ///< each line once, pseudo-terminals only
    PortSpec clock;               ///< likewise
  };
  /// Opens all ports and says on `out` where the controller finds them. Throws std::runtime_error, naming the port.
  SteppedDrive(const Scenario& scenario, const Plan& plan, std::ostream& out);

  Bench::Wiring wiring() const override;
  /// Throws std::runtime_error when the controller takes longer than half a minute of real time for a turn, or
  /// answers otherwise than agreed.
  void run(Bench& bench, const Scenario& scenario, RunResult& result) override;

 private:
  static constexpr std::size_t port_count = 4;
  struct Port {
    std::string line;
    std::size_t number = 0;  ///< of the controller's port
    PseudoTerminalPair pair;
  };
  class Turns;
  PseudoTerminalPair open(const PortSpec& spec, const std::string& what, const std::string& about);

  std::ostream& out_;
  std::vector<std::string> unreached_;  ///< orders_to_nobody()
  std::vector<Port> ports_;
  PseudoTerminalPair clock_;
  std::vector<std::unique_ptr<SymbolicLink>> links_;
};

}  // namespace hil::harness
