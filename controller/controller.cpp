#include "controller/controller.h"

#include <algorithm>
#include <memory>

#include "controller/devices/goodwe_et_registers.h"
#include "controller/devices/meter_blocks.h"

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

constexpr Time longest_between_steps = 250ms;
/// The first round belongs to regulation alone.
constexpr Time scan_waits = 1s;

std::size_t inverter_count(const Settings& settings) {
  std::size_t count = 0;
  for (const Settings::Line& line : settings.inverter_lines) count += std::min(line.count, max_units_per_line);
  return std::min(count, max_inverters);
}

EtOrder encode(bool limit_enabled, const InverterOrder& order) {
  if (order.stopped) return encode_stop();
  if (order.draw_w > 0.0) return encode_draw(order.draw_w);
  return encode_order(limit_enabled && !order.limit_off, order.ac_limit_w, order.battery_discharge_w);
}

}  // namespace

Controller::Controller(const Settings& settings) noexcept : Controller(Start{settings, {}}) {}

Controller::Controller(const StorageImage& image, const Settings& when_empty) noexcept
    : Controller(started(image, when_empty)) {}

Controller::Start Controller::started(const StorageImage& image, const Settings& when_empty) noexcept {
  Start start{when_empty, {}};
  if (const std::optional<StoredRecord> record = start.store.load(image)) {
    start.settings = record->settings;
    start.settings.lan = when_empty.lan;
  }
  return start;
}

Controller::Controller(const Start& start) noexcept
    : settings_(start.settings),
      meter_master_({operable(settings_).meter_baud, operable(settings_).meter_bits_per_character}),
      energy_(operable(settings_), inverter_count(operable(settings_))),
      watch_(operable(settings_)),
      lan_(settings_.lan),
      store_(start.store) {
  const Settings sound = operable(settings_);
  // In place: a line is larger than what a microcontroller's stack has to spare.
  for (std::size_t k = 0; k < lines_.size(); ++k) {
    std::destroy_at(&lines_[k]);
    std::construct_at(&lines_[k], sound.inverter_lines[k]);
  }
  output_.next_wake = Time{0};
}

void Controller::enter(Time now) noexcept {
  if (!begun_) {
    begun_ = true;
    clock_.restore(store_.clock(), now);
    scan(now);
  } else if (cycle_.late(now, output_.next_wake)) {
    restart_law(true);
  }
}

void Controller::restart_law(bool forget) noexcept {
  const Settings sound = operable(settings_);
  std::destroy_at(&energy_);
  std::construct_at(&energy_, sound, inverter_count(sound));
  if (forget) forget_readings();
}

void Controller::forget_readings() noexcept {
  for (InverterLine& line : lines_) line.forget_readings();
  measurements_.grid_import_w.reset();
  meter_.clear();
}

void Controller::watch_meter(std::size_t inverters) noexcept {
  // While the CTs are checked, the check says what the meter does not show.
  if (ct_check_.running()) {
    stale_meter_.reset();
  } else if (stale_meter_.observe(measurements_, inverters)) {
    forget_readings();
  }
}

void Controller::bytes_arrived(std::size_t line, std::span<const std::uint8_t> bytes, Time now) noexcept {
  if (line >= max_lines) return;
  enter(now);
  bool news = false;
  if (line == meter_line) {
    const BusMaster::Outcome outcome = meter_master_.heard(bytes, now);
    const bool answered = outcome == BusMaster::Outcome::answered && holds_numbers(meter_master_.data());
    if (!answered && outcome != BusMaster::Outcome::none) watch_.meter_refused();
    const bool powers = answered && meter_plan_.open() != MeterBlock::phases;
    if (answered) meter_plan_.answered(now);
    if (powers) {
      stale_meter_.heard(meter_master_.data().first<StaleMeter::block_bytes>(), meter_master_.asked_at());
    }
    if (answered && !stale_meter_.stale()) {
      watch_.meter(meter_plan_.open(), meter_master_.data(), meter_master_.asked_at());
    }
    news = powers && !stale_meter_.stale();
    if (news) {
      const MeterPowers at_meter = decode_meter_powers(meter_master_.data());
      measurements_.grid_import_w = at_meter.grid_import_w;
      measurements_.grid_import_at = meter_master_.asked_at();
      measurements_.counted_import_w = settings_.phase_mode == PhaseMode::each
                                           ? 3.0 * std::ranges::min(at_meter.phase_import_w)
                                           : *measurements_.grid_import_w;
      meter_.add(*measurements_.counted_import_w, measurements_.grid_import_at);
      if (ct_check_.running() && meter_plan_.open() == MeterBlock::powers_and_reactive) {
        ct_check_.meter(at_meter, measurements_.grid_import_at);
      }
    }
  } else {
    news = lines_[line].heard(bytes, now, meter_);
    if (const InverterLine::FreshBlock* fresh = lines_[line].fresh()) {
      std::size_t first = 0;
      for (std::size_t k = 0; k < line; ++k) first += lines_[k].count();
      watch_.device(first + fresh->unit, fresh->block, fresh->data);
    }
  }
  if (news) step(now);
  ask(now);
}

void Controller::input_changed(std::size_t input, bool level, Time now) noexcept {
  enter(now);
  if (input == static_cast<std::size_t>(Input::reload)) reload_.changed(level, now);
  contacts_.changed(input, level, now);
  ask(now);
}

void Controller::woken(Time now) noexcept {
  enter(now);
  if (reload_.acts(now)) {
    settings_.network = reload_network;
    store_.save(to_be_stored());
  }
  if (clock_.save_due(now)) store_.save_clock(clock_.stored(now));
  bool news = meter_master_.woken(now) == BusMaster::Outcome::timed_out;
  for (InverterLine& line : lines_) news = line.woken(now) || news;
  guard_off(now);
  if (news || now >= next_step_ || now >= contacts_.next_wake()) step(now);
  serve_lan(now);
  ask(now);
}

bool Controller::change_settings(const Settings& settings, Time now) noexcept {
  if (problem_in(settings) || !same_wiring(settings, settings_)) return false;
  settings_ = settings;
  energy_.configure(operable(settings_));
  if (settings_.control_mode != ControlMode::off) off_guard_.over();
  store_.save(to_be_stored());
  next_step_ = now;
  ask(now);
  return true;
}

void Controller::sent() noexcept {
  for (LanPort& port : output_.lan) port = {};
  for (Output::Line& line : output_.lines) line.count = 0;
  output_.storage.count = 0;
}

void Controller::storage_written(bool good, Time now) noexcept {
  store_.written(good, now);
  ask(now);
}

void Controller::scan(Time now) noexcept {
  const Settings sound = operable(settings_);
  // Without any address, those of the maker's examples: 1 to 10.
  std::uint8_t lowest = inverter_count(sound) == 0 ? std::uint8_t{1} : highest_address;
  for (const Settings::Line& line : sound.inverter_lines) {
    for (std::size_t k = 0; k < line.count; ++k) lowest = std::min(lowest, line.addresses[k]);
  }
  for (InverterLine& line : lines_) line.begin_scan(lowest, now + scan_waits);
}

void Controller::check_cts(Time now) noexcept {
  const std::size_t count = inverter_count(operable(settings_));
  measurements_.now = now;
  ct_check_.begin(measurements_, count,
                  settings_.total_capacity_w / static_cast<double>(std::max<std::size_t>(count, 1)));
  next_step_ = now;
  ask(now);
}

SetupFaults Controller::setup_faults() const noexcept {
  SetupFaults faults = check_setup(settings_);
  const CtCheckResult& cts = ct_check_.result();
  const bool not_seen = cts.state == CtCheckState::not_seen;
  faults.add_if(not_seen || (cts.state == CtCheckState::done && !cts.right), SetupFault::ct_wiring_wrong);
  faults.add_if(meter_at_inverter_, SetupFault::meter_at_inverter);
  return faults;
}

CommissioningReport Controller::report() const noexcept {
  CommissioningReport report;
  report.setup = setup_faults();
  report.safe_state = report.setup.unsafe();
  report.scan_done = true;
  report.sweep_done = true;
  for (std::size_t port = 0; port < lines_.size(); ++port) {
    const UnitScan& scan = lines_[port].scan();
    report.scan_done = report.scan_done && scan.configured_done();
    report.sweep_done = report.sweep_done && scan.sweep_done();
    report_port(scan, port, settings_, report);
  }
  if (report.scan_done) report_capacity(settings_, report);
  report_cts(ct_check_.result(), report);
  return report;
}

void Controller::look_at_scan() noexcept {
  const auto done = [](const InverterLine& line) { return line.scan().configured_done(); };
  if (!std::all_of(lines_.begin(), lines_.end(), done)) return;
  meter_at_inverter_ =
      std::any_of(lines_.begin(), lines_.end(), [](const InverterLine& line) { return line.scan().own_meter_found(); });
}

bool Controller::hold(Time now) noexcept {
  ct_check_.step(measurements_);
  look_at_scan();
  const bool testing = ct_check_.running();
  const bool safe_state = setup_faults().unsafe();
  const bool was_held = held_;
  held_ = testing || safe_state;
  if (was_held && !held_) restart_law(false);
  std::size_t index = 0;
  for (InverterLine& line : lines_) {
    line.hold_strangers(safe_state);
    for (std::size_t unit = 0; held_ && unit < line.count(); ++unit, ++index) {
      line.set_order(unit, testing ? ct_check_.order(index) : encode_order(true, 0.0, std::nullopt), now);
    }
  }
  return held_;
}

void Controller::step(Time now) noexcept {
  next_step_ = now + longest_between_steps;
  measurements_.now = now;
  std::size_t index = 0;
  for (const InverterLine& line : lines_) {
    for (std::size_t unit = 0; unit < line.count(); ++unit) {
      watch_.health(index, line.health(unit).state());
      measurements_.inverters[index++] = line.measurement(unit);
    }
  }
  watch_meter(index);
  watch_.step(now);
  if (view().inverters_w) lan_.see_inverters_w(*view().inverters_w, now);
  energy_.set_demand(contacts_.demand(settings_, now));
  if (hold(now)) return;
  // An inverter that was not heard of yet would count as load that the others may serve.
  const bool all_known =
      std::all_of(lines_.begin(), lines_.end(), [](const InverterLine& line) { return line.all_known(); });
  const Commands& commands = all_known ? energy_.step(measurements_) : energy_.commands();
  index = 0;
  for (InverterLine& line : lines_) {
    for (std::size_t unit = 0; unit < line.count(); ++unit) {
      const InverterOrder& order = commands.inverters[index++];
      line.set_order(unit, encode(commands.limit_enabled, order), now);
      line.set_reactive(unit, commands.reactive ? std::optional{encode_reactive(commands.reactive->power_factor,
                                                                                commands.reactive->reactive_share)}
                                                : std::nullopt);
    }
  }
}

void Controller::ask(Time now) noexcept {
  Time next_wake = std::min(next_step_, contacts_.next_wake());
  for (std::size_t k = 0; k < lines_.size(); ++k) {
    Output::Line& line = output_.lines[k];
    if (line.count == 0) line.count = lines_[k].ask(now, line.bytes);
    next_wake = std::min(next_wake, lines_[k].next_wake());
  }
  Output::Line& meter = output_.lines[meter_line];
  if (meter.count == 0 && meter_master_.free(now)) {
    const MeterBlock block = meter_plan_.next(now, ct_check_.running());
    meter.count = meter_master_.send(meter_request(settings_.meter_address, block), now, meter.bytes);
  }
  store_.ask(now, output_.storage);
  next_wake =
      std::min({next_wake, store_.next_wake(), reload_.next_wake(), clock_.next_save(), off_guard_.next_wake()});
  output_.next_wake = std::min({next_wake, meter_master_.next_wake(), lan_wake(now)});
}

}  // namespace hil::controller
