#include "controller/hosts/linux/host.h"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "controller/core/commissioning_text.h"
#include "controller/hosts/linux/bad_input.h"
#include "controller/hosts/linux/service_manager.h"

namespace hil::hosts {
namespace {

using namespace std::chrono_literals;
namespace core = hil::controller;

constexpr int longest_wait_for_bytes_ms = 30'000;
constexpr std::array port_names{"COM1", "COM2", "COM3", "meter"};

const char* state_name(core::EnergyController::State state) {
  switch (state) {
    case core::EnergyController::State::starting:
      return "starting";
    case core::EnergyController::State::regulating:
      return "regulating";
    case core::EnergyController::State::stopped:
      return "stopped by a contact";
    case core::EnergyController::State::meter_lost:
      break;
  }
  return "meter lost";
}

const char* mode_name(core::ControlMode mode) {
  constexpr std::array names{"off", "dred", "rcr", "value"};
  return names.at(static_cast<std::size_t>(mode));
}

double seconds(core::Time time) {
  return std::chrono::duration<double>(time).count();
}

std::vector<std::string> setup_texts(const core::SetupFaults& faults) {
  std::vector<std::string> texts;
  for (std::size_t bit = 0; bit < core::setup_fault_count; ++bit) {
    const auto fault = static_cast<core::SetupFault>(bit);
    if (faults.has(fault)) texts.emplace_back(core::text_of(fault));
  }
  return texts;
}

/// The core needs the characters of each line for its deadlines.
core::Settings with_formats(core::Settings settings, const HostOptions& options) {
  for (std::size_t line = 0; line < settings.inverter_lines.size(); ++line) {
    if (!options.ports[line]) continue;
    settings.inverter_lines[line].baud = options.ports[line]->format.baud;
    settings.inverter_lines[line].bits_per_character = options.ports[line]->format.bits_per_character();
  }
  if (const auto& meter = options.ports[core::meter_line]) {
    settings.meter_baud = meter->format.baud;
    settings.meter_bits_per_character = meter->format.bits_per_character();
  }
  return settings;
}

/// What stored settings belong to: the installer's, and the formats of the ports.
std::optional<StateFolder> state_folder(const HostOptions& options) {
  if (options.state.empty()) return std::nullopt;
  std::string basis = options.settings_text;
  for (const auto& port : options.ports) basis += fmt::format("\n{}", port ? port->format.text() : "");
  return StateFolder(options.state, basis);
}

FileDescriptor stop_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGINT);
  ::sigaddset(&set, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  FileDescriptor signals(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!signals.is_open()) throw std::system_error(errno, std::generic_category(), "signals");
  return signals;
}

}  // namespace

Host::Host(const HostOptions& options)
    : settings_(with_formats(options.settings, options)),
      state_(state_folder(options)),
      core_(state_ ? state_->image() : core::StorageImage{}, settings_),
      wake_(loop_, [this] { wake(); }),
      housekeeping_(loop_, [this] { keep_house(); }),
      signals_(stop_signals()),
      status_period_(options.status_period) {
  for (std::size_t line = 0; line < ports_.size(); ++line) {
    if (!options.ports[line]) continue;
    Port& port = ports_[line].emplace(Port{port_names[line], SerialPort(*options.ports[line])});
    port.serial.open();
    if (options.clock.empty()) watch(line);  // else it is read when the clock says that something has come
  }
  status_socket_.emplace(loop_, options.status_socket, [this] { return status(); });
  if (options.lan) {
    lan_.emplace(
        loop_, *options.lan, core_, [this] { carry_out(); }, [this] { wake_if_due(); });
  }
  if (!options.clock.empty()) {
    clock_.emplace(options.clock);
    loop_.stand_at(core::Time{0});
    loop_.add(clock_->fd(), [this](std::uint32_t) { take_turns(); });
  }
  loop_.add(signals_.get(), [this](std::uint32_t) { loop_.stop(); });
  // Twice as often as the service manager asks for, as sd_watchdog_enabled(3) advises.
  if (const auto watchdog = watchdog_period()) house_period_ = std::min(house_period_, core::Time{*watchdog} / 2);
}

void Host::run() {
  for (const auto& port : ports_) {
    if (!port) continue;
    spdlog::info("{}: {} at {}{}", port->name, port->serial.option().path, port->serial.option().format.text(),
                 port->serial.has_low_latency() ? ", low latency" : "");
  }
  if (lan_) spdlog::info("LAN: TCP {}", lan_->address());
  for (const std::string& fault : setup_texts(core_.setup_faults())) spdlog::error("set-up: {}", fault);
  tell_service_manager("READY=1");
  next_status_ = loop_.now() + status_period_;
  housekeeping_.set(loop_.now() + house_period_);
  wake();
  if (clock_) say_done();
  loop_.run();
  tell_service_manager("STOPPING=1");
  spdlog::info("{} after {:.0f} s: {}; woken {:.3f} ms late at worst",
               bench_has_ended_ ? "the bench has ended its run" : "ended on a signal", seconds(loop_.now()), summary(),
               1e3 * seconds(worst_wake_));
}

void Host::watch(std::size_t line) {
  loop_.add(ports_[line]->serial.fd(), [this, line](std::uint32_t) { receive(line); });
}

void Host::receive(std::size_t line) {
  Port& port = *ports_[line];
  std::array<std::uint8_t, core::largest_frame> bytes{};
  const SerialPort::Heard heard = port.serial.read(bytes);
  if (heard.gone) {
    lose(line);
  } else if (heard.count > 0) {
    port.heard_bytes += heard.count;
    core_.bytes_arrived(line, std::span(bytes).first(heard.count), loop_.now());
    carry_out();
  }
}

void Host::lose(std::size_t line) {
  Port& port = *ports_[line];
  ++port.unplugged;
  loop_.remove(port.serial.fd());
  port.serial.close();
  spdlog::warn("{}: {} is gone; it is opened again as soon as it is back", port.name, port.serial.option().path);
}

void Host::wake() {
  const core::Time now = loop_.now();
  // A wake-up that was asked for in the past is late from when it was asked for.
  if (wake_at_ != core::Time::max()) worst_wake_ = std::max(worst_wake_, now - std::max(wake_at_, asked_at_));
  core_.woken(now);
  carry_out();
}

void Host::wake_if_due() {
  while (wake_at_ <= loop_.now()) wake();
}

void Host::take_turns() {
  do {
    const std::optional<BenchClock::Turn> turn = clock_->read();
    if (!turn) return;
    if (turn->over) {
      loop_.stand_at(turn->now);
      bench_has_ended_ = true;
      loop_.stop();
      return;
    }
    take_turn(*turn);
  } while (clock_->has_line());
}

void Host::take_turn(const BenchClock::Turn& turn) {
  loop_.stand_at(turn.now);
  for (std::size_t line = 0; line < ports_.size(); ++line) {
    if (!ports_[line]) continue;
    Port& port = *ports_[line];
    if (turn.heard[line] < port.heard_bytes) throw std::runtime_error(port.name + ": the bench takes bytes back");
    std::vector<std::uint8_t> bytes(turn.heard[line] - port.heard_bytes);
    for (std::size_t got = 0; got < bytes.size();) {
      pollfd watched{port.serial.fd(), POLLIN, 0};
      const bool ready = ::poll(&watched, 1, longest_wait_for_bytes_ms) == 1;
      const SerialPort::Heard heard = port.serial.read(std::span(bytes).subspan(got));
      if (!ready || heard.gone) throw std::runtime_error(port.name + ": what the bench has sent does not come");
      got += heard.count;
    }
    if (bytes.empty()) continue;
    port.heard_bytes += bytes.size();
    core_.bytes_arrived(line, bytes, turn.now);
    carry_out();
  }
  if (wake_at_ <= turn.now) wake();
  say_done();
}

void Host::say_done() {
  std::array<std::uint64_t, core::max_lines> sent{};
  for (std::size_t line = 0; line < ports_.size(); ++line) sent[line] = ports_[line] ? ports_[line]->sent_bytes : 0;
  clock_->say_done(wake_at_, sent);
}

void Host::store(const core::StorageWrite& order) {
  const bool good = state_ && state_->write(order);
  if (state_ && !good) spdlog::error("what is to be stored cannot be written; it is tried again");
  // Without a folder there is nothing to try again.
  core_.storage_written(good || !state_, loop_.now());
  carry_out();
}

void Host::carry_out() {
  const core::Output& output = core_.output();
  for (std::size_t line = 0; line < ports_.size(); ++line) {
    const auto pending = output.lines[line].pending();
    if (pending.empty() || !ports_[line]) continue;
    Port& port = *ports_[line];
    const std::size_t taken = port.serial.is_open() ? port.serial.write(pending) : 0;
    port.sent_bytes += taken;
    port.dropped_bytes += pending.size() - taken;
  }
  if (lan_) lan_->deliver(output);
  const core::StorageWrite storage = output.storage;
  if (wake_at_ != output.next_wake) asked_at_ = loop_.now();
  wake_at_ = output.next_wake;
  core_.sent();
  wake_.set(wake_at_);
  if (storage.count > 0) store(storage);
  if (lan_) lan_->report_lost();
}

void Host::keep_house() {
  for (std::size_t line = 0; line < ports_.size(); ++line) {
    if (!ports_[line] || ports_[line]->serial.is_open()) continue;
    try {
      ports_[line]->serial.open();
      watch(line);
      spdlog::info("{}: {} is back", ports_[line]->name, ports_[line]->serial.option().path);
    } catch (const BadInput& still_gone) {
      spdlog::debug("{}: {}", ports_[line]->name, still_gone.what());
    }
  }
  const core::Time now = loop_.now();
  tell_service_manager("WATCHDOG=1\nSTATUS=" + summary());
  if (status_period_ > 0s && now >= next_status_) {
    spdlog::info("{}", summary());
    next_status_ = now + status_period_;
  }
  housekeeping_.set(now + house_period_);
}

std::string Host::summary() const {
  const core::Measurements& known = core_.measurements();
  std::size_t count = 0;
  for (const auto& line : settings_.inverter_lines) count += line.count;
  const auto answering = std::count_if(known.inverters.begin(), known.inverters.begin() + static_cast<int>(count),
                                       [](const auto& inverter) { return inverter.answering; });
  std::string import = "never heard";
  if (known.grid_import_w) {
    import = fmt::format("{:.0f} W ({:.1f} s ago)", *known.grid_import_w, seconds(loop_.now() - known.grid_import_at));
  }
  const std::string_view state = core_.setup_faults().unsafe() ? "safe state" : state_name(core_.state());
  return fmt::format("{}, grid import {}, {} of {} inverters answer", state, import, answering, count);
}

std::string Host::status() const {
  std::string text = fmt::format("{}\n", summary());
  for (const std::string& fault : setup_texts(core_.setup_faults())) text += fmt::format("set-up: {}\n", fault);
  const core::CommissioningReport report = core_.report();
  for (std::size_t k = 0; k < report.finding_count; ++k) {
    text += fmt::format("{}\n", core::text_of(report.findings[k]).text());
  }
  const core::Measurements& known = core_.measurements();
  std::size_t index = 0;
  for (std::size_t line = 0; line < settings_.inverter_lines.size(); ++line) {
    for (std::size_t unit = 0; unit < settings_.inverter_lines[line].count; ++unit) {
      const core::InverterMeasurement& inverter = known.inverters.at(index++);
      text += fmt::format("{} unit {}: {}", port_names[line], settings_.inverter_lines[line].addresses[unit],
                          inverter.answering ? "answers" : "does not answer");
      if (inverter.ac_injection) text += fmt::format(", AC {:.0f} W", inverter.ac_injection->value_w);
      if (inverter.battery_discharge) {
        text += fmt::format(", battery discharge {:.0f} W", inverter.battery_discharge->value_w);
      }
      if (inverter.soc) text += fmt::format(", SOC {:.0f} %", 100.0 * *inverter.soc);
      if (inverter.limit_in_force_w && !inverter.limit_off) {
        text += fmt::format(", limit {:.0f} W", *inverter.limit_in_force_w);
      }
      text += '\n';
    }
  }
  for (const auto& port : ports_) {
    if (!port) continue;
    text += fmt::format("{} {} {}: {}, {} bytes out, {} in, {} dropped, unplugged {} times\n", port->name,
                        port->serial.option().path, port->serial.option().format.text(),
                        port->serial.is_open() ? "open" : "gone", port->sent_bytes, port->heard_bytes,
                        port->dropped_bytes, port->unplugged);
  }
  if (lan_) {
    text += fmt::format("LAN {}: {} of {} clients, {} refused\n", lan_->address(), lan_->clients(),
                        core::max_lan_clients, lan_->refused());
  }
  const core::Settings& in_force = core_.settings();
  text += fmt::format("mode {}, export limit {:.0f} W, {} freezes cured\n", mode_name(in_force.control_mode),
                      in_force.export_limit_w, core_.freeze_cures());
  return text +
         fmt::format("up {:.0f} s, woken {:.3f} ms late at worst\n", seconds(loop_.now()), 1e3 * seconds(worst_wake_));
}

}  // namespace hil::hosts
