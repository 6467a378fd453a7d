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
#include <variant>
#include <vector>

#include "controller/hosts/linux/bad_input.h"
#include "controller/hosts/linux/energy_core.h"
#include "controller/hosts/linux/fleet_core.h"
#include "controller/hosts/linux/service_manager.h"

namespace hil::hosts {
namespace {

using namespace std::chrono_literals;
namespace core = hil::controller;

constexpr int longest_wait_for_bytes_ms = 30'000;

double seconds(core::Time time) {
  return std::chrono::duration<double>(time).count();
}

/// The core needs the characters of each line for its deadlines.
void take_formats(const HostOptions& options, std::array<core::Settings::Line, core::max_lines - 1>& lines,
                  std::int32_t& meter_baud, std::int32_t& meter_bits_per_character) {
  for (std::size_t line = 0; line < lines.size(); ++line) {
    if (!options.ports[line]) continue;
    lines[line].baud = options.ports[line]->format.baud;
    lines[line].bits_per_character = options.ports[line]->format.bits_per_character();
  }
  if (const auto& meter = options.ports[core::meter_line]) {
    meter_baud = meter->format.baud;
    meter_bits_per_character = meter->format.bits_per_character();
  }
}

std::unique_ptr<HostedCore> core_of(core::Settings settings, const HostOptions& options,
                                    const core::StorageImage& image) {
  take_formats(options, settings.inverter_lines, settings.meter_baud, settings.meter_bits_per_character);
  return std::make_unique<EnergyCore>(image, settings);
}

std::unique_ptr<HostedCore> core_of(core::FleetSettings settings, const HostOptions& options,
                                    const core::StorageImage& image) {
  take_formats(options, settings.lines, settings.meter_baud, settings.meter_bits_per_character);
  return std::make_unique<FleetCore>(image, settings);
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
    : state_(state_folder(options)),
      core_(std::visit(
          [&](const auto& settings) {
            return core_of(settings, options, state_ ? state_->image() : core::StorageImage{});
          },
          options.settings)),
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
  status_socket_.emplace(loop_, options.status_socket, [this](const std::string& order) { return answer(order); });
  if (options.lan && core_->with_lan_server() != nullptr) {
    lan_.emplace(
        loop_, *options.lan, *core_->with_lan_server(), [this] { carry_out(); }, [this] { wake_if_due(); });
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
  for (const std::string& fault : core_->setup_texts()) spdlog::error("set-up: {}", fault);
  tell_service_manager("READY=1");
  next_status_ = loop_.now() + status_period_;
  housekeeping_.set(loop_.now() + house_period_);
  wake();
  if (clock_) say_done();
  loop_.run();
  tell_service_manager("STOPPING=1");
  spdlog::info("{} after {:.0f} s: {}; woken {:.3f} ms late at worst",
               bench_has_ended_ ? "the bench has ended its run" : "ended on a signal", seconds(loop_.now()),
               core_->summary(loop_.now()), 1e3 * seconds(worst_wake_));
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
    core_->bytes_arrived(line, std::span(bytes).first(heard.count), loop_.now());
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
  core_->woken(now);
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
    core_->bytes_arrived(line, bytes, turn.now);
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
  core_->storage_written(good || !state_, loop_.now());
  carry_out();
}

void Host::carry_out() {
  const core::Output& output = core_->output();
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
  core_->sent();
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
  tell_service_manager("WATCHDOG=1\nSTATUS=" + core_->summary(now));
  if (status_period_ > 0s && now >= next_status_) {
    spdlog::info("{}", core_->summary(now));
    next_status_ = now + status_period_;
  }
  housekeeping_.set(now + house_period_);
}

std::string Host::answer(const std::string& order) {
  if (order.empty()) return status();
  if (clock_) return "refused: its time is the bench's, what it does hangs on nobody's typing\n";
  std::string told = core_->order(order, loop_.now());
  carry_out();
  spdlog::info("order \"{}\": {}", order, told.substr(0, told.find('\n')));
  return told;
}

std::string Host::status() const {
  std::string text = fmt::format("{}\n", core_->summary(loop_.now()));
  for (const std::string& fault : core_->setup_texts()) text += fmt::format("set-up: {}\n", fault);
  text += core_->unit_lines(loop_.now());
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
  text += core_->order_lines();
  return text +
         fmt::format("up {:.0f} s, woken {:.3f} ms late at worst\n", seconds(loop_.now()), 1e3 * seconds(worst_wake_));
}

}  // namespace hil::hosts
