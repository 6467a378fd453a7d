#include "harness/scenario/behaviour_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "harness/scenario/assuming_reader.h"
#include "harness/scenario/derived_seed.h"
#include "harness/scenario/profile_reader.h"
#include "harness/scenario/site_reader.h"

namespace hil::harness {
namespace {

constexpr Bounds hours{.lowest = 0.0, .highest = 86'400.0};
constexpr Bounds some_time{.lowest = 0.001, .highest = 86'400.0};
constexpr Bounds outdoors{.lowest = -50.0, .highest = 60.0};
constexpr Bounds positive_ratio{.lowest = 0.0, .highest = 1.0, .lowest_excluded = true};
constexpr Bounds power_factor{.lowest = 0.01, .highest = 0.99};

/// One behaviour's element while it is read.
struct Reading {
  ElementReader& reader;
  AssumingReader& figures;
  const LoadPlace& place;
  const models::ZipLoad::Parameters& zip;
  Diagnostics& diagnostics;
  Behaviour& result;
};

double total_w(const models::ZipLoad::Parameters& zip) {
  double sum_w = 0.0;
  for (std::size_t k = 0; k < models::phase_count; ++k) sum_w += zip.nominal_w[k] + zip.nominal_ll_w[k];
  return sum_w;
}

template <typename Kind, typename Parameters>
void set(Reading& reading, const Parameters& parameters) {
  require_buildable(reading.reader, [&] { reading.result.behaviour.emplace(Kind{parameters, reading.place.step}); });
}

/// Heat follows the square of the voltage, so the load must as well.
void require_resistive(Reading& reading) {
  if (reading.zip.share_z >= 0.0 && reading.zip.share_z != 1.0) {
    reading.reader.fault(fmt::format("share_z of its load is {}, must be 1", reading.zip.share_z));
  }
  if (total_w(reading.zip) <= 0.0) reading.reader.fault("its load has no power");
}

void read_thermostat(Reading& reading) {
  models::WaterHeater::Parameters heater = models::WaterHeater::typical();
  heater.heater_w = total_w(reading.zip);
  reading.figures.number("water_kg", heater.water_kg, {.lowest = 0.1, .highest = 1e6});
  reading.figures.number("loss_w_per_k", heater.loss_w_per_k, {.lowest = 0.0, .highest = 10'000.0});
  reading.figures.number("setpoint_c", heater.setpoint_c, {.lowest = 5.0, .highest = 95.0});
  reading.figures.number("hysteresis_k", heater.hysteresis_k, {.lowest = 0.01, .highest = 50.0});
  reading.figures.number("cold_water_c", heater.cold_water_c, {.lowest = 0.0, .highest = 40.0});
  reading.figures.number("initial_water_c", heater.initial_water_c, {.lowest = 0.0, .highest = 100.0});
  double draw_off_l_per_min = 0.0;
  reading.reader.number("draw_off_l_per_min", draw_off_l_per_min, {.lowest = 0.0, .highest = 100.0}, Need::optional);
  require_resistive(reading);
  require_buildable(reading.reader, [&] {
    models::WaterHeater water{heater, reading.place.step};
    water.set_draw_off_l_per_min(draw_off_l_per_min);
    reading.result.behaviour.emplace(water);
  });
}

void read_kettle(Reading& reading) {
  models::Kettle::Parameters kettle = models::Kettle::typical();
  kettle.heater_w = total_w(reading.zip);
  reading.figures.number("energy_wh", kettle.energy_wh, positive);
  require_resistive(reading);
  set<models::Kettle>(reading, kettle);
}

void read_hob(Reading& reading) {
  models::CyclingLoad::Parameters hob = models::CyclingLoad::typical();
  hob.seed = reading.place.seed;
  reading.figures.number("period_s", hob.period_s, {.lowest = 0.1, .highest = 3600.0});
  reading.figures.number("duty", hob.duty, ratio);
  set<models::CyclingLoad>(reading, hob);
}

void read_motor_figures(Reading& reading, models::Motor::Parameters& motor) {
  reading.figures.number("locked_rotor_multiple", motor.locked_rotor_multiple, {.lowest = 1.0, .highest = 12.0});
  reading.figures.number("starting_power_factor", motor.starting_power_factor, power_factor);
  reading.figures.number("running_power_factor", motor.running_power_factor, power_factor);
  reading.figures.number("start_s", motor.start_s, some_time);
  reading.result.running_power_factor = motor.running_power_factor;
}

void read_motor(Reading& reading) {
  models::Motor::Parameters motor = models::Motor::typical();
  read_motor_figures(reading, motor);
  reading.reader.flag("star_delta", motor.star_delta, Need::optional);
  set<models::Motor>(reading, motor);
}

void read_heat_pump(Reading& reading) {
  std::string drive = "inverter";
  reading.reader.one_of("drive", drive, {"inverter", "direct_on_line"}, "drives", Need::optional);
  const bool direct = drive == "direct_on_line";
  models::HeatPump::Parameters pump =
      direct ? models::HeatPump::typical_direct_on_line() : models::HeatPump::typical_inverter();
  if (direct) {
    read_motor_figures(reading, *pump.direct_on_line);
  } else {
    reading.figures.number("ramp_s", pump.ramp_s, some_time);
    reading.figures.number("lowest_modulation", pump.lowest_modulation, positive_ratio);
  }
  reading.figures.number("min_run_s", pump.min_run_s, hours);
  reading.figures.number("min_stop_s", pump.min_stop_s, hours);
  reading.figures.number("buffer_s", pump.buffer_s, some_time);
  reading.figures.number("heating_limit_c", pump.heating_limit_c, outdoors);
  reading.figures.number("design_c", pump.design_c, outdoors);
  if (pump.heating_limit_c <= pump.design_c) {
    reading.reader.fault_between(
        {"heating_limit_c", "design_c"},
        fmt::format("heating_limit_c is {}, must be > design_c ({})", pump.heating_limit_c, pump.design_c));
  }
  set<models::HeatPump>(reading, pump);
}

/// The current follows from the load's power; of all phases used it is the same.
void read_ev_charger(Reading& reading) {
  constexpr Bounds pilot{.lowest = 0.0, .highest = 80.0};
  constexpr Bounds rating{.lowest = models::EvCharger::lowest_pilot_a, .highest = 80.0};
  models::EvCharger::Parameters charger = models::EvCharger::typical();
  charger.rated_a =
      *std::max_element(reading.zip.nominal_w.begin(), reading.zip.nominal_w.end()) / reading.place.nominal_ln_v;
  if (!reading.reader.number("rated_a", charger.rated_a, rating, Need::optional) &&
      reading.reader.element().attribute("rated_a") == nullptr && !rating.contain(charger.rated_a)) {
    reading.reader.fault(fmt::format("rated_a follows as {:.4g} from the power of its load's phases, must be {}",
                                     charger.rated_a, rating.text()));
  }
  charger.pilot_a = charger.rated_a;
  reading.reader.number("pilot_a", charger.pilot_a, pilot, Need::optional);
  reading.figures.number("start_delay_s", charger.start_delay_s, {.lowest = 0.0, .highest = 600.0});
  reading.figures.number("follow_s", charger.follow_s, {.lowest = 0.0, .highest = 60.0});
  set<models::EvCharger>(reading, charger);
}

void read_inrush(Reading& reading) {
  models::InrushLoad::Parameters inrush = models::InrushLoad::typical();
  reading.figures.number("peak_multiple", inrush.peak_multiple, {.lowest = 1.0, .highest = 50.0});
  reading.figures.number("time_constant_s", inrush.time_constant_s, some_time);
  set<models::InrushLoad>(reading, inrush);
}

void require_order(ElementReader& reader, const std::string& low, double lowest, const std::string& high,
                   double highest) {
  if (highest >= lowest) return;
  reader.fault_between({high, low}, fmt::format("{} is {}, must be >= {} ({})", high, highest, low, lowest));
}

void read_welding(Reading& reading) {
  constexpr Bounds length{.lowest = 0.01, .highest = 3600.0};
  models::WeldingLoad::Parameters welding = models::WeldingLoad::typical();
  welding.seed = reading.place.seed;
  reading.figures.number("lowest_burst_s", welding.lowest_burst_s, length);
  reading.figures.number("highest_burst_s", welding.highest_burst_s, length);
  reading.figures.number("lowest_pause_s", welding.lowest_pause_s, length);
  reading.figures.number("highest_pause_s", welding.highest_pause_s, length);
  reading.figures.number("lowest_scale", welding.lowest_scale, ratio);
  require_order(reading.reader, "lowest_burst_s", welding.lowest_burst_s, "highest_burst_s", welding.highest_burst_s);
  require_order(reading.reader, "lowest_pause_s", welding.lowest_pause_s, "highest_pause_s", welding.highest_pause_s);
  set<models::WeldingLoad>(reading, welding);
}

void read_profile_load(Reading& reading) {
  double nominal_w = 0.0;
  for (std::size_t k = 0; k < models::phase_count; ++k)
    nominal_w += reading.zip.nominal_w[k] + reading.zip.nominal_ll_w[k];
  const models::ProfileLoad::Parameters profile =
      read_profile(reading.reader, nominal_w, reading.place.start_utc_s, reading.diagnostics);
  set<models::ProfileLoad>(reading, profile);
}

struct Kind {
  std::string_view element;
  void (*read)(Reading&);
};
constexpr std::array<Kind, 9> kinds{{{"thermostat", read_thermostat},
                                     {"kettle", read_kettle},
                                     {"hob", read_hob},
                                     {"motor", read_motor},
                                     {"ev_charger", read_ev_charger},
                                     {"heat_pump", read_heat_pump},
                                     {"inrush", read_inrush},
                                     {"welding", read_welding},
                                     {"profile", read_profile_load}}};

std::optional<models::ArNoise> read_noise(const Element& element, const LoadPlace& place, const Assuming& assuming,
                                          Diagnostics& diagnostics) {
  models::ArNoise::Parameters noise{.sigma = 0.05, .time_constant_s = 30.0, .seed = derived_seed(place.seed, "noise")};
  ElementReader reader{element, diagnostics};
  AssumingReader figures{reader, assuming.owner + ": noise ", "assumed: the middle of physics-and-standards 8 (C)",
                         assuming.list};
  figures.number("sigma", noise.sigma, ratio);
  figures.number("tau_s", noise.time_constant_s, some_time);
  reader.finish();
  std::optional<models::ArNoise> built;
  require_buildable(reader, [&] { built.emplace(noise, place.step); });
  return built;
}

}  // namespace

Behaviour read_behaviour(ElementReader& load, const LoadPlace& place, const models::ZipLoad::Parameters& zip,
                         const Assuming& assuming, Diagnostics& diagnostics) {
  Behaviour result;
  for (const Kind& kind : kinds) load.child(kind.element, Need::optional);  // a second one of a kind is a fault
  const Element* first = nullptr;
  for (const Element& element : load.element().children) {
    const auto* kind = std::find_if(kinds.begin(), kinds.end(),
                                    [&element](const Kind& candidate) { return candidate.element == element.name; });
    if (kind == kinds.end() || (first != nullptr && first->name == element.name)) continue;
    ElementReader reader{element, diagnostics};
    if (first != nullptr) {
      reader.fault(fmt::format("stands beside <{}>, but a load has one behaviour at most", first->name));
      load.mark_unsound();
      continue;
    }
    first = &element;
    AssumingReader figures{reader, fmt::format("{}: {} ", assuming.owner, kind->element),
                           "assumed: typical (physics-and-standards 8)", assuming.list};
    Reading reading{reader, figures, place, zip, diagnostics, result};
    kind->read(reading);
    reader.finish();
  }
  const Element* noise = load.child("noise", Need::optional);
  if (noise == nullptr) return result;
  const std::optional<models::ArNoise> built = read_noise(*noise, place, assuming, diagnostics);
  if (!built) return result;
  if (result.behaviour) {
    result.behaviour->set_noise(*built);
  } else {
    result.behaviour.emplace(models::ConstantLoad{{.active_scale = 1.0, .reactive_scale = 1.0}}, built);
  }
  return result;
}

}  // namespace hil::harness
