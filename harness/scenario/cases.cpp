#include "harness/scenario/cases.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "harness/scenario/element_reader.h"
#include "harness/scenario/scenario_merge.h"
#include "harness/scenario/sweep.h"

namespace hil::harness {
namespace {

constexpr std::size_t longest_name = 200;  // a folder's name ends at 255 bytes

/// Takes the child out of the root; a second one stays and is reported there. nullopt when there is none.
std::optional<Element> take(Element& root, std::string_view name) {
  const auto found = std::find_if(root.children.begin(), root.children.end(),
                                  [name](const Element& child) { return child.name == name; });
  if (found == root.children.end()) return std::nullopt;
  Element taken = std::move(*found);
  root.children.erase(found);
  return taken;
}

/// 0 for one that the reader will refuse.
std::uint64_t seed_of(const Element& root) {
  const Attribute* given = root.attribute("seed");
  std::uint64_t seed = 0;
  if (given != nullptr) std::from_chars(given->value.data(), given->value.data() + given->value.size(), seed);
  return seed;
}

std::vector<Parameter> with_values(std::vector<Parameter> parameters, const std::vector<Parameter>& swept) {
  for (const Parameter& given : swept) {
    for (Parameter& parameter : parameters) {
      if (parameter.name == given.name) parameter.value = given.value;
    }
  }
  return parameters;
}

std::string key_of(const std::vector<Parameter>& swept) {
  std::string key;
  for (const Parameter& parameter : swept) {
    key += fmt::format("{}{}={}", key.empty() ? "" : ",", parameter.name, parameter.value);
  }
  return key;
}

void require_short(const Element& sweep, const std::string& key, Diagnostics& diagnostics) {
  if (key.size() <= longest_name) return;
  ElementReader{sweep, diagnostics}.fault(
      fmt::format("its cases' names are {} characters long, must be <= {}", key.size(), longest_name));
}

}  // namespace

std::string case_name(const std::string& scenario, const std::string& key) {
  return key.empty() ? scenario : scenario + "@" + key;
}

std::vector<ScenarioCase> cases_of(const Element& root, const std::filesystem::path& file,
                                   const std::filesystem::path& library, Diagnostics& diagnostics) {
  std::optional<Element> merged = merged_scenario(root, file, library, diagnostics);
  if (!merged) return {};
  const std::optional<Element> declared = take(*merged, "parameters");
  const std::optional<Element> sweep = take(*merged, "sweep");
  std::vector<Parameter> parameters;
  if (declared) parameters = read_parameters(*declared, diagnostics);
  std::vector<std::vector<Parameter>> sweeps{{}};
  if (sweep) sweeps = read_sweep(*sweep, parameters, seed_of(*merged), diagnostics);
  // What else is wrong with the file shall be known, too.
  if (sweeps.empty()) sweeps.emplace_back();
  std::vector<ScenarioCase> cases;
  for (const std::vector<Parameter>& swept : sweeps) {
    ScenarioCase each{key_of(swept), with_values(parameters, swept), *merged};
    if (sweep) require_short(*sweep, each.key, diagnostics);
    put_parameters(each.root, each.values, declared ? &*declared : nullptr, diagnostics);
    cases.push_back(std::move(each));
  }
  return cases;
}

}  // namespace hil::harness
