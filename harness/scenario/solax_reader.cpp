#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "harness/scenario/assuming_reader.h"
#include "harness/scenario/parallel_action_reader.h"
#include "harness/scenario/part_reader.h"
#include "harness/scenario/site_reader.h"

namespace hil::harness {
namespace {

constexpr Bounds short_time{.lowest = 0.0, .highest = 60.0};
constexpr Bounds lag_time{.lowest = 0.0, .highest = 3600.0};
constexpr Bounds setting_a{.lowest = 0.0, .highest = 30.0};   // registers 0x24 and 0x25
constexpr Bounds order_time{.lowest = 0.5, .highest = 25.0};  // what a frame of orders can carry
constexpr Bounds checking_time{.lowest = 0.0, .highest = 1000.0};
constexpr Bounds reconnection_time{.lowest = 0.0, .highest = 600.0};
constexpr Bounds off_grid_soc{.lowest = 0.1, .highest = 0.25};
constexpr Bounds export_w{.lowest = 0.0, .highest = 300'000.0};
constexpr double usual_deviation = 0.15;  // of nominal voltage: no other supply's lies within
constexpr int fewest_direct = 1;
constexpr int most_direct = 3;                    // document 002 says 2, and in another note 3
constexpr std::size_t serial_prefix_length = 10;  // of 14 characters

/// What document 002 asks to be equal on all units, and what each of them is among them.
void read_identity(ElementReader& reader, const std::string& owner, sim::ParallelIdentity& identity,
                   std::vector<Assumed>& assumed) {
  const std::vector<std::string>& roles = parallel_role_words();
  std::string role = roles.front();
  reader.one_of("role", role, roles, "roles", Need::optional);
  const auto place = std::find(roles.begin(), roles.end(), role) - roles.begin();
  identity.role = static_cast<sim::ParallelRole>(place);
  reader.integer("inverters_in_parallel", identity.count, 1, most_parallel_units, Need::optional);
  if (identity.role != sim::ParallelRole::primary && reader.element().attribute("inverters_in_parallel") != nullptr) {
    reader.breaks_rule("S015", "inverters_in_parallel", "inverters_in_parallel is set at the primary only");
  }
  assumed.push_back(
      {owner + ": registers", "those of the G4", "assumed: no map of the A1 is public (solax-parallel 15)"});
}

/// What it is set to when the run begins; what is left out is that of the factory.
void read_settings(ElementReader& reader, const std::string& owner, sim::SolaxHybrid::Settings& settings,
                   std::vector<Assumed>& assumed) {
  sim::SolaxSettings::Values& delivered = settings.delivered;
  AssumingReader figures{reader, owner + ": ", "assumed factory setting", &assumed};
  figures.number("max_charge_a", delivered.max_charge_a, setting_a);
  figures.number("max_discharge_a", delivered.max_discharge_a, setting_a);
  figures.number("self_use_min_soc", delivered.self_use_min_soc, ratio);
  figures.number("off_grid_min_soc", delivered.off_grid_min_soc, off_grid_soc);
  reader.number("export_limit_w", delivered.export_limit_w, export_w, Need::optional);
  reader.number("reconnection_s", delivered.reconnection_s, reconnection_time, Need::optional);
  reader.number("checking_s", delivered.checking_s, checking_time, Need::optional);
  std::string mode = "self_use";
  const std::array<const char*, 5> modes{"self_use", "feed_in", "backup", "manual", "peak_shaving"};
  reader.one_of("work_mode", mode, {modes.begin(), modes.end()}, "work modes", Need::optional);
  delivered.work_mode = static_cast<double>(std::find(modes.begin(), modes.end(), mode) - modes.begin());
}

/// As the voltage of the bus that it shares with the others.
models::GridForming::Parameters read_forming(ElementReader& reader, const std::string& owner,
                                             const models::HybridInverter::Parameters& stage, SiteReading& reading) {
  models::GridForming::Parameters forming;
  if (reading.nominal_ln_v > 0.0 && reading.nominal_hz > 0.0 && stage.rated_ac_w > 0.0) {
    forming = models::GridForming::of_rating(stage.rated_ac_w, stage.max_phase_a, reading.nominal_ln_v,
                                             reading.nominal_hz, reading.split_phase);
    reading.assumed.push_back({owner + ": impedance and frequency droop off the grid, of rated", "5 %, 0.1 %",
                               "assumed: no source (physics-and-standards 2.1, 10)"});
  }
  AssumingReader figures{reader, owner + ": ", "assumed (physics-and-standards 2.1, C)", &reading.assumed};
  figures.seconds("overload_s", forming.overload_time, {.lowest = 0.0, .highest = 600.0});
  figures.seconds("restart_s", forming.restart_delay, lag_time);
  return forming;
}

/// S017: a part for another supply than the site's.
void check_supply(ElementReader& reader, const SolaxPart& part, const SiteReading& reading) {
  if (reading.nominal_ln_v <= 0.0) return;
  const char* const supplied = reading.split_phase ? "split phase" : "three phases";
  if (part.split_phase && !reading.split_phase) {
    reader.breaks_rule("S017", "part", fmt::format("is a part for split phase, the site has {}", supplied),
                       Severity::warning);
  } else if (part.rated_ln_v && std::abs(reading.nominal_ln_v / *part.rated_ln_v - 1.0) > usual_deviation) {
    reader.breaks_rule("S017", "part",
                       fmt::format("is a part for {:g} V from line to neutral, the site has {:g} V", *part.rated_ln_v,
                                   reading.nominal_ln_v),
                       Severity::warning);
  }
}

/// S014: each needs a place for its AC output, at the interface or in a combiner box.
void check_ac_inputs(const Element& element, const ParallelSpec& parallel, std::size_t units,
                     Diagnostics& diagnostics) {
  const bool combined = parallel.combiner_inputs > 0;
  const int places = combined ? parallel.combiner_inputs : parallel.direct_inputs;
  if (!parallel.has_interface || units <= static_cast<std::size_t>(places)) return;
  ElementReader{element, diagnostics}.breaks_rule(
      "S014", "combiner_inputs",
      fmt::format("joins {} inverters, of which {} takes {}: combiner_inputs should be {}", units,
                  combined ? "the combiner box" : "the backup interface without a combiner box", places, units),
      Severity::warning);
}

}  // namespace

SolaxPart read_solax_part(ElementReader& reader, const Assuming& assuming, Diagnostics& diagnostics) {
  SolaxPart part;
  auto& stage = part.power_stage;
  read_ascii(reader, "model", part.identity.module, 1, 14);
  read_ascii(reader, "serial_prefix", part.identity.serial, 1, serial_prefix_length);
  reader.integer("model_code", part.parallel.model, 0, 255);
  reader.integer("safety_code", part.parallel.safety_code, 0, 255, Need::optional);
  reader.integer("battery_count", part.parallel.battery_count, 0, 255, Need::optional);
  reader.integer("firmware", part.parallel.firmware, 0, 255, Need::optional);
  reader.number("rated_ln_v", part.rated_ln_v, positive);
  reader.flag("split_phase", part.split_phase, Need::optional);
  reader.name("register_map", part.register_map);
  const bool rated = reader.number("rated_ac_w", stage.rated_ac_w, positive);
  if (reader.number("max_ac_va", stage.max_ac_va, positive) && rated && stage.max_ac_va < stage.rated_ac_w) {
    reader.fault_between({"max_ac_va", "rated_ac_w"},
                         fmt::format("max_ac_va is {}, must be >= rated_ac_w ({})", stage.max_ac_va, stage.rated_ac_w));
  }
  reader.number("max_phase_a", stage.max_phase_a, positive);
  reader.number("max_battery_charge_w", stage.max_battery_charge_w, positive);
  reader.number("max_battery_discharge_w", stage.max_battery_discharge_w, positive);
  read_losses(reader, stage, diagnostics);
  reader.seconds("command_dead_time_s", stage.command_dead_time, short_time);
  reader.seconds("command_time_constant_s", stage.command_time_constant, lag_time);
  reader.seconds("turnaround_s", part.turnaround, short_time);
  read_tracker(reader, assuming, part.pv_input);
  part.identity.rated_w = stage.rated_ac_w;
  return part;
}

SolaxSpec read_solax(const Element& element, SiteReading& reading, models::Site::Inverter& unit) {
  const Attribute* given_name = element.attribute("name");
  const std::string owner = given_name == nullptr ? "solax" : given_name->value;
  const Catalog::Use use = reading.catalog.use("solax", "part", element, owner, reading.diagnostics);
  reading.assumed.insert(reading.assumed.end(), use.assumed.begin(), use.assumed.end());

  ElementReader reader{use.element, reading.diagnostics};
  models::InverterLane::Parameters& lane = unit.lane;
  SolaxSpec solax;
  solax.place = element.place;
  reader.name("name", solax.name);
  reader.one_of("bus", unit.bus, reading.buses, "buses");
  if (reader.one_of("line", solax.line, reading.lines, "lines of the site") && solax.line == "com4") {
    reader.fault_of("line", "line is \"com4\", must be com1, com2 or com3: com4 carries the meter");
  }
  reader.integer("unit", solax.unit, 1, 247);
  reader.number("soc", lane.initial_soc, ratio);
  if (!reader.flag("drops_rushed_requests", solax.drops_rushed_requests, Need::optional)) {
    reading.assumed.push_back(
        {owner + ": requests less than 1 s after the one before", "answered", "assumed (solax-parallel 3)"});
  }
  read_identity(reader, owner, solax.parallel, reading.assumed);
  read_settings(reader, owner, solax.settings, reading.assumed);
  read_grid_interface(reader, reading, lane);
  const Element* battery = reader.child("battery", Need::required);
  const std::vector<const Element*> pv_inputs = reader.children("pv");

  reader.forgive_missing();
  reader.text("part", solax.part);
  const SolaxPart part = read_solax_part(reader, {owner, &reading.assumed}, reading.diagnostics);
  const models::GridForming::Parameters forming = read_forming(reader, owner, part.power_stage, reading);
  reader.finish();
  require_register_map(reader, part.register_map, reading);
  solax.identity = part.identity;
  solax.identity.serial += fmt::format("{:04}", solax.unit);
  solax.identity.nominal_ln_v = reading.nominal_ln_v;
  solax.identity.nominal_hz = reading.nominal_hz;
  solax.identity.split_phase = reading.split_phase;
  solax.register_map = part.register_map;
  solax.turnaround = part.turnaround;
  solax.settings.starts_in_service = lane.starts_connected;
  check_supply(reader, part, reading);
  const sim::ParallelIdentity set = std::exchange(solax.parallel, part.parallel);
  solax.parallel.role = set.role;
  solax.parallel.count = set.count;
  solax.parallel.rated_100w = static_cast<int>(std::lround(part.power_stage.rated_ac_w / 100.0));
  unit.name = solax.name;
  lane.power_stage = part.power_stage;
  lane.site_forming = forming;
  if (use.part_is_sound) {
    require_buildable(reader, [&] { models::HybridInverter{lane.power_stage, reading.step}; });
  }
  if (use.part_is_sound && reader.sound() && reading.nominal_ln_v > 0.0 && reading.nominal_hz > 0.0) {
    require_buildable(reader, [&] { models::GridForming{forming, reading.step}; });
  }
  if (battery != nullptr) read_battery(*battery, owner, reading, lane);
  read_pv_inputs(pv_inputs, owner, reading, part.pv_input, lane);
  return solax;
}

ParallelSpec read_parallel(const Element& element, SiteReading& reading) {
  ElementReader reader{element, reading.diagnostics};
  ParallelSpec parallel;
  parallel.place = element.place;
  reader.name("name", parallel.name);
  reader.flag("backup_interface", parallel.has_interface, Need::optional);
  reader.integer("direct_inputs", parallel.direct_inputs, fewest_direct, most_direct, Need::optional);
  reader.integer("combiner_inputs", parallel.combiner_inputs, 0, most_parallel_units, Need::optional);
  reader.flag("wiring_fault", parallel.wiring_fault, Need::optional);
  if (element.attribute("wiring_fault") == nullptr && parallel.has_interface) {
    reading.assumed.push_back({parallel.name + ": an inverter without an AC input shows Parallel CfgFault", "true",
                               "assumed: document 002 asks for the combiner box and names no fault"});
  }
  sim::ParallelSupervision::Parameters& supervision = parallel.parameters.supervision;
  AssumingReader figures{reader, parallel.name + ": ", "assumed (solax-parallel 2)", &reading.assumed};
  figures.seconds("system_fault_delay_s", supervision.system_delay, lag_time);
  figures.seconds("sync_fault_delay_s", supervision.sync_delay, lag_time);
  figures.seconds("can_warning_delay_s", supervision.warning_delay, lag_time);
  figures.seconds("link_fault_delay_s", supervision.fault_delay, lag_time);
  figures.seconds("link_clear_delay_s", supervision.clear_delay, lag_time);
  figures.seconds("order_valid_s", parallel.parameters.order_valid, order_time);
  figures.number("unterminated_error_rate", parallel.parameters.unterminated_error_rate, ratio);
  reader.flag("compares_firmware", supervision.compares_firmware, Need::optional);
  reader.flag("compares_batteries", supervision.compares_batteries, Need::optional);
  reader.flag("warns_of_primaries", supervision.warns_of_primaries, Need::optional);
  reader.flag("warns_of_count", supervision.warns_of_count, Need::optional);
  reader.flag("count_is_configuration", supervision.count_is_configuration, Need::optional);
  reader.flag("interface_can_is_fault", parallel.parameters.interface_can_is_fault, Need::optional);
  reader.finish();
  return parallel;
}

void check_parallel(const Element& site, const SiteSpec& spec, Diagnostics& diagnostics) {
  std::vector<const Element*> units;
  const Element* parallel = nullptr;
  for (const Element& child : site.children) {
    if (child.name == "solax") units.push_back(&child);
    if (child.name == "parallel") parallel = &child;
  }
  if (parallel != nullptr && units.empty())
    ElementReader{*parallel, diagnostics}.fault("joins <solax> units, the site has none");
  if (parallel == nullptr && units.size() == 1 && spec.solax.front().parallel.role != sim::ParallelRole::primary) {
    ElementReader{*units.front(), diagnostics}.fault_of("role",
                                                        "role must be primary: without a <parallel> it stands alone");
  }
  if (parallel == nullptr && units.size() > 1) {
    ElementReader{*units[1], diagnostics}.fault("is a second <solax>: a <parallel> must say how they are wired");
  }
  constexpr std::size_t most = most_parallel_units;
  if (units.size() > most) {
    ElementReader{*units[most], diagnostics}.breaks_rule(
        "S016", "", fmt::format("is <solax> {} of {}, must be at most {}", most + 1, units.size(), most));
  } else if (parallel != nullptr && spec.parallel) {
    check_ac_inputs(*parallel, *spec.parallel, units.size(), diagnostics);
  }
  if (!units.empty() && (!spec.inverters.empty() || !spec.pcs.empty())) {
    ElementReader{*units.front(), diagnostics}.fault(
        "stands beside an <inverter> or <pcs>: a site has one kind of them");
  }
}

}  // namespace hil::harness
