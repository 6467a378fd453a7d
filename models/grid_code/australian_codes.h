#pragma once

#include "models/grid_code/grid_codes.h"

/// AS/NZS 4777.2:2020, regions A, B, C and New Zealand: physics-and-standards 2.6, trips certainty A, rest B.
/// Where the reference gives a range (trip delay .. latest off) the delay is its lower end; where it gives the latest
/// off alone (0.2 s), the delay is 0.1 s (assumed).
namespace hil::models::australia {

using namespace std::chrono_literals;

struct Region {
  std::string_view name;
  std::string_view title;
  double underfrequency_hz;
  std::chrono::nanoseconds underfrequency_delay;
  double overfrequency_hz;
  double highest_reconnect_hz;
  double ten_minute_mean_v;
  CurvePoint charge_low;  ///< volts, share of rated power
  CurvePoint charge_high;
};

constexpr double pu(double volts) {
  return volts / 230.0;
}

constexpr GridCode code(const Region& region) {
  GridCode c;
  c.name = region.name;
  c.title = region.title;
  c.nominal_ln_v = 230.0;
  c.nominal_frequency_hz = 50.0;
  c.measurement.nominal_ln_v = 230.0;
  c.measurement.nominal_frequency_hz = 50.0;

  InterfaceProtection::Parameters& p = c.protection;
  p.overvoltage = {{.threshold = pu(275.0), .delay = 100ms},
                   {.threshold = pu(265.0), .delay = 1s},
                   {.threshold = pu(region.ten_minute_mean_v), .delay = 100ms, .on_ten_minute_mean = true}};
  p.undervoltage = {{.threshold = pu(180.0), .delay = 10s}, {.threshold = pu(70.0), .delay = 1s}};
  p.overfrequency = {{.threshold = region.overfrequency_hz, .delay = 100ms}};
  p.underfrequency = {{.threshold = region.underfrequency_hz, .delay = region.underfrequency_delay}};
  p.after_trip = {.lowest_pu = pu(205.0),   // assumed
                  .highest_pu = pu(253.0),  // assumed
                  .lowest_hz = 47.5,        // assumed
                  .highest_hz = region.highest_reconnect_hz,
                  .delay = 60s,
                  .ramp_pu_per_s = 1.0 / 360.0};
  p.first_start = p.after_trip;

  GridSupport::Parameters& s = c.support;
  s.apparent_pu = 1.0;
  s.priority = PowerPriority::reactive;                          // assumed
  s.capability = {.injection_pu = 0.60, .absorption_pu = 0.60};  // assumed: what the volt-var curve asks for
  s.reactive_mode = ReactiveMode::volt_var;
  // Region A; assumed for the others, of which the reference has none.
  s.volt_var = {{{pu(207.0), 0.44}, {pu(220.0), 0.0}, {pu(240.0), 0.0}, {pu(258.0), -0.60}}};
  s.reactive_response = 10s;  // assumed
  s.volt_watt_enabled = true;
  s.volt_watt = {{{pu(253.0), 1.0}, {pu(260.0), 0.2}}};  // region A, as above
  s.charge_volt_watt = {
      {{pu(region.charge_low.x), region.charge_low.y}, {pu(region.charge_high.x), region.charge_high.y}}};
  s.volt_watt_response = 10s;  // assumed
  s.over_frequency = {.enabled = true,
                      .start_hz = 50.25,
                      .gradient_pu_per_hz = 1.0 / (52.0 - 50.25),
                      .reference = FrequencyReference::pre_disturbance};
  // Storage from 49.75 down to 49.0 Hz; assumed: straight from the present power to the rated.
  s.under_frequency = {.enabled = true,
                       .start_hz = 49.75,
                       .gradient_pu_per_hz = 1.0 / (49.75 - 49.0),
                       .reference = FrequencyReference::headroom,
                       .caps = false};
  s.frequency_response = 1s;  // assumed
  s.limit_response = 5s;      // assumed
  return c;
}

inline constexpr GridCode a =
    code({"as4777_a", "AS/NZS 4777.2:2020 region A", 47.0, 1s, 52.0, 50.15, 258.0, {207.0, 0.2}, {215.0, 1.0}});
inline constexpr GridCode b =
    code({"as4777_b", "AS/NZS 4777.2:2020 region B", 47.0, 1s, 52.0, 50.15, 258.0, {195.0, 0.0}, {215.0, 1.0}});
inline constexpr GridCode c =
    code({"as4777_c", "AS/NZS 4777.2:2020 region C", 45.0, 5s, 55.0, 50.50, 258.0, {207.0, 0.2}, {215.0, 1.0}});
inline constexpr GridCode nz =
    code({"as4777_nz", "AS/NZS 4777.2:2020 New Zealand", 45.0, 1s, 55.0, 50.15, 249.0, {216.0, 0.2}, {224.0, 1.0}});

}  // namespace hil::models::australia
