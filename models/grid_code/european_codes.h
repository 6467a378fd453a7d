#pragma once

#include <limits>

#include "models/grid_code/grid_codes.h"

/// Europe, physics-and-standards 2.5 and 3.3, certainty B unless said. Voltages of low-voltage grids are 230 V.
namespace hil::models::europe {

using namespace std::chrono_literals;

inline constexpr double forever = std::numeric_limits<double>::infinity();
inline constexpr double ten_percent_per_minute_pu_per_s = 0.1 / 60.0;
inline constexpr double no_ramp_pu_per_s = 1000.0;

/// Change for each hertz, of the reference power: 1 / (50 Hz x droop).
constexpr double gradient(double droop) {
  return 1.0 / (50.0 * droop);
}

constexpr GridCode base(std::string_view name, std::string_view title) {
  GridCode c;
  c.name = name;
  c.title = title;
  c.nominal_ln_v = 230.0;
  c.nominal_frequency_hz = 50.0;
  c.measurement.nominal_ln_v = 230.0;
  c.measurement.nominal_frequency_hz = 50.0;
  c.support.apparent_pu = 1.0;
  c.support.priority = PowerPriority::reactive;                                    // assumed
  c.support.capability = {.injection_pu = 0.44, .absorption_pu = 0.44};            // assumed: power factor 0.9
  c.support.volt_var = {{{0.93, 0.44}, {0.97, 0.0}, {1.03, 0.0}, {1.07, -0.44}}};  // assumed
  c.support.power_factor_of_power = {{{0.5, 1.0}, {1.0, 0.90}}};                   // VDE, A
  c.support.reactive_response = 23s;                   // tau 10 s (EN 50549: 3..60 s); 90 % after 2.303 tau
  c.support.volt_watt = {{{1.09, 1.0}, {1.11, 0.0}}};  // assumed, off
  c.support.volt_watt_response = 10s;                  // assumed
  c.support.frequency_response = 1s;                   // assumed; rule: <= 2 s, storage <= 1 s where possible
  c.support.limit_response = 5s;                       // assumed
  return c;
}

/// Below the line from (0.25 s, 0.05) to (3 s, 0.85) the plant may trip.
constexpr RideThroughTable en50549_ride_through() {
  using enum RideThroughMode;
  return {{continuous, 0.85, 1.10, forever, 0.0},     {mandatory, 1.10, 1.15, 60.0, 0.0},
          {mandatory, 1.15, 1.20, 5.0, 0.0},          {mandatory, 1.20, 1.25, 0.1, 0.0},
          {mandatory, 0.05, 0.85, 0.25, 2.75 / 0.80}, {momentary_cessation, 0.0, 0.05, 0.25, 0.0}};
}

constexpr GridCode en50549(std::string_view name, std::string_view title, std::chrono::nanoseconds reconnect_delay) {
  GridCode c = base(name, title);
  InterfaceProtection::Parameters& p = c.protection;
  // Assumed: the standard leaves the trips to each country; these stand just outside the ride-through curves above.
  p.overvoltage = {{.threshold = 1.25, .delay = 100ms},
                   {.threshold = 1.20, .delay = 5s},
                   {.threshold = 1.15, .delay = 60s},
                   {.threshold = 1.10, .delay = 100ms, .on_ten_minute_mean = true}};
  p.undervoltage = {{.threshold = 0.85, .delay = 3s}, {.threshold = 0.45, .delay = 1700ms}};
  p.overfrequency = {{.threshold = 51.5, .delay = 100ms}};
  p.underfrequency = {{.threshold = 47.5, .delay = 100ms}};
  p.voltage_ride_through = en50549_ride_through();
  p.first_start = {.lowest_pu = 0.85,  // assumed: as after a trip
                   .highest_pu = 1.10,
                   .lowest_hz = 49.5,
                   .highest_hz = 50.1,
                   .delay = 60s,
                   .ramp_pu_per_s = no_ramp_pu_per_s};
  p.after_trip = {.lowest_pu = 0.85,
                  .highest_pu = 1.10,
                  .lowest_hz = 49.5,
                  .highest_hz = 50.2,
                  .delay = reconnect_delay,
                  .ramp_pu_per_s = ten_percent_per_minute_pu_per_s};
  c.support.over_frequency = {.enabled = true,
                              .start_hz = 50.2,
                              .gradient_pu_per_hz = gradient(0.05),
                              .reference = FrequencyReference::pre_disturbance};
  // "Storage reduces charge below 49.8 Hz"; assumed: with the same droop, of rated power.
  c.support.under_frequency = {.enabled = true, .start_hz = 49.8, .gradient_pu_per_hz = gradient(0.05), .caps = false};
  return c;
}

constexpr GridCode vde_ar_n_4105() {
  using enum RideThroughMode;
  GridCode c = base("vde_ar_n_4105", "VDE-AR-N 4105:2018");
  InterfaceProtection::Parameters& p = c.protection;
  p.overvoltage = {{.threshold = 1.25, .delay = 100ms},
                   {.threshold = 1.10, .delay = 100ms, .on_ten_minute_mean = true}};
  p.undervoltage = {{.threshold = 0.80, .delay = 3s},  // a published relay preset has 1 s
                    {.threshold = 0.45, .delay = 300ms}};
  p.overfrequency = {{.threshold = 51.5, .delay = 100ms}};
  p.underfrequency = {{.threshold = 47.5, .delay = 100ms}};
  // Zero-current mode below 0.8 and above 1.15 pu. Assumed: for as long as the trips allow, as EN 50549 elsewhere.
  p.voltage_ride_through = {{continuous, 0.85, 1.10, forever, 0.0},      {mandatory, 1.10, 1.15, 60.0, 0.0},
                            {mandatory, 0.80, 0.85, 3.0, 0.0},           {momentary_cessation, 1.15, 1.25, 0.1, 0.0},
                            {momentary_cessation, 0.45, 0.80, 3.0, 0.0}, {momentary_cessation, 0.0, 0.45, 0.3, 0.0}};
  p.after_trip = {.lowest_pu = 0.85,
                  .highest_pu = 1.10,
                  .lowest_hz = 47.5,
                  .highest_hz = 50.1,
                  .delay = 60s,
                  .ramp_pu_per_s = ten_percent_per_minute_pu_per_s};
  p.first_start = p.after_trip;  // assumed
  c.support.reactive_mode = ReactiveMode::power_factor_of_power;
  c.support.over_frequency = {.enabled = true,  // 40 % of the power at 50.2 Hz for each hertz
                              .start_hz = 50.2,
                              .gradient_pu_per_hz = 0.40,
                              .reference = FrequencyReference::pre_disturbance};
  // Assumed, storage alone.
  c.support.under_frequency = {.enabled = true, .start_hz = 49.8, .gradient_pu_per_hz = 0.40, .caps = false};
  return c;
}

/// G98 and G99 type A have the same low-voltage settings. Reconnection is to be "at least 20 s" after the grid is back;
/// assumed: inside the protection's own limits and without a ramp. No ride-through table in the reference.
constexpr GridCode united_kingdom(std::string_view name, std::string_view title) {
  GridCode c = base(name, title);
  InterfaceProtection::Parameters& p = c.protection;
  p.overvoltage = {{.threshold = 262.2 / 230.0, .delay = 1s}, {.threshold = 273.7 / 230.0, .delay = 500ms}};
  p.undervoltage = {{.threshold = 184.0 / 230.0, .delay = 2500ms}};
  p.overfrequency = {{.threshold = 52.0, .delay = 500ms}};
  p.underfrequency = {{.threshold = 47.5, .delay = 20s}, {.threshold = 47.0, .delay = 500ms}};
  p.rate_of_change_of_frequency = {{.threshold = 1.0, .delay = 500ms}};
  p.after_trip = {.lowest_pu = 184.0 / 230.0,
                  .highest_pu = 262.2 / 230.0,
                  .lowest_hz = 47.5,
                  .highest_hz = 52.0,
                  .delay = 20s,
                  .ramp_pu_per_s = no_ramp_pu_per_s};
  p.first_start = p.after_trip;
  c.support.over_frequency = {.enabled = true,
                              .start_hz = 50.4,
                              .gradient_pu_per_hz = gradient(0.10),
                              .reference = FrequencyReference::pre_disturbance};
  return c;
}

inline constexpr GridCode en_50549_1 = en50549("en50549_1", "EN 50549-1 type B", 60s);
inline constexpr GridCode vde_4105 = vde_ar_n_4105();
inline constexpr GridCode g98 = united_kingdom("uk_g98", "ENA EREC G98");
inline constexpr GridCode g99_a = united_kingdom("uk_g99_a", "ENA EREC G99 type A, low voltage");
// Czech distribution rules: EN 50549 with a longer wait after a trip (section 3.3, both in use).
inline constexpr GridCode czech = en50549("cz_ppds", "Czech PPDS, 20 min to reconnect", 20min);
inline constexpr GridCode czech_5min = en50549("cz_ppds_5min", "Czech PPDS, 5 min to reconnect", 5min);

}  // namespace hil::models::europe
