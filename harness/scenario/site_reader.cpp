#include "harness/scenario/site_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "harness/scenario/part_reader.h"

namespace hil::harness {
namespace {

constexpr double metres_per_km = 1000.0;
constexpr std::size_t most_of_a_kind = 200;  // cables; loads
constexpr double shares_tolerance = 1e-9;    // as the load model's own

void read_grid(const Element& element, SiteReading& reading, models::Site::Parameters& plant) {
  ElementReader reader{element, reading.diagnostics};
  double phase_ohm = 0.0;
  double phase_reactance_ohm = 0.0;
  double neutral_ohm = 0.0;
  double neutral_reactance_ohm = 0.0;
  if (reader.name("bus", plant.grid_bus)) reading.buses.push_back(plant.grid_bus);
  reader.number("nominal_ln_v", plant.grid.nominal_ln_v, {.lowest = 50.0, .highest = 1000.0});
  reader.number("frequency_hz", plant.grid.nominal_hz, {.lowest = 40.0, .highest = 70.0});
  reader.number("phase_ohm", phase_ohm, positive);
  reader.number("phase_reactance_ohm", phase_reactance_ohm, not_negative);
  reader.number("neutral_ohm", neutral_ohm, positive);
  reader.number("neutral_reactance_ohm", neutral_reactance_ohm, not_negative);
  reader.finish();
  plant.grid.phase_ohm = {phase_ohm, phase_reactance_ohm};
  plant.grid.neutral_ohm = {neutral_ohm, neutral_reactance_ohm};
}

models::Site::Cable read_cable(const Element& element, SiteReading& reading) {
  const std::string owner = element.label();
  const Catalog::Use use = reading.catalog.use("cable", "part", element, owner, reading.diagnostics);
  reading.assumed.insert(reading.assumed.end(), use.assumed.begin(), use.assumed.end());
  ElementReader reader{use.element, reading.diagnostics};
  models::Site::Cable cable;
  double length_m = 0.0;
  reader.name("name", cable.name);
  const bool has_from = reader.name("from", cable.from_bus);
  if (reader.name("to", cable.to_bus) && has_from && cable.from_bus == cable.to_bus) {
    reader.fault_of("to", fmt::format("to is \"{}\", the same bus as from", cable.to_bus));
  }
  reader.number("length_m", length_m, positive);
  std::string part;
  reader.forgive_missing();
  reader.text("part", part);
  const CablePart per_km = read_cable_part(reader);
  reader.finish();
  cable.phase_ohm = per_km.phase_ohm_per_km * (length_m / metres_per_km);
  cable.neutral_ohm = per_km.neutral_ohm_per_km * (length_m / metres_per_km);
  for (const std::string& bus : {cable.from_bus, cable.to_bus}) {
    const bool known = std::find(reading.buses.begin(), reading.buses.end(), bus) != reading.buses.end();
    if (!bus.empty() && !known) reading.buses.push_back(bus);
  }
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
  reader.finish();
  return line;
}

models::Site::Load read_load(const Element& element, SiteReading& reading, double nominal_ln_v) {
  ElementReader reader{element, reading.diagnostics};
  models::Site::Load load;
  models::ZipLoad::Parameters zip;
  zip.nominal_ln_v = nominal_ln_v;
  reader.name("name", load.name);
  reader.one_of("bus", load.bus, reading.buses, "buses");
  for (std::size_t phase = 0; phase < models::phase_count; ++phase) {
    reader.number(fmt::format("l{}_w", phase + 1), zip.nominal_w[phase], not_negative);
    reader.number(fmt::format("l{}_var", phase + 1), zip.nominal_var[phase], any_number, Need::optional);
  }
  const bool has_z = reader.number("share_z", zip.share_z, ratio);
  const bool has_i = reader.number("share_i", zip.share_i, ratio);
  const bool has_p = reader.number("share_p", zip.share_p, ratio);
  const double sum = zip.share_z + zip.share_i + zip.share_p;
  if (has_z && has_i && has_p && std::abs(sum - 1.0) > shares_tolerance) {
    reader.fault_between({"share_z", "share_i", "share_p"},
                         fmt::format("share_z + share_i + share_p is {}, must be 1", sum));
  }
  reader.flag("on", zip.on);
  reader.finish();
  if (nominal_ln_v > 0.0) require_buildable(reader, [&] { models::ZipLoad{zip}; });
  load.zip = zip;
  return load;
}

void require_whole_steps(ElementReader& reader, std::string_view attribute, sim::Time value, sim::Time step) {
  if (value.count() <= 0 || step.count() <= 0 || value % step == sim::Time{0}) return;
  reader.fault_between({attribute}, fmt::format("{} is {}, must be a multiple of the step ({} s)", attribute,
                                                in_seconds(value), in_seconds(step)));
}

/// The three transformers: the part named by the meter, each with what a `<ct phase="...">` inside overrides.
void read_transformers(ElementReader& meter, const std::string& owner, SiteReading& reading,
                       models::Site::Metering& metering) {
  const std::vector<std::string> phases{"l1", "l2", "l3"};
  std::array<const Element*, models::phase_count> overrides{};
  for (const Element* child : meter.children("ct")) {
    ElementReader reader{*child, reading.diagnostics};
    std::string phase;
    if (!reader.one_of("phase", phase, phases, "phases")) continue;
    overrides[static_cast<std::size_t>(std::find(phases.begin(), phases.end(), phase) - phases.begin())] = child;
  }
  const Attribute* part = meter.element().attribute("ct");
  const Catalog::Use common = reading.catalog.use("ct", "ct", meter.element(), owner + " ct", reading.diagnostics);
  for (std::size_t phase = 0; phase < models::phase_count; ++phase) {
    Element element;
    element.name = "ct";
    element.place = meter.element().place;
    if (overrides[phase] != nullptr) element = *overrides[phase];
    const bool own_part = element.attribute("part") != nullptr;
    if (!own_part && part != nullptr)
      element.attributes.push_back({"part", part->value, part->place, part->owner, false});
    Catalog::Use use{.element = element, .part_is_sound = false, .assumed = {}};
    if (own_part || common.part_is_sound) {
      use = reading.catalog.use("ct", "part", element, owner + " ct_" + phases[phase], reading.diagnostics);
      reading.assumed.insert(reading.assumed.end(), use.assumed.begin(), use.assumed.end());
    }
    ElementReader reader{use.element, reading.diagnostics};
    std::string ignored;
    reader.forgive_missing();
    reader.text("phase", ignored, Need::optional);
    reader.text("part", ignored);
    metering.installation.transformers[phase] = read_ct_part(reader);
    reader.finish();
    if (!use.part_is_sound) continue;
    require_buildable(reader, [&] { models::CurrentTransformer{metering.installation.transformers[phase]}; });
  }
}

MeterSpec read_meter(const Element& element, SiteReading& reading, models::Site::Parameters& plant) {
  const Attribute* given_name = element.attribute("name");
  const std::string owner = given_name == nullptr ? "meter" : given_name->value;
  const Catalog::Use use = reading.catalog.use("meter", "part", element, owner, reading.diagnostics);
  reading.assumed.insert(reading.assumed.end(), use.assumed.begin(), use.assumed.end());
  ElementReader reader{use.element, reading.diagnostics};
  MeterSpec meter;
  meter.place = element.place;
  reader.name("name", meter.name);
  if (reader.one_of("line", meter.line, reading.lines, "lines of the site") && meter.line != "com4") {
    reader.fault_of("line",
                    fmt::format("line is \"{}\", must be com4: the controller reads its meter there", meter.line));
  }
  reader.integer("unit", meter.unit, 1, 247);
  std::vector<std::string> cables;
  for (const models::Site::Cable& cable : plant.cables) cables.push_back(cable.name);
  reader.one_of("cable", plant.metering.cable, cables, "cables");
  std::string ct;
  reader.text("ct", ct, Need::optional);  // read_transformers() reports it when missing
  read_transformers(reader, owner, reading, plant.metering);
  const auto& l1 = plant.metering.installation.transformers[0];
  if (l1.rated_secondary_a > 0.0)
    plant.metering.installation.meter.ct_ratio = l1.rated_primary_a / l1.rated_secondary_a;
  reader.number("ct_ratio", plant.metering.installation.meter.ct_ratio, positive, Need::optional);

  reader.forgive_missing();
  reader.text("part", meter.part);
  const MeterPart part = read_meter_part(reader);
  reader.finish();
  require_register_map(reader, part.register_map, reading);
  require_whole_steps(reader, "averaging_window_s", part.averaging_window, reading.step);
  require_whole_steps(reader, "refresh_period_s", part.refresh_period, reading.step);
  meter.register_map = part.register_map;
  meter.turnaround = part.turnaround;
  plant.metering.installation.meter.averaging_window = part.averaging_window;
  plant.metering.installation.meter.refresh_period = part.refresh_period;
  plant.metering.installation.meter.power_quantum_w = part.power_quantum_w;
  if (use.part_is_sound && plant.metering.installation.meter.ct_ratio > 0.0) {
    require_buildable(reader, [&] { models::EnergyMeter{plant.metering.installation.meter, reading.step}; });
  }
  return meter;
}

/// The network is solved with dense matrices: a site of thousands of buses is a slip, and would take all memory.
std::vector<const Element*> up_to_most(std::vector<const Element*> elements, SiteReading& reading) {
  if (elements.size() <= most_of_a_kind) return elements;
  const Element& first_beyond = *elements[most_of_a_kind];
  ElementReader{first_beyond, reading.diagnostics}.fault(fmt::format(
      "is {} {} of {}, must be at most {}", first_beyond.name, most_of_a_kind + 1, elements.size(), most_of_a_kind));
  elements.resize(most_of_a_kind);
  return elements;
}

}  // namespace

void require_register_map(ElementReader& reader, const std::string& map, const SiteReading& reading) {
  if (map.empty()) return;
  std::string checked;
  reader.one_of("register_map", checked, reading.register_maps, "register maps");
}

SiteSpec read_site(const Element& site, SiteReading& reading) {
  SiteSpec spec;
  models::Site::Parameters& plant = spec.plant;
  plant.step = reading.step;
  ElementReader reader{site, reading.diagnostics};
  if (const Element* grid = reader.child("grid", Need::required)) read_grid(*grid, reading, plant);
  for (const Element* cable : up_to_most(reader.children("cable"), reading)) {
    plant.cables.push_back(read_cable(*cable, reading));
  }
  for (const Element* line : reader.children("line")) spec.lines.push_back(read_line(*line, reading));
  for (const Element* inverter : reader.children("inverter")) {
    models::Site::Inverter lane;
    spec.inverters.push_back(read_inverter(*inverter, reading, lane));
    plant.inverters.push_back(lane);
  }
  for (const Element* load : up_to_most(reader.children("load"), reading)) {
    plant.loads.push_back(read_load(*load, reading, plant.grid.nominal_ln_v));
  }
  if (const Element* meter = reader.child("meter", Need::required)) spec.meter = read_meter(*meter, reading, plant);
  reader.finish();
  check_site_rules(site, spec, reading.diagnostics);
  return spec;
}

}  // namespace hil::harness
