#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <ostream>
#include <set>
#include <stdexcept>
#include <utility>

#include "harness/cli/commands.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/inputs.h"
#include "harness/live/can_endpoint.h"
#include "harness/live/can_interface.h"
#include "harness/live/lan_endpoint.h"
#include "harness/live/opened_devices.h"
#include "harness/live/paced_loop.h"
#include "harness/live/port_spec.h"
#include "harness/live/pseudo_terminal.h"
#include "harness/live/serial_device.h"
#include "harness/live/stop_signals.h"
#include "harness/live/symbolic_link.h"
#include "harness/live/tcp_endpoint.h"
#include "harness/live/udp_endpoint.h"
#include "harness/plant/bench.h"
#include "harness/record/capture_set.h"
#include "harness/record/number_text.h"
#include "harness/scenario/reader.h"
#include "sim/devices/goodwe_firmware_names.h"

namespace hil::harness {
namespace {

namespace fs = std::filesystem;

using Device = OpenableDevice;

/// A line to open, and a symbolic link that shall lead to it; empty: none.
struct OpenLine {
  std::string line;
  fs::path link;
  bool takes_time = true;
  std::unique_ptr<SerialDevice> device;  ///< a serial port or server in place of a pseudo-terminal
};

/// What the options ask for, found in the scenario; every fault in `faults`.
struct Orders {
  Orders(const ServeOptions& options, const Scenario& scenario) : devices(devices_of(scenario.site)) {
    for (const std::string& word : options.pty) add_line("--pty", word, scenario.site);
    for (const std::string& word : options.instant_pty) add_line("--instant-pty", word, scenario.site);
    for (const std::string& word : options.serial) add_serial(word, scenario.site);
    for (const std::string& word : options.tcp) add_device("--tcp", word, tcp);
    for (const std::string& word : options.udp) add_device("--udp", word, udp);
    for (const OpenDevice& open : tcp) {
      const bool line_is_open = std::any_of(lines.begin(), lines.end(),
                                            [&open](const OpenLine& each) { return each.line == open.device.line; });
      if (options.without_controller || line_is_open) continue;
      if (const std::string taken = taken_by_ems(open.device, scenario); !taken.empty()) faults.push_back(taken);
    }
    for (const OpenDevice& open : udp) {
      if (!open.device.has_dongle) faults.push_back("--udp " + open.device.name + ": only an inverter has a dongle");
    }
    if (!options.discovery.empty()) {
      discovery = socket_address(options.discovery);
      if (!discovery) {
        faults.push_back("--discovery " + options.discovery + ": " +
                         address_fault(options.discovery, "must be ADDRESS:PORT, as 0.0.0.0:48899"));
      }
      if (udp.empty()) faults.emplace_back("--discovery: needs a --udp that can be discovered");
    }
    if (!options.lan.empty()) {
      lan = socket_address(options.lan);
      if (!lan) {
        faults.push_back("--lan " + options.lan + ": " +
                         address_fault(options.lan, "must be ADDRESS:PORT, as 127.0.0.1:1234"));
      }
      if (options.without_controller) faults.emplace_back("--lan: needs the controller, which is left out");
      if (!scenario.has_controller())
        faults.emplace_back("--lan: needs a controller, which the scenario does not have");
    }
    if (!options.can.empty()) open_can(options.can, scenario.site);
    if (lines.empty() && tcp.empty() && udp.empty() && !can && options.lan.empty() && faults.empty()) {
      faults.emplace_back("serve: nothing to open, needs --pty, --instant-pty, --serial, --tcp, --udp, --can or --lan");
    }
  }

  std::vector<Device> devices;
  std::vector<OpenLine> lines;
  std::vector<OpenDevice> tcp;
  std::vector<OpenDevice> udp;
  std::optional<SocketAddress> discovery;
  std::optional<SocketAddress> lan;
  std::unique_ptr<CanEndpoint> can;
  std::vector<std::string> faults;

 private:
  const Device* device_named(const std::string& name) const {
    const auto found =
        std::find_if(devices.begin(), devices.end(), [&name](const Device& device) { return device.name == name; });
    return found == devices.end() ? nullptr : &*found;
  }

  /// Likewise.
  void open_can(const std::string& interface, const SiteSpec& site) {
    std::string fault = can_fault(site);
    try {
      if (fault.empty()) {
        can = std::make_unique<CanEndpoint>(interface, [interface] { return open_can_interface(interface); });
      }
    } catch (const std::runtime_error& error) {
      fault = error.what();
    }
    if (!fault.empty()) faults.push_back(fmt::format("--can {}: {}", interface, fault));
  }

  void add_line(const std::string& option, const std::string& word, const SiteSpec& site) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    OpenLine open{name, equals == std::string::npos ? "" : word.substr(equals + 1), option != "--instant-pty", {}};
    const Device* device = device_named(name);
    if (device != nullptr) open.line = device->line;
    const bool known = std::any_of(site.lines.begin(), site.lines.end(),
                                   [&open](const LineSpec& line) { return line.name == open.line; });
    const bool taken =
        std::any_of(lines.begin(), lines.end(), [&open](const OpenLine& other) { return other.line == open.line; });
    if (!known) {
      faults.push_back(
          fmt::format("{} {}: unknown, lines: {}; devices: {}", option, name, names_of(site.lines), names_of(devices)));
    } else if (taken) {
      faults.push_back(fmt::format("{} {}: line {} is opened twice", option, name, open.line));
    } else {
      lines.push_back(std::move(open));
    }
  }

  /// Opens it at once: a port that cannot be had is a fault like others.
  void add_serial(const std::string& word, const SiteSpec& site) {
    const std::size_t before = lines.size();
    add_line("--serial", word, site);
    if (lines.size() == before) return;
    OpenLine& open = lines.back();
    const std::string port = std::exchange(open.link, fs::path{}).string();
    const auto line = std::find_if(site.lines.begin(), site.lines.end(),
                                   [&open](const LineSpec& each) { return each.name == open.line; });
    std::string fault;
    const auto spec = read_port_spec(port, open.line, line->format, fault);
    if (fault.empty() && spec->path.empty())
      fault = "must be a serial port or server, for a pseudo-terminal there is --pty";
    if (!fault.empty()) {
      faults.push_back("--serial " + word + ": " + fault);
      return;
    }
    try {
      open.device =
          std::make_unique<SerialDevice>(spec->path, spec->format, SerialDevice::Wire::by_device, spec->direction);
    } catch (const std::runtime_error& error) {
      faults.emplace_back(error.what());
    }
  }

  void add_device(const char* option, const std::string& word, std::vector<OpenDevice>& to) {
    std::string fault;
    const std::optional<OpenDevice> open = read_open_device(option, word, devices, fault);
    open ? to.push_back(*open) : faults.push_back(fault);
  }
};

/// Everything that is open, in the order of its building.
class Service {
 public:
  Service(const Scenario& scenario, const ServeOptions& options, Orders& orders, std::ostream& out)
      : out_(out), bench_(scenario, wiring(options, orders)), loop_(bench_.kernel(), options.factor), signals_(loop_) {
    // Ports first: what can be somebody else's is asked for before anything is written.
    for (const auto& [device, address] : orders.tcp) {
      tcp_.push_back(std::make_unique<TcpEndpoint>(loop_, address, bench_.device(device.name),
                                                   static_cast<std::uint8_t>(device.unit)));
    }
    for (const auto& [device, address] : orders.udp) {
      const sim::GoodweEt::Identity& identity = device.identity;
      const std::string firmware =
          fmt::format("{:02}{:03}", static_cast<int>(identity.dsp_version), static_cast<int>(identity.arm_version));
      udp_.push_back(std::make_unique<UdpEndpoint>(
          loop_, address,
          sim::GoodweDongle(bench_.device(device.name), static_cast<std::uint8_t>(device.unit),
                            {identity.model, identity.serial, firmware,
                             sim::goodwe_arm_name(identity.serial, identity.arm_version)})));
    }
    if (orders.lan) lan_ = std::make_unique<LanEndpoint>(loop_, *orders.lan, *bench_.controller_host());
    for (OpenLine& open : orders.lines) {
      opened_lines_.push_back(open.line);
      if (open.device) {
        out << fmt::format("  {:8} {}  {}\n", open.line, open.device->path(), units_on(open.line, orders.devices));
        open.device->connect(loop_, bench_.kernel(), bench_.line(open.line));
        ports_.push_back(std::move(open.device));
        continue;
      }
      terminals_.push_back(std::make_unique<PseudoTerminal>(loop_, bench_.line(open.line)));
      PseudoTerminal& terminal = *terminals_.back();
      const std::string path = open.link.empty() ? terminal.path() : open.link.string();
      terminal.on_baud([this, path, line = open.line](sim::Time at, const TerminalBaud& baud) {
        bench_.note({at, "fault", path, baud.text(line)});
      });
      if (!open.link.empty()) links_.push_back(std::make_unique<SymbolicLink>(open.link, terminal.path()));
      out << fmt::format("  {:8} {}  {}: {}\n", open.line, path, character_format(bench_.line(open.line).format()),
                         units_on(open.line, orders.devices));
    }
    if (orders.can) {
      can_ = std::move(orders.can);
      can_->on_event([this](sim::Time at, const std::string& text) { bench_.note({at, "fault", can_->name(), text}); });
      join(*can_, loop_, bench_.kernel(), *bench_.parallel_group());
      out << fmt::format("  {:8} {}  {}\n", "can", can_->name(), can_text(scenario.site));
    }
    if (!options.capture.empty()) begin_captures(options, scenario);
    for (std::size_t k = 0; k < tcp_.size(); ++k) {
      const Device& device = orders.tcp[k].device;
      attach(*tcp_[k], bench_.tcp_port(device.name), device.name, NetworkRecorder::Protocol::tcp);
      out << fmt::format("  {:8} Modbus TCP {}, unit {} or 247\n", device.name, tcp_[k]->address().text(), device.unit);
    }
    std::vector<DiscoveryEndpoint::Dongle> dongles;
    for (std::size_t k = 0; k < udp_.size(); ++k) {
      const Device& device = orders.udp[k].device;
      sim::NetworkPort& port = bench_.dongle_port(device.name);
      attach(*udp_[k], port, device.name, NetworkRecorder::Protocol::udp);
      dongles.push_back({udp_[k]->address().host(), device.identity.serial, &port});
      out << fmt::format("  {:8} dongle UDP {}, unit {} or 247, replies after {}\n", device.name,
                         udp_[k]->address().text(), device.unit, time_text(port.reply_delay()));
    }
    if (orders.discovery) {
      discovery_ = std::make_unique<DiscoveryEndpoint>(loop_, *orders.discovery, std::move(dongles));
      out << fmt::format("  {:8} discovery UDP {}\n", "dongles", discovery_->address().text());
    }
    if (lan_) {
      out << fmt::format("  {:8} LAN of the controller, TCP {}, {} clients at a time\n", "lan", lan_->address().text(),
                         controller::max_lan_clients);
    }
    bench_.on_event([this](const Event& event) {
      const double at_s = std::chrono::duration<double>(event.at).count();
      out_ << fmt::format("{:10.3f} s  {} {} {}\n", at_s, event.kind, event.subject, event.text) << std::flush;
      if (captures_) captures_->note(event);
    });
    bench_.on_invariant_broken([this](sim::Time, const std::string& text) {
      broken_ = text;
      loop_.stop();
    });
  }

  /// Why it ended before its time; empty: it did not.
  std::string run(double for_s, double factor) {
    constexpr double longest_s = 1e9;
    const double end_s = std::min(for_s * factor, longest_s);
    try {
      loop_.run(sim::Time{static_cast<sim::Time::rep>(end_s * 1e9)});
    } catch (const std::runtime_error& error) {
      return error.what();  // a call of the operating system that failed
    }
    for (const auto& endpoint : tcp_) {
      if (!endpoint->trouble().empty()) return endpoint->trouble();
    }
    return broken_.empty() ? std::string() : "invariant broken: " + broken_;
  }

  /// Why the captures are not whole; empty: they are, or there are none.
  std::string finish_captures() {
    if (!captures_) return {};
    captures_->flush();
    return captures_->failure();
  }

  void tell_counts() {
    std::uint64_t requests = 0;
    std::uint64_t connections = 0;
    for (const auto& endpoint : tcp_) {
      requests += endpoint->counters().requests;
      connections += endpoint->counters().connections;
      tell_trouble(*endpoint);
    }
    for (const auto& open : opened_lines_) {
      const sim::SerialLine::Counters& line = bench_.line(open).counters();
      out_ << fmt::format("served {:.0f} requests on {} with {:.0f} replies\n", line.requests, open, line.replies);
    }
    std::uint64_t datagrams = 0;
    for (const auto& endpoint : udp_) datagrams += endpoint->datagrams();
    std::uint64_t dropped = 0;
    for (const auto& terminal : terminals_) dropped += terminal->dropped_bytes();
    for (const auto& port : ports_) {
      dropped += port->dropped_bytes();
      if (port->times_unplugged() == 0) continue;
      out_ << fmt::format("{}, times unplugged: {}\n", port->path(), port->times_unplugged());
    }
    if (can_) out_ << fmt::format("CAN at {}: {}\n", can_->name(), can_->counts());
    const Lateness& late = loop_.lateness();
    out_ << fmt::format(
        "served {} TCP requests on {} connections, {} datagrams; {} bytes nobody fetched\n"
        "{} of {} instants were more than 1 ms late, the worst by {:.3f} ms\n",
        requests, connections, datagrams, dropped, late.late, late.instants, late.worst_ms());
    if (!lan_) return;
    const LanEndpoint::Counters& lan = lan_->counters();
    out_ << fmt::format("LAN: {} responses on {} connections, {} refused\n", lan.responses, lan.connections,
                        lan.refused);
  }

 private:
  void tell_trouble(const TcpEndpoint& endpoint) {
    const TcpEndpoint::Counters& counters = endpoint.counters();
    if (counters.displaced > 0) {
      out_ << fmt::format("TCP {} closed {} silent connections for new ones: {} were open, the most that it serves\n",
                          endpoint.address().text(), counters.displaced, TcpEndpoint::most_clients);
    }
    if (counters.no_port > 0) {
      out_ << fmt::format("TCP {} was somebody else's when the device came back: {} trials to listen again\n",
                          endpoint.address().text(), counters.no_port);
    }
  }

  static Bench::Wiring wiring(const ServeOptions& options, const Orders& orders) {
    Bench::Wiring wiring{.controller = !options.without_controller, .open_lines = {}, .lines_without_time = {}};
    for (const OpenLine& open : orders.lines) {
      wiring.open_lines.insert(open.line);
      if (!open.takes_time) wiring.lines_without_time.insert(open.line);
      if (open.device && open.device->on_a_real_wire()) wiring.lines_on_a_real_wire.insert(open.line);
    }
    return wiring;
  }

  /// What is captured reaches the disk each second of the clock, for whoever looks on.
  void begin_captures(const ServeOptions& options, const Scenario& scenario) {
    // What a run left there may be all that is known of its end.
    std::error_code failure;
    if (std::filesystem::exists(options.capture) && !std::filesystem::is_empty(options.capture, failure)) {
      throw std::runtime_error(options.capture.string() + ": must be a new folder or an empty one");
    }
    captures_.emplace(options.capture, scenario.site, bench_);
    flush_each_ = sim::Time{static_cast<sim::Time::rep>(options.factor * 1e9)};
    flush_.emplace(bench_.kernel().make_alarm([this](sim::Time now) {
      captures_->flush();
      if (!captures_->failure().empty()) loop_.stop();  // finish_captures() tells why
      flush_->set(now + flush_each_);
    }));
    flush_->set(flush_each_);
  }

  template <typename Endpoint>
  void attach(Endpoint& endpoint, sim::NetworkPort& port, const std::string& device,
              NetworkRecorder::Protocol protocol) {
    endpoint.attach(bench_.kernel(), port);
    if (captures_) endpoint.record(captures_->add(device, protocol, endpoint.address().end()));
  }

  std::ostream& out_;
  Bench bench_;
  PacedLoop loop_;
  std::optional<CaptureSet> captures_;
  sim::Time flush_each_{0};
  std::optional<sim::Kernel::Alarm> flush_;
  StopSignals signals_;
  std::vector<std::unique_ptr<PseudoTerminal>> terminals_;
  std::vector<std::unique_ptr<SerialDevice>> ports_;
  std::vector<std::string> opened_lines_;  ///< of terminals and ports
  std::vector<std::unique_ptr<SymbolicLink>> links_;
  std::vector<std::unique_ptr<TcpEndpoint>> tcp_;
  std::vector<std::unique_ptr<UdpEndpoint>> udp_;
  std::unique_ptr<DiscoveryEndpoint> discovery_;
  std::unique_ptr<LanEndpoint> lan_;
  std::unique_ptr<CanEndpoint> can_;
  std::string broken_;
};

}  // namespace

int serve_command(const ServeOptions& options, Console console) {
  Inputs inputs = read_one_input(options.file, library_folder(options.library), options.case_name, "serve");
  std::optional<Orders> orders;
  if (inputs.faults.empty()) {
    orders.emplace(options, inputs.scenarios.front());
    inputs.faults = orders->faults;
  }
  inputs.print(console.err);
  if (!inputs.faults.empty()) return exit_bad_input;

  const Scenario& scenario = inputs.scenarios.front();
  console.out << fmt::format("{} at {:g} x real time, {}\n", scenario.name, options.factor,
                             options.for_s ? fmt::format("for {:g} s", *options.for_s) : "until Ctrl-C");
  std::unique_ptr<Service> service;
  try {
    service = std::make_unique<Service>(scenario, options, *orders, console.out);
  } catch (const std::runtime_error& error) {
    // An address in use, a link where a file stands, a capture that cannot be written.
    console.err << error.what() << '\n';
    return exit_bad_input;
  }
  console.out << std::flush;
  const std::string trouble =
      service->run(options.for_s.value_or(std::numeric_limits<double>::infinity()), options.factor);
  service->tell_counts();
  const std::string failure = service->finish_captures();
  for (const std::string& each : {trouble, failure}) {
    if (!each.empty()) console.err << each << '\n';
  }
  return trouble.empty() && failure.empty() ? exit_pass : exit_error;
}

}  // namespace hil::harness
