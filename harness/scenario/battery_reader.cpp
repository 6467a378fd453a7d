#include <fmt/core.h>

#include "harness/scenario/assuming_reader.h"
#include "harness/scenario/part_reader.h"
#include "harness/scenario/site_reader.h"

namespace hil::harness {
namespace {

constexpr Bounds branch_time{.lowest = 1.0, .highest = 10'000.0};
constexpr Bounds pack_temperature{.lowest = -30.0, .highest = 70.0};  // where the cell's tables say anything
constexpr Bounds surroundings{.lowest = -50.0, .highest = 60.0};
constexpr Bounds spread{.lowest = 0.0, .highest = 0.2};
constexpr Bounds small_error{.lowest = -0.1, .highest = 0.1};

void read_cells(ElementReader& reader, models::BatteryPack::Parameters& battery) {
  reader.flag("hysteresis", battery.hysteresis, Need::optional);
  reader.number("hysteresis_travel_soc", battery.hysteresis_travel_soc,
                {.lowest = 0.0, .highest = 1.0, .lowest_excluded = true}, Need::optional);
  reader.number("branch1_time_constant_s", battery.branch1_time_constant_s, branch_time, Need::optional);
  reader.number("branch2_time_constant_s", battery.branch2_time_constant_s, branch_time, Need::optional);
  reader.number("contacts_ohm", battery.contacts_ohm, {.lowest = 0.0, .highest = 10.0}, Need::optional);
  reader.number("self_discharge_per_month", battery.self_discharge_per_month, {.lowest = 0.0, .highest = 0.5},
                Need::optional);
  reader.number("management_w", battery.management_w, {.lowest = 0.0, .highest = 1000.0}, Need::optional);
  reader.flag("thermal", battery.thermal.enabled, Need::optional);
  reader.number("heat_capacity_j_per_k_per_wh", battery.thermal.heat_capacity_j_per_k_per_wh,
                {.lowest = 0.1, .highest = 1000.0}, Need::optional);
  reader.number("thermal_time_constant_s", battery.thermal.time_constant_s, {.lowest = 1.0, .highest = 1e7},
                Need::optional);
  reader.number("start_spread", battery.cells.start_spread_soc, spread, Need::optional);
  reader.number("capacity_spread", battery.cells.capacity_spread, spread, Need::optional);
  reader.number("temperature_spread_k", battery.cells.temperature_spread_k, {.lowest = 0.0, .highest = 20.0},
                Need::optional);
  reader.number("balancing_a", battery.cells.balancing_a, ratio, Need::optional);
  std::string ageing;
  if (reader.one_of("ageing", ageing, {"off", "counts", "acts"}, "kinds of ageing", Need::optional)) {
    battery.ageing.counts = ageing != "off";
    battery.ageing.acts = ageing == "acts";
  }
  reader.number("age_days", battery.ageing.initial_days, {.lowest = 0.0, .highest = 36'525.0}, Need::optional);
  reader.number("age_cycles", battery.ageing.initial_cycles, {.lowest = 0.0, .highest = 100'000.0}, Need::optional);
}

void read_management(ElementReader& reader, models::BatteryManagement::Parameters& bms) {
  reader.flag("bms_supervises", bms.supervises, Need::optional);
  std::string profile;
  if (reader.one_of("bms_profile", profile, {"none", "first_maker", "second_maker"}, "temperature profiles",
                    Need::optional)) {
    bms.temperature_profile = profile == "none"          ? models::TemperatureProfile::none
                              : profile == "first_maker" ? models::TemperatureProfile::first_maker
                                                         : models::TemperatureProfile::second_maker;
  }
  reader.number("bms_minimum_soc", bms.minimum_soc, {.lowest = 0.0, .highest = 0.5}, Need::optional);
  reader.number("bms_taper_c_rate", bms.taper_c_rate, {.lowest = 0.0, .highest = 0.2}, Need::optional);
  reader.flag("bms_estimates_soc", bms.estimates_soc, Need::optional);
  reader.number("bms_drift_per_day", bms.drift_per_day, small_error, Need::optional);
  reader.number("bms_current_offset_a", bms.current_offset_a, {.lowest = -10.0, .highest = 10.0}, Need::optional);
  reader.number("bms_current_gain_error", bms.current_gain_error, small_error, Need::optional);
  reader.number("bms_report_period_s", bms.report_period_s, {.lowest = 0.0, .highest = 60.0}, Need::optional);
  reader.number("bms_report_lag_s", bms.report_lag_s, {.lowest = 0.0, .highest = 1800.0}, Need::optional);
  reader.number("bms_auto_reclose_s", bms.auto_reclose_s, {.lowest = 0.0, .highest = 86'400.0}, Need::optional);
  if (bms.report_lag_s > 30.0 * bms.report_period_s) {
    reader.fault_between({"bms_report_lag_s", "bms_report_period_s"},
                         fmt::format("bms_report_lag_s is {}, must be at most 30 times bms_report_period_s ({})",
                                     bms.report_lag_s, bms.report_period_s));
  }
}

}  // namespace

models::BatteryPack::Parameters read_battery_part(ElementReader& reader, const Assuming& assuming) {
  models::BatteryPack::Parameters battery;
  reader.number("capacity_ah", battery.capacity_ah, positive);
  reader.integer("cells_in_series", battery.cells_in_series, 1, 1000);
  reader.number("max_charge_a", battery.max_charge_a, not_negative);
  reader.number("max_discharge_a", battery.max_discharge_a, not_negative);
  reader.number("coulombic_efficiency", battery.coulombic_efficiency,
                {.lowest = 0.0, .highest = 1.0, .lowest_excluded = true});
  std::string detail = "basic";
  reader.one_of("detail", detail, {"basic", "full"}, "details", Need::optional);
  if (detail == "full") {
    battery = models::with_everything_on(battery);
    if (assuming.list != nullptr) {
      assuming.list->push_back({assuming.owner + ": detail", detail,
                                "what is not given lies at the middle of physics-and-standards 4.2 (B, C)"});
    }
  }
  read_cells(reader, battery);
  read_management(reader, battery.management);
  return battery;
}

void read_battery(const Element& element, const std::string& inverter, SiteReading& reading,
                  models::InverterLane::Parameters& lane) {
  const std::string owner = inverter + " battery";
  const Catalog::Use use = reading.catalog.use("battery", "part", element, owner, reading.diagnostics);
  reading.assumed.insert(reading.assumed.end(), use.assumed.begin(), use.assumed.end());
  ElementReader reader{use.element, reading.diagnostics};
  double ambient_c = reading.ambient_c;
  lane.initial_battery_c = reading.ambient_c;
  std::string part;
  reader.forgive_missing();  // a part that is missing or unknown was reported by use()
  reader.text("part", part);
  const bool says_temperature =
      reader.number("temperature_c", lane.initial_battery_c, pack_temperature, Need::optional);
  const bool says_ambient = reader.number("ambient_c", ambient_c, surroundings, Need::optional);
  lane.battery = read_battery_part(reader, {owner, &reading.assumed});
  // Without warming the cell keeps the temperature that its tables are measured at.
  if (!says_temperature) {
    lane.initial_battery_c = lane.battery.thermal.enabled ? ambient_c : models::BatteryPack::State{}.temperature_c;
  }
  lane.battery.thermal.ambient_c = ambient_c;
  if (says_ambient && !lane.battery.thermal.enabled) {
    reader.fault_between({"ambient_c"}, "ambient_c has no effect without thermal=\"true\" or detail=\"full\"");
  }
  reader.finish();
  if (!use.part_is_sound || lane.initial_soc < 0.0) return;
  models::BatteryPack::State initial;
  initial.soc = lane.initial_soc;
  initial.temperature_c = lane.initial_battery_c;
  require_buildable(reader, [&] { models::BatteryPack{lane.battery, initial, reading.step}; });
}

}  // namespace hil::harness
