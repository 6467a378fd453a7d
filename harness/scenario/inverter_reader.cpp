#include <fmt/core.h>

#include <array>
#include <stdexcept>

#include "harness/scenario/part_reader.h"
#include "harness/scenario/site_reader.h"

namespace hil::harness {
namespace {

constexpr Bounds setting_a{.lowest = 0.0, .highest = 100.0};  // registers 45353 and 45355
constexpr Bounds irradiance{.lowest = 0.0, .highest = 1500.0};
constexpr Bounds cell_temperature{.lowest = -40.0, .highest = 100.0};

void append(std::vector<Assumed>& all, const std::vector<Assumed>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

void read_battery(const Element& element, const std::string& inverter, SiteReading& reading,
                  models::InverterLane::Parameters& lane) {
  const Catalog::Use use = reading.catalog.use("battery", "part", element, inverter + " battery", reading.diagnostics);
  append(reading.assumed, use.assumed);
  ElementReader reader{use.element, reading.diagnostics};
  std::string part;
  reader.forgive_missing();  // a part that is missing or unknown was reported by use()
  reader.text("part", part);
  lane.battery = read_battery_part(reader);
  reader.finish();
  if (!use.part_is_sound || lane.initial_soc < 0.0) return;
  require_buildable(reader, [&] { models::BatteryPack{lane.battery, {.soc = lane.initial_soc}, reading.step}; });
}

void read_pv(const Element& element, const std::string& inverter, SiteReading& reading,
             const models::MpptTracker::Parameters& tracker, models::InverterLane::Parameters& lane) {
  const Catalog::Use use = reading.catalog.use("pv_module", "module", element, inverter + " pv", reading.diagnostics);
  append(reading.assumed, use.assumed);
  ElementReader reader{use.element, reading.diagnostics};
  models::InverterLane::PvInput input;
  input.tracker = tracker;
  reader.integer("modules_in_series", input.array.modules_in_series, 1, 100);
  reader.integer("strings_in_parallel", input.array.strings_in_parallel, 1, 100);
  reader.number("irradiance_w_m2", input.irradiance_w_m2, irradiance);
  reader.number("cell_temperature_c", input.cell_temperature_c, cell_temperature);
  std::string module;
  reader.forgive_missing();
  reader.text("module", module);
  input.array.module = read_pv_module_part(reader);
  reader.finish();
  if (use.part_is_sound) {
    require_buildable(reader, [&] { models::MpptTracker{input.array, input.tracker, reading.step}; });
  }
  lane.pv.push_back(input);
}

/// Parameters that the file does not give are assumed, whatever their default: nobody has measured them.
class QuirkParameters {
 public:
  QuirkParameters(ElementReader& reader, std::string owner, std::vector<Assumed>& assumed)
      : reader_(reader), owner_(std::move(owner)), assumed_(assumed) {}

  void number(const std::string& attribute, double& value, const Bounds& bounds) {
    reader_.number(attribute, value, bounds, Need::optional);
    note(attribute, value);
  }
  void seconds(const std::string& attribute, sim::Time& value, const Bounds& bounds) {
    reader_.seconds(attribute, value, bounds, Need::optional);
    note(attribute, in_seconds(value));
  }

 private:
  void note(const std::string& attribute, double value) {
    if (reader_.element().attribute(attribute) != nullptr) return;
    assumed_.push_back({owner_ + " " + attribute, fmt::format("{}", value), "assumed: never measured on a device"});
  }

  ElementReader& reader_;
  std::string owner_;
  std::vector<Assumed>& assumed_;
};

void read_quirk(const Element& element, SiteReading& reading, InverterSpec& inverter) {
  ElementReader reader{element, reading.diagnostics};
  std::string kind;
  reader.one_of("kind", kind, {"export_limit_freeze"}, "quirks");
  sim::GoodweEt::ExportLimitFreeze freeze;
  QuirkParameters parameters{reader, inverter.name + ": export_limit_freeze", reading.assumed};
  parameters.number("trigger_step_w", freeze.trigger_step_w, positive);
  parameters.seconds("trigger_within_s", freeze.trigger_within, positive);
  parameters.seconds("fall_s", freeze.fall, not_negative);
  parameters.number("pv_floor_ratio", freeze.pv_floor_ratio, ratio);
  parameters.seconds("hold_s", freeze.hold, not_negative);
  parameters.number("pv_ramp_w_per_s", freeze.pv_ramp_w_per_s, positive);
  parameters.seconds("reset_s", freeze.reset, not_negative);
  reader.finish();
  inverter.freeze = freeze;
}

void read_setting(ElementReader& reader, const std::string& attribute, double& value, const Bounds& bounds,
                  const std::string& inverter, std::vector<Assumed>& assumed) {
  reader.number(attribute, value, bounds, Need::optional);
  if (reader.element().attribute(attribute) != nullptr) return;
  assumed.push_back({inverter + ": " + attribute, fmt::format("{}", value), "assumed factory setting"});
}

}  // namespace

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
  reader.number("soc", lane.initial_soc, ratio);
  read_setting(reader, "soc_floor", inverter.settings.soc_floor, ratio, owner, reading.assumed);
  read_setting(reader, "battery_max_charge_a", inverter.settings.battery_max_charge_a, setting_a, owner,
               reading.assumed);
  read_setting(reader, "battery_max_discharge_a", inverter.settings.battery_max_discharge_a, setting_a, owner,
               reading.assumed);

  const Element* battery = reader.child("battery", Need::required);
  const Element* pv = reader.child("pv", Need::required);
  const std::vector<const Element*> quirks = reader.children("quirk");

  reader.forgive_missing();
  reader.text("part", inverter.part);
  const InverterPart part = read_inverter_part(reader);
  reader.finish();
  require_register_map(reader, part.register_map, reading);
  inverter.identity = part.identity;
  inverter.register_map = part.register_map;
  inverter.turnaround = part.turnaround;
  unit.name = inverter.name;
  lane.power_stage = part.power_stage;
  if (use.part_is_sound) {
    require_buildable(reader, [&] { models::HybridInverter{lane.power_stage, reading.step}; });
  }
  if (battery != nullptr) read_battery(*battery, owner, reading, lane);
  if (pv != nullptr) read_pv(*pv, owner, reading, part.tracker, lane);
  for (const Element* quirk : quirks) read_quirk(*quirk, reading, inverter);
  return inverter;
}

}  // namespace hil::harness
