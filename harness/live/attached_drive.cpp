#include "harness/live/attached_drive.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <ostream>
#include <utility>

#include "harness/live/asked_units.h"
#include "harness/live/can_interface.h"
#include "harness/live/lan_endpoint.h"
#include "harness/live/master_habits.h"
#include "harness/live/opened_devices.h"
#include "harness/live/orders_to_nobody.h"
#include "harness/live/real_time_priority.h"
#include "harness/live/stop_signals.h"
#include "harness/live/tcp_endpoint.h"
#include "harness/live/wake_up_probe.h"
#include "harness/record/capture_set.h"
#include "harness/record/number_text.h"
#include "harness/record/results_folder.h"
#include "harness/scenario/element_reader.h"

namespace hil::harness {
namespace {

constexpr std::size_t most_moments = 100'000;
constexpr std::size_t most_client_events = 1000;  // of each listener
constexpr std::size_t most_baud_events = 100;     // of each terminal
constexpr double progress_period_s = 30.0;        // of the clock

/// `device`: null for a pseudo-terminal of the bench.
std::string wire_text(const SerialDevice* device) {
  if (device == nullptr || !device->on_a_real_wire()) return "wire time by the bench";
  if (is_serial_server(device->path())) return "wire time by the server's port";
  return device->low_latency() ? "wire time by the port, low latency"
                               : "wire time by the port, which has no low-latency flag";
}

/// What happens to the port of a line becomes an event, and at the first time a note for who reads the verdict.
auto tells_of_unplugging(Bench& bench, std::vector<std::string>& notes, const std::string& path,
                         const std::string& line) {
  return [&bench, &notes, path, line, told = false](sim::Time at, bool there) mutable {
    if (!there && !std::exchange(told, true)) {
      notes.push_back(fmt::format("{} at {} was unplugged, first at {}", line, path, time_text(at)));
    }
    bench.note({at, "fault", path, fmt::format("{} on {}", there ? "is there again" : "is unplugged", line)});
  };
}

auto tells_of_baud(Bench& bench, std::vector<std::string>& notes, const std::string& path, const std::string& line) {
  return [&bench, &notes, path, line, times = std::size_t{0}](sim::Time at, const TerminalBaud& baud) mutable {
    if (++times > most_baud_events) return;
    if (times == 1) notes.push_back(fmt::format("{} at {} was {}", line, time_text(at), baud.text(line)));
    bench.note({at, "fault", path, baud.text(line)});
  };
}

}  // namespace

/// Everything that lives as long as the clock runs. The ports go first, then the loop that they are watched by.
struct AttachedDrive::Running {
  Running(Bench& bench, double speed) : loop(bench.kernel(), speed), signals(loop) {}
  PacedLoop loop;
  StopSignals signals;
  std::vector<std::unique_ptr<PseudoTerminal>> terminals;
  std::vector<std::unique_ptr<SerialDevice>> devices;
  std::vector<std::string> lines_of_devices;
  std::vector<sim::Kernel::Alarm> early;  ///< hand over what was read before time began
  std::optional<CaptureSet> captures;     ///< of what is open on the network
  std::vector<std::unique_ptr<TcpEndpoint>> tcp;
  std::vector<std::string> devices_on_tcp;
  std::unique_ptr<LanEndpoint> lan;
  std::unique_ptr<CanEndpoint> can;
};

AttachedDrive::AttachedDrive(const Scenario& scenario, Plan plan, std::ostream& out)
    : plan_(std::move(plan)), out_(out) {
  const std::vector<OpenableDevice> devices = devices_of(scenario.site);
  for (const PortSpec& spec : plan_.ports) {
    Port& port = ports_.emplace_back();
    port.spec = spec;
    std::string& where = port.where;
    if (spec.path.empty()) {
      port.pair = PseudoTerminalPair::open("pseudo-terminal for " + spec.line, spec.format.baud);
      port.baud.emplace(port.pair.master.get(), spec.format);
      where = port.pair.path;
      if (!spec.link.empty()) {
        links_.push_back(std::make_unique<SymbolicLink>(spec.link, port.pair.path));
        where = spec.link.string();
      }
    } else {
      port.device =
          std::make_unique<SerialDevice>(spec.path, spec.format, SerialDevice::Wire::by_device, spec.direction);
      where = spec.path;
    }
    port.text =
        fmt::format("{} at {}, {}, {}", spec.line, where, character_format(spec.format), wire_text(port.device.get()));
    out_ << fmt::format("  {:5} {}  {}: {}\n", spec.line, where, character_format(spec.format),
                        units_on(spec.line, devices));
  }
  for (const LineSpec& line : scenario.site.lines) {
    const bool attached = std::any_of(plan_.ports.begin(), plan_.ports.end(),
                                      [&line](const PortSpec& spec) { return spec.line == line.name; });
    if (attached) continue;
    out_ << fmt::format("  {:5} not attached: {} polls {}\n", line.name,
                        plan_.with_controller ? "the controller in process" : "nobody", units_on(line.name, devices));
  }
  const auto listen = [this](const SocketAddress& address, const std::string& device,
                             int unit) -> const SocketAddress& {
    FileDescriptor socket = listening_socket(address);
    const SocketAddress bound = bound_address(socket.get());
    return listeners_.emplace_back(Listener{std::move(socket), bound, device, unit}).address;
  };
  for (const OpenDevice& open : plan_.tcp) {
    const SocketAddress& bound = listen(open.address, open.device.name, open.device.unit);
    out_ << fmt::format("  {:5} Modbus TCP {}, unit {} or 247\n", open.device.name, bound.text(), open.device.unit);
  }
  if (plan_.lan) {
    out_ << fmt::format("  {:5} LAN of the controller, TCP {}, {} clients at a time\n", "lan",
                        listen(*plan_.lan, "", 0).text(), controller::max_lan_clients);
  }
  if (!plan_.can.empty()) {
    can_ = std::make_unique<CanEndpoint>(plan_.can, [name = plan_.can] { return open_can_interface(name); });
    out_ << fmt::format("  {:5} {}  {}\n", "can", plan_.can, can_text(scenario.site));
  }
  if (!plan_.with_controller) unreached_ = orders_to_nobody(scenario);
  for (const std::string& order : unreached_) out_ << "  warning: " << order << '\n';
  out_ << std::flush;
}

Bench::Wiring AttachedDrive::wiring() const {
  Bench::Wiring wiring{
      .controller = plan_.with_controller, .open_lines = {}, .lines_without_time = {}, .lines_on_a_real_wire = {}};
  for (const Port& port : ports_) {
    wiring.open_lines.insert(port.spec.line);
    if (port.device && port.device->on_a_real_wire()) wiring.lines_on_a_real_wire.insert(port.spec.line);
  }
  return wiring;
}

void AttachedDrive::run(Bench& bench, const Scenario& scenario, RunResult& result) {
  PacedRun& paced = result.paced.emplace();
  paced.speed = plan_.speed;
  paced.late_limit_ms = plan_.late_limit_ms;
  for (const Port& port : ports_) paced.ports.push_back(port.text);
  for (const Listener& listener : listeners_) {
    paced.ports.push_back(listener.device.empty() ? "LAN of the controller at " + listener.address.text()
                                                  : listener.device + " on Modbus TCP at " + listener.address.text());
  }
  if (can_) paced.ports.push_back(fmt::format("CAN at {}, {}", can_->name(), can_text(scenario.site)));
  result.notes.insert(result.notes.end(), noise_.begin(), noise_.end());
  result.notes.insert(result.notes.end(), unreached_.begin(), unreached_.end());

  std::vector<std::string> lines;
  for (const Port& port : ports_) lines.push_back(port.spec.line);
  const AskedUnits asked(bench, lines);
  const MasterHabits habits(bench, lines);
  Running running(bench, plan_.speed);
  if (scenario.capture && !plan_.tcp.empty()) {
    running.captures.emplace(result.folder / results::captures, scenario.site);
  }
  bench.on_event([this, &running](const Event& event) {
    if (running.captures) running.captures->note(event);
    out_ << fmt::format("{:>12}  {} {} {}\n", time_text(event.at), event.kind, event.subject, event.text) << std::flush;
  });
  bench.on_end([&running] { running.loop.stop(); });
  paced.moments.reserve(most_moments);
  running.loop.on_late([&paced](const LateMoment& moment) {
    paced.late_by_itself += moment.own > Lateness::bound ? 1 : 0;
    paced.worst_by_itself = std::max(paced.worst_by_itself, moment.own);
    if (paced.moments.size() < most_moments) paced.moments.push_back(moment);
  });
  std::optional<sim::Kernel::Alarm> progress;
  const sim::Time progress_period = to_time(progress_period_s * plan_.speed);
  progress.emplace(bench.kernel().make_alarm([&](sim::Time now) {
    out_ << fmt::format("{:>12}  of {}, {} of {} answers late, the worst by {:.3f} ms\n", time_text(now),
                        time_text(scenario.duration), running.loop.lateness_of_what_left().late,
                        running.loop.lateness_of_what_left().instants, running.loop.lateness_of_what_left().worst_ms())
         << std::flush;
    progress->set(now + progress_period);
  }));
  progress->set(progress_period);

  open_lines(running, bench, result.notes);
  open_listeners(running, bench);
  open_can(running, bench);
  const RealTimePriority priority;
  paced.scheduling = priority.text();
  WakeUpProbe wake_ups(std::chrono::nanoseconds{
      static_cast<std::chrono::nanoseconds::rep>(static_cast<double>(bench.kernel().step().count()) / plan_.speed)});
  const auto tell_all = [&] {
    tell(running, paced);
    for (const std::string& text : habits.counts()) paced.ports.push_back(text);
    paced.wake_ups = wake_ups.finish();
  };
  try {
    running.loop.run(scenario.duration);
  } catch (...) {
    tell_all();
    throw;
  }
  tell_all();
  const std::vector<std::string> notes = asked.notes(bench.kernel().now(), AskedUnits::Clock::own);
  result.notes.insert(result.notes.end(), notes.begin(), notes.end());
  for (const std::string& note : habits.notes(bench.kernel().now())) result.notes.push_back(note);
  if (running.captures) {
    running.captures->flush();
    if (const std::string failure = running.captures->failure(); !failure.empty()) throw std::runtime_error(failure);
  }
  for (const auto& endpoint : running.tcp) {
    if (!endpoint->trouble().empty()) throw std::runtime_error(endpoint->trouble());
  }
}

void AttachedDrive::open_lines(Running& running, Bench& bench, std::vector<std::string>& notes) {
  for (Port& port : ports_) {
    sim::SerialLine& line = bench.line(port.spec.line);
    SerialDevice* const device = port.device.get();
    if (device != nullptr) {
      device->on_change(tells_of_unplugging(bench, notes, device->path(), port.spec.line));
      device->connect(running.loop, bench.kernel(), line);
      running.devices.push_back(std::move(port.device));
      running.lines_of_devices.push_back(port.spec.line);
    } else {
      running.terminals.push_back(std::make_unique<PseudoTerminal>(running.loop, line, std::move(port.pair)));
      running.terminals.back()->on_baud(tells_of_baud(bench, notes, port.where, port.spec.line));
    }
    if (port.early.empty()) continue;
    running.early.push_back(bench.kernel().make_alarm([&line, device, bytes = std::move(port.early)](sim::Time now) {
      device != nullptr ? device->take(bytes, now) : line.send(bytes);
    }));
    running.early.back().set(bench.kernel().now());
  }
}

void AttachedDrive::open_listeners(Running& running, Bench& bench) {
  const auto told = [&bench](const std::string& subject) {
    return [&bench, subject, count = std::size_t{0}](sim::Time at, const std::string& text) mutable {
      // Each event is written at once, and a flood of clients must not keep the plant waiting.
      if (count > most_client_events) return;
      const bool last = count++ == most_client_events;
      bench.note({at, "client", subject, last ? "too many to be told: from here on they are only counted" : text});
    };
  };
  for (Listener& listener : listeners_) {
    if (listener.device.empty()) {
      running.lan = std::make_unique<LanEndpoint>(running.loop, std::move(listener.socket), *bench.controller_host());
      running.lan->on_client(told("lan"));
      continue;
    }
    running.tcp.push_back(std::make_unique<TcpEndpoint>(running.loop, std::move(listener.socket),
                                                        bench.device(listener.device),
                                                        static_cast<std::uint8_t>(listener.unit)));
    running.tcp.back()->on_client(told(listener.device));
    if (running.captures) {
      running.tcp.back()->record(running.captures->add_clients(bench, listener.device, listener.address.end()));
    }
    running.tcp.back()->attach(bench.kernel(), bench.tcp_port(listener.device));
    running.devices_on_tcp.push_back(listener.device);
  }
}

void AttachedDrive::open_can(Running& running, Bench& bench) {
  if (!can_) return;
  running.can = std::move(can_);
  running.can->on_event([&bench, name = running.can->name()](sim::Time at, const std::string& text) {
    bench.note({at, "fault", name, text});
  });
  join(*running.can, running.loop, bench.kernel(), *bench.parallel_group());
}

void AttachedDrive::tell(const Running& running, PacedRun& paced) {
  paced.steps = running.loop.lateness();
  paced.answers = running.loop.lateness_of_what_left();
  paced.processor_s = std::chrono::duration<double>(running.loop.busy()).count();
  paced.real_s = std::chrono::duration<double>(running.loop.real()).count();
  paced.stopped = paced.stopped || running.signals.has_come();
  for (const auto& terminal : running.terminals) paced.dropped_bytes += terminal->dropped_bytes();
  for (std::size_t i = 0; i < running.devices.size(); ++i) {
    const SerialDevice& device = *running.devices[i];
    paced.dropped_bytes += device.dropped_bytes();
    if (device.times_unplugged() == 0) continue;
    paced.ports.push_back(fmt::format("{} at {}, times unplugged: {}", running.lines_of_devices[i], device.path(),
                                      device.times_unplugged()));
  }
  for (std::size_t i = 0; i < running.tcp.size(); ++i) {
    const TcpEndpoint::Counters& counters = running.tcp[i]->counters();
    paced.ports.push_back(fmt::format(
        "{} on TCP: {} requests on {} connections; {} silent ones closed for others beyond {} at a time, {} ended "
        "for talking no Modbus, {} for not fetching replies",
        running.devices_on_tcp[i], counters.requests, counters.connections, counters.displaced,
        TcpEndpoint::most_clients, counters.broken, counters.no_room));
  }
  if (running.can) paced.ports.push_back(fmt::format("CAN at {}: {}", running.can->name(), running.can->counts()));
  if (!running.lan) return;
  const LanEndpoint::Counters& lan = running.lan->counters();
  paced.ports.push_back(fmt::format("LAN of the controller: {} responses on {} connections, {} refused", lan.responses,
                                    lan.connections, lan.refused));
}

}  // namespace hil::harness
