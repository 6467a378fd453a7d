#pragma once

#include <span>
#include <string_view>

#include "models/grid_code/grid_measurement.h"
#include "models/grid_code/grid_support.h"
#include "models/grid_code/interface_protection.h"

namespace hil::models {

/// One grid code with its default settings: plain values, to be copied and changed one by one.
///
/// Each table stands in its own header (ieee1547_codes.h, european_codes.h, australian_codes.h, sinexcel_codes.h), each
/// value with its section of physics-and-standards and its certainty there (A published and checked, B one good source,
/// C engineering judgement) or "assumed" where the reference is silent.
struct GridCode {
  std::string_view name;
  std::string_view title;
  double nominal_ln_v = 0.0;
  double nominal_frequency_hz = 0.0;
  GridMeasurement::Parameters measurement;
  InterfaceProtection::Parameters protection;
  RideThroughTable frequency_ride_through;  ///< data for checks: what must not trip; empty: not in the reference
  GridSupport::Parameters support;
};

/// Nothing but what is commanded, at once.
constexpr GridSupport::Parameters without_support() {
  GridSupport::Parameters p;
  p.apparent_pu = 1.0;
  p.priority = PowerPriority::active;
  p.reactive_mode = ReactiveMode::constant_reactive;
  p.capability = {.injection_pu = 1.0, .absorption_pu = 1.0, .full_from_power_pu = 0.0};
  p.reactive_response = p.volt_watt_response = p.frequency_response = p.limit_response = std::chrono::nanoseconds{0};
  return p;
}

/// All codes in the order of their tables, `none` first.
std::span<const GridCode> grid_codes();
/// nullptr for a name that no code has.
const GridCode* find_grid_code(std::string_view name);

}  // namespace hil::models
