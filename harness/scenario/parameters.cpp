#include "harness/scenario/parameters.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "harness/scenario/element_reader.h"
#include "harness/scenario/names.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {
namespace {

constexpr std::string_view opening = "${";
constexpr std::size_t longest_value = 100'000;  // a name that stands often must not fill the memory

/// Fills in one text after the other and notes which parameters were named.
class Filler {
 public:
  Filler(const std::vector<Parameter>& parameters, Diagnostics& diagnostics)
      : parameters_(parameters), diagnostics_(diagnostics) {}

  void fill(Element& element) {
    for (Attribute& attribute : element.attributes) {
      if (!names_one(attribute.value)) continue;
      fill(attribute.value, attribute.place, attribute.owner.text() + ": " + attribute.name);
    }
    if (names_one(element.text)) fill(element.text, element.place, element.label() + ": the text inside");
    for (Element& child : element.children) fill(child);
  }
  bool used(const std::string& name) const { return used_.contains(name); }

 private:
  static bool names_one(std::string_view text) { return text.find(opening) != std::string_view::npos; }

  void fill(std::string& text, const Place& place, const std::string& what) {
    std::string filled;
    std::string_view rest = text;
    for (std::size_t at = rest.find(opening); at != std::string_view::npos; at = rest.find(opening)) {
      filled += rest.substr(0, at);
      rest.remove_prefix(at + opening.size());
      const std::size_t end = rest.find('}');
      if (end == std::string_view::npos) {
        diagnostics_.add(place, fmt::format("{} is {}, a ${{ without its }}", what, in_quotes(text)));
        return;
      }
      const std::string name{rest.substr(0, end)};
      rest.remove_prefix(end + 1);
      const auto known = std::find_if(parameters_.begin(), parameters_.end(),
                                      [&name](const Parameter& parameter) { return parameter.name == name; });
      if (known == parameters_.end()) {
        report_unknown(name, place, what + " is " + in_quotes(text));
        return;
      }
      used_.insert(name);
      filled += known->value;
      if (filled.size() > longest_value) {
        diagnostics_.add(place, fmt::format("{} becomes longer than {} characters", what, longest_value));
        return;
      }
    }
    text = filled.append(rest);
  }

  void report_unknown(const std::string& name, const Place& place, const std::string& what) {
    std::vector<std::string> names;
    for (const Parameter& parameter : parameters_) names.push_back(parameter.name);
    diagnostics_.add(place, names.empty() ? fmt::format("{}, but the scenario has no parameters", what)
                                          : fmt::format("{}: no parameter {}, known: {}", what, in_quotes(name),
                                                        list_nearest_first(name, names)));
  }

  const std::vector<Parameter>& parameters_;
  Diagnostics& diagnostics_;
  std::set<std::string> used_;
};

}  // namespace

std::vector<Parameter> read_parameters(const Element& element, Diagnostics& diagnostics) {
  std::vector<Parameter> parameters;
  ElementReader reader{element, diagnostics};
  for (const Element* child : reader.children("parameter")) {
    ElementReader each{*child, diagnostics};
    Parameter parameter;
    std::string unit;
    const bool named = each.name("name", parameter.name);
    each.text("default", parameter.value);
    const std::string_view own_unit = sim::unit_of(parameter.name);
    if (each.text("unit", unit, Need::optional) && named && unit != own_unit) {
      each.fault_of("unit", fmt::format("unit is {}, the name says {}", in_quotes(unit),
                                        own_unit.empty() ? "that it has none" : std::string{own_unit}));
    }
    each.finish();
    const bool taken = std::any_of(parameters.begin(), parameters.end(),
                                   [&](const Parameter& other) { return other.name == parameter.name; });
    if (named && taken) each.fault_of("name", fmt::format("name is \"{}\", already taken", parameter.name));
    if (named && !taken) parameters.push_back(std::move(parameter));
  }
  if (element.children.empty()) reader.fault("element <parameter> is missing");
  reader.finish();
  return parameters;
}

void put_parameters(Element& root, const std::vector<Parameter>& parameters, const Element* declared,
                    Diagnostics& diagnostics) {
  Filler filler{parameters, diagnostics};
  filler.fill(root);
  if (declared == nullptr) return;
  for (const Element& child : declared->children) {
    const Attribute* name = child.attribute("name");
    if (child.name != "parameter" || name == nullptr || filler.used(name->value)) continue;
    ElementReader{child, diagnostics}.breaks_rule(
        "S009", "name", fmt::format("nothing in the scenario names ${{{}}}", name->value), Severity::warning);
  }
}

}  // namespace hil::harness
