#include <fmt/core.h>

#include <algorithm>

#include "harness/scenario/assuming_reader.h"
#include "harness/scenario/part_reader.h"
#include "harness/scenario/site_reader.h"

namespace hil::harness {
namespace {

constexpr Bounds setting_a{.lowest = 0.0, .highest = 100.0};  // registers 45353 and 45355

void append(std::vector<Assumed>& all, const std::vector<Assumed>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

void read_setting(ElementReader& reader, const std::string& attribute, double& value, const Bounds& bounds,
                  const std::string& inverter, std::vector<Assumed>& assumed) {
  reader.number(attribute, value, bounds, Need::optional);
  if (reader.element().attribute(attribute) != nullptr) return;
  assumed.push_back({inverter + ": " + attribute, fmt::format("{}", value), "assumed factory setting"});
}

/// Phases by themselves, and sleep: what the maker does not tell of them is listed when they are in use.
bool read_night_and_phases(ElementReader& reader, sim::GoodweEt::Settings& settings, const std::string& inverter,
                           std::vector<Assumed>& assumed) {
  reader.flag("unbalanced_output", settings.unbalanced_output, Need::optional);
  if (settings.unbalanced_output) {
    assumed.push_back({inverter + ": unbalanced_output, phases at its meter", "alike",
                       "assumed: how the firmware shares is not public"});
  }
  sim::Time sleep_after{0};
  if (!reader.seconds("sleep_after_s", sleep_after, {.lowest = 0.0, .highest = 3600.0}, Need::optional)) return false;
  settings.sleep_after = sleep_after;
  assumed.push_back(
      {inverter + ": sleeps below, W of PV", fmt::format("{:g}", sim::GoodweEt::wake_pv_w), "assumed: no source"});
  return true;
}

void read_backup(const Element& element, const std::string& inverter, SiteReading& reading,
                 models::InverterLane::Parameters& lane) {
  ElementReader reader{element, reading.diagnostics};
  models::InverterLane::Backup backup;
  backup.forming.nominal_ln_v = reading.nominal_ln_v;
  backup.forming.nominal_hz = reading.nominal_hz;
  backup.forming.max_phase_a = lane.power_stage.max_phase_a;
  backup.transfer_time = std::chrono::milliseconds{10};
  double droop_hz_per_kw = 0.0;
  double droop_v_per_kvar = 0.0;
  AssumingReader figures{reader, inverter + ": backup ",
                         "assumed (physics-and-standards 2.1: 10 ms to 0.5 s; the rest C)", &reading.assumed};
  figures.seconds("transfer_s", backup.transfer_time, {.lowest = 0.0, .highest = 60.0});
  figures.number("transfer_below_pu", backup.transfer_below_pu, ratio);
  figures.seconds("overload_s", backup.forming.overload_time, {.lowest = 0.0, .highest = 600.0});
  figures.seconds("restart_s", backup.forming.restart_delay, {.lowest = 0.0, .highest = 3600.0});
  AssumingReader reserve{reader, inverter + ": backup ",
                         "assumed (goodwe-et-modbus 6.2: register 45358 holds a lowest SOC off grid; no value known)",
                         &reading.assumed};
  reserve.number("lowest_soc", backup.reserve.lowest_soc, ratio);
  reserve.number("restart_soc_rise", backup.reserve.restart_soc_rise, ratio);
  reserve.number("restart_pv_w", backup.reserve.restart_pv_w, positive);
  reserve.seconds("bridge_s", backup.reserve.bridge, {.lowest = 0.0, .highest = 600.0});
  reader.number("frequency_droop_hz_per_kw", droop_hz_per_kw, {.lowest = 0.0, .highest = 10.0}, Need::optional);
  reader.number("voltage_droop_v_per_kvar", droop_v_per_kvar, {.lowest = 0.0, .highest = 100.0}, Need::optional);
  reader.number("max_phase_a", backup.forming.max_phase_a, positive, Need::optional);
  reader.finish();
  backup.forming.frequency_droop_hz_per_w = droop_hz_per_kw / 1000.0;
  backup.forming.voltage_droop_v_per_var = droop_v_per_kvar / 1000.0;
  lane.backup = backup;
  if (reading.nominal_ln_v <= 0.0 || reading.nominal_hz <= 0.0 || backup.forming.max_phase_a <= 0.0) return;
  require_buildable(reader, [&] { models::GridForming{backup.forming, reading.step}; });
}

}  // namespace

void read_grid_interface(ElementReader& reader, const SiteReading& reading, models::InverterLane::Parameters& lane) {
  std::vector<std::string> names;
  for (const models::GridCode& code : models::grid_codes()) names.emplace_back(code.name);
  std::string name = "none";
  reader.one_of("grid_code", name, names, "grid codes", Need::optional);
  if (name != "none") {
    models::GridCode code = *models::find_grid_code(name);
    if (reading.nominal_hz > 0.0 && code.nominal_frequency_hz != reading.nominal_hz) {
      reader.fault_between({"grid_code"}, fmt::format("grid_code is \"{}\", which is for {} Hz; the grid has {} Hz",
                                                      name, code.nominal_frequency_hz, reading.nominal_hz));
    }
    if (reading.nominal_ln_v > 0.0) {  // settings are in pu of it
      code.nominal_ln_v = code.measurement.nominal_ln_v = reading.nominal_ln_v;
    }
    lane.grid_code = code;
  }
  std::string starts = "connected";
  reader.one_of("starts", starts, {"connected", "waiting"}, "ways to start", Need::optional);
  lane.starts_connected = starts == "connected";
  models::FrequencyShift::Parameters shift;
  shift.nominal_hz = reading.nominal_hz;
  if (reader.number("island_detection_gain_per_hz", shift.gain_per_hz, ratio, Need::optional)) {
    lane.island_detection = shift;
  }
}

InverterSpec read_inverter(const Element& element, SiteReading& reading, models::Site::Inverter& unit) {
  models::InverterLane::Parameters& lane = unit.lane;
  const Attribute* given_name = element.attribute("name");
  const std::string owner = given_name == nullptr ? "inverter" : given_name->value;
  const Catalog::Use use = reading.catalog.use("inverter", "part", element, owner, reading.diagnostics);
  append(reading.assumed, use.assumed);

  ElementReader reader{use.element, reading.diagnostics};
  InverterSpec inverter;
  inverter.place = element.place;
  reader.name("name", inverter.name);
  reader.one_of("bus", unit.bus, reading.buses, "buses");
  if (reader.one_of("line", inverter.line, reading.lines, "lines of the site") && inverter.line == "com4") {
    reader.fault_of("line", "line is \"com4\", must be com1, com2 or com3: com4 carries the meter");
  }
  reader.integer("unit", inverter.unit, 1, 247);
  reader.flag("strict_gaps", inverter.strict_gaps, Need::optional);
  reader.seconds("dongle_reply_s", inverter.dongle_reply, {.lowest = 0.0, .highest = 60.0}, Need::optional);
  reader.number("soc", lane.initial_soc, ratio);
  read_setting(reader, "soc_floor", inverter.settings.soc_floor, ratio, owner, reading.assumed);
  read_setting(reader, "battery_max_charge_a", inverter.settings.battery_max_charge_a, setting_a, owner,
               reading.assumed);
  read_setting(reader, "battery_max_discharge_a", inverter.settings.battery_max_discharge_a, setting_a, owner,
               reading.assumed);

  reader.flag("own_meter", inverter.settings.own_meter, Need::optional);
  const bool sleeps = read_night_and_phases(reader, inverter.settings, owner, reading.assumed);
  reader.flag("ripple_control", inverter.settings.ripple_control, Need::optional);
  reader.name("contact_load", inverter.contact_load, Need::optional);

  read_grid_interface(reader, reading, lane);

  const Element* battery = reader.child("battery", Need::required);
  const std::vector<const Element*> pv_inputs = reader.children("pv");
  if (pv_inputs.empty()) reader.fault("element <pv> is missing");
  const Element* backup = reader.child("backup", Need::optional);
  const Element* support = reader.child("support", Need::optional);
  const std::vector<const Element*> quirks = reader.children("quirk");

  reader.forgive_missing();
  reader.text("part", inverter.part);
  const InverterPart part = read_inverter_part(reader, {owner, &reading.assumed}, reading.diagnostics);
  reader.finish();
  require_register_map(reader, part.register_map, reading);
  inverter.identity = part.identity;
  inverter.register_map = part.register_map;
  inverter.turnaround = part.turnaround;
  unit.name = inverter.name;
  lane.power_stage = part.power_stage;
  if (!sleeps) {
    // What is not modelled here is not assumed either.
    lane.power_stage.standby_w = 0.0;
    std::erase_if(reading.assumed, [&owner](const Assumed& each) { return each.what == owner + ": standby_w"; });
  }
  if (use.part_is_sound) {
    require_buildable(reader, [&] { models::HybridInverter{lane.power_stage, reading.step}; });
  }
  if (support != nullptr) read_support(*support, owner, reading, lane.grid_code ? &*lane.grid_code : nullptr);
  if (battery != nullptr) read_battery(*battery, owner, reading, lane);
  read_pv_inputs(pv_inputs, owner, reading, part.pv_input, lane);
  if (backup != nullptr) read_backup(*backup, owner, reading, lane);
  for (const Element* quirk : quirks) read_quirk(*quirk, reading, inverter);
  return inverter;
}

}  // namespace hil::harness
