#include "harness/live/attached_drive.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <optional>
#include <ostream>
#include <system_error>
#include <utility>

#include "harness/live/opened_devices.h"
#include "harness/live/real_time_priority.h"
#include "harness/live/stop_signals.h"
#include "harness/record/number_text.h"

namespace hil::harness {
namespace {

constexpr std::size_t most_moments = 100'000;
constexpr double progress_period_s = 30.0;  // of the clock

/// Everything that lives as long as the clock runs. The ports go first, then the loop that they are watched by.
struct Running {
  Running(Bench& bench, double speed) : loop(bench.kernel(), speed), signals(loop) {}
  PacedLoop loop;
  StopSignals signals;
  std::vector<std::unique_ptr<PseudoTerminal>> terminals;
  std::vector<std::unique_ptr<SerialDevice>> devices;
  std::vector<std::string> lines_of_devices;
};

/// What the loop and the ports have counted.
void tell(const Running& running, PacedRun& paced) {
  paced.steps = running.loop.lateness();
  paced.answers = running.loop.lateness_of_what_left();
  paced.stopped = paced.stopped || running.signals.has_come();
  for (const auto& terminal : running.terminals) paced.dropped_bytes += terminal->dropped_bytes();
  for (std::size_t i = 0; i < running.devices.size(); ++i) {
    const SerialDevice& device = *running.devices[i];
    paced.dropped_bytes += device.dropped_bytes();
    if (device.times_unplugged() == 0) continue;
    paced.ports.push_back(fmt::format("{} at {} was unplugged {} times", running.lines_of_devices[i], device.path(),
                                      device.times_unplugged()));
  }
}

}  // namespace

AttachedDrive::AttachedDrive(const Scenario& scenario, Plan plan, std::ostream& out)
    : plan_(std::move(plan)), out_(out) {
  const std::vector<OpenableDevice> devices = devices_of(scenario.site);
  for (const PortSpec& spec : plan_.ports) {
    Port& port = ports_.emplace_back();
    port.spec = spec;
    std::string where;
    if (spec.path.empty()) {
      port.pair = PseudoTerminalPair::open("pseudo-terminal for " + spec.line);
      where = port.pair.path;
      if (!spec.link.empty()) {
        links_.push_back(std::make_unique<SymbolicLink>(spec.link, port.pair.path));
        where = spec.link.string();
      }
    } else {
      port.device = std::make_unique<SerialDevice>(spec.path, spec.format);
      where = spec.path;
    }
    const bool real = port.device != nullptr && port.device->on_a_real_wire();
    port.text = fmt::format("{} at {}, {}, {}", spec.line, where, character_format(spec.format),
                            real ? "wire time by the port" : "wire time by the bench");
    out_ << fmt::format("  {:5} {}  {}: {}\n", spec.line, where, character_format(spec.format),
                        units_on(spec.line, devices));
  }
  for (const LineSpec& line : scenario.site.lines) {
    const bool attached = std::any_of(plan_.ports.begin(), plan_.ports.end(),
                                      [&line](const PortSpec& spec) { return spec.line == line.name; });
    if (!attached)
      out_ << fmt::format("  {:5} not attached: nobody polls {}\n", line.name, units_on(line.name, devices));
  }
  out_ << std::flush;
}

Bench::Wiring AttachedDrive::wiring() const {
  Bench::Wiring wiring{.controller = false, .open_lines = {}, .lines_without_time = {}, .lines_on_a_real_wire = {}};
  for (const Port& port : ports_) {
    wiring.open_lines.insert(port.spec.line);
    if (port.device && port.device->on_a_real_wire()) wiring.lines_on_a_real_wire.insert(port.spec.line);
  }
  return wiring;
}

bool AttachedDrive::wait_for_first_byte(int signals) const {
  std::vector<pollfd> watched{{signals, POLLIN, 0}};
  for (const Port& port : ports_) watched.push_back({port.fd(), POLLIN, 0});
  while (::poll(watched.data(), watched.size(), -1) < 0) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
  }
  return (watched.front().revents & POLLIN) == 0;
}

void AttachedDrive::run(Bench& bench, const Scenario& scenario, RunResult& result) {
  PacedRun& paced = result.paced.emplace();
  paced.speed = plan_.speed;
  paced.late_limit_ms = plan_.late_limit_ms;
  for (const Port& port : ports_) paced.ports.push_back(port.text);

  Running running(bench, plan_.speed);
  bench.on_event([this](const Event& event) {
    out_ << fmt::format("{:>12}  {} {} {}\n", time_text(event.at), event.kind, event.subject, event.text) << std::flush;
  });
  bench.on_invariant_broken([&running](sim::Time, const std::string&) { running.loop.stop(); });
  paced.moments.reserve(most_moments);
  running.loop.on_late([&paced](const LateMoment& moment) {
    if (paced.moments.size() < most_moments) paced.moments.push_back(moment);
  });
  std::optional<sim::Kernel::Alarm> progress;
  const sim::Time progress_period{static_cast<sim::Time::rep>(progress_period_s * plan_.speed * 1e9)};
  progress.emplace(bench.kernel().make_alarm([&](sim::Time now) {
    out_ << fmt::format("{:>12}  of {}, {} of {} answers late, the worst by {:.3f} ms\n", time_text(now),
                        time_text(scenario.duration), running.loop.lateness_of_what_left().late,
                        running.loop.lateness_of_what_left().instants, running.loop.lateness_of_what_left().worst_ms())
         << std::flush;
    progress->set(now + progress_period);
  }));
  progress->set(progress_period);

  if (!plan_.start_now) {
    out_ << "waiting for the controller's first byte; Ctrl-C ends\n" << std::flush;
    if (!wait_for_first_byte(running.signals.fd())) {
      paced.stopped = true;
      paced.scheduling = "never started";
      return;
    }
  }
  for (Port& port : ports_) {
    sim::SerialLine& line = bench.line(port.spec.line);
    if (port.device) {
      port.device->connect(running.loop, bench.kernel(), line);
      running.devices.push_back(std::move(port.device));
      running.lines_of_devices.push_back(port.spec.line);
    } else {
      running.terminals.push_back(std::make_unique<PseudoTerminal>(running.loop, line, std::move(port.pair)));
    }
  }
  const RealTimePriority priority;
  paced.scheduling = priority.text();
  try {
    running.loop.run(scenario.duration);
  } catch (...) {
    tell(running, paced);
    throw;
  }
  tell(running, paced);
}

}  // namespace hil::harness
