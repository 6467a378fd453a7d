#include "controller/hosts/linux/settings_reader.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace hil::hosts {
namespace {

namespace core = hil::controller;

constexpr int highest_address = 247;

/// Of the batteries, one for each address.
void read_capacities(const JsonValue& json, const char* name, std::size_t count, double largest_wh,
                     core::Settings::Line& line, SettingsReader& reader) {
  bool good = json.kind == JsonValue::Kind::array && json.items.size() == count;
  for (std::size_t k = 0; good && k < count; ++k) {
    const JsonValue& item = json.items[k];
    good = item.kind == JsonValue::Kind::number && item.number > 0.0 && item.number <= largest_wh;
    if (good) line.capacity_wh.at(k) = item.number;
  }
  if (good) return;
  reader.fault(json.line,
               fmt::format("{}.capacity_wh must be an array of {} numbers above 0 to {:g}, one for each address", name,
                           count, largest_wh));
}

}  // namespace

SettingsReader::SettingsReader(const JsonValue& object, std::string path, std::string file,
                               std::vector<std::string>& faults)
    : object_(object), path_(std::move(path)), file_(std::move(file)), faults_(faults) {
  if (object.kind != JsonValue::Kind::object) {
    fault(object.line, path_.empty() ? "the settings must be one object: { ... }" : path_ + " must be an object");
  }
}

const JsonValue* SettingsReader::member(const char* name, bool required) {
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

void SettingsReader::number(const char* name, double& value, const Range& range, bool required) {
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

void SettingsReader::whole(const char* name, std::size_t& value, std::size_t lowest, std::size_t highest) {
  const JsonValue* json = member(name);
  if (json == nullptr) return;
  const bool good = json->kind == JsonValue::Kind::number && json->number >= static_cast<double>(lowest) &&
                    json->number <= static_cast<double>(highest) && json->number == std::floor(json->number);
  if (good) {
    value = static_cast<std::size_t>(json->number);
  } else {
    fault(json->line,
          fmt::format("{} is {}, must be a whole number {} to {}", full(name), shown(*json), lowest, highest));
  }
}

void SettingsReader::flag(const char* name, bool& value) {
  const JsonValue* json = member(name);
  if (json == nullptr) return;
  if (json->kind == JsonValue::Kind::boolean) {
    value = json->boolean;
  } else {
    fault(json->line, fmt::format("{} is {}, must be true or false", full(name), shown(*json)));
  }
}

void SettingsReader::address(const char* name, std::uint8_t& value) {
  const JsonValue* json = member(name);
  if (json == nullptr) return;
  if (const auto good = address_of(*json)) value = *good;
}

std::optional<std::uint8_t> SettingsReader::address_of(const JsonValue& json) {
  const bool good = json.kind == JsonValue::Kind::number && json.number >= 1 && json.number <= highest_address &&
                    json.number == std::floor(json.number);
  if (good) return static_cast<std::uint8_t>(json.number);
  const std::string what = json.name.empty() ? path_ + ": an address" : full(json.name);
  fault(json.line, fmt::format("{} is {}, must be a whole number 1 to {}", what, shown(json), highest_address));
  return std::nullopt;
}

void SettingsReader::finish() {
  if (object_.kind != JsonValue::Kind::object) return;
  for (const JsonValue& item : object_.items) {
    if (std::find(known_.begin(), known_.end(), item.name) != known_.end()) continue;
    fault(item.line, fmt::format("{} is unknown, known: {}", full(item.name), fmt::join(known_, ", ")));
  }
}

std::string SettingsReader::shown(const JsonValue& json) {
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

void read_line(SettingsReader& settings, const char* name, core::Settings::Line& line, double largest_battery_wh) {
  const JsonValue* json = settings.member(name);
  if (json == nullptr) return;
  SettingsReader reader = settings.inside(*json);
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
  if (capacities != nullptr)
    read_capacities(*capacities, name, addresses->items.size(), largest_battery_wh, line, reader);
}

}  // namespace hil::hosts
