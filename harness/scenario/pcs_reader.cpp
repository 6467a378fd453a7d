#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "harness/scenario/assuming_reader.h"
#include "harness/scenario/part_reader.h"
#include "harness/scenario/site_reader.h"
#include "sim/devices/sinexcel_pws2.h"

namespace hil::harness {
namespace {

constexpr int most_strings = static_cast<int>(sim::SinexcelPcs::max_strings);
constexpr Bounds short_time{.lowest = 0.0, .highest = 60.0};
constexpr Bounds lag_time{.lowest = 0.0, .highest = 3600.0};
constexpr Bounds string_v{.lowest = 0.0, .highest = 2000.0, .lowest_excluded = true};
constexpr Bounds string_a{.lowest = 0.0, .highest = 3000.0};
constexpr Bounds bias_hz{.lowest = -10.0, .highest = 10.0};

// Of an LFP cell, where the scenario gives no limit.
constexpr double end_of_discharge_cell_v = 2.9;
constexpr double topping_cell_v = 3.45;
constexpr double lower_limit_below_v = 7.5;  // S004-70: 5 to 10 V below the end of discharge
constexpr double end_of_charge_c_rate = 0.05;

/// Each figure of the whole unit becomes that of one string.
void divide_among(int strings, models::HybridInverter::Parameters& stage) {
  const double count = strings;
  for (double* figure : {&stage.rated_ac_w, &stage.max_ac_va, &stage.max_phase_a, &stage.max_battery_charge_w,
                         &stage.max_battery_discharge_w}) {
    *figure /= count;
  }
  for (models::LossCurve* curve : {&stage.losses.pv_to_ac, &stage.losses.battery_to_ac, &stage.losses.pv_to_battery,
                                   &stage.losses.ac_to_battery}) {
    for (double* figure : {&curve->reference_w, &curve->square_w, &curve->linear_w, &curve->constant_w}) {
      *figure /= count;
    }
  }
}

sim::SinexcelPcs::StringLimits limits_of(const models::BatteryPack::Parameters& battery, double max_string_a) {
  sim::SinexcelPcs::StringLimits limits;
  limits.end_of_discharge_v = battery.cells_in_series * end_of_discharge_cell_v;
  limits.topping_v = battery.cells_in_series * topping_cell_v;
  limits.end_of_charge_a = limits.topping_to_float_a = battery.capacity_ah * end_of_charge_c_rate;
  limits.max_charge_a = std::min(battery.max_charge_a, max_string_a);
  limits.max_discharge_a = std::min(battery.max_discharge_a, max_string_a);
  return limits;
}

/// Of the battery at a string; what is left out follows from its cells, or from the limit that it goes with.
sim::SinexcelPcs::StringLimits read_limits(ElementReader& reader, const std::string& owner,
                                           const models::BatteryPack::Parameters& battery, double max_string_a,
                                           std::vector<Assumed>& assumed) {
  sim::SinexcelPcs::StringLimits limits = limits_of(battery, max_string_a);
  AssumingReader figures{reader, owner + ": ", "assumed: of an LFP battery of so many cells; no document gives one",
                         &assumed};
  figures.number("end_of_discharge_v", limits.end_of_discharge_v, string_v);
  limits.lower_limit_v = std::max(0.1, limits.end_of_discharge_v - lower_limit_below_v);
  figures.number("lower_limit_v", limits.lower_limit_v, string_v);
  figures.number("topping_v", limits.topping_v, string_v);
  limits.float_v = limits.topping_v;
  figures.number("float_v", limits.float_v, string_v);
  figures.number("topping_to_float_a", limits.topping_to_float_a, string_a);
  figures.number("end_of_charge_a", limits.end_of_charge_a, string_a);
  figures.number("max_charge_a", limits.max_charge_a, string_a);
  figures.number("max_discharge_a", limits.max_discharge_a, string_a);
  AssumingReader{reader, owner + ": ", "assumed: register 815 of the PWS2-30K has 20 V (sinexcel-pcs-modbus 7)",
                 &assumed}
      .number("recharge_hysteresis_v", limits.recharge_hysteresis_v, string_v);
  const auto above = [&](const char* high, double high_v, const char* low, double low_v) {
    if (high_v > low_v) return;
    reader.fault_between({high, low}, fmt::format("{} is {}, must be > {} ({})", high, high_v, low, low_v));
  };
  // Of a battery that could not be read there is nothing to compare.
  if (battery.cells_in_series <= 0) return limits;
  above("end_of_discharge_v", limits.end_of_discharge_v, "lower_limit_v", limits.lower_limit_v);
  // Float is topping unless it is given.
  const bool has_float = reader.element().attribute("float_v") != nullptr;
  above(has_float ? "float_v" : "topping_v", limits.float_v, "end_of_discharge_v", limits.end_of_discharge_v);
  if (limits.topping_v < limits.float_v) {
    reader.fault_between({"topping_v", "float_v"},
                         fmt::format("topping_v is {}, must be >= float_v ({})", limits.topping_v, limits.float_v));
  }
  const auto carried = [&](const char* name, double current_a) {
    if (current_a <= max_string_a || max_string_a <= 0.0) return;
    reader.fault_between(
        {name}, fmt::format("{} is {}, must be <= max_string_a of the part ({})", name, current_a, max_string_a));
  };
  carried("topping_to_float_a", limits.topping_to_float_a);
  carried("end_of_charge_a", limits.end_of_charge_a);
  carried("max_charge_a", limits.max_charge_a);
  carried("max_discharge_a", limits.max_discharge_a);
  return limits;
}

/// What the whole unit is set to, beside its strings.
void read_settings_of_pcs(ElementReader& reader, const std::string& owner, sim::SinexcelPcs::Settings& settings,
                          std::vector<Assumed>& assumed) {
  const auto flag = [&](const char* attribute, bool& value, const char* reason) {
    reader.flag(attribute, value, Need::optional);
    if (reader.element().attribute(attribute) != nullptr) return;
    assumed.push_back({owner + ": " + attribute, value ? "true" : "false", reason});
  };
  flag("latch_grid_faults", settings.latch_grid_faults,
       "assumed: 004 has faults latch and speaks of reconnecting after a trip (sinexcel-pcs-modbus 4)");
  flag("string_reactive", settings.string_reactive, "assumed: 004 has none in string dispatch");
  flag("wrong_state_is_exception", settings.wrong_state_is_exception,
       "assumed: 004 has such a write get no reaction (sinexcel-pcs-modbus 1)");
  flag("starts_by_itself", settings.starts_by_itself, "assumed: manual is the default (sinexcel-pcs-modbus 4)");
  reader.number("frequency_bias_hz", settings.frequency_bias_hz, bias_hz, Need::optional);
  reader.number("reconnect_delay_s", settings.reconnect_delay_s, {.lowest = 0.0, .highest = 3600.0});
}

/// As the voltage of its bus, off the grid; each string of its own.
models::GridForming::Parameters read_forming(ElementReader& reader, const std::string& owner,
                                             const models::HybridInverter::Parameters& stage, SiteReading& reading) {
  models::GridForming::Parameters forming;
  if (reading.nominal_ln_v > 0.0 && reading.nominal_hz > 0.0 && stage.rated_ac_w > 0.0) {
    forming =
        models::GridForming::of_rating(stage.rated_ac_w, stage.max_phase_a, reading.nominal_ln_v, reading.nominal_hz);
    reading.assumed.push_back({owner + ": impedance and frequency droop off the grid, of rated", "5 %, 0.1 %",
                               "assumed: no source (physics-and-standards 2.1, 10)"});
  }
  forming.soft_start = std::chrono::seconds{5};
  AssumingReader{reader, owner + ": ", "assumed: no source (sinexcel-pcs-modbus 8)", &reading.assumed}.seconds(
      "soft_start_s", forming.soft_start, short_time);
  AssumingReader figures{reader, owner + ": ", "assumed (physics-and-standards 2.1, C)", &reading.assumed};
  figures.seconds("overload_s", forming.overload_time, {.lowest = 0.0, .highest = 600.0});
  figures.seconds("restart_s", forming.restart_delay, lag_time);
  return forming;
}

/// What only the other register world asks for, or does not have.
void check_pws2(ElementReader& reader, const PcsSpec& pcs, const models::InverterLane::Parameters& lane) {
  if (!lane.grid_code || !sim::pws2_grid_code_number(lane.grid_code->name)) {
    reader.fault_of("grid_code", "a PWS2 has one of the grid codes sinexcel_...");
  }
  for (const char* flag : {"latch_grid_faults", "string_reactive"}) {
    if (reader.element().attribute(flag) != nullptr) reader.fault_of(flag, fmt::format("a PWS2 has no {}", flag));
  }
  if (std::abs(pcs.settings.frequency_bias_hz) > 5.0) {
    reader.fault_of("frequency_bias_hz",
                    fmt::format("frequency_bias_hz is {}, a PWS2 has -5..5", pcs.settings.frequency_bias_hz));
  }
  for (const Element& child : reader.element().children) {
    if (child.name == "trips") reader.fault("a PWS2 has no <trips>: a master writes its registers 768..786");
  }
  if (pcs.settings.support.freq_watt.low_slope_per_hz != 0.0) {
    reader.fault("<freq_watt>: a PWS2 has no low_slope_per_hz: its register 894 is kept without effect");
  }
  const std::string beyond = sim::SinexcelPws2::beyond_registers(pcs.settings.support);
  if (!beyond.empty()) reader.fault(beyond);
  for (const sim::PcsBattery::Limits& limits : pcs.settings.strings) {
    if (limits.lower_limit_v >= sim::SinexcelPws2::lowest_dc_v && limits.topping_v <= sim::SinexcelPws2::highest_dc_v) {
      continue;
    }
    reader.fault(fmt::format("its battery has limits of {} to {} V, a PWS2 has {} to {}", limits.lower_limit_v,
                             limits.topping_v, sim::SinexcelPws2::lowest_dc_v, sim::SinexcelPws2::highest_dc_v));
  }
}

struct StringReading {
  const PcsPart& part;
  const std::string& owner;  ///< the unit's name
  SiteReading& reading;
  bool part_is_sound = false;
};

/// The string's lane and limits; its place among the strings is `number`, 0 when that is wrong.
struct ReadString {
  int number = 0;
  models::InverterLane::Parameters lane;
  sim::SinexcelPcs::StringLimits limits;
};
ReadString read_string(const Element& element, const StringReading& of, models::InverterLane::Parameters lane) {
  ReadString read;
  ElementReader reader{element, of.reading.diagnostics};
  reader.integer("number", read.number, 1, most_strings);
  reader.number("soc", lane.initial_soc, ratio);
  const std::string owner = fmt::format("{} string {}", of.owner, read.number);
  const Element* battery = reader.child("battery", Need::required);
  const std::vector<const Element*> pv = reader.children("pv");
  if (battery != nullptr) read_battery(*battery, owner, of.reading, lane);
  read.limits = read_limits(reader, owner, lane.battery, of.part.rating.max_string_a, of.reading.assumed);
  reader.finish();
  if (of.part_is_sound) {
    if (of.part.has_pv && pv.empty()) reader.fault("element <pv> is missing: the part has a PV input");
    if (!of.part.has_pv && !pv.empty()) reader.fault("has a <pv>, but the part has no PV input");
    if (of.part.has_pv && pv.size() > 1) reader.fault(fmt::format("has {} <pv>, must be 1", pv.size()));
    if (read.number > of.part.strings) {
      reader.fault_of("number", fmt::format("number is {}, must be at most {}: the part has no more battery inputs",
                                            read.number, of.part.strings));
    }
  }
  read_pv_inputs(pv, owner, of.reading, of.part.pv_input, lane);
  read.lane = std::move(lane);
  return read;
}

}  // namespace

PcsPart read_pcs_part(ElementReader& reader, const Assuming& assuming, Diagnostics& diagnostics) {
  PcsPart part;
  auto& stage = part.power_stage;
  read_ascii(reader, "model", part.rating.model, 1, 32);
  reader.name("register_map", part.register_map);
  std::string profile = "registers_53xxx";
  reader.one_of("profile", profile, {"registers_53xxx", "pws2"}, "profiles", Need::optional);
  if (profile == "pws2") part.profile = sim::PcsProfile::pws2;
  reader.integer("battery_inputs", part.strings, 1, most_strings);
  reader.flag("pv_input", part.has_pv, Need::optional);
  if (part.has_pv && part.strings != 1) {
    reader.fault_between({"battery_inputs", "pv_input"},
                         fmt::format("battery_inputs is {}, must be 1 beside a PV input", part.strings));
  }
  if (part.profile == sim::PcsProfile::pws2 && (part.strings != 1 || part.has_pv)) {
    reader.fault_between({"profile"}, "a PWS2 has one battery input and no PV input");
  }
  const bool rated = reader.number("rated_ac_w", stage.rated_ac_w, positive);
  if (reader.number("max_ac_va", stage.max_ac_va, positive) && rated && stage.max_ac_va < stage.rated_ac_w) {
    reader.fault_between({"max_ac_va", "rated_ac_w"},
                         fmt::format("max_ac_va is {}, must be >= rated_ac_w ({})", stage.max_ac_va, stage.rated_ac_w));
  }
  reader.number("max_phase_a", stage.max_phase_a, positive);
  reader.number("max_string_a", part.rating.max_string_a, positive);
  reader.number("max_battery_charge_w", stage.max_battery_charge_w, positive);
  reader.number("max_battery_discharge_w", stage.max_battery_discharge_w, positive);
  read_losses(reader, stage, diagnostics);
  read_pcs_support(reader, part.support, diagnostics);
  reader.seconds("command_dead_time_s", stage.command_dead_time, short_time);
  reader.seconds("command_time_constant_s", stage.command_time_constant, lag_time);
  reader.seconds("turnaround_s", part.turnaround, short_time);
  // Without a PV input its window is not read, and not to be given.
  if (part.has_pv) read_tracker(reader, assuming, part.pv_input);
  part.rating.rated_w = stage.rated_ac_w;
  part.rating.inputs = static_cast<std::size_t>(std::max(part.strings, 1));
  divide_among(part.strings, stage);
  return part;
}

PcsSpec read_pcs(const Element& element, SiteReading& reading, std::vector<models::Site::Inverter>& units) {
  const Attribute* given_name = element.attribute("name");
  const std::string owner = given_name == nullptr ? "pcs" : given_name->value;
  const Catalog::Use use = reading.catalog.use("pcs", "part", element, owner, reading.diagnostics);
  reading.assumed.insert(reading.assumed.end(), use.assumed.begin(), use.assumed.end());

  ElementReader reader{use.element, reading.diagnostics};
  PcsSpec pcs;
  pcs.place = element.place;
  pcs.first_lane = units.size();
  reader.name("name", pcs.name);
  std::string bus;
  reader.one_of("bus", bus, reading.buses, "buses");
  if (reader.one_of("line", pcs.line, reading.lines, "lines of the site") && pcs.line == "com4") {
    reader.fault_of("line", "line is \"com4\", must be com1, com2 or com3: com4 carries the meter");
  }
  reader.integer("unit", pcs.unit, 1, 247);
  read_settings_of_pcs(reader, owner, pcs.settings, reading.assumed);
  models::InverterLane::Parameters lane;  // what its strings have in common
  read_grid_interface(reader, reading, lane);
  if (const Element* trips = reader.child("trips", Need::optional)) {
    read_trips(*trips, reading, lane.grid_code ? &*lane.grid_code : nullptr);
  }
  const std::vector<const Element*> strings = reader.children("string");
  if (strings.empty()) reader.fault("element <string> is missing");

  reader.forgive_missing();
  reader.text("part", pcs.part);
  const PcsPart part = read_pcs_part(reader, {owner, &reading.assumed}, reading.diagnostics);
  const models::GridForming::Parameters forming = read_forming(reader, owner, part.power_stage, reading);
  reader.finish();
  require_register_map(reader, part.register_map, reading);
  pcs.profile = part.profile;
  pcs.rating = part.rating;
  pcs.settings.support = part.support;
  pcs.rating.nominal_ln_v = reading.nominal_ln_v;
  pcs.rating.nominal_hz = reading.nominal_hz;
  pcs.register_map = part.register_map;
  pcs.turnaround = part.turnaround;

  lane.power_stage = part.power_stage;
  lane.site_forming = forming;
  if (use.part_is_sound) {
    require_buildable(reader, [&] { models::HybridInverter{lane.power_stage, reading.step}; });
  }
  if (use.part_is_sound && reader.sound() && reading.nominal_ln_v > 0.0 && reading.nominal_hz > 0.0) {
    require_buildable(reader, [&] { models::GridForming{forming, reading.step}; });
  }
  const StringReading of{part, owner, reading, use.part_is_sound};
  std::array<std::optional<ReadString>, sim::SinexcelPcs::max_strings> numbered;
  for (const Element* string : strings) {
    ReadString read = read_string(*string, of, lane);
    if (read.number >= 1) numbered[static_cast<std::size_t>(read.number - 1)] = std::move(read);
  }
  const auto behind = std::find_if(numbered.rbegin(), numbered.rend(), [](const auto& each) { return each; }).base();
  for (auto each = numbered.begin(); each != behind; ++each) {
    const auto number = each - numbered.begin() + 1;
    if (!*each) {
      reader.fault(fmt::format("has no string {}: its strings are numbered from 1 without a gap", number));
      continue;
    }
    models::Site::Inverter unit;
    unit.name = fmt::format("{}.string{}", pcs.name, number);
    unit.bus = bus;
    unit.lane = std::move((*each)->lane);
    units.push_back(std::move(unit));
    pcs.settings.strings.push_back((*each)->limits);
  }
  if (use.part_is_sound && pcs.profile == sim::PcsProfile::pws2) {
    check_pws2(reader, pcs, lane);
    // What it does not have is not assumed either.
    std::erase_if(reading.assumed, [&owner](const Assumed& each) {
      return each.what == owner + ": latch_grid_faults" || each.what == owner + ": string_reactive";
    });
    reading.assumed.push_back({owner + ": defaults of registers 328, 329, 795 to 798, 814, 879 to 886",
                               "1, 0, 1, 830 V, PF 1 to -0.9", "assumed: not public (sinexcel-pcs-modbus 12)"});
  }
  return pcs;
}

}  // namespace hil::harness
