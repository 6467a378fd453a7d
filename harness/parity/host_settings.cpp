#include "harness/parity/host_settings.h"

#include <fmt/format.h>

#include <array>
#include <initializer_list>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "harness/scenario/fleet_order.h"
#include "harness/scenario/settings_change.h"

namespace hil::harness {
namespace {

constexpr std::array<std::string_view, 3> reactive_mode_names{"none", "power_factor", "reactive_power"};

using Lines = std::array<controller::Settings::Line, controller::max_lines - 1>;

void add_lines(nlohmann::ordered_json& json, const Lines& lines) {
  for (std::size_t port = 0; port < lines.size(); ++port) {
    const controller::Settings::Line& line = lines[port];
    if (line.count == 0) continue;
    nlohmann::ordered_json& entry = json[fmt::format("com{}", port + 1)];
    for (std::size_t k = 0; k < line.count; ++k) entry["addresses"].push_back(line.addresses[k]);
    for (std::size_t k = 0; k < line.count && line.capacity_wh[0] > 0.0; ++k) {
      entry["capacity_wh"].push_back(line.capacity_wh[k]);
    }
  }
}

// Figures of a board's header have as many digits as it takes to read the same number again.

std::string board_lines(std::string_view member, const Lines& lines) {
  std::string text;
  const auto out = std::back_inserter(text);
  for (std::size_t port = 0; port < lines.size(); ++port) {
    const controller::Settings::Line& line = lines[port];
    for (std::size_t k = 0; k < line.count; ++k) {
      fmt::format_to(out, "  settings.{}[{}].addresses[{}] = {};\n", member, port, k, line.addresses[k]);
      fmt::format_to(out, "  settings.{}[{}].capacity_wh[{}] = {};\n", member, port, k, line.capacity_wh[k]);
    }
    fmt::format_to(out, "  settings.{}[{}].count = {};\n", member, port, line.count);
    fmt::format_to(out, "  settings.{}[{}].baud = {};\n", member, port, line.baud);
  }
  return text;
}

std::string board_figures(std::initializer_list<std::pair<std::string_view, double>> figures) {
  std::string text;
  for (const auto& [name, value] : figures) text += fmt::format("  settings.{} = {};\n", name, value);
  return text;
}

std::string board_header(std::string_view header, std::string_view type, const std::string& fields) {
  return fmt::format(
      "#pragma once\n\n#include \"{0}\"\n\nnamespace hil::board {{\n\n"
      "constexpr controller::{1} site_settings() {{\n  controller::{1} settings;\n{2}  return settings;\n}}\n\n"
      "}}  // namespace hil::board\n",
      header, type, fields);
}

}  // namespace

std::string hilcontroller_settings(const controller::Settings& settings) {
  nlohmann::ordered_json json;
  add_lines(json, settings.inverter_lines);
  json["meter"]["address"] = settings.meter_address;
  json["export_limit_w"] = settings.export_limit_w;
  json["total_capacity_w"] = settings.total_capacity_w;
  json["ct_ratio"] = settings.ct_ratio;
  json["control_mode"] = control_mode_names[static_cast<std::size_t>(settings.control_mode)];
  json["phase_mode"] = settings.phase_mode == controller::PhaseMode::sum ? "sum" : "each";
  json["freeze_cure_enabled"] = settings.freeze_cure_enabled;
  json["active_power_share"] = settings.active_power_share;
  json["reactive_mode"] = reactive_mode_names[static_cast<std::size_t>(settings.reactive_mode)];
  json["power_factor"] = settings.power_factor;
  json["reactive_power_var"] = settings.reactive_power_var;
  return json.dump(2) + "\n";
}

std::string hilcontroller_settings(const controller::FleetSettings& settings) {
  nlohmann::ordered_json json;
  json["role"] = "fleet";
  add_lines(json, settings.lines);
  if (settings.meter_address != 0) json["meter"]["address"] = settings.meter_address;
  json["unit_rating_w"] = settings.unit_rating_w;
  json["strings_per_unit"] = settings.strings_per_unit;
  json["mode"] = fleet_mode_names[static_cast<std::size_t>(settings.mode)];
  json["ac_injection_w"] = settings.ac_injection_w;
  json["ac_injection_var"] = settings.ac_injection_var;
  json["grid_import_w"] = settings.grid_import_w;
  json["initial_soc"] = settings.initial_soc;
  json["lowest_soc"] = settings.lowest_soc;
  json["highest_soc"] = settings.highest_soc;
  json["nominal_ln_v"] = settings.nominal_ln_v;
  return json.dump(2) + "\n";
}

std::string board_settings(const controller::Settings& settings) {
  std::string fields = board_lines("inverter_lines", settings.inverter_lines);
  const auto out = std::back_inserter(fields);
  fmt::format_to(out, "  settings.meter_address = {};\n  settings.meter_baud = {};\n", settings.meter_address,
                 settings.meter_baud);
  fmt::format_to(out, "  settings.control_mode = static_cast<controller::ControlMode>({});\n",
                 static_cast<int>(settings.control_mode));
  fmt::format_to(out, "  settings.phase_mode = static_cast<controller::PhaseMode>({});\n",
                 static_cast<int>(settings.phase_mode));
  fmt::format_to(out, "  settings.reactive_mode = static_cast<controller::ReactiveMode>({});\n",
                 static_cast<int>(settings.reactive_mode));
  fmt::format_to(out, "  settings.freeze_cure_enabled = {};\n", settings.freeze_cure_enabled);
  fields += board_figures({{"export_limit_w", settings.export_limit_w},
                           {"total_capacity_w", settings.total_capacity_w},
                           {"ct_ratio", settings.ct_ratio},
                           {"active_power_share", settings.active_power_share},
                           {"power_factor", settings.power_factor},
                           {"reactive_power_var", settings.reactive_power_var}});
  return board_header("controller/settings.h", "Settings", fields);
}

std::string board_settings(const controller::FleetSettings& settings) {
  std::string fields = board_lines("lines", settings.lines);
  const auto out = std::back_inserter(fields);
  fmt::format_to(out, "  settings.meter_address = {};\n  settings.meter_baud = {};\n", settings.meter_address,
                 settings.meter_baud);
  fmt::format_to(out, "  settings.strings_per_unit = {};\n", settings.strings_per_unit);
  fmt::format_to(out, "  settings.mode = static_cast<controller::FleetMode>({});\n", static_cast<int>(settings.mode));
  fields += board_figures({{"unit_rating_w", settings.unit_rating_w},
                           {"ac_injection_w", settings.ac_injection_w},
                           {"ac_injection_var", settings.ac_injection_var},
                           {"grid_import_w", settings.grid_import_w},
                           {"initial_soc", settings.initial_soc},
                           {"lowest_soc", settings.lowest_soc},
                           {"highest_soc", settings.highest_soc},
                           {"nominal_ln_v", settings.nominal_ln_v}});
  return board_header("controller/fleet/fleet_settings.h", "FleetSettings", fields);
}

}  // namespace hil::harness
