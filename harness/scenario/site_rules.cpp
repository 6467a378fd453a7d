#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "harness/scenario/site_reader.h"

namespace hil::harness {
namespace {

constexpr std::size_t most_inverters_per_line = 4;  // SEC1000: ten inverters over three ports

const std::string& value_of(const Element& element, std::string_view attribute) {
  static const std::string nothing;
  const Attribute* found = element.attribute(attribute);
  return found == nullptr ? nothing : found->value;
}

/// Faults, events and signals name these by one name, so it must be one only.
void check_names(const Element& site, Diagnostics& diagnostics) {
  const std::set<std::string> reserved{"grid", "site", "com1", "com2", "com3", "com4", "ct_l1", "ct_l2", "ct_l3"};
  std::map<std::string, const Element*> first;
  for (const Element& element : site.children) {
    if (element.name != "inverter" && element.name != "load" && element.name != "meter") continue;
    const std::string& name = value_of(element, "name");
    if (name.empty()) continue;
    ElementReader reader{element, diagnostics};
    if (reserved.contains(name)) {
      reader.fault_of("name", fmt::format("name is \"{}\", which the bench itself uses", name));
    }
    const auto [known, is_new] = first.emplace(name, &element);
    if (is_new) continue;
    reader.fault_of("name", fmt::format("name is \"{}\", already taken by the {} at {}", name, known->second->name,
                                        seen_from(element.place, known->second->place)));
  }
}

void check_units(const Element& site, Diagnostics& diagnostics) {
  std::map<std::pair<std::string, long>, const Element*> first;
  for (const Element& element : site.children) {
    if (element.name != "inverter" && element.name != "meter") continue;
    const std::optional<long> unit = parse_integer(value_of(element, "unit"));
    const std::string& line = value_of(element, "line");
    if (!unit || line.empty()) continue;
    const auto [known, is_new] = first.emplace(std::pair{line, *unit}, &element);
    if (is_new) continue;
    ElementReader{element, diagnostics}.fault_of(
        "unit", fmt::format("unit is {}, already taken on {} by {}", *unit, line, value_of(*known->second, "name")));
  }
}

void check_numbers(const Element& site, Diagnostics& diagnostics) {
  std::size_t inverters = 0;
  std::map<std::string, std::size_t> per_line;
  for (const Element& element : site.children) {
    if (element.name != "inverter") continue;
    ElementReader reader{element, diagnostics};
    if (++inverters > controller::max_inverters) {
      reader.fault(fmt::format("is inverter {} of the site, must be at most {}", inverters, controller::max_inverters));
    }
    const std::string& line = value_of(element, "line");
    if (line.empty() || line == "com4") continue;
    if (++per_line[line] > most_inverters_per_line) {
      reader.fault_of("line", fmt::format("is inverter {} on {}, must be at most {}", per_line[line], line,
                                          most_inverters_per_line));
    }
  }
  if (inverters == 0) ElementReader{site, diagnostics}.fault("element <inverter> is missing");
}

/// A cable that no chain of cables joins to the grid feeds nothing.
void check_buses(const Element& site, const SiteSpec& spec, Diagnostics& diagnostics) {
  const auto cables = static_cast<std::size_t>(std::count_if(
      site.children.begin(), site.children.end(), [](const Element& child) { return child.name == "cable"; }));
  if (spec.plant.grid_bus.empty() || cables != spec.plant.cables.size()) return;  // reported already
  std::set<std::string> reached{spec.plant.grid_bus};
  for (bool grown = true; grown;) {
    grown = false;
    for (const models::Site::Cable& cable : spec.plant.cables) {
      if (reached.contains(cable.from_bus) == reached.contains(cable.to_bus)) continue;
      reached.insert(cable.from_bus);
      reached.insert(cable.to_bus);
      grown = true;
    }
  }
  for (const Element& element : site.children) {
    const std::string& from = value_of(element, "from");
    if (element.name != "cable" || from.empty() || reached.contains(from)) continue;
    ElementReader{element, diagnostics}.fault_of(
        "from",
        fmt::format("from is \"{}\", which no cable joins to the grid's bus \"{}\"", from, spec.plant.grid_bus));
  }
}

}  // namespace

void check_site_rules(const Element& site, const SiteSpec& spec, Diagnostics& diagnostics) {
  check_names(site, diagnostics);
  check_units(site, diagnostics);
  check_numbers(site, diagnostics);
  check_buses(site, spec, diagnostics);
}

}  // namespace hil::harness
