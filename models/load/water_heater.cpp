#include "models/load/water_heater.h"

#include <algorithm>
#include <cmath>

#include "models/invalid_parameter.h"
#include "models/load/load_step.h"

namespace hil::models {

namespace {

void require_positive(const char* field, double value) {
  require(value > 0.0 && std::isfinite(value), field, value, "> 0");
}

}  // namespace

WaterHeater::WaterHeater(const Parameters& parameters, std::chrono::nanoseconds step)
    : parameters_(parameters), step_s_(checked_load_step_s(step)) {
  require_positive("heater_w", parameters.heater_w);
  require_positive("water_kg", parameters.water_kg);
  require(parameters.loss_w_per_k >= 0.0 && std::isfinite(parameters.loss_w_per_k), "loss_w_per_k",
          parameters.loss_w_per_k, ">= 0");
  require(parameters.setpoint_c >= 5.0 && parameters.setpoint_c <= 95.0, "setpoint_c", parameters.setpoint_c, "5..95");
  require_positive("hysteresis_k", parameters.hysteresis_k);
  require(parameters.cold_water_c >= 0.0 && parameters.cold_water_c <= 40.0, "cold_water_c", parameters.cold_water_c,
          "0..40");
  require(parameters.initial_water_c >= 0.0 && parameters.initial_water_c <= 100.0, "initial_water_c",
          parameters.initial_water_c, "0..100");
  heat_j_per_k_ = parameters.water_kg * water_j_per_kg_k;
  state_.water_c = parameters.initial_water_c;
  set_draw_off_l_per_min(0.0);
}

void WaterHeater::set_draw_off_l_per_min(double draw_off_l_per_min) {
  require(draw_off_l_per_min >= 0.0 && draw_off_l_per_min <= 100.0, "draw_off_l_per_min", draw_off_l_per_min, "0..100");
  draw_off_w_per_k_ = draw_off_l_per_min / 60.0 * water_j_per_kg_k;  // 1 kg a litre
  // T(t) = T0 + slope (1 - e^-kt) / k; x = k step. The second integral needs its series where x is small.
  const double x = (parameters_.loss_w_per_k + draw_off_w_per_k_) / heat_j_per_k_ * step_s_;
  const double rise = x > 0.0 ? -std::expm1(-x) / x : 1.0;
  const double mean = x > 1e-3 ? (1.0 - rise) / x : 0.5 - x / 6.0 + x * x / 24.0 - x * x * x / 120.0;
  rise_s_ = rise * step_s_;
  mean_s_ = mean * step_s_;
}

double WaterHeater::stored_j() const {
  return heat_j_per_k_ * (state_.water_c - parameters_.initial_water_c);
}

Demand WaterHeater::advance(const LoadConditions& conditions) {
  if (state_.water_c < parameters_.setpoint_c - parameters_.hysteresis_k) state_.heating = true;
  if (state_.water_c >= parameters_.setpoint_c) state_.heating = false;
  const bool on = conditions.switched_on && state_.heating;

  const double u = conditions.voltage_pu;
  const double heater_w = on ? parameters_.heater_w * u * u : 0.0;
  const double slope_k_per_s = (heater_w - parameters_.loss_w_per_k * (state_.water_c - conditions.ambient_c) -
                                draw_off_w_per_k_ * (state_.water_c - parameters_.cold_water_c)) /
                               heat_j_per_k_;
  const double mean_c = state_.water_c + slope_k_per_s * mean_s_;
  state_.water_c += slope_k_per_s * rise_s_;
  energies_.heated_j += heater_w * step_s_;
  energies_.lost_j += parameters_.loss_w_per_k * (mean_c - conditions.ambient_c) * step_s_;
  energies_.drawn_j += draw_off_w_per_k_ * (mean_c - parameters_.cold_water_c) * step_s_;
  return on ? Demand{1.0, 1.0, false} : Demand{};
}

Kettle::Kettle(const Parameters& parameters, std::chrono::nanoseconds step) {
  require_positive("heater_w", parameters.heater_w);
  require_positive("energy_wh", parameters.energy_wh);
  energy_j_ = parameters.energy_wh * 3600.0;
  step_j_ = parameters.heater_w * checked_load_step_s(step);
}

Demand Kettle::advance(const LoadConditions& conditions) {
  if (conditions.switched_on && !was_on_) delivered_j_ = 0.0;
  was_on_ = conditions.switched_on;
  if (!conditions.switched_on || delivered_j_ >= energy_j_) return {};
  const double full_j = step_j_ * conditions.voltage_pu * conditions.voltage_pu;
  const double left_j = energy_j_ - delivered_j_;
  if (full_j < left_j) {
    delivered_j_ += full_j;
    return {1.0, 1.0, false};
  }
  delivered_j_ = energy_j_;
  return {left_j / full_j, left_j / full_j, false};
}

}  // namespace hil::models
