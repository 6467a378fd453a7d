#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/live/can_endpoint.h"
#include "harness/live/file_descriptor.h"
#include "harness/live/first_request.h"
#include "harness/live/opened_devices.h"
#include "harness/live/port_spec.h"
#include "harness/live/pseudo_terminal.h"
#include "harness/live/serial_device.h"
#include "harness/live/symbolic_link.h"
#include "harness/live/terminal_baud.h"
#include "harness/record/run.h"

namespace hil::harness {

/// Runs a scenario in paced time with a real controller on its lines: the one in process is left out, and lines that
/// nobody is attached to have no master. Or with the one in process, whose LAN server real clients speak with; then it
/// has the lines that nobody is attached to.
class AttachedDrive : public Drive {
 public:
  struct Plan {
    std::vector<PortSpec> ports;       ///< each line once
    std::vector<OpenDevice> tcp;       ///< on Modbus TCP
    std::optional<SocketAddress> lan;  ///< of the controller in process
    std::string can;                   ///< interface for the CAN between the SolaX inverters; empty: none
    bool with_controller = false;      ///< the one in process runs
    double speed = 1.0;                ///< virtual seconds in a real one, 0.01..1000
    double late_limit_ms = 0.0;        ///< see PacedRun
    bool start_now = false;            ///< else virtual time starts with the first request of the controller
  };
  /// Opens all ports and says on `out` where the controller finds them. Throws std::runtime_error, naming the port.
  AttachedDrive(const Scenario& scenario, Plan plan, std::ostream& out);

  Bench::Wiring wiring() const override;
  /// For the controller's first request: a frame on a line or on CAN, or a connection. Not with --start-now or the
  /// controller in process.
  bool waits() const override { return !plan_.start_now && !plan_.with_controller; }
  bool wait() override;
  void run(Bench& bench, const Scenario& scenario, RunResult& result) override;

 private:
  struct Port {
    PortSpec spec;
    PseudoTerminalPair pair;               ///< of a pseudo-terminal
    std::unique_ptr<SerialDevice> device;  ///< of anything else
    std::string where;                     ///< the controller finds it: link or path
    std::string text;                      ///< for people
    std::optional<TerminalBaud> baud;      ///< of a pseudo-terminal
    FirstRequest first;
    std::vector<std::uint8_t> early;  ///< read before time began and meant for the line
    std::chrono::steady_clock::time_point last_byte;
    std::uint64_t told_bytes = 0;  ///< of those that are no request
    int fd() const { return device ? device->fd() : pair.master.get(); }
  };
  /// A device on TCP, or the controller's LAN: it listens before anything is written, and is served in run().
  struct Listener {
    FileDescriptor socket;
    SocketAddress address;
    std::string device;  ///< empty: the controller's LAN
    int unit = 0;
  };
  struct Running;
  void open_lines(Running& running, Bench& bench, std::vector<std::string>& notes);
  void open_listeners(Running& running, Bench& bench);
  void open_can(Running& running, Bench& bench);
  /// What the loop and the ports have counted.
  static void tell(const Running& running, PacedRun& paced);
  bool wait_for_request();
  /// Opens what was unplugged or down, and tells what came that is no request.
  void look_at_ports();
  bool frame_waits_on_can();
  bool take_what_came(Port& port);
  bool take_byte(Port& port, std::uint8_t byte);
  void tell_noise(Port& port);
  void tell_baud(Port& port);

  Plan plan_;
  std::ostream& out_;
  std::vector<Port> ports_;
  std::vector<Listener> listeners_;
  std::unique_ptr<CanEndpoint> can_;    ///< until run()
  std::vector<std::string> unreached_;  ///< orders_to_nobody()
  std::vector<std::string> noise_;      ///< for people: what came before the first request, and at which baud
  std::vector<std::unique_ptr<SymbolicLink>> links_;
};

}  // namespace hil::harness
