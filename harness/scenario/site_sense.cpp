#include "harness/scenario/site_sense.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <variant>

#include "controller/devices/meter_blocks.h"
#include "harness/faults/fault_kinds.h"
#include "harness/scenario/element_reader.h"

namespace hil::harness {
namespace {

constexpr std::size_t together_on_one_port = 3;  // S000-21: up to three ETs may share a port

const Element* find_child(const Element& site, std::string_view name) {
  const auto found = std::find_if(site.children.begin(), site.children.end(),
                                  [&](const Element& child) { return child.name == name; });
  return found == site.children.end() ? nullptr : &*found;
}

/// S005: above three inverters the ports get equal counts (S001-58), as far as the number allows.
void check_ports(const Element& site, const SiteSpec& spec, Diagnostics& diagnostics) {
  if (spec.inverters.size() <= together_on_one_port) return;
  std::map<std::string, std::size_t> counts{{"com1", 0}, {"com2", 0}, {"com3", 0}};
  for (const InverterSpec& inverter : spec.inverters) ++counts[inverter.line];
  const auto by_count = [](const auto& left, const auto& right) { return left.second < right.second; };
  const auto [fewest, most] = std::minmax_element(counts.begin(), counts.end(), by_count);
  if (most->second - fewest->second <= 1) return;
  ElementReader{site, diagnostics}.breaks_rule(
      "S005", "",
      fmt::format("has {} inverters on {} and {} on {}, should be split evenly over com1, com2 and com3", most->second,
                  most->first, fewest->second, fewest->first),
      Severity::warning);
}

/// What a master on the line would feel; what hangs in the device itself is felt by whoever has its readings.
bool is_of_the_line(const FaultSpec& fault) {
  const FaultKind* const kind = find_fault_kind(fault.kind);
  if (kind == nullptr || fault.kind == "stuck_values") return false;
  const FaultTarget target = kind->target;
  return target == FaultTarget::unit || target == FaultTarget::line || target == FaultTarget::unit_or_line;
}

void warn_of_meter_fault(const SiteSpec& site, const Action& action, const Place& place, Diagnostics& diagnostics) {
  const auto* const fault = std::get_if<FaultSpec>(&action);
  if (fault == nullptr || !is_of_the_line(*fault)) return;
  const bool at_meter = fault->target == site.meter.name || fault->target == site.meter.line;
  if (!at_meter) return;
  diagnostics.add(Fault{place,
                        fmt::format("<fault kind=\"{}\" target=\"{}\">: nobody talks on the line of the meter: a SolaX "
                                    "system has its readings without it. stuck_values and meter_link_lost act there",
                                    fault->kind, fault->target),
                        "S020", Severity::warning});
}

double highest(const models::PhaseValues& values) {
  return *std::max_element(values.begin(), values.end());
}

/// Of all loads at once, in the phase that has most; those from phase to phase count in both.
double load_current_a(const models::Site::Parameters& plant, double ln_v) {
  models::PhaseValues phase_va{};
  for (const models::Site::Load& load : plant.loads) {
    if (!load.zip) continue;
    for (std::size_t k = 0; k < models::phase_count; ++k) {
      const std::size_t before = (k + models::phase_count - 1) % models::phase_count;
      const double ll_over_ln = plant.grid.split_phase ? 2.0 : std::numbers::sqrt3;
      const auto line_to_line_va = [&](std::size_t port) {
        return std::hypot(load.zip->nominal_ll_w[port], load.zip->nominal_ll_var[port]) / ll_over_ln;
      };
      phase_va[k] +=
          std::hypot(load.zip->nominal_w[k], load.zip->nominal_var[k]) + line_to_line_va(k) + line_to_line_va(before);
    }
  }
  return highest(phase_va) / ln_v;
}

double system_current_a(const models::Site::Parameters& plant, double ln_v) {
  double system_va = 0.0;
  for (const models::Site::Inverter& inverter : plant.inverters) system_va += inverter.lane.power_stage.max_ac_va;
  return system_va / models::phase_count / ln_v;
}

/// Of the catalogue the smallest that carries the current; empty: none does.
std::string fitting_transformer(const Catalog& catalog, double current_a, double rated_secondary_a) {
  std::string name;
  double smallest_a = 0.0;
  for (const Element* part : catalog.parts("ct")) {
    const auto figure = [&](std::string_view attribute) {
      const Attribute* given = part->attribute(attribute);
      return given == nullptr ? 0.0 : parse_number(given->value).value_or(0.0);
    };
    const double primary_a = figure("rated_primary_a");
    const bool fits = primary_a >= current_a && figure("rated_secondary_a") == rated_secondary_a;
    if (!fits || (!name.empty() && primary_a >= smallest_a)) continue;
    name = part->attribute("part")->value;
    smallest_a = primary_a;
  }
  return name;
}

/// S006: the higher of system and load current must be within the transformers' range.
void check_transformer_range(const Element& site, const SiteSpec& spec, const Catalog& catalog,
                             Diagnostics& diagnostics) {
  const Element* meter = find_child(site, "meter");
  const double ln_v = spec.plant.nominal_ln_v > 0.0 ? spec.plant.nominal_ln_v : spec.plant.grid.nominal_ln_v;
  if (meter == nullptr || ln_v <= 0.0) return;
  const double system_a = system_current_a(spec.plant, ln_v);
  const double load_a = load_current_a(spec.plant, ln_v);
  const double needed_a = std::max(system_a, load_a);
  const auto& transformers = spec.plant.metering.installation.transformers;
  const auto smallest = std::min_element(
      transformers.begin(), transformers.end(),
      [](const auto& left, const auto& right) { return left.rated_primary_a < right.rated_primary_a; });
  if (smallest->rated_primary_a >= needed_a) return;
  const std::string fits = fitting_transformer(catalog, needed_a, smallest->rated_secondary_a);
  const std::string fault =
      fmt::format("transformers are for {:g} A, the {} current is {:.0f} A{}", smallest->rated_primary_a,
                  system_a >= load_a ? "inverters'" : "loads'", needed_a,
                  fits.empty() ? ", which no part of the catalogue carries" : ": " + fits + " would fit");
  const Attribute* ct = meter->attribute("ct");
  const SharedPlace& chosen = ct == nullptr ? meter->place : ct->place;
  if (chosen.file.text() == site.place.file.text()) {
    ElementReader{*meter, diagnostics}.breaks_rule("S006", "ct", "its " + fault, Severity::warning);
  } else {  // A base may fit the currents that it has itself: the site on top of it is what does not.
    ElementReader{site, diagnostics}.breaks_rule(
        "S006", "", fmt::format("its meter's (at {}) {}", seen_from(site.place, chosen), fault), Severity::warning);
  }
}

}  // namespace

void check_site_sense(const Element& site, const SiteSpec& spec, const Catalog& catalog, Diagnostics& diagnostics) {
  check_ports(site, spec, diagnostics);
  check_transformer_range(site, spec, catalog, diagnostics);
}

void check_meter_map(const Scenario& scenario, Diagnostics& diagnostics) {
  const auto map = scenario.register_maps.find(scenario.site.meter.register_map);
  if (map == scenario.register_maps.end()) return;
  constexpr int first = controller::meter_powers_first;
  const auto& rows = map->second.rows;
  bool read = true;
  for (int phase = 0; phase < 3; ++phase) {
    read = read && std::any_of(rows.begin(), rows.end(), [phase](const sim::RegisterRow& row) {
             return row.table == sim::Table::input && row.address == first + 2 * phase &&
                    row.binding == fmt::format("l{}_import_w", phase + 1) &&
                    row.encoding == sim::Encoding::float32_high_first;
           });
  }
  if (read) return;
  diagnostics.add(
      Fault{scenario.site.meter.place,
            fmt::format("<meter name=\"{}\">: the registers of {} are not those that the controller reads: "
                        "l1_import_w to l3_import_w must be float32_high_first in input registers {} to {}",
                        scenario.site.meter.name, map->first, first, first + controller::meter_powers_count - 1),
            "S008", Severity::warning});
}

void check_meter_faults(const Scenario& scenario, Diagnostics& diagnostics) {
  const SiteSpec& site = scenario.site;
  if (site.solax.empty() || site.meter.name.empty() || !scenario.ems.empty() || scenario.leader) return;
  // Another unit of the line is none of the meter's readers either, but may be what the fault of the line is about.
  const bool shares_line = std::any_of(site.solax.begin(), site.solax.end(),
                                       [&](const SolaxSpec& unit) { return unit.line == site.meter.line; });
  if (shares_line) return;
  for (const TimelineEntry& entry : scenario.timeline) {
    for (const Action& action : entry.actions) warn_of_meter_fault(site, action, entry.place, diagnostics);
  }
  for (const TriggerSpec& trigger : scenario.triggers) {
    for (const DelayedAction& delayed : trigger.actions) {
      warn_of_meter_fault(site, delayed.action, trigger.place, diagnostics);
    }
  }
}

}  // namespace hil::harness
