#include "harness/scenario/stage.h"

#include <fmt/core.h>

#include <algorithm>
#include <span>

#include "harness/scenario/fleet_reader.h"
#include "harness/scenario/load_commands.h"

namespace hil::harness {
namespace {

template <typename Named>
const Named* find_named(const std::vector<Named>& all, std::string_view name) {
  const auto found = std::find_if(all.begin(), all.end(), [name](const Named& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

Stage::Inverter inverter_of(const std::string& name, const models::Site::Inverter& plant, bool weather) {
  Stage::Inverter inverter;
  inverter.name = name;
  for (const models::InverterLane::PvInput& input : plant.lane.pv) {
    inverter.strings.push_back(input.array.strings_in_parallel);
    if (!weather || !input.plane) inverter.takes_irradiance = true;
  }
  return inverter;
}

}  // namespace

Stage stage_of(const SiteSpec& site, sim::Time duration) {
  Stage stage;
  stage.duration = duration;
  stage.step = site.plant.step;
  stage.site_known = site.plant.step.count() > 0;
  stage.weather = site.plant.weather.has_value();
  if (site.plant.weather) stage.start_utc_s = site.plant.weather->start_utc_s;
  stage.nominal_ln_v = site.plant.grid.nominal_ln_v;
  for (std::size_t i = 0; i < site.inverters.size(); ++i) {
    const std::string& name = site.inverters[i].name;
    stage.inverter_names.push_back(name);
    stage.lane_names.push_back(name);
    if (site.inverters[i].settings.own_meter) stage.inverters_with_meter.push_back(name);
    if (i < site.plant.inverters.size()) {
      stage.inverters.push_back(inverter_of(name, site.plant.inverters[i], stage.weather));
    }
  }
  for (const PcsSpec& pcs : site.pcs) {
    stage.pcs_names.push_back(pcs.name);
    stage.pcs_strings.push_back(static_cast<int>(pcs.string_count()));
    if (pcs.profile == sim::PcsProfile::pws2) stage.pws2_names.push_back(pcs.name);
    if (pcs.string_count() != 1 || pcs.first_lane >= site.plant.inverters.size()) continue;
    stage.lane_names.push_back(pcs.name);
    stage.inverters.push_back(inverter_of(pcs.name, site.plant.inverters[pcs.first_lane], stage.weather));
  }
  stage.fleet_rating_w = fleet_rating_w(site);
  for (const SolaxSpec& solax : site.solax) {
    stage.solax_names.push_back(solax.name);
    if (solax.parallel.role == sim::ParallelRole::primary) stage.inverters_with_meter.push_back(solax.name);
    if (solax.lane >= site.plant.inverters.size()) continue;
    stage.lane_names.push_back(solax.name);
    stage.inverters.push_back(inverter_of(solax.name, site.plant.inverters[solax.lane], stage.weather));
  }
  for (const PvInverterSpec& inverter : site.pv_inverters) {
    if (inverter.lane >= site.plant.inverters.size()) continue;
    stage.lane_names.push_back(inverter.name);
    stage.inverters.push_back(inverter_of(inverter.name, site.plant.inverters[inverter.lane], stage.weather));
  }
  if (site.parallel) stage.parallel_names.push_back(site.parallel->name);
  stage.meter = site.meter.name;
  for (const UnitSpec& unit : units_of(site)) {
    stage.units.push_back(unit.name);
    stage.unit_lines.push_back(unit.line);
  }
  for (const models::Site::Load& load : site.plant.loads) {
    stage.load_names.push_back(load.name);
    stage.loads.push_back({load.name, commands_of(load.behaviour)});
  }
  stage.split_phase = site.plant.grid.split_phase;
  // What a backup interface switches is its own.
  const std::size_t own = site.backup_interface ? site.backup_interface->cables : 0;
  for (const models::Site::Cable& cable : std::span{site.plant.cables}.first(site.plant.cables.size() - own)) {
    stage.cables.push_back(cable.name);
    stage.cable_conductors.push_back(cable.conductors);
  }
  for (const LineSpec& line : site.lines) stage.lines.push_back(line.name);
  return stage;
}

const Stage::Load* Stage::find_load(std::string_view name) const {
  return find_named(loads, name);
}
const Stage::Inverter* Stage::find_inverter(std::string_view name) const {
  return find_named(inverters, name);
}

bool read_lane(ElementReader& reader, std::string_view attribute, std::string& value, const Stage& stage) {
  const Attribute* given = reader.element().attribute(attribute);
  const auto pcs = given == nullptr ? stage.pcs_names.end()
                                    : std::find(stage.pcs_names.begin(), stage.pcs_names.end(), given->value);
  const bool is_lane = given != nullptr && std::find(stage.lane_names.begin(), stage.lane_names.end(), given->value) !=
                                               stage.lane_names.end();
  if (stage.site_known && pcs != stage.pcs_names.end() && !is_lane) {
    std::string ignored;
    reader.text(attribute, ignored);
    reader.fault_of(attribute, fmt::format("{} is \"{}\", which has {} strings: only inverters and storage converters "
                                           "of one string can be named here",
                                           attribute, *pcs,
                                           stage.pcs_strings[static_cast<std::size_t>(pcs - stage.pcs_names.begin())]));
    return false;
  }
  const bool of_both = !stage.pcs_names.empty() || stage.lane_names.empty();
  return read_reference(reader, attribute, value, stage, stage.lane_names,
                        of_both ? "inverters and storage converters of one string" : "inverters");
}

bool read_reference(ElementReader& reader, std::string_view attribute, std::string& value, const Stage& stage,
                    const std::vector<std::string>& known, std::string_view what) {
  return stage.site_known ? reader.one_of(attribute, value, known, what) : reader.name(attribute, value);
}

}  // namespace hil::harness
