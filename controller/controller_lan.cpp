// The LAN entries of the controller, and what the commands of the protocol mean to it.

#include <algorithm>

#include "controller/controller.h"

namespace hil::controller {

bool Controller::lan_opened(std::size_t client, Time now) noexcept {
  if (!lan_.opened(client, now)) return false;
  output_.lan[client] = {};
  ask(now);
  return true;
}

void Controller::lan_bytes_arrived(std::size_t client, std::span<const std::uint8_t> bytes, Time now) noexcept {
  while (lan_.is_open(client) && !bytes.empty()) {
    bytes = bytes.subspan(lan_.take(client, bytes, now));
    serve_lan(now);
    if (!lan_.full(client) || bytes.empty()) continue;
    // More requests ahead than are kept: this is no client of ours.
    lan_.closed(client);
    output_.lan[client].close = true;
  }
  ask(now);
}

void Controller::lan_closed(std::size_t client, Time now) noexcept {
  lan_.closed(client);
  ask(now);
}

/// One response a client, so that each leaves as one write; the next follows when the host has sent it.
void Controller::serve_lan(Time now) noexcept {
  for (std::size_t client = 0; client < output_.lan.size(); ++client) {
    LanPort& port = output_.lan[client];
    if (port.count == 0) {
      if (const std::optional<LanServer::Task> task = lan_.next(client, now)) {
        const LanResponse response =
            task->refuse ? lan_response(task->command_byte, LanStatus::refused) : carry_out(task->request, now);
        std::copy_n(response.bytes.begin(), response.count, port.bytes.begin());
        port.count = response.count;
      }
    }
    port.close = port.close || lan_.idle(client, now);
  }
}

Settings Controller::to_be_stored() const noexcept {
  Settings stored = settings_;
  stored.control_mode = off_guard_.pending().value_or(stored.control_mode);
  return stored;
}

void Controller::guard_off(Time now) noexcept {
  if (settings_.control_mode != ControlMode::off) off_guard_.over();
  const bool all_off = std::all_of(lines_.begin(), lines_.end(), [](const InverterLine& line) {
    for (std::size_t unit = 0; unit < line.count(); ++unit) {
      if (line.measurement(unit).answering && !line.measurement(unit).limit_off) return false;
    }
    return true;
  });
  if (!off_guard_.due(all_off, now)) return;
  Settings restored = settings_;
  restored.control_mode = *off_guard_.pending();
  change_settings(restored, now);
}

Time Controller::lan_wake(Time now) noexcept {
  for (std::size_t client = 0; client < output_.lan.size(); ++client) {
    if (lan_.has_more(client)) return now;
  }
  return lan_.next_wake();
}

LanResponse Controller::telemetry() const noexcept {
  const PlantView& plant = view();
  LanTelemetry values;
  for (std::size_t k = 0; k < plant.phases.size(); ++k) {
    values.voltage_ln_rms_v[k] = plant.phases[k].voltage_ln_rms_v.value_or(0.0);
    values.current_a[k] = plant.phases[k].current_a.value_or(0.0);
    values.phase_export_w[k] = plant.phases[k].grid_export_w.value_or(0.0);
  }
  values.grid_export_w = plant.grid_export_w.value_or(0.0);
  values.inverters_w = lan_.shown_inverters_w(plant.inverters_w.value_or(0.0));
  return lan_response(values);
}

LanResponse Controller::carry_out(const LanRequest& request, Time now) noexcept {
  Settings wanted = settings_;
  // The last one switched on wins; switching off a mode that is not on changes nothing.
  const auto switch_mode = [&](ControlMode mode) {
    if (request.on) {
      // The client's five seconds are counted from its command, the inverters' from their orders: the guard ends them.
      if (off_guard_.pending() != mode) wanted.control_mode = mode;
    } else if (wanted.control_mode == mode) {
      wanted.control_mode = ControlMode::off;
    }
  };
  switch (request.command) {
    case LanCommand::telemetry:
      return telemetry();
    case LanCommand::read_limit:
      return lan_response(LanLimit{static_cast<std::uint8_t>(settings_.control_mode), settings_.total_capacity_w,
                                   settings_.ct_ratio, settings_.export_limit_w});
    case LanCommand::set_clock: {
      const auto& given = request.clock;
      const bool good = clock_.set({2000 + given[0], given[1], given[3], given[4], given[5], given[6]}, now);
      return lan_response(static_cast<std::uint8_t>(request.command),
                          good ? LanStatus::clock_accepted : LanStatus::refused);
    }
    case LanCommand::rcr_switch:
      switch_mode(ControlMode::rcr);
      break;
    case LanCommand::dred_switch:
      switch_mode(ControlMode::dred);
      break;
    case LanCommand::value_switch:
      switch_mode(ControlMode::value);
      break;
    case LanCommand::write_limit:
      wanted.total_capacity_w = request.capacity_w;
      wanted.export_limit_w = request.export_limit_w;
      wanted.phase_mode = static_cast<PhaseMode>(request.phase_mode);
      break;
  }
  const bool takes_away = settings_.control_mode != ControlMode::off && wanted.control_mode == ControlMode::off;
  // Before the change: what is stored with it is the limit, lest a loss of power makes its end lasting.
  if (takes_away && settings_.lan.off_guard) off_guard_.switched_off(settings_.control_mode, now);
  const bool good = change_settings(wanted, now);
  if (!good && takes_away) off_guard_.over();
  if (good && request.command == LanCommand::write_limit) off_guard_.limit_written(now);
  return lan_response(static_cast<std::uint8_t>(request.command), good ? LanStatus::accepted : LanStatus::refused);
}

}  // namespace hil::controller
