#pragma once

#include <iosfwd>
#include <memory>
#include <vector>

#include "harness/live/port_spec.h"
#include "harness/live/pseudo_terminal.h"
#include "harness/live/serial_device.h"
#include "harness/live/symbolic_link.h"
#include "harness/record/run.h"

namespace hil::harness {

/// Runs a scenario in paced time with a real controller on its lines: the one in process is left out, and lines that
/// nobody is attached to have no master.
class AttachedDrive : public Drive {
 public:
  struct Plan {
    std::vector<PortSpec> ports;  ///< each line once
    double speed = 1.0;           ///< virtual seconds in a real one, 0.01..1000
    double late_limit_ms = 0.0;   ///< see PacedRun
    bool start_now = false;       ///< else virtual time starts with the first byte of the controller
  };
  /// Opens all ports and says on `out` where the controller finds them. Throws std::runtime_error, naming the port.
  AttachedDrive(const Scenario& scenario, Plan plan, std::ostream& out);

  Bench::Wiring wiring() const override;
  void run(Bench& bench, const Scenario& scenario, RunResult& result) override;

 private:
  struct Port {
    PortSpec spec;
    PseudoTerminalPair pair;               ///< of a pseudo-terminal
    std::unique_ptr<SerialDevice> device;  ///< of anything else
    std::string text;                      ///< for people
    int fd() const { return device ? device->fd() : pair.master.get(); }
  };
  /// False: a signal came first.
  bool wait_for_first_byte(int signals) const;

  Plan plan_;
  std::ostream& out_;
  std::vector<Port> ports_;
  std::vector<std::unique_ptr<SymbolicLink>> links_;
};

}  // namespace hil::harness
