#include "controller/controller.h"

#include <algorithm>

#include "controller/devices/goodwe_et_registers.h"

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

constexpr Time longest_between_steps = 250ms;

std::size_t inverter_count(const Settings& settings) {
  std::size_t count = 0;
  for (const Settings::Line& line : settings.inverter_lines) count += std::min(line.count, max_units_per_line);
  return std::min(count, max_inverters);
}

}  // namespace

Controller::Controller(const Settings& settings) noexcept
    : settings_(settings),
      meter_master_({settings.meter_baud, settings.meter_bits_per_character}),
      energy_(settings, inverter_count(settings)),
      watch_(settings),
      lan_(settings.lan) {
  // Units beyond the tenth of all lines together are not spoken to.
  std::size_t left = max_inverters;
  for (std::size_t k = 0; k < lines_.size(); ++k) {
    Settings::Line line = settings.inverter_lines[k];
    line.count = std::min(line.count, left);
    left -= line.count;
    lines_[k] = InverterLine{line};
  }
  output_.next_wake = Time{0};
}

void Controller::bytes_arrived(std::size_t line, std::span<const std::uint8_t> bytes, Time now) noexcept {
  if (line >= max_lines) return;
  bool news = false;
  if (line == meter_line) {
    const bool answered = meter_master_.heard(bytes, now) == BusMaster::Outcome::answered;
    if (answered) {
      meter_plan_.answered(now);
      watch_.meter(meter_plan_.open(), meter_master_.data(), meter_master_.asked_at());
    }
    news = answered && meter_plan_.open() == MeterBlock::powers;
    if (news) {
      measurements_.grid_import_w = decode_grid_import_w(meter_master_.data());
      measurements_.grid_import_at = meter_master_.asked_at();
      meter_.add(*measurements_.grid_import_w, measurements_.grid_import_at);
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

void Controller::input_changed(std::size_t /*input*/, bool /*level*/, Time now) noexcept {
  // No contact limits the power yet: a change is only an occasion to look at the lines.
  ask(now);
}

void Controller::woken(Time now) noexcept {
  bool news = meter_master_.woken(now) == BusMaster::Outcome::timed_out;
  for (InverterLine& line : lines_) news = line.woken(now) || news;
  if (news || now >= next_step_) step(now);
  serve_lan(now);
  ask(now);
}

bool Controller::change_settings(const Settings& settings, Time now) noexcept {
  if (problem_in(settings) || !same_wiring(settings, settings_)) return false;
  settings_ = settings;
  energy_.configure(settings_);
  next_step_ = now;
  ask(now);
  return true;
}

void Controller::sent() noexcept {
  for (LanPort& port : output_.lan) port = {};
  for (Output::Line& line : output_.lines) line.count = 0;
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
  watch_.step(now);
  if (view().inverters_w) lan_.see_inverters_w(*view().inverters_w, now);
  const Commands& commands = energy_.step(measurements_);
  index = 0;
  for (InverterLine& line : lines_) {
    for (std::size_t unit = 0; unit < line.count(); ++unit) {
      const InverterOrder& order = commands.inverters[index++];
      line.set_order(
          unit, encode_order(commands.limit_enabled && !order.limit_off, order.ac_limit_w, order.battery_discharge_w),
          now);
    }
  }
}

void Controller::ask(Time now) noexcept {
  Time next_wake = next_step_;
  for (std::size_t k = 0; k < lines_.size(); ++k) {
    Output::Line& line = output_.lines[k];
    if (line.count == 0) line.count = lines_[k].ask(now, line.bytes);
    next_wake = std::min(next_wake, lines_[k].next_wake());
  }
  Output::Line& meter = output_.lines[meter_line];
  if (meter.count == 0 && meter_master_.free(now)) {
    meter.count = meter_master_.send(meter_request(settings_.meter_address, meter_plan_.next(now)), now, meter.bytes);
  }
  output_.next_wake = std::min({next_wake, meter_master_.next_wake(), lan_wake(now)});
}

}  // namespace hil::controller
