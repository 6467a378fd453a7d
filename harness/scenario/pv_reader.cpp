#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "harness/scenario/assuming_reader.h"
#include "harness/scenario/site_reader.h"

namespace hil::harness {
namespace {

constexpr Bounds irradiance{.lowest = 0.0, .highest = 1500.0};
constexpr Bounds cell_temperature{.lowest = -40.0, .highest = 100.0};
constexpr Bounds tilt{.lowest = 0.0, .highest = 90.0};
constexpr Bounds azimuth{.lowest = 0.0, .highest = 360.0};
constexpr Bounds design_temperature{.lowest = -40.0, .highest = 25.0};
constexpr double assumed_lowest_design_c = -10.0;  // of a cell in the light; usual in Central Europe
constexpr double full_light_w_m2 = 1000.0;
constexpr Bounds share_of_light{.lowest = 0.0, .highest = 1.0, .lowest_excluded = true};

/// Either light and temperature as given, or a plane under the site's weather.
void read_light(ElementReader& reader, const std::string& owner, SiteReading& reading,
                models::InverterLane::PvInput& input) {
  const auto gives = [&reader](std::string_view attribute) { return reader.element().attribute(attribute) != nullptr; };
  const bool has_plane = gives("tilt_deg") || gives("azimuth_deg") || gives("albedo");
  if (has_plane && (gives("irradiance_w_m2") || gives("cell_temperature_c"))) {
    reader.fault_between({"irradiance_w_m2", "cell_temperature_c", "tilt_deg", "azimuth_deg", "albedo"},
                         "has a plane (tilt_deg, azimuth_deg) and irradiance_w_m2 or cell_temperature_c, must have "
                         "one of them");
  }
  const Need light = has_plane ? Need::optional : Need::required;
  reader.number("irradiance_w_m2", input.irradiance_w_m2, irradiance, light);
  reader.number("cell_temperature_c", input.cell_temperature_c, cell_temperature, light);
  const Need direction = has_plane ? Need::required : Need::optional;
  models::Plane plane{.tilt_deg = 0.0, .azimuth_deg = 180.0, .albedo = 0.2};
  reader.number("tilt_deg", plane.tilt_deg, tilt, direction);
  reader.number("azimuth_deg", plane.azimuth_deg, azimuth, direction);
  reader.number("albedo", plane.albedo, ratio, Need::optional);
  if (!has_plane) return;
  if (!reading.has_weather) {
    reader.fault_between({"tilt_deg", "azimuth_deg", "albedo"}, "has a plane, but the site has no <weather>");
  }
  AssumingReader{reader, owner + ": ", "assumed: grass (physics-and-standards 5.1)", &reading.assumed}.note(
      "albedo", fmt::format("{}", plane.albedo));
  input.plane = plane;
  input.irradiance_w_m2 = 0.0;  // until the weather speaks
}

/// Cold modules at open circuit have the highest voltage: it must not destroy the input.
void check_voltage(ElementReader& reader, const models::PvArray::Parameters& given, double lowest_c, double max_pv_v) {
  models::PvArray array(given);
  array.set_conditions(full_light_w_m2, lowest_c);
  if (array.open_circuit_v() <= max_pv_v) return;
  reader.fault_between({"modules_in_series", "lowest_design_c", "module"},
                       fmt::format("{} modules in series give {:.0f} V at {} degC, the inverter allows "
                                   "{} V (max_pv_v)",
                                   given.modules_in_series, array.open_circuit_v(), lowest_c, max_pv_v));
}

models::InverterLane::PvInput read_pv(const Element& element, const std::string& owner, SiteReading& reading,
                                      const PvInputPart& part) {
  const models::MpptTracker::Parameters& tracker = part.tracker;
  const Catalog::Use use = reading.catalog.use("pv_module", "module", element, owner, reading.diagnostics);
  reading.assumed.insert(reading.assumed.end(), use.assumed.begin(), use.assumed.end());
  ElementReader reader{use.element, reading.diagnostics};
  models::InverterLane::PvInput input;
  input.tracker = tracker;
  int number = 1;
  reader.integer("input", number, 1, most_pv_inputs, Need::optional);
  reader.integer("modules_in_series", input.array.modules_in_series, 1, 100);
  reader.integer("strings_in_parallel", input.array.strings_in_parallel, 1, 100);
  reader.number("mismatch_factor", input.array.mismatch_factor, share_of_light, Need::optional);
  reader.number("soiling_factor", input.array.soiling_factor, share_of_light, Need::optional);
  double lowest_design_c = assumed_lowest_design_c;
  AssumingReader{reader, owner + ": ", "assumed: lowest cell temperature of the design", &reading.assumed}.number(
      "lowest_design_c", lowest_design_c, design_temperature);
  read_light(reader, owner, reading, input);
  std::string module;
  reader.forgive_missing();
  reader.text("module", module);
  input.array.module = read_pv_module_part(reader);
  reader.finish();
  const bool window_is_sound = tracker.max_mpp_v > tracker.min_mpp_v && tracker.start_v >= tracker.min_mpp_v;
  if (use.part_is_sound && window_is_sound) {
    require_buildable(reader, [&] { models::MpptTracker{input.array, input.tracker, reading.step}; });
    if (reader.sound()) check_voltage(reader, input.array, lowest_design_c, part.max_pv_v);
  }
  return input;
}

}  // namespace

void read_pv_inputs(const std::vector<const Element*>& elements, const std::string& inverter, SiteReading& reading,
                    const PvInputPart& part, models::InverterLane::Parameters& lane) {
  std::array<std::optional<models::InverterLane::PvInput>, most_pv_inputs> inputs;
  for (const Element* element : elements) {
    const Attribute* given = element->attribute("input");
    const long number = given == nullptr ? 1 : parse_integer(given->value).value_or(1);
    const std::string owner = number == 1 ? inverter + " pv" : fmt::format("{} pv {}", inverter, number);
    const models::InverterLane::PvInput input = read_pv(*element, owner, reading, part);
    if (number < 1 || number > most_pv_inputs) continue;  // reported
    inputs[static_cast<std::size_t>(number - 1)] = input;
    if (number == 1) continue;
    const bool has_former = std::any_of(elements.begin(), elements.end(), [number](const Element* other) {
      const Attribute* its = other->attribute("input");
      return (its == nullptr ? 1 : parse_integer(its->value).value_or(1)) == number - 1;
    });
    if (!has_former) {
      ElementReader{*element, reading.diagnostics}.fault_of(
          "input", fmt::format("input is {}, but there is no input {}", number, number - 1));
    }
  }
  for (const auto& input : inputs) {
    if (input) lane.pv.push_back(*input);
  }
}

}  // namespace hil::harness
