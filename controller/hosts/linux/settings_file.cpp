#include "controller/hosts/linux/settings_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "controller/hosts/linux/bad_input.h"
#include "controller/hosts/linux/json_lines.h"

namespace hil::hosts {
namespace {

namespace core = hil::controller;

constexpr int highest_address = 247;
constexpr double highest_export_limit_w = 100e3;
constexpr double largest_battery_wh = 1e6;
constexpr double least_power_factor = 0.8;

/// Takes members out of one object and keeps what is wrong with them.
class Reader {
 public:
  Reader(const JsonValue& object, std::string path, std::string file, std::vector<std::string>& faults)
      : object_(object), path_(std::move(path)), file_(std::move(file)), faults_(faults) {
    if (object.kind != JsonValue::Kind::object) {
      fault(object.line, path_.empty() ? "the settings must be one object: { ... }" : path_ + " must be an object");
    }
  }

  const JsonValue* member(const char* name, bool required = false) {
    known_.emplace_back(name);
    const JsonValue* found = nullptr;
    if (object_.kind != JsonValue::Kind::object) return nullptr;
    for (const JsonValue& item : object_.items) {
      if (item.name != name) continue;
      if (found != nullptr) fault(item.line, full(name) + " is given twice");
      found = &item;
    }
    if (found == nullptr && required) fault(object_.line, full(name) + " is missing");
    return found;
  }

  struct Range {
    double lowest;
    double highest;
    bool lowest_included = true;
  };
  void number(const char* name, double& value, const Range& range, bool required = false) {
    const JsonValue* json = member(name, required);
    if (json == nullptr) return;
    const bool good = json->kind == JsonValue::Kind::number && json->number <= range.highest &&
                      (range.lowest_included ? json->number >= range.lowest : json->number > range.lowest);
    if (good) {
      value = json->number;
    } else {
      fault(json->line, fmt::format("{} is {}, must be a number {} {:g}, at most {:g}", full(name), shown(*json),
                                    range.lowest_included ? "from" : "above", range.lowest, range.highest));
    }
  }

  void flag(const char* name, bool& value) {
    const JsonValue* json = member(name);
    if (json == nullptr) return;
    if (json->kind == JsonValue::Kind::boolean) {
      value = json->boolean;
    } else {
      fault(json->line, fmt::format("{} is {}, must be true or false", full(name), shown(*json)));
    }
  }

  template <typename Enum, std::size_t Count>
  void one_of(const char* name, Enum& value, const std::array<std::pair<const char*, Enum>, Count>& words) {
    const JsonValue* json = member(name);
    if (json == nullptr) return;
    std::string allowed;
    for (const auto& [word, meaning] : words) {
      if (json->kind == JsonValue::Kind::text && json->text == word) {
        value = meaning;
        return;
      }
      allowed += fmt::format("{}\"{}\"", allowed.empty() ? "" : ", ", word);
    }
    fault(json->line, fmt::format("{} is {}, must be one of {}", full(name), shown(*json), allowed));
  }

  void address(const char* name, std::uint8_t& value) {
    const JsonValue* json = member(name);
    if (json == nullptr) return;
    if (const auto good = address_of(*json)) value = *good;
  }

  /// nullopt, and a fault, for what is no Modbus address.
  std::optional<std::uint8_t> address_of(const JsonValue& json) {
    const bool good = json.kind == JsonValue::Kind::number && json.number >= 1 && json.number <= highest_address &&
                      json.number == std::floor(json.number);
    if (good) return static_cast<std::uint8_t>(json.number);
    const std::string what = json.name.empty() ? path_ + ": an address" : full(json.name);
    fault(json.line, fmt::format("{} is {}, must be a whole number 1 to {}", what, shown(json), highest_address));
    return std::nullopt;
  }

  void finish() {
    if (object_.kind != JsonValue::Kind::object) return;
    for (const JsonValue& item : object_.items) {
      if (std::find(known_.begin(), known_.end(), item.name) != known_.end()) continue;
      fault(item.line, fmt::format("{} is unknown, known: {}", full(item.name), fmt::join(known_, ", ")));
    }
  }

  void fault(int line, const std::string& what) { faults_.push_back(fmt::format("{}:{}: {}", file_, line, what)); }

 private:
  std::string full(std::string_view name) const {
    return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
  }
  static std::string shown(const JsonValue& json) {
    switch (json.kind) {
      case JsonValue::Kind::number:
        return fmt::format("{:g}", json.number);
      case JsonValue::Kind::text:
        return '"' + json.text + '"';
      case JsonValue::Kind::boolean:
        return json.boolean ? "true" : "false";
      case JsonValue::Kind::array:
        return "an array";
      case JsonValue::Kind::object:
        return "an object";
      default:
        return "null";
    }
  }

  const JsonValue& object_;
  std::string path_;
  std::string file_;
  std::vector<std::string>& faults_;
  std::vector<std::string> known_;
};

/// Of the batteries, one for each address.
void read_capacities(const JsonValue& json, const char* name, std::size_t count, core::Settings::Line& line,
                     Reader& reader) {
  bool good = json.kind == JsonValue::Kind::array && json.items.size() == count;
  for (std::size_t k = 0; good && k < count; ++k) {
    const JsonValue& item = json.items[k];
    good = item.kind == JsonValue::Kind::number && item.number > 0.0 && item.number <= largest_battery_wh;
    if (good) line.capacity_wh.at(k) = item.number;
  }
  if (good) return;
  reader.fault(json.line,
               fmt::format("{}.capacity_wh must be an array of {} numbers above 0 to {:g}, one for each address", name,
                           count, largest_battery_wh));
}

void read_line(Reader& settings, const char* name, core::Settings::Line& line, const std::string& file,
               std::vector<std::string>& faults) {
  const JsonValue* json = settings.member(name);
  if (json == nullptr) return;
  Reader reader(*json, name, file, faults);
  const JsonValue* addresses = reader.member("addresses", true);
  const JsonValue* capacities = reader.member("capacity_wh");
  reader.finish();
  if (addresses == nullptr) return;
  if (addresses->kind != JsonValue::Kind::array || addresses->items.empty() ||
      addresses->items.size() > core::max_units_per_line) {
    reader.fault(addresses->line, fmt::format("{}.addresses must be an array of 1 to {} Modbus addresses", name,
                                              core::max_units_per_line));
    return;
  }
  std::set<std::uint8_t> taken;
  for (const JsonValue& item : addresses->items) {
    const auto address = reader.address_of(item);
    if (!address) continue;
    if (!taken.insert(*address).second) {
      reader.fault(item.line, fmt::format("{}: address {} is given twice, two units would answer at once", name,
                                          static_cast<int>(*address)));
    }
    line.addresses.at(line.count++) = *address;
  }
  if (capacities != nullptr) read_capacities(*capacities, name, addresses->items.size(), line, reader);
}

void read_power_factor(Reader& settings, double& power_factor) {
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

}  // namespace

core::Settings read_settings(const std::string& text, const std::string& name) {
  JsonFault no_json;
  const std::optional<JsonValue> root = read_json(text, no_json);
  if (!root) throw BadInput(fmt::format("{}:{}: {}", name, no_json.line, no_json.what));

  std::vector<std::string> faults;
  core::Settings settings;
  Reader reader(*root, "", name, faults);
  constexpr std::array lines{"com1", "com2", "com3"};
  std::size_t inverters = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    read_line(reader, lines[i], settings.inverter_lines[i], name, faults);
    inverters += settings.inverter_lines[i].count;
  }
  if (const JsonValue* meter = reader.member("meter")) {
    Reader meter_reader(*meter, "meter", name, faults);
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
  reader.finish();
  if (faults.empty() && inverters == 0)
    reader.fault(root->line, "no inverter: needs com1, com2 or com3 with addresses");
  if (inverters > core::max_inverters) {
    reader.fault(root->line, fmt::format("{} inverters, must be at most {}", inverters, core::max_inverters));
  }
  if (!faults.empty()) throw BadInput(fmt::format("{}", fmt::join(faults, "\n")));
  return settings;
}

std::string read_settings_text(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream || std::filesystem::is_directory(file)) {
    throw BadInput(file.string() + ": cannot be read, must be a settings file");
  }
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace hil::hosts
