#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/scenario/site_reader.h"
#include "sim/devices/sinexcel_pws2.h"

namespace hil::harness {
namespace {

constexpr std::size_t most_inverters_per_line = 4;  // SEC1000: ten inverters over three ports

const std::string& value_of(const Element& element, std::string_view attribute) {
  static const std::string nothing;
  const Attribute* found = element.attribute(attribute);
  return found == nullptr ? nothing : found->value;
}

/// Answers on a line.
bool is_unit(const Element& element) {
  return element.name == "inverter" || element.name == "pcs" || element.name == "solax" || element.name == "meter";
}

/// Faults, events and signals name these by one name, so it must be one only.
void check_names(const Element& site, Diagnostics& diagnostics) {
  std::map<std::string, const Element*> first;
  for (const Element& element : site.children) {
    constexpr std::array<std::string_view, 4> others{"load", "parallel", "backup_interface", "pv_inverter"};
    if (!is_unit(element) && std::find(others.begin(), others.end(), element.name) == others.end()) continue;
    const std::string& name = value_of(element, "name");
    if (name.empty()) continue;
    ElementReader reader{element, diagnostics};
    if (is_reserved_name(name)) {
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
    if (!is_unit(element)) continue;
    const std::optional<long> unit = parse_integer(value_of(element, "unit"));
    const std::string& line = value_of(element, "line");
    if (!unit || line.empty()) continue;
    const auto [known, is_new] = first.emplace(std::pair{line, *unit}, &element);
    if (is_new) continue;
    ElementReader{element, diagnostics}.breaks_rule(
        "S004", "unit",
        fmt::format("unit is {}, already taken on {} by {}", *unit, line, value_of(*known->second, "name")));
  }
}

/// A load contact switches a load of the site, and no two the same.
void check_contacts(const Element& site, Diagnostics& diagnostics) {
  std::vector<std::string> loads;
  for (const Element& element : site.children) {
    if (element.name == "load") loads.push_back(value_of(element, "name"));
  }
  std::map<std::string, std::string> switched_by;
  for (const Element& element : site.children) {
    const std::string& load = value_of(element, "contact_load");
    if (element.name != "inverter" || load.empty()) continue;
    ElementReader reader{element, diagnostics};
    std::string known;
    if (!reader.one_of("contact_load", known, loads, "loads")) continue;
    const auto [other, is_new] = switched_by.emplace(load, value_of(element, "name"));
    if (is_new) continue;
    reader.fault_of("contact_load", fmt::format("contact_load is \"{}\", already that of {}", load, other->second));
  }
}

/// A chain names every unit of its line once.
void check_chains(const Element& site, const SiteSpec& spec, Diagnostics& diagnostics) {
  for (const Element& element : site.children) {
    const auto line = std::find_if(spec.lines.begin(), spec.lines.end(), [&](const LineSpec& each) {
      return element.name == "line" && each.name == value_of(element, "name");
    });
    if (line == spec.lines.end() || line->chain.empty()) continue;
    std::string units;
    std::set<std::string> missing;
    for (const Element& unit : site.children) {
      if (!is_unit(unit) || value_of(unit, "line") != line->name) continue;
      missing.insert(value_of(unit, "name"));
      units += (units.empty() ? "" : " ") + value_of(unit, "name");
    }
    const bool each_once = std::all_of(line->chain.begin(), line->chain.end(),
                                       [&](const std::string& unit) { return missing.erase(unit) == 1; });
    if (each_once && missing.empty()) continue;
    ElementReader{element, diagnostics}.fault_of(
        "chain", fmt::format("chain is \"{}\", must name each unit of the line once: {}", value_of(element, "chain"),
                             units.empty() ? "it has none" : units));
  }
}

void check_numbers(const Element& site, bool split_phase, Diagnostics& diagnostics) {
  std::size_t inverters = 0;
  std::map<std::string, std::size_t> per_line;
  bool has_others = false;
  for (const Element& element : site.children) {
    if (element.name == "pcs") {
      has_others = true;
      if (split_phase)
        ElementReader{element, diagnostics}.fault(
            "is for three phases, which the site's split-phase supply does not have");
    }
    has_others = has_others || element.name == "solax";
    if (element.name != "inverter") continue;
    ElementReader reader{element, diagnostics};
    if (split_phase) reader.fault("is an inverter for three phases, which the site's split-phase supply does not have");
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
  if (inverters == 0 && !has_others && !split_phase)
    ElementReader{site, diagnostics}.fault("element <inverter> is missing");
}

/// A PWS2 has a register for the baud of its port, with two codes (sinexcel-pcs-modbus 12, 320).
void check_bauds(const Element& site, const SiteSpec& spec, Diagnostics& diagnostics) {
  for (const PcsSpec& pcs : spec.pcs) {
    const auto line = std::find_if(spec.lines.begin(), spec.lines.end(),
                                   [&pcs](const LineSpec& each) { return each.name == pcs.line; });
    const bool fits = line == spec.lines.end() || sim::SinexcelPws2::has_baud(line->format.baud);
    if (pcs.profile != sim::PcsProfile::pws2 || fits) continue;
    for (const Element& element : site.children) {
      if (element.name != "pcs" || value_of(element, "name") != pcs.name) continue;
      ElementReader{element, diagnostics}.fault_of(
          "line", fmt::format("line is \"{}\" of {} baud, a PWS2 has 9600 or 19200", pcs.line, line->format.baud));
    }
  }
}

using Join = std::pair<std::string, std::string>;

/// What these joins reach from `reached`.
std::set<std::string> spread(std::set<std::string> reached, const std::vector<Join>& joins) {
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& [from, to] : joins) {
      if (reached.contains(from) == reached.contains(to)) continue;
      reached.insert(from);
      reached.insert(to);
      grown = true;
    }
  }
  return reached;
}

std::size_t count_of(const Element& site, std::string_view name) {
  return static_cast<std::size_t>(std::count_if(site.children.begin(), site.children.end(),
                                                [&](const Element& child) { return child.name == name; }));
}

/// Each of them could be read, and those of a backup interface.
bool has_all_cables(const Element& site, const SiteSpec& spec) {
  const std::size_t of_interface = spec.backup_interface ? spec.backup_interface->cables : 0;
  const bool interface_read = spec.backup_interface.has_value() || count_of(site, "backup_interface") == 0;
  return interface_read && count_of(site, "cable") + of_interface == spec.plant.cables.size();
}

/// A cable that no chain of cables and transformers joins to the grid feeds nothing.
void check_buses(const Element& site, const SiteSpec& spec, Diagnostics& diagnostics) {
  const models::Site::Parameters& plant = spec.plant;
  if (plant.grid_bus.empty() || !has_all_cables(site, spec) ||
      count_of(site, "transformer") != plant.transformers.size()) {
    return;  // reported already
  }
  std::vector<Join> cables;
  for (const models::Site::Cable& cable : plant.cables) cables.emplace_back(cable.from_bus, cable.to_bus);
  std::vector<Join> joins = cables;
  for (const auto& transformer : plant.transformers) joins.emplace_back(transformer.from_bus, transformer.to_bus);
  const std::set<std::string> reached = spread({plant.grid_bus}, joins);
  for (const Element& element : site.children) {
    const std::string& from = value_of(element, "from");
    const bool joins_buses = element.name == "cable" || element.name == "transformer";
    if (!joins_buses || from.empty() || reached.contains(from)) continue;
    ElementReader{element, diagnostics}.fault_of(
        "from", fmt::format("from is \"{}\", which no cable joins to the grid's bus \"{}\"", from, plant.grid_bus));
  }
  if (plant.transformers.empty() || plant.grid.split_phase) return;
  const std::set<std::string> before = spread({plant.grid_bus}, cables);
  const auto require_behind = [&](const Element& element, const std::string& attribute, const std::string& bus) {
    if (!before.contains(bus)) return;
    ElementReader{element, diagnostics}.fault_of(
        attribute, fmt::format("{} is \"{}\", on the grid's side of the transformer, at {} V line to neutral",
                               attribute, value_of(element, attribute), plant.grid.nominal_ln_v));
  };
  for (const Element& element : site.children) {
    if (is_unit(element) || element.name == "load") require_behind(element, "bus", value_of(element, "bus"));
    if (element.name != "meter") continue;
    for (const models::Site::Cable& cable : plant.cables) {
      if (cable.name == value_of(element, "cable")) require_behind(element, "cable", cable.from_bus);
    }
  }
}

using Phases = std::array<bool, models::phase_count>;

/// Takes from each end of a joint what the other has, as far as it is led there; true when that was anything new.
bool share_phases(Phases& from, Phases& to, const std::array<bool, models::conductor_count>& leads) {
  bool grown = false;
  for (std::size_t k = 0; k < models::phase_count; ++k) {
    if (!leads[k] || from[k] == to[k]) continue;
    from[k] = to[k] = true;
    grown = true;
  }
  return grown;
}

/// Which phases come to each bus through cables and transformers, all of them closed.
std::map<std::string, Phases> phases_at_buses(const models::Site::Parameters& plant) {
  std::map<std::string, Phases> phases;
  phases[plant.grid_bus] = {true, true, !plant.grid.split_phase};
  for (bool grown = true; grown;) {
    grown = false;
    for (const models::Site::Cable& cable : plant.cables) {
      grown = share_phases(phases[cable.from_bus], phases[cable.to_bus], cable.conductors) || grown;
    }
    for (const auto& transformer : plant.transformers) {
      grown = share_phases(phases[transformer.from_bus], phases[transformer.to_bus], {true, true, true, true}) || grown;
    }
  }
  for (const models::Site::Inverter& inverter : plant.inverters) phases[inverter.name + ".backup"] = {true, true, true};
  return phases;
}

Phases phases_drawn_on(const models::Site::Load& load) {
  Phases drawn{};
  for (std::size_t port = 0; port < models::load_port_count; ++port) {
    const std::size_t k = port % models::phase_count;
    const bool to_neutral = port < models::phase_count;
    const bool by_zip =
        load.zip && (to_neutral ? load.zip->nominal_w[k] != 0.0 || load.zip->nominal_var[k] != 0.0
                                : load.zip->nominal_ll_w[k] != 0.0 || load.zip->nominal_ll_var[k] != 0.0);
    const bool by_rlc = load.rlc && load.rlc->ports[port].resistance_ohm.has_value();
    if (!by_zip && !by_rlc) continue;
    drawn[static_cast<std::size_t>(models::load_ports[port].from)] = true;
    if (!to_neutral) drawn[static_cast<std::size_t>(models::load_ports[port].to)] = true;
  }
  return drawn;
}

/// What stands behind a cable of two cores must do with its phase.
void check_phases(const Element& site, const SiteSpec& spec, Diagnostics& diagnostics) {
  const models::Site::Parameters& plant = spec.plant;
  if (plant.grid_bus.empty() || !has_all_cables(site, spec)) return;  // reported already
  std::map<std::string, Phases> phases = phases_at_buses(plant);
  const auto require_phases = [&](const Element& element, const Phases& needed) {
    const auto here = phases.find(value_of(element, "bus"));
    if (here == phases.end()) return;
    std::string missing;
    for (std::size_t k = 0; k < models::phase_count; ++k) {
      if (needed[k] && !here->second[k]) missing += fmt::format("{}l{}", missing.empty() ? "" : " and ", k + 1);
    }
    if (missing.empty()) return;
    ElementReader{element, diagnostics}.fault_of(
        "bus", fmt::format("bus is \"{}\", to which no cable leads {}, that it needs", here->first, missing));
  };
  for (const Element& element : site.children) {
    const bool feeds =
        element.name == "inverter" || element.name == "pcs" || element.name == "solax" || element.name == "pv_inverter";
    if (feeds && !plant.grid.split_phase) require_phases(element, {true, true, true});
    if (element.name != "load") continue;
    const auto load = std::find_if(plant.loads.begin(), plant.loads.end(), [&](const models::Site::Load& each) {
      return each.name == value_of(element, "name");
    });
    if (load == plant.loads.end()) continue;
    Phases needed = phases_drawn_on(*load);
    if (plant.grid.split_phase) needed[2] = false;  // reported already
    require_phases(element, needed);
  }
}

void check_split_phase(const Element& site, Diagnostics& diagnostics) {
  for (const Element& element : site.children) {
    if (element.name != "transformer") continue;
    ElementReader{element, diagnostics}.fault(
        "is a transformer of three phases; that of a split-phase supply stands in the impedance of the grid");
  }
}

}  // namespace

bool is_reserved_name(std::string_view name) {
  constexpr std::array<std::string_view, 11> reserved{"grid", "site",  "bus",   "com1",  "com2",      "com3",
                                                      "com4", "ct_l1", "ct_l2", "ct_l3", "controller"};
  return std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

void check_site_rules(const Element& site, const SiteSpec& spec, Diagnostics& diagnostics) {
  check_names(site, diagnostics);
  check_units(site, diagnostics);
  check_chains(site, spec, diagnostics);
  check_contacts(site, diagnostics);
  check_numbers(site, spec.plant.grid.split_phase, diagnostics);
  check_bauds(site, spec, diagnostics);
  check_buses(site, spec, diagnostics);
  check_phases(site, spec, diagnostics);
  if (spec.plant.grid.split_phase) check_split_phase(site, diagnostics);
}

}  // namespace hil::harness
