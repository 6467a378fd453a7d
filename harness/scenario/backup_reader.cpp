// The backup interface of parallel SolaX inverters, and what hangs on it.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "harness/scenario/assuming_reader.h"
#include "harness/scenario/names.h"
#include "harness/scenario/part_reader.h"
#include "harness/scenario/site_reader.h"

namespace hil::harness {
namespace {

using Model = sim::BackupInterface::Model;

constexpr Bounds short_time{.lowest = 0.0, .highest = 60.0};
constexpr Bounds lag_time{.lowest = 0.0, .highest = 3600.0};
constexpr Bounds over_nominal{.lowest = 1.0, .highest = 1.5, .lowest_excluded = true};
constexpr Bounds gap_pu{.lowest = 0.0, .highest = 0.5, .lowest_excluded = true};
constexpr Bounds gap_hz{.lowest = 0.0, .highest = 5.0, .lowest_excluded = true};
constexpr Bounds gap_deg{.lowest = 0.0, .highest = 180.0, .lowest_excluded = true};
constexpr double contact_ohm = 0.001;       // of a relay or port, assumed
constexpr double filler_capacity_ah = 1.0;  // of the battery that a PV inverter does not have
constexpr double mean_split_phase_legs = 2.0;
constexpr double mean_three_phase_legs = 3.0;
constexpr double fuel_ah = 1e5;  // of the battery that a generator's fuel stands as
constexpr int fuel_cells = 100;
constexpr double room_for_start = 1.5;    // of rated current, assumed
constexpr double room_for_current = 1.1;  // of rated, assumed

bool is_known(const std::vector<std::string>& buses, const std::string& bus) {
  return std::find(buses.begin(), buses.end(), bus) != buses.end();
}

/// A bus that this element makes.
void read_own_bus(ElementReader& reader, std::string_view attribute, std::string& bus, SiteReading& reading,
                  Need need) {
  if (!reader.name(attribute, bus, need)) return;
  if (is_known(reading.buses, bus)) {
    reader.fault_of(attribute, fmt::format("{} is \"{}\", which is a bus already: what stands there would be joined "
                                           "past the interface",
                                           attribute, bus));
  }
  reading.buses.push_back(bus);
}

std::size_t add_branch(const std::string& name, const std::string& from, const std::string& to, bool split_phase,
                       models::Site::Parameters& plant) {
  models::Site::Cable branch;
  branch.name = name;
  branch.from_bus = from;
  branch.to_bus = to;
  branch.phase_ohm = branch.neutral_ohm = {contact_ohm, 0.0};
  branch.conductors[static_cast<std::size_t>(models::Conductor::l3)] = !split_phase;
  plant.cables.push_back(branch);
  return plant.cables.size() - 1;
}

void read_figures(ElementReader& reader, const std::string& owner, SiteReading& reading,
                  sim::BackupInterface::Parameters& parameters) {
  AssumingReader figures{reader, owner + ": ", "assumed: no source (solax-parallel 15)", &reading.assumed};
  figures.seconds("transfer_s", parameters.transfer_time, short_time);
  figures.seconds("disturbance_s", parameters.disturbance_time, lag_time);
  figures.seconds("return_s", parameters.return_time, lag_time);
  figures.number("lost_pu", parameters.lost_pu, ratio);
  figures.number("lowest_pu", parameters.lowest_pu, ratio);
  figures.number("highest_pu", parameters.highest_pu, over_nominal);
  figures.number("widest_hz", parameters.widest_hz, gap_hz);
  figures.number("sync_v_pu", parameters.sync_v_pu, gap_pu);
  figures.number("sync_hz", parameters.sync_hz, gap_hz);
  figures.number("sync_deg", parameters.sync_deg, gap_deg);
  if (parameters.lowest_pu < parameters.lost_pu) {
    reader.fault_between({"lowest_pu", "lost_pu"}, fmt::format("lowest_pu is {}, must be >= lost_pu ({})",
                                                               parameters.lowest_pu, parameters.lost_pu));
  }
}

/// Returns the bus of the microgrid; empty: nothing is at that port.
std::string read_buses(ElementReader& reader, SiteReading& reading, BackupInterfaceSpec& interface) {
  reader.one_of("grid_bus", interface.grid_bus, reading.buses, "buses");
  if (reader.name("bus", interface.bus) && interface.bus == interface.grid_bus) {
    reader.fault_of("bus", fmt::format("bus is \"{}\", the same as grid_bus", interface.bus));
  }
  if (!interface.bus.empty() && !is_known(reading.buses, interface.bus)) reading.buses.push_back(interface.bus);
  read_own_bus(reader, "non_backup_bus", interface.non_backup_bus, reading, Need::optional);
  read_own_bus(reader, "pv_bus", interface.pv_bus, reading, Need::optional);
  std::string microgrid_bus;
  read_own_bus(reader, "microgrid_bus", microgrid_bus, reading, Need::optional);
  return microgrid_bus;
}

SmartLoadSpec read_smart_load(const Element& element, const std::string& owner, SiteReading& reading) {
  ElementReader reader{element, reading.diagnostics};
  SmartLoadSpec load;
  sim::SmartLoadChannel::Parameters& parameters = load.parameters;
  reader.integer("channel", load.channel, 1, sim::SmartLoadChannel::most_channels);
  read_own_bus(reader, "bus", load.bus, reading, Need::required);
  reader.number("shed_above_w", parameters.shed_above_w, positive);
  reader.number("restore_below_w", parameters.restore_below_w, not_negative);
  reader.number("shed_below_soc", parameters.shed_below_soc, ratio);
  reader.number("restore_above_soc", parameters.restore_above_soc, ratio);
  AssumingReader figures{reader, fmt::format("{}: channel {} ", owner, load.channel), "assumed: no source",
                         &reading.assumed};
  figures.seconds("shed_after_s", parameters.shed_after, lag_time);
  figures.seconds("restore_after_s", parameters.restore_after, lag_time);
  const auto require_order = [&](const char* back, const std::optional<double>& restore, const char* off,
                                 const std::optional<double>& shed, bool above) {
    if (!restore) return;
    if (!shed) {
      // One that is spelt wrongly has been named already.
      if (reader.sound()) reader.fault_of(back, fmt::format("{} stands without {}", back, off));
    } else if (above ? *restore <= *shed : *restore >= *shed) {
      reader.fault_between({back, off},
                           fmt::format("{} is {}, must be {} {} ({})", back, *restore, above ? ">" : "<", off, *shed));
    }
  };
  reader.finish();
  require_order("restore_below_w", parameters.restore_below_w, "shed_above_w", parameters.shed_above_w, false);
  require_order("restore_above_soc", parameters.restore_above_soc, "shed_below_soc", parameters.shed_below_soc, true);
  return load;
}

GeneratorSpec read_generator(const Element& element, const std::string& owner, SiteReading& reading) {
  ElementReader reader{element, reading.diagnostics};
  GeneratorSpec generator;
  sim::Generator::Parameters& parameters = generator.parameters;
  read_own_bus(reader, "bus", generator.bus, reading, Need::required);
  reader.number("rated_w", parameters.rated_w, positive);
  AssumingReader figures{reader, owner + ": generator ", "assumed: no source", &reading.assumed};
  figures.number("start_below_soc", parameters.start_below_soc, ratio);
  figures.number("stop_above_soc", parameters.stop_above_soc, ratio);
  figures.seconds("start_s", parameters.start_time, lag_time);
  figures.seconds("warm_up_s", generator.warm_up, lag_time);
  figures.number("charge_w", parameters.charge_w, not_negative);
  if (parameters.stop_above_soc < 1.0 && parameters.stop_above_soc <= parameters.start_below_soc) {
    reader.fault_between({"stop_above_soc", "start_below_soc"},
                         fmt::format("stop_above_soc is {}, must be > start_below_soc ({}), or 1",
                                     parameters.stop_above_soc, parameters.start_below_soc));
  }
  reader.finish();
  return generator;
}

/// What a BI does not have.
void require_pro(ElementReader& reader, const BackupInterfaceSpec& interface,
                 const std::vector<const Element*>& smart_loads, Diagnostics& diagnostics) {
  if (interface.model == Model::bi_pro) return;
  const auto refuse = [](const char* what) {
    return fmt::format("{} is for model \"bi_pro\": a BI has no such port", what);
  };
  for (const char* port : {"non_backup_bus", "pv_bus"}) {
    if (reader.element().attribute(port) != nullptr) reader.fault_of(port, refuse(port));
  }
  for (const Element* load : smart_loads) ElementReader{*load, diagnostics}.fault(refuse("smart_load"));
}

void add_branches(BackupInterfaceSpec& interface, const std::string& microgrid_bus, bool split_phase,
                  models::Site::Parameters& plant) {
  const std::size_t before = plant.cables.size();
  const auto add = [&](const std::string& port, const std::string& from, const std::string& to) {
    return add_branch(interface.name + "." + port, from, to, split_phase, plant);
  };
  interface.relay = add("grid_relay", interface.grid_bus, interface.bus);
  if (!interface.non_backup_bus.empty()) add("non_backup", interface.grid_bus, interface.non_backup_bus);
  if (!interface.pv_bus.empty()) add("pv", interface.bus, interface.pv_bus);
  if (!microgrid_bus.empty()) add("microgrid", interface.bus, microgrid_bus);
  for (SmartLoadSpec& load : interface.smart_loads) {
    load.cable = add(fmt::format("smart_load{}", load.channel), interface.bus, load.bus);
  }
  if (interface.generator) {
    interface.generator->cable = add("generator_relay", interface.generator->bus, interface.bus);
    plant.cables.back().closed = false;
  }
  interface.cables = plant.cables.size() - before;
}

/// Every order of the timeline that opens a whole cable, at whatever depth.
void find_openings(const Element& element, std::vector<const Element*>& found) {
  for (const Element& child : element.children) {
    const Attribute* closed = child.attribute("closed");
    const bool opens = closed != nullptr && closed->value == "false" && child.attribute("conductor") == nullptr;
    if (child.name == "cable" && opens) found.push_back(&child);
    find_openings(child, found);
  }
}

/// The buses that the grid reaches without this cable.
std::set<std::string> reached_without(const std::string& cable, const SiteSpec& spec) {
  std::vector<std::pair<std::string, std::string>> joins;
  for (const models::Site::Cable& each : spec.plant.cables) {
    if (each.name != cable) joins.emplace_back(each.from_bus, each.to_bus);
  }
  for (const auto& each : spec.plant.transformers) joins.emplace_back(each.from_bus, each.to_bus);
  std::set<std::string> reached{spec.plant.grid_bus};
  for (std::size_t before = 0; before != reached.size();) {
    before = reached.size();
    for (const auto& [from, to] : joins) {
      if (reached.contains(from)) reached.insert(to);
      if (reached.contains(to)) reached.insert(from);
    }
  }
  return reached;
}

/// Without this cable an inverter of the system has no way to the grid.
bool cuts_off(const std::string& cable, const SiteSpec& spec) {
  const std::set<std::string> reached = reached_without(cable, spec);
  return std::any_of(spec.solax.begin(), spec.solax.end(),
                     [&](const SolaxSpec& each) { return !reached.contains(spec.plant.inverters.at(each.lane).bus); });
}

/// One on the grid's side would feed the dead grid in an outage, and the interface take that for the grid's return.
void check_sides(ElementReader& reader, const SiteSpec& spec) {
  const std::string& relay = spec.plant.cables.at(spec.backup_interface->relay).name;
  const std::set<std::string> reached = reached_without(relay, spec);
  for (const SolaxSpec& unit : spec.solax) {
    const std::string& bus = spec.plant.inverters.at(unit.lane).bus;
    if (!reached.contains(bus)) continue;
    reader.breaks_rule("S018", "",
                       fmt::format("{} is at bus {}, which its open relay does not part from the grid: inverters stand "
                                   "behind it",
                                   unit.name, in_quotes(bus)));
  }
}

/// S019: one without a grid code follows any voltage, its own island's too, and the interface may see no loss.
void check_codes(const SiteSpec& spec, Diagnostics& diagnostics) {
  for (const SolaxSpec& unit : spec.solax) {
    if (spec.plant.inverters.at(unit.lane).lane.grid_code) continue;
    diagnostics.add(
        Fault{unit.place,
              fmt::format("<solax name=\"{}\">: grid_code is missing: without one it follows any voltage, so "
                          "that {} may never find an outage and open",
                          unit.name, spec.backup_interface->name),
              "S019", Severity::warning});
  }
}

}  // namespace

std::optional<BackupInterfaceSpec> read_backup_interface(const Element& element, SiteReading& reading,
                                                         models::Site::Parameters& plant) {
  ElementReader reader{element, reading.diagnostics};
  BackupInterfaceSpec interface;
  interface.place = element.place;
  reader.name("name", interface.name);
  const std::string microgrid_bus = read_buses(reader, reading, interface);
  std::string model;
  reader.one_of("model", model, {"bi", "bi_pro"}, "models");
  interface.model = model == "bi_pro" ? Model::bi_pro : Model::bi;
  interface.parameters.nominal_ln_v = reading.nominal_ln_v;
  interface.parameters.nominal_hz = reading.nominal_hz;
  interface.parameters.split_phase = reading.split_phase;
  read_figures(reader, interface.name, reading, interface.parameters);
  const std::vector<const Element*> smart_loads = reader.children("smart_load");
  const Element* const generator = reader.child("generator", Need::optional);
  reader.finish();
  if (!model.empty()) require_pro(reader, interface, smart_loads, reading.diagnostics);
  for (const Element* load : smart_loads) {
    interface.smart_loads.push_back(read_smart_load(*load, interface.name, reading));
    const SmartLoadSpec& last = interface.smart_loads.back();
    if (last.channel == 0 || last.bus.empty()) reader.mark_unsound();
  }
  if (generator != nullptr) {
    interface.generator = read_generator(*generator, interface.name, reading);
    if (interface.generator->bus.empty() || interface.generator->parameters.rated_w <= 0.0) reader.mark_unsound();
  }
  if (!reader.sound()) return std::nullopt;
  std::sort(interface.smart_loads.begin(), interface.smart_loads.end(),
            [](const SmartLoadSpec& a, const SmartLoadSpec& b) { return a.channel < b.channel; });
  if (reading.nominal_ln_v > 0.0 && reading.nominal_hz > 0.0) {
    require_buildable(reader, [&] { sim::BackupInterface{interface.parameters}; });
  }
  add_branches(interface, microgrid_bus, reading.split_phase, plant);
  return interface;
}

models::Site::Inverter generator_unit(const BackupInterfaceSpec& interface, const SiteReading& reading) {
  models::Site::Inverter unit;
  unit.name = interface.name + ".generator";
  unit.bus = interface.generator->bus;
  models::InverterLane::Parameters& lane = unit.lane;
  models::HybridInverter::Parameters& stage = lane.power_stage;
  const double rated_w = interface.generator->parameters.rated_w;
  const double legs = reading.split_phase ? mean_split_phase_legs : mean_three_phase_legs;
  stage.rated_ac_w = stage.max_ac_va = stage.max_battery_discharge_w = rated_w;
  stage.max_battery_charge_w = 0.0;
  stage.max_phase_a = room_for_start * rated_w / (legs * reading.nominal_ln_v);
  const models::LossCurve lossless{rated_w, 0.0, 0.0, 0.0};
  stage.losses = {lossless, lossless, lossless, lossless};
  stage.command_dead_time = stage.command_time_constant = sim::Time{0};
  // Its fuel does not run out, and what comes back is taken for motoring.
  lane.battery.capacity_ah = fuel_ah;
  lane.battery.cells_in_series = fuel_cells;
  lane.battery.max_charge_a = 0.0;
  lane.battery.max_discharge_a = fuel_ah;
  lane.battery.coulombic_efficiency = 1.0;
  lane.initial_soc = 0.5;
  models::GridForming::Parameters forming = models::GridForming::of_rating(
      rated_w, stage.max_phase_a, reading.nominal_ln_v, reading.nominal_hz, reading.split_phase);
  forming.frequency_droop_hz_per_w = 0.0;  // an isochronous governor, assumed
  forming.overload_time = std::chrono::seconds{2};
  forming.restart_delay = std::chrono::seconds{60};
  forming.soft_start = std::chrono::seconds{2};
  lane.site_forming = forming;
  lane.starts_connected = false;
  return unit;
}

PvInverterSpec read_pv_inverter(const Element& element, SiteReading& reading, models::Site::Inverter& unit) {
  ElementReader reader{element, reading.diagnostics};
  models::InverterLane::Parameters& lane = unit.lane;
  models::HybridInverter::Parameters& stage = lane.power_stage;
  PvInverterSpec inverter;
  inverter.place = element.place;
  reader.name("name", inverter.name);
  reader.one_of("bus", unit.bus, reading.buses, "buses");
  const bool rated = reader.number("rated_ac_w", stage.rated_ac_w, positive);
  read_losses(reader, stage, reading.diagnostics);
  read_grid_interface(reader, reading, lane);
  PvInputPart input;
  reader.forgive_missing();
  read_tracker(reader, {inverter.name, &reading.assumed}, input);
  const std::vector<const Element*> pv_inputs = reader.children("pv");
  if (pv_inputs.empty()) reader.fault("element <pv> is missing");
  reader.finish();
  unit.name = inverter.name;
  inverter.rated_ac_w = stage.max_ac_va = stage.rated_ac_w;
  stage.max_battery_charge_w = stage.max_battery_discharge_w = 0.0;
  stage.command_dead_time = stage.command_time_constant = sim::Time{0};
  const double legs = reading.split_phase ? mean_split_phase_legs : mean_three_phase_legs;
  if (reading.nominal_ln_v > 0.0) {
    stage.max_phase_a = room_for_current * stage.rated_ac_w / (legs * reading.nominal_ln_v);
  }
  // It has none: one that neither takes nor gives stands in.
  lane.battery.capacity_ah = filler_capacity_ah;
  lane.battery.cells_in_series = 1;
  lane.battery.max_charge_a = lane.battery.max_discharge_a = 0.0;
  lane.battery.coulombic_efficiency = 1.0;
  lane.initial_soc = 0.5;
  if (rated && reading.nominal_ln_v > 0.0) {
    require_buildable(reader, [&] { models::HybridInverter{stage, reading.step}; });
  }
  read_pv_inputs(pv_inputs, inverter.name, reading, input, lane);
  return inverter;
}

void check_backup_interface(const Element& site, const SiteSpec& spec, Diagnostics& diagnostics) {
  const auto find = [&site](std::string_view name) {
    const auto found = std::find_if(site.children.begin(), site.children.end(),
                                    [name](const Element& child) { return child.name == name; });
    return found == site.children.end() ? nullptr : &*found;
  };
  const Element* const interface = find("backup_interface");
  if (interface == nullptr) return;
  ElementReader reader{*interface, diagnostics};
  if (spec.solax.empty()) return reader.fault("joins <solax> units, the site has none");
  if (!spec.parallel) return reader.fault("needs a <parallel>: its wires lead to the interface, of one inverter too");
  if (spec.backup_interface) {
    check_sides(reader, spec);
    check_codes(spec, diagnostics);
  }
  if (spec.parallel->has_interface) return;
  ElementReader{*find("parallel"), diagnostics}.fault_of(
      "backup_interface",
      fmt::format("backup_interface is \"false\", but {} hangs on the first inverter", interface->label()));
}

void check_switch_over(const Element& timeline, const SiteSpec& spec, Diagnostics& diagnostics) {
  if (spec.solax.empty() || (spec.parallel && spec.parallel->has_interface)) return;
  std::vector<const Element*> openings;
  find_openings(timeline, openings);
  for (const Element* opening : openings) {
    const Attribute* name = opening->attribute("name");
    if (name == nullptr || !cuts_off(name->value, spec)) continue;
    ElementReader{*opening, diagnostics}.breaks_rule(
        "S010", "name",
        fmt::format(
            "cable {} is opened and cuts SolaX inverters off the grid, which have no backup interface: document "
            "002 forbids that test; <grid outage=\"true\"/> is an outage",
            in_quotes(name->value)));
  }
}

}  // namespace hil::harness
