#include "controller/hosts/linux/settings_file.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "controller/devices/sinexcel_registers.h"
#include "controller/hosts/linux/bad_input.h"
#include "controller/hosts/linux/json_lines.h"
#include "controller/hosts/linux/settings_reader.h"

namespace hil::hosts {
namespace {

namespace core = hil::controller;

constexpr double highest_export_limit_w = 100e3;
constexpr double largest_battery_wh = 1e6;
constexpr double least_power_factor = 0.8;
constexpr std::array port_members{"com1", "com2", "com3"};

constexpr double largest_rating_w = largest_fleet_w / 10.0;
constexpr double largest_fleet_battery_wh = 1e8;

enum class Role : unsigned char { energy, fleet };
constexpr std::array<std::pair<const char*, Role>, 2> roles{{{"energy", Role::energy}, {"fleet", Role::fleet}}};

JsonValue parsed(const std::string& text, const std::string& name) {
  JsonFault no_json;
  std::optional<JsonValue> root = read_json(text, no_json);
  if (!root) throw BadInput(fmt::format("{}:{}: {}", name, no_json.line, no_json.what));
  return std::move(*root);
}

/// What is wrong with the member itself is told by whoever reads all of them.
Role role_of(const JsonValue& root) {
  for (const JsonValue& item : root.items) {
    if (item.name == "role" && item.kind == JsonValue::Kind::text && item.text == "fleet") return Role::fleet;
  }
  return Role::energy;
}

void read_power_factor(SettingsReader& settings, double& power_factor) {
  const JsonValue* json = settings.member("power_factor");
  if (json == nullptr) return;
  const double size = std::abs(json->number);
  if (json->kind == JsonValue::Kind::number && size >= least_power_factor && size <= 1.0) {
    power_factor = json->number;
  } else {
    settings.fault(json->line, fmt::format("power_factor must be a number {:g} to 1 (leading) or -{:g} to -1 (lagging)",
                                           least_power_factor, least_power_factor));
  }
}

void read_role(SettingsReader& settings) {
  Role told_before = Role::energy;
  settings.one_of("role", told_before, roles);
}

/// Throws what was found, if anything.
void refuse_faults(const std::vector<std::string>& faults) {
  if (!faults.empty()) throw BadInput(fmt::format("{}", fmt::join(faults, "\n")));
}

core::Settings energy_settings(const JsonValue& root, const std::string& name) {
  std::vector<std::string> faults;
  core::Settings settings;
  SettingsReader reader(root, "", name, faults);
  std::size_t inverters = 0;
  for (std::size_t i = 0; i < port_members.size(); ++i) {
    read_line(reader, port_members[i], settings.inverter_lines[i], largest_battery_wh);
    inverters += settings.inverter_lines[i].count;
  }
  if (const JsonValue* meter = reader.member("meter")) {
    SettingsReader meter_reader = reader.inside(*meter);
    meter_reader.address("address", settings.meter_address);
    meter_reader.finish();
  }
  reader.one_of("control_mode", settings.control_mode,
                std::array<std::pair<const char*, core::ControlMode>, 4>{{{"off", core::ControlMode::off},
                                                                          {"dred", core::ControlMode::dred},
                                                                          {"rcr", core::ControlMode::rcr},
                                                                          {"value", core::ControlMode::value}}});
  reader.one_of("phase_mode", settings.phase_mode,
                std::array<std::pair<const char*, core::PhaseMode>, 2>{
                    {{"each", core::PhaseMode::each}, {"sum", core::PhaseMode::sum}}});
  reader.flag("freeze_cure_enabled", settings.freeze_cure_enabled);
  reader.number("export_limit_w", settings.export_limit_w, {-highest_export_limit_w, highest_export_limit_w}, true);
  reader.number("total_capacity_w", settings.total_capacity_w, {0.0, 1e7, false}, true);
  reader.number("ct_ratio", settings.ct_ratio, {0.0, 1e5});
  reader.number("active_power_share", settings.active_power_share, {0.0, 1.0});
  reader.one_of("reactive_mode", settings.reactive_mode,
                std::array<std::pair<const char*, core::ReactiveMode>, 3>{
                    {{"none", core::ReactiveMode::none},
                     {"power_factor", core::ReactiveMode::power_factor},
                     {"reactive_power", core::ReactiveMode::reactive_power}}});
  read_power_factor(reader, settings.power_factor);
  reader.number("reactive_power_var", settings.reactive_power_var, {-1e7, 1e7});
  read_role(reader);
  reader.finish();
  if (faults.empty() && inverters == 0) reader.fault(root.line, "no inverter: needs com1, com2 or com3 with addresses");
  if (inverters > core::max_inverters) {
    reader.fault(root.line, fmt::format("{} inverters, must be at most {}", inverters, core::max_inverters));
  }
  refuse_faults(faults);
  return settings;
}

/// There is none to move, so nothing may rest on one.
void read_transfer_switch(SettingsReader& reader) {
  const JsonValue* json = reader.member("transfer_switch");
  if (json == nullptr || (json->kind == JsonValue::Kind::boolean && !json->boolean)) return;
  reader.fault(json->line, "transfer_switch must be false: a serial adapter has no contact to move one");
}

void read_fleet_meter(SettingsReader& reader, std::uint8_t& address) {
  const JsonValue* meter = reader.member("meter");
  if (meter == nullptr) return;
  SettingsReader meter_reader = reader.inside(*meter);
  address = 1;
  meter_reader.address("address", address);
  meter_reader.finish();
}

core::FleetSettings fleet_settings(const JsonValue& root, const std::string& name) {
  using core::FleetMode;
  std::vector<std::string> faults;
  core::FleetSettings settings;
  SettingsReader reader(root, "", name, faults);
  read_role(reader);
  std::size_t converters = 0;
  for (std::size_t i = 0; i < port_members.size(); ++i) {
    read_line(reader, port_members[i], settings.lines[i], largest_fleet_battery_wh);
    converters += settings.lines[i].count;
  }
  read_fleet_meter(reader, settings.meter_address);
  reader.number("unit_rating_w", settings.unit_rating_w, {0.0, largest_rating_w, false}, true);
  reader.whole("strings_per_unit", settings.strings_per_unit, 1, core::most_pcs_strings);
  reader.one_of(
      "mode", settings.mode,
      std::array<std::pair<const char*, FleetMode>, 3>{
          {{"stop", FleetMode::stop}, {"power", FleetMode::power}, {"self_consumption", FleetMode::self_consumption}}});
  reader.number("ac_injection_w", settings.ac_injection_w, {-largest_fleet_w, largest_fleet_w});
  reader.number("ac_injection_var", settings.ac_injection_var, {-largest_fleet_w, largest_fleet_w});
  reader.number("grid_import_w", settings.grid_import_w, {-largest_fleet_w, largest_fleet_w});
  reader.number("initial_soc", settings.initial_soc, {0.0, 1.0});
  reader.number("lowest_soc", settings.lowest_soc, {0.0, 1.0});
  reader.number("highest_soc", settings.highest_soc, {0.0, 1.0});
  reader.number("nominal_ln_v", settings.nominal_ln_v, {50.0, 1000.0});
  read_transfer_switch(reader);
  reader.finish();
  if (faults.empty() && converters == 0)
    reader.fault(root.line, "no converter: needs com1, com2 or com3 with addresses");
  if (converters > core::max_inverters) {
    reader.fault(root.line, fmt::format("{} converters, must be at most {}", converters, core::max_inverters));
  }
  if (settings.lowest_soc >= settings.highest_soc) {
    reader.fault(root.line, fmt::format("lowest_soc is {:g}, must be below highest_soc ({:g})", settings.lowest_soc,
                                        settings.highest_soc));
  }
  if (settings.mode == FleetMode::self_consumption && settings.meter_address == 0) {
    reader.fault(root.line, "mode is \"self_consumption\", which needs a meter");
  }
  refuse_faults(faults);
  return settings;
}

}  // namespace

core::Settings read_settings(const std::string& text, const std::string& name) {
  return energy_settings(parsed(text, name), name);
}

RoleSettings read_role_settings(const std::string& text, const std::string& name) {
  const JsonValue root = parsed(text, name);
  if (role_of(root) == Role::fleet) return fleet_settings(root, name);
  return energy_settings(root, name);
}

std::string read_settings_text(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream || std::filesystem::is_directory(file)) {
    throw BadInput(file.string() + ": cannot be read, must be a settings file");
  }
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace hil::hosts
