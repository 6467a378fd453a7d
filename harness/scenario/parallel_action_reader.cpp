#include "harness/scenario/parallel_action_reader.h"

#include <fmt/core.h>

#include <algorithm>

namespace hil::harness {
namespace {

constexpr int highest_byte = 255;

void read_byte(ElementReader& reader, const char* attribute, std::optional<int>& value) {
  int given = 0;
  if (reader.integer(attribute, given, 0, highest_byte, Need::optional)) value = given;
}

Action read_setting(ElementReader& reader, const Stage& stage) {
  SetParallel change;
  read_reference(reader, "unit", change.unit, stage, stage.solax_names, "SolaX inverters");
  std::string role;
  if (reader.one_of("role", role, parallel_role_words(), "roles", Need::optional)) {
    const auto& words = parallel_role_words();
    change.role = static_cast<sim::ParallelRole>(std::find(words.begin(), words.end(), role) - words.begin());
  }
  int count = 0;
  if (reader.integer("inverters_in_parallel", count, 1, most_parallel_units, Need::optional)) {
    change.inverters_in_parallel = count;
  }
  read_byte(reader, "safety_code", change.safety_code);
  read_byte(reader, "firmware", change.firmware);
  read_byte(reader, "battery_count", change.battery_count);
  if (change.role.value_or(sim::ParallelRole::primary) != sim::ParallelRole::primary && change.inverters_in_parallel) {
    reader.breaks_rule("S015", "inverters_in_parallel", "inverters_in_parallel is set at the primary only");
  }
  const bool anything =
      change.role || change.inverters_in_parallel || change.safety_code || change.firmware || change.battery_count;
  if (!anything && reader.sound()) {
    reader.fault("must give one of role, inverters_in_parallel, safety_code, firmware, battery_count");
  }
  return change;
}

Action read_combiner(ElementReader& reader, const Stage& stage) {
  WireCombiner change;
  read_reference(reader, "parallel", change.parallel, stage, stage.parallel_names, "parallel systems");
  reader.integer("inputs", change.inputs, 0, most_parallel_units);
  return change;
}

}  // namespace

const std::vector<std::string>& parallel_role_words() {
  static const std::vector<std::string> words{"primary", "secondary1", "secondary2", "secondary3"};
  return words;
}

const std::vector<std::string>& parallel_action_elements() {
  static const std::vector<std::string> elements{"parallel_setting", "combiner_box"};
  return elements;
}

Action read_parallel_action(ElementReader& reader, const Stage& stage) {
  Action action =
      reader.element().name == "parallel_setting" ? read_setting(reader, stage) : read_combiner(reader, stage);
  reader.finish();
  return action;
}

}  // namespace hil::harness
