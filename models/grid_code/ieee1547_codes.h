#pragma once

#include <limits>

#include "models/grid_code/grid_codes.h"

/// IEEE 1547-2018 categories I, II, III: physics-and-standards 2.3, certainty A unless said.
namespace hil::models::ieee1547 {

using namespace std::chrono_literals;

inline constexpr double forever = std::numeric_limits<double>::infinity();

enum class Category { one, two, three };

constexpr InterfaceProtection::Stages undervoltage(Category category) {
  switch (category) {
    case Category::one:
      return {{.threshold = 0.70, .delay = 2s}, {.threshold = 0.45, .delay = 160ms}};
    case Category::two:
      return {{.threshold = 0.70, .delay = 10s}, {.threshold = 0.45, .delay = 160ms}};
    case Category::three:
      break;
  }
  return {{.threshold = 0.88, .delay = 21s}, {.threshold = 0.50, .delay = 2s}};
}

/// Continuous, then outwards. Above 1.20 pu and below the last row: cease.
constexpr RideThroughTable voltage_ride_through(Category category) {
  using enum RideThroughMode;
  constexpr RideThroughRegion normal{continuous, 0.88, 1.10, forever, 0.0};
  constexpr RideThroughRegion high_1{permissive, 1.10, 1.15, 1.0, 0.0};
  constexpr RideThroughRegion high_2{permissive, 1.15, 1.175, 0.5, 0.0};
  constexpr RideThroughRegion high_3{permissive, 1.175, 1.20, 0.2, 0.0};
  switch (category) {
    case Category::one:
      return {normal, high_1, high_2, high_3, {mandatory, 0.70, 0.88, 0.7, 4.0}, {permissive, 0.50, 0.70, 0.16, 0.0}};
    case Category::two:
      return {normal,
              high_1,
              high_2,
              high_3,
              {mandatory, 0.65, 0.88, 3.0, 8.7},
              {permissive, 0.45, 0.65, 0.32, 0.0},
              {permissive, 0.30, 0.45, 0.16, 0.0}};
    case Category::three:
      break;
  }
  return {normal,
          {momentary_cessation, 1.10, 1.20, 12.0, 0.0},
          {mandatory, 0.70, 0.88, 20.0, 0.0},
          {mandatory, 0.50, 0.70, 10.0, 0.0},
          {momentary_cessation, 0.0, 0.50, 1.0, 0.0}};
}

inline constexpr EnterService enter_service{.lowest_pu = 0.917,
                                            .highest_pu = 1.05,
                                            .lowest_hz = 59.5,
                                            .highest_hz = 60.1,
                                            .delay = 300s,
                                            .ramp_pu_per_s = 1.0 / 300.0};

constexpr InterfaceProtection::Parameters protection(Category category) {
  InterfaceProtection::Parameters p;
  p.overvoltage = {{.threshold = 1.20, .delay = 160ms},
                   {.threshold = 1.10, .delay = category == Category::three ? 13s : 2s}};
  p.undervoltage = undervoltage(category);
  p.overfrequency = {{.threshold = 62.0, .delay = 160ms}, {.threshold = 61.2, .delay = 300s}};
  p.underfrequency = {{.threshold = 56.5, .delay = 160ms}, {.threshold = 58.5, .delay = 300s}};
  p.voltage_ride_through = voltage_ride_through(category);
  p.first_start = enter_service;
  p.after_trip = enter_service;
  return p;
}

inline constexpr PiecewiseCurve volt_var_a{{{0.90, 0.25}, {1.0, 0.0}, {1.0, 0.0}, {1.10, -0.25}}};
inline constexpr PiecewiseCurve volt_var_b{{{0.92, 0.44}, {0.98, 0.0}, {1.02, 0.0}, {1.08, -0.44}}};
inline constexpr PiecewiseCurve volt_watt{{{1.06, 1.0}, {1.10, 0.2}}};

/// Change in pu of rated power for each hertz beyond the dead band: P = P0 - (f - 60 - db) / (60 k).
constexpr double gradient(double droop) {
  return 1.0 / (60.0 * droop);
}

/// Category I stands with reactive category A, II and III with B. As the standard leaves the factory: constant power
/// factor 1, volt-var and volt-watt present but off, frequency-watt on (assumed: the reference does not say which are
/// on).
constexpr GridSupport::Parameters support(Category category) {
  const bool a = category == Category::one;
  GridSupport::Parameters p;
  p.apparent_pu = 1.0;
  p.priority = PowerPriority::reactive;  // assumed
  p.capability = {.injection_pu = 0.44, .absorption_pu = a ? 0.25 : 0.44, .full_from_power_pu = 0.2};
  p.volt_var = a ? volt_var_a : volt_var_b;
  p.reactive_response = a ? 10s : 5s;
  p.volt_watt = volt_watt;
  p.volt_watt_response = 10s;
  p.over_frequency = {.enabled = true, .start_hz = 60.036, .gradient_pu_per_hz = gradient(0.05)};
  p.under_frequency = {.enabled = true, .start_hz = 59.964, .gradient_pu_per_hz = gradient(0.05)};
  p.frequency_response = 5s;
  p.limit_response = 30s;
  return p;
}

constexpr GridCode code(Category category, std::string_view name, std::string_view title) {
  using enum RideThroughMode;
  GridCode c;
  c.name = name;
  c.title = title;
  c.nominal_ln_v = 120.0;  // assumed; all settings are in pu
  c.nominal_frequency_hz = 60.0;
  c.measurement.nominal_ln_v = c.nominal_ln_v;
  c.measurement.nominal_frequency_hz = 60.0;
  c.measurement.voltage_window = 16'666'667ns;
  // Assumed: two cycles, so that the fast stages clear in 0.16 s and two cycles more (the test's time accuracy).
  c.measurement.frequency_window = 33'333'333ns;
  c.protection = protection(category);
  c.frequency_ride_through = {
      {continuous, 58.8, 61.2, forever, 0.0}, {mandatory, 57.0, 58.8, 299.0, 0.0}, {mandatory, 61.2, 61.8, 299.0, 0.0}};
  c.support = support(category);
  return c;
}

inline constexpr GridCode category_1 = code(Category::one, "ieee1547_cat1", "IEEE 1547-2018 category I, A");
inline constexpr GridCode category_2 = code(Category::two, "ieee1547_cat2", "IEEE 1547-2018 category II, B");
inline constexpr GridCode category_3 = code(Category::three, "ieee1547_cat3", "IEEE 1547-2018 category III, B");

}  // namespace hil::models::ieee1547
