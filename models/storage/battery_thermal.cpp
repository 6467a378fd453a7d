#include "models/storage/battery_thermal.h"

#include <algorithm>
#include <cmath>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

constexpr double coldest_c = -60.0;
constexpr double warmest_c = 150.0;

double checked_ambient(double ambient_c) {
  require(ambient_c >= coldest_c && ambient_c <= 100.0, "ambient_c", ambient_c, "-60..100");
  return ambient_c;
}

}  // namespace

BatteryThermal::BatteryThermal(const Parameters& parameters, double energy_wh, double initial_c, double tick_s)
    : enabled_(parameters.enabled),
      ambient_c_(checked_ambient(parameters.ambient_c)),
      temperature_c_(initial_c),
      heat_capacity_j_per_k_(parameters.heat_capacity_j_per_k_per_wh * energy_wh) {
  const double per_wh = parameters.heat_capacity_j_per_k_per_wh;
  require(std::isfinite(per_wh) && per_wh > 0.0, "heat_capacity_j_per_k_per_wh", per_wh, "> 0");
  require(std::isfinite(parameters.time_constant_s) && parameters.time_constant_s > 0.0, "time_constant_s",
          parameters.time_constant_s, "> 0");
  require(initial_c >= coldest_c && initial_c <= 100.0, "temperature_c", initial_c, "-60..100");
  kelvin_per_joule_ = parameters.time_constant_s / (heat_capacity_j_per_k_ * tick_s);
  decay_ = std::exp(-tick_s / parameters.time_constant_s);
}

void BatteryThermal::advance(double heat_j) {
  if (!enabled_) return;
  const double settled_c = ambient_c_ + heat_j * kelvin_per_joule_;
  temperature_c_ = std::clamp(settled_c + (temperature_c_ - settled_c) * decay_, coldest_c, warmest_c);
}

void BatteryThermal::set_ambient(double ambient_c) {
  ambient_c_ = checked_ambient(ambient_c);
}

}  // namespace hil::models
