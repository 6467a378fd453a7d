#include "controller/hosts/linux/energy_core.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>

#include "controller/core/commissioning_text.h"

namespace hil::hosts {
namespace {

namespace core = hil::controller;

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

std::string shown(const std::optional<double>& value, const char* unit, double scale = 1.0, int digits = 0) {
  return value ? fmt::format("{:.{}f} {}", scale * *value, digits, unit) : "unknown";
}

/// What the pages of the original show of the plant (PlantView).
std::string plant_lines(const core::PlantView& view) {
  std::string text = fmt::format(
      "plant: PV {}, battery discharge {}, inverters {}, grid export {}, load {}, SOC mean {}, weighted {}\n",
      shown(view.pv_w, "W"), shown(view.battery_discharge_w, "W"), shown(view.inverters_w, "W"),
      shown(view.grid_export_w, "W"), shown(view.load_w, "W"), shown(view.mean_soc, "%", 100.0, 1),
      shown(view.weighted_soc, "%", 100.0, 1));
  for (std::size_t k = 0; k < view.phases.size(); ++k) {
    const core::PlantView::Phase& phase = view.phases[k];
    text += fmt::format("meter L{}: {}, {}, export {}\n", k + 1, shown(phase.voltage_ln_rms_v, "V", 1.0, 1),
                        shown(phase.current_a, "A", 1.0, 2), shown(phase.grid_export_w, "W"));
  }
  return text;
}

/// What they show of one inverter.
std::string device_lines(const core::DeviceView& device) {
  const std::string name = fmt::format("{} unit {}", port_names[device.line], device.address);
  std::string text = fmt::format("{}: PV {}", name, shown(device.pv_w, "W"));
  for (const core::DeviceView::PvInput& input : device.pv_inputs) {
    if (input.voltage_v) {
      text += fmt::format(", {} {}", shown(input.voltage_v, "V", 1.0, 1), shown(input.current_a, "A", 1.0, 1));
    }
  }
  text += fmt::format("\n{}: today PV {}, exported {}, imported {}, load {}, charged {}, discharged {}\n", name,
                      shown(device.pv_today_wh, "kWh", 1e-3, 1), shown(device.exported_today_wh, "kWh", 1e-3, 1),
                      shown(device.imported_today_wh, "kWh", 1e-3, 1), shown(device.load_today_wh, "kWh", 1e-3, 1),
                      shown(device.battery_charge_today_wh, "kWh", 1e-3, 1),
                      shown(device.battery_discharge_today_wh, "kWh", 1e-3, 1));
  if ((device.errors | device.battery_alarms | device.battery_warnings) != 0) {
    text += fmt::format("{}: errors {:#010x}, battery alarms {:#010x}, warnings {:#010x}\n", name, device.errors,
                        device.battery_alarms, device.battery_warnings);
  }
  return text;
}

}  // namespace

std::vector<std::string> EnergyCore::setup_texts() const {
  const core::SetupFaults faults = core_.setup_faults();
  std::vector<std::string> texts;
  for (std::size_t bit = 0; bit < core::setup_fault_count; ++bit) {
    const auto fault = static_cast<core::SetupFault>(bit);
    if (faults.has(fault)) texts.emplace_back(core::text_of(fault));
  }
  return texts;
}

std::string EnergyCore::summary(core::Time now) const {
  const core::Measurements& known = core_.measurements();
  std::size_t count = 0;
  for (const auto& line : settings_.inverter_lines) count += line.count;
  const auto answering = std::count_if(known.inverters.begin(), known.inverters.begin() + static_cast<int>(count),
                                       [](const auto& inverter) { return inverter.answering; });
  std::string import =
      core_.view().meter_refuses ? "never heard (the meter answers, but not as an SDM630)" : "never heard";
  if (known.grid_import_w) {
    import = fmt::format("{:.0f} W ({:.1f} s ago)", *known.grid_import_w,
                         std::chrono::duration<double>(now - known.grid_import_at).count());
  }
  const std::string_view state = core_.setup_faults().unsafe() ? "safe state" : state_name(core_.state());
  return fmt::format("{}, grid import {}, {} of {} inverters answer", state, import, answering, count);
}

std::string EnergyCore::unit_lines(core::Time /*now*/) const {
  std::string text;
  const core::CommissioningReport report = core_.report();
  for (std::size_t k = 0; k < report.finding_count; ++k) {
    text += fmt::format("{}\n", core::text_of(report.findings[k]).text());
  }
  const core::Measurements& known = core_.measurements();
  std::size_t index = 0;
  for (std::size_t line = 0; line < settings_.inverter_lines.size(); ++line) {
    for (std::size_t unit = 0; unit < settings_.inverter_lines[line].count; ++unit) {
      const std::optional<double>& ac_w = core_.view().devices.at(index).ac_injection_w;
      const core::InverterMeasurement& inverter = known.inverters.at(index++);
      text += fmt::format("{} unit {}: {}", port_names[line], settings_.inverter_lines[line].addresses[unit],
                          inverter.answering ? "answers" : "does not answer");
      if (ac_w) text += fmt::format(", AC {:.0f} W", *ac_w);
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
  text +=
      "PV, energies and alarms are read in turn: up to half a minute old with four units on a line, longer beside many "
      "orders\n";
  const core::PlantView& view = core_.view();
  text += plant_lines(view);
  for (std::size_t k = 0; k < view.device_count; ++k) text += device_lines(view.devices[k]);
  return text;
}

std::string EnergyCore::order_lines() const {
  const core::Settings& in_force = core_.settings();
  return fmt::format("mode {}, export limit {:.0f} W, {} freezes cured\n", mode_name(in_force.control_mode),
                     in_force.export_limit_w, core_.freeze_cures());
}

}  // namespace hil::hosts
