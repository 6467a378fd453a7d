#include "harness/scenario/site_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <numbers>
#include <sstream>

#include "harness/scenario/names.h"
#include "harness/scenario/part_reader.h"

namespace hil::harness {
namespace {

constexpr double metres_per_km = 1000.0;
constexpr std::size_t most_of_a_kind = 200;  // cables; loads
constexpr std::size_t most_pcs = 10;         // a fleet under one EMS
constexpr std::size_t most_pv_inverters = 10;
constexpr std::size_t most_solax = 16;  // of these check_parallel() says how many may be
constexpr Bounds grid_voltage{.lowest = 50.0, .highest = 40'000.0};
constexpr Bounds site_voltage{.lowest = 50.0, .highest = 1000.0};
constexpr Bounds surroundings{.lowest = -50.0, .highest = 60.0};

void note_bus(SiteReading& reading, const std::string& bus) {
  const bool known = std::find(reading.buses.begin(), reading.buses.end(), bus) != reading.buses.end();
  if (!bus.empty() && !known) reading.buses.push_back(bus);
}

void read_grid(const Element& element, bool has_transformer, SiteReading& reading, models::Site::Parameters& plant) {
  ElementReader reader{element, reading.diagnostics};
  double phase_ohm = 0.0;
  double phase_reactance_ohm = 0.0;
  double neutral_ohm = 0.0;
  double neutral_reactance_ohm = 0.0;
  if (reader.name("bus", plant.grid_bus)) reading.buses.push_back(plant.grid_bus);
  reader.number("nominal_ln_v", plant.grid.nominal_ln_v, has_transformer ? grid_voltage : site_voltage);
  reader.number("frequency_hz", plant.grid.nominal_hz, {.lowest = 40.0, .highest = 70.0});
  std::string supply;
  reader.one_of("supply", supply, {"three_phase", "split_phase"}, "supplies", Need::optional);
  plant.grid.split_phase = reading.split_phase = supply == "split_phase";
  reader.number("phase_ohm", phase_ohm, positive);
  reader.number("phase_reactance_ohm", phase_reactance_ohm, not_negative);
  reader.number("neutral_ohm", neutral_ohm, positive);
  reader.number("neutral_reactance_ohm", neutral_reactance_ohm, not_negative);
  reader.finish();
  plant.grid.phase_ohm = {phase_ohm, phase_reactance_ohm};
  plant.grid.neutral_ohm = {neutral_ohm, neutral_reactance_ohm};
}

/// The bus at one end of a cable. S007: a backup port feeds loads of its own; joined with another port or with the grid
/// it would feed against it.
bool read_end(ElementReader& reader, std::string_view attribute, std::string& bus) {
  const Attribute* given = reader.element().attribute(attribute);
  if (given == nullptr || !given->value.ends_with(".backup")) return reader.name(attribute, bus);
  std::string ignored;
  reader.text(attribute, ignored);
  reader.breaks_rule("S007", attribute,
                     fmt::format("{} is {}, a backup port: it feeds loads on its own bus and must not be joined with "
                                 "another port or the grid",
                                 attribute, in_quotes(given->value)));
  return false;
}

/// Which conductors a cable of so many cores has where it is used.
void read_cores(ElementReader& reader, int cores, bool split_phase, models::Site::Cable& cable) {
  std::string phase;
  const bool has_phase = reader.one_of("phase", phase, {"l1", "l2", "l3"}, "phases", Need::optional);
  const bool gives_phase = reader.element().attribute("phase") != nullptr;
  if (split_phase) cable.conductors[static_cast<std::size_t>(models::Conductor::l3)] = false;
  if (cores == 4) {
    if (gives_phase) reader.fault_of("phase", "phase is given, but a cable of four cores has them all");
    return;
  }
  if (cores != 2) return;
  if (!gives_phase) reader.fault("has two cores: phase is missing, must be l1, l2 or l3");
  if (!has_phase) return;
  if (split_phase && phase == "l3") reader.fault_of("phase", "phase is \"l3\", which a split-phase supply lacks");
  cable.conductors = {phase == "l1", phase == "l2", phase == "l3", true};
}

models::Site::Cable read_cable(const Element& element, SiteReading& reading) {
  const std::string owner = element.label();
  const Catalog::Use use = reading.catalog.use("cable", "part", element, owner, reading.diagnostics);
  reading.assumed.insert(reading.assumed.end(), use.assumed.begin(), use.assumed.end());
  ElementReader reader{use.element, reading.diagnostics};
  models::Site::Cable cable;
  double length_m = 0.0;
  reader.name("name", cable.name);
  const bool has_from = read_end(reader, "from", cable.from_bus);
  if (read_end(reader, "to", cable.to_bus) && has_from && cable.from_bus == cable.to_bus) {
    reader.fault_of("to", fmt::format("to is \"{}\", the same bus as from", cable.to_bus));
  }
  reader.number("length_m", length_m, positive);
  reader.flag("closed", cable.closed, Need::optional);
  std::string part;
  reader.forgive_missing();
  reader.text("part", part);
  const CablePart per_km = read_cable_part(reader);
  if (use.part_is_sound) read_cores(reader, per_km.cores, reading.split_phase, cable);
  reader.finish();
  cable.phase_ohm = per_km.phase_ohm_per_km * (length_m / metres_per_km);
  cable.neutral_ohm = per_km.neutral_ohm_per_km * (length_m / metres_per_km);
  note_bus(reading, cable.from_bus);
  note_bus(reading, cable.to_bus);
  return cable;
}

LineSpec read_line(const Element& element, SiteReading& reading) {
  ElementReader reader{element, reading.diagnostics};
  LineSpec line;
  line.place = element.place;
  if (reader.one_of("name", line.name, {"com1", "com2", "com3", "com4"}, "ports of the controller")) {
    reading.lines.push_back(line.name);
  }
  std::string parity;
  reader.integer("baud", line.format.baud, 1200, 1'000'000);
  if (reader.one_of("parity", parity, {"none", "even", "odd"}, "parities")) {
    line.format.parity =
        parity == "none" ? sim::Parity::none : (parity == "even" ? sim::Parity::even : sim::Parity::odd);
  }
  reader.integer("stop_bits", line.format.stop_bits, 1, 2);
  if (std::string chain; reader.text("chain", chain, Need::optional)) {
    std::istringstream words{chain};
    for (std::string unit; words >> unit;) line.chain.push_back(unit);
  }
  reader.finish();
  return line;
}

/// The network is solved with dense matrices: a site of thousands of buses is a slip, and would take all memory.
std::vector<const Element*> up_to(std::size_t most, std::vector<const Element*> elements, SiteReading& reading) {
  if (elements.size() <= most) return elements;
  const Element& first_beyond = *elements[most];
  ElementReader{first_beyond, reading.diagnostics}.fault(
      fmt::format("is {} {} of {}, must be at most {}", first_beyond.name, most + 1, elements.size(), most));
  elements.resize(most);
  return elements;
}

}  // namespace

SiteSpec read_site(const Element& site, SiteReading& reading) {
  SiteSpec spec;
  models::Site::Parameters& plant = spec.plant;
  plant.step = reading.step;
  ElementReader reader{site, reading.diagnostics};
  reader.number("nominal_ln_v", plant.nominal_ln_v, site_voltage, Need::optional);
  reader.number("ambient_c", plant.ambient_c, surroundings, Need::optional);
  const Element* grid = reader.child("grid", Need::required);
  const Element* weather = reader.child("weather", Need::optional);
  const std::vector<const Element*> transformers = up_to(most_of_a_kind, reader.children("transformer"), reading);
  if (grid != nullptr) read_grid(*grid, !transformers.empty(), reading, plant);
  for (const Element* transformer : transformers) {
    plant.transformers.push_back(read_transformer(*transformer, reading));
    note_bus(reading, plant.transformers.back().from_bus);
    note_bus(reading, plant.transformers.back().to_bus);
  }
  if (plant.nominal_ln_v <= 0.0 && !plant.transformers.empty()) {
    plant.nominal_ln_v = plant.transformers.front().secondary_ll_v / std::numbers::sqrt3;
  }
  reading.nominal_ln_v = plant.nominal_ln_v > 0.0 ? plant.nominal_ln_v : plant.grid.nominal_ln_v;
  reading.nominal_hz = plant.grid.nominal_hz;
  reading.ambient_c = plant.ambient_c;
  reading.has_weather = weather != nullptr;
  if (weather != nullptr) plant.weather = read_weather(*weather, reading);
  if (plant.weather) reading.start_utc_s = plant.weather->start_utc_s;
  for (const Element* cable : up_to(most_of_a_kind, reader.children("cable"), reading)) {
    plant.cables.push_back(read_cable(*cable, reading));
  }
  const Element* interface = reader.child("backup_interface", Need::optional);
  if (interface != nullptr) spec.backup_interface = read_backup_interface(*interface, reading, plant);
  for (const Element* line : reader.children("line")) spec.lines.push_back(read_line(*line, reading));
  for (const Element* inverter : reader.children("inverter")) {
    models::Site::Inverter lane;
    spec.inverters.push_back(read_inverter(*inverter, reading, lane));
    plant.inverters.push_back(lane);
  }
  for (const Element* pcs : up_to(most_pcs, reader.children("pcs"), reading)) {
    spec.pcs.push_back(read_pcs(*pcs, reading, plant.inverters));
  }
  for (const Element* solax : up_to(most_solax, reader.children("solax"), reading)) {
    models::Site::Inverter lane;
    spec.solax.push_back(read_solax(*solax, reading, lane));
    spec.solax.back().lane = plant.inverters.size();
    plant.inverters.push_back(lane);
  }
  for (const Element* pv : up_to(most_pv_inverters, reader.children("pv_inverter"), reading)) {
    models::Site::Inverter lane;
    spec.pv_inverters.push_back(read_pv_inverter(*pv, reading, lane));
    spec.pv_inverters.back().lane = plant.inverters.size();
    plant.inverters.push_back(lane);
  }
  if (const Element* parallel = reader.child("parallel", Need::optional)) {
    spec.parallel = read_parallel(*parallel, reading);
  }
  for (const models::Site::Inverter& inverter : plant.inverters) {
    if (inverter.lane.backup) note_bus(reading, inverter.name + ".backup");
  }
  for (const Element* load : up_to(most_of_a_kind, reader.children("load"), reading)) {
    plant.loads.push_back(read_load(*load, reading));
  }
  if (const Element* meter = reader.child("meter", Need::required)) spec.meter = read_meter(*meter, reading, plant);
  reader.finish();
  check_parallel(site, spec, reading.diagnostics);
  check_backup_interface(site, spec, reading.diagnostics);
  check_site_rules(site, spec, reading.diagnostics);
  return spec;
}

}  // namespace hil::harness
