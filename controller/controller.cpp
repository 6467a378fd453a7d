#include "controller/controller.h"

#include <algorithm>
#include <cmath>

#include "controller/devices/goodwe_et_registers.h"

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

constexpr Time longest_between_steps = 250ms;
constexpr double largest_export_limit_w = 100'000.0;

std::size_t inverter_count(const Settings& settings) {
  std::size_t count = 0;
  for (const Settings::Line& line : settings.inverter_lines) count += std::min(line.count, max_units_per_line);
  return std::min(count, max_inverters);
}

}  // namespace

Controller::Controller(const Settings& settings) noexcept
    : settings_(settings),
      meter_master_({settings.meter_baud, settings.meter_bits_per_character}),
      energy_(settings, inverter_count(settings)) {
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
    news = meter_master_.heard(bytes, now) == BusMaster::Outcome::answered;
    if (news) {
      measurements_.grid_import_w = decode_grid_import_w(meter_master_.data());
      measurements_.grid_import_at = meter_master_.asked_at();
      meter_.add(*measurements_.grid_import_w, measurements_.grid_import_at);
    }
  } else {
    news = lines_[line].heard(bytes, now, meter_);
  }
  if (news) step(now);
  ask(now);
}

void Controller::input_changed(std::size_t /*input*/, bool /*level*/, Time now) noexcept {
  // No contact limits the power yet: a change is only an occasion to look at the lines.
  ask(now);
}

bool Controller::change_settings(const Settings& settings, Time now) noexcept {
  const bool in_bounds = std::abs(settings.export_limit_w) <= largest_export_limit_w &&
                         settings.total_capacity_w > 0.0 && settings.ct_ratio >= 0.0 &&
                         settings.active_power_share >= 0.0 && settings.active_power_share <= 1.0;
  if (!in_bounds) return false;
  const Settings before = settings_;
  settings_ = settings;
  settings_.inverter_lines = before.inverter_lines;
  settings_.meter_address = before.meter_address;
  settings_.meter_baud = before.meter_baud;
  settings_.meter_bits_per_character = before.meter_bits_per_character;
  energy_ = EnergyController{settings_, inverter_count(settings_)};
  step(now);
  ask(now);
  return true;
}

void Controller::woken(Time now) noexcept {
  bool news = meter_master_.woken(now) == BusMaster::Outcome::timed_out;
  for (InverterLine& line : lines_) news = line.woken(now) || news;
  if (news || now >= next_step_) step(now);
  ask(now);
}

void Controller::sent() noexcept {
  for (Output::Line& line : output_.lines) line.count = 0;
}

void Controller::step(Time now) noexcept {
  next_step_ = now + longest_between_steps;
  measurements_.now = now;
  std::size_t index = 0;
  for (const InverterLine& line : lines_) {
    for (std::size_t unit = 0; unit < line.count(); ++unit) {
      measurements_.inverters[index++] = line.measurement(unit);
    }
  }
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
    meter.count = meter_master_.send(meter_request(settings_.meter_address), now, meter.bytes);
  }
  output_.next_wake = std::min(next_wake, meter_master_.next_wake());
}

}  // namespace hil::controller
