#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <numbers>

#include "harness/scenario/part_reader.h"
#include "harness/scenario/site_reader.h"

namespace hil::harness {
namespace {

constexpr Bounds ct_ratio_error{.lowest = -0.1, .highest = 0.1};
constexpr Bounds ct_phase_error_min{.lowest = -343.0, .highest = 343.0};  // 0.1 rad, as the model allows
constexpr double minutes_per_radian = 60.0 * 180.0 / std::numbers::pi;
constexpr Bounds position{.lowest = -1.0, .highest = 1.0};
constexpr Bounds burden{.lowest = 0.0, .highest = 100.0};
constexpr Bounds short_time{.lowest = 0.0, .highest = 60.0};

template <typename T>
struct Word {
  std::string_view word;
  T value;
};

/// A word that stands for a value; left as it is when absent.
template <typename T, std::size_t size>
void read_word(ElementReader& reader, std::string_view attribute, const std::array<Word<T>, size>& words,
               std::string_view what, T& value) {
  std::vector<std::string> known;
  known.reserve(size);
  for (const Word<T>& each : words) known.emplace_back(each.word);
  std::string given;
  if (!reader.one_of(attribute, given, known, what, Need::optional)) return;
  for (const Word<T>& each : words) {
    if (each.word == given) value = each.value;
  }
}

constexpr std::array<Word<models::CtClass>, 6> ct_classes{{{"none", models::CtClass::none},
                                                           {"0.2", models::CtClass::class_02},
                                                           {"0.2s", models::CtClass::class_02s},
                                                           {"0.5", models::CtClass::class_05},
                                                           {"0.5s", models::CtClass::class_05s},
                                                           {"1", models::CtClass::class_1}}};
constexpr std::array<Word<models::MeterClass>, 4> meter_classes{{{"none", models::MeterClass::none},
                                                                 {"1", models::MeterClass::class_1},
                                                                 {"0.5s", models::MeterClass::class_05s},
                                                                 {"0.2s", models::MeterClass::class_02s}}};
constexpr std::array<Word<models::ApparentPower>, 3> apparent_powers{{{"arithmetic", models::ApparentPower::arithmetic},
                                                                      {"vector", models::ApparentPower::vector},
                                                                      {"effective", models::ApparentPower::effective}}};
constexpr std::array<Word<models::EnergyRegister>, 2> energy_registers{
    {{"netting", models::EnergyRegister::netting}, {"per_phase", models::EnergyRegister::per_phase}}};
constexpr std::array<Word<models::BeyondLimits>, 2> beyond_limits{
    {{"measures_on", models::BeyondLimits::measures_on}, {"clips", models::BeyondLimits::clips}}};

void read_input_limits(ElementReader& reader, models::MeterInputLimits& limits) {
  constexpr Bounds volts{.lowest = 0.0, .highest = 10'000.0};
  reader.number("max_input_a", limits.max_input_a, positive, Need::optional);
  reader.number("min_ln_v", limits.min_ln_v, volts, Need::optional);
  reader.number("max_ln_v", limits.max_ln_v, volts, Need::optional);
  reader.number("min_ll_v", limits.min_ll_v, volts, Need::optional);
  reader.number("max_ll_v", limits.max_ll_v, volts, Need::optional);
  if (limits.max_ln_v <= limits.min_ln_v) {
    reader.fault_between({"max_ln_v", "min_ln_v"},
                         fmt::format("max_ln_v is {}, must be > min_ln_v ({})", limits.max_ln_v, limits.min_ln_v));
  }
  if (limits.max_ll_v <= limits.min_ll_v) {
    reader.fault_between({"max_ll_v", "min_ll_v"},
                         fmt::format("max_ll_v is {}, must be > min_ll_v ({})", limits.max_ll_v, limits.min_ll_v));
  }
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
    if (use.element.attribute("rated_frequency_hz") == nullptr && reading.nominal_hz > 0.0) {
      metering.installation.transformers[phase].rated_frequency_hz = reading.nominal_hz;
    }
    reader.finish();
    if (!use.part_is_sound) continue;
    require_buildable(reader, [&] { models::CurrentTransformer{metering.installation.transformers[phase]}; });
  }
}

}  // namespace

void require_register_map(ElementReader& reader, const std::string& map, const SiteReading& reading) {
  if (map.empty()) return;
  std::string checked;
  reader.one_of("register_map", checked, reading.register_maps, "register maps");
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
  double ct_ratio = l1.rated_secondary_a > 0.0 ? l1.rated_primary_a / l1.rated_secondary_a : 0.0;
  reader.number("ct_ratio", ct_ratio, positive, Need::optional);

  reader.forgive_missing();
  reader.text("part", meter.part);
  const MeterPart part = read_meter_part(reader);
  reader.finish();
  require_register_map(reader, part.register_map, reading);
  require_whole_steps(reader, "averaging_window_s", part.meter.averaging_window, reading.step);
  require_whole_steps(reader, "refresh_period_s", part.meter.refresh_period, reading.step);
  meter.register_map = part.register_map;
  meter.turnaround = part.turnaround;
  plant.metering.installation.meter = part.meter;
  plant.metering.installation.meter.ct_ratio = ct_ratio;
  if (use.part_is_sound && plant.metering.installation.meter.ct_ratio > 0.0) {
    require_buildable(reader, [&] { models::EnergyMeter{plant.metering.installation.meter, reading.step}; });
  }
  return meter;
}

models::CurrentTransformer::Parameters read_ct_part(ElementReader& reader) {
  models::CurrentTransformer::Parameters ct;
  reader.number("rated_primary_a", ct.rated_primary_a, positive);
  reader.number("rated_secondary_a", ct.rated_secondary_a, positive);
  reader.number("ratio_error", ct.ratio_error, ct_ratio_error);
  double phase_error_min = 0.0;
  if (reader.number("phase_error_min", phase_error_min, ct_phase_error_min)) {
    ct.phase_error_rad = phase_error_min / minutes_per_radian;
  }
  read_word(reader, "accuracy_class", ct_classes, "classes of transformers", ct.accuracy_class);
  const bool has_ratio = reader.number("ratio_position", ct.ratio_position, position, Need::optional);
  const bool has_phase = reader.number("phase_position", ct.phase_position, position, Need::optional);
  if ((has_ratio || has_phase) && ct.accuracy_class == models::CtClass::none) {
    reader.fault_between({"ratio_position", "phase_position"},
                         "ratio_position and phase_position lie within an accuracy_class, but there is none");
  }
  reader.number("magnetising_error", ct.magnetising_error, {.lowest = 0.0, .highest = 0.01}, Need::optional);
  reader.number("rated_burden_va", ct.rated_burden_va, {.lowest = 0.0, .highest = 1000.0}, Need::optional);
  reader.number("lead_length_m", ct.lead_length_m, burden, Need::optional);
  reader.number("lead_area_mm2", ct.lead_area_mm2, {.lowest = 0.1, .highest = 100.0}, Need::optional);
  reader.number("meter_input_va", ct.meter_input_va, burden, Need::optional);
  reader.number("winding_ohm", ct.winding_ohm, burden, Need::optional);
  if (reader.number("accuracy_limit_factor", ct.accuracy_limit_factor, {.lowest = 1.0, .highest = 100.0},
                    Need::optional) &&
      ct.rated_burden_va <= 0.0) {
    reader.fault_between({"accuracy_limit_factor"}, "accuracy_limit_factor needs a rated_burden_va > 0");
  }
  reader.number("max_primary_a", ct.max_primary_a, positive, Need::optional);
  reader.number("rated_frequency_hz", ct.rated_frequency_hz, {.lowest = 40.0, .highest = 70.0}, Need::optional);
  return ct;
}

MeterPart read_meter_part(ElementReader& reader) {
  constexpr Bounds period{.lowest = 0.0, .highest = 60.0, .lowest_excluded = true};
  MeterPart part;
  models::EnergyMeter::Parameters& meter = part.meter;
  reader.name("register_map", part.register_map);
  reader.seconds("averaging_window_s", meter.averaging_window, period);
  reader.seconds("refresh_period_s", meter.refresh_period, period);
  reader.number("power_quantum_w", meter.power_quantum_w, not_negative);
  reader.seconds("turnaround_s", part.turnaround, short_time);
  read_word(reader, "meter_class", meter_classes, "classes of meters", meter.meter_class);
  reader.number("class_position", meter.class_position, position, Need::optional);
  read_word(reader, "apparent", apparent_powers, "kinds of apparent power", meter.reported_va);
  reader.number("neutral_resistance_ratio", meter.neutral_resistance_ratio, {.lowest = 0.0, .highest = 10.0},
                Need::optional);
  read_word(reader, "energy_register", energy_registers, "energy registers", meter.energy_register);
  reader.number("rated_input_a", meter.rated_input_a, positive, Need::optional);
  reader.number("secondary_quantum_a", meter.secondary_quantum_a, ratio, Need::optional);
  reader.number("voltage_quantum_v", meter.voltage_quantum_v, {.lowest = 0.0, .highest = 10.0}, Need::optional);
  read_input_limits(reader, meter.input_limits);
  read_word(reader, "beyond", beyond_limits, "answers to what is beyond the limits", meter.beyond_limits);
  reader.flag("neutral_connected", meter.neutral_connected, Need::optional);
  return part;
}

}  // namespace hil::harness
