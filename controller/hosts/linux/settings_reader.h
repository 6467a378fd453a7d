#pragma once

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/hosts/linux/json_lines.h"
#include "controller/settings.h"

namespace hil::hosts {

/// Takes members out of one object of a settings file and keeps what is wrong with them. Object and faults must outlive
/// it.
class SettingsReader {
 public:
  /// `path`: of the object in the settings, empty for the whole; `file` stands for the file in messages.
  SettingsReader(const JsonValue& object, std::string path, std::string file, std::vector<std::string>& faults);
  /// For the object that one of its members is.
  SettingsReader inside(const JsonValue& object) const { return {object, full(object.name), file_, faults_}; }

  /// nullptr: it is not there, which is a fault when it is `required`.
  const JsonValue* member(const char* name, bool required = false);

  struct Range {
    double lowest;
    double highest;
    bool lowest_included = true;
  };
  // Each leaves `value` as it is when the member is not there or is wrong.
  void number(const char* name, double& value, const Range& range, bool required = false);
  void whole(const char* name, std::size_t& value, std::size_t lowest, std::size_t highest);
  void flag(const char* name, bool& value);
  void address(const char* name, std::uint8_t& value);
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

  /// nullopt, and a fault, for what is no Modbus address.
  std::optional<std::uint8_t> address_of(const JsonValue& json);

  /// After the last member: what is left is unknown.
  void finish();
  void fault(int line, const std::string& what) { faults_.push_back(fmt::format("{}:{}: {}", file_, line, what)); }

 private:
  std::string full(std::string_view name) const {
    return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
  }
  static std::string shown(const JsonValue& json);

  const JsonValue& object_;
  std::string path_;
  std::string file_;
  std::vector<std::string>& faults_;
  std::vector<std::string> known_;
};

/// The units on one port, by its name: `addresses`, and `capacity_wh` of the battery behind each.
void read_line(SettingsReader& settings, const char* name, controller::Settings::Line& line, double largest_battery_wh);

}  // namespace hil::hosts
