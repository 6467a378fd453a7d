#include "models/storage/battery_ageing.h"

#include <algorithm>
#include <cmath>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

constexpr double gas_constant = 8.314;
constexpr double reference_k = 298.15;
constexpr double zero_c_k = 273.15;
constexpr double evaluation_s = 60.0;
constexpr double day_s = 86400.0;
constexpr double lowest_capacity_factor = 0.1;

double cube(double x) {
  return x * x * x;
}

double arrhenius(double activation_j_per_mol, double temperature_c) {
  const double kelvin = std::max(temperature_c + zero_c_k, 100.0);
  return std::exp(-activation_j_per_mol / gas_constant * (1.0 / kelvin - 1.0 / reference_k));
}

// All coefficients: physics-and-standards 4.3 (Naumann, Sony LFP; tum-ees/simses 2769f80, BSD-3).
double calendar_loss_per_root_s(double soc, double temperature_c) {
  return 1.2571e-5 * arrhenius(17126.0, temperature_c) * (2.8575 * cube(soc - 0.5) + 0.60225);
}
double calendar_rise_per_s(double soc, double temperature_c) {
  return 3.4194e-10 * arrhenius(71827.0, temperature_c) * (-3.3903 * (soc - 0.5) * (soc - 0.5) + 1.5604);
}
double cycle_loss_per_root_cycle(double c_rate, double dod) {
  return 0.01 * (0.0630 * c_rate + 0.0971) * (4.0253 * cube(dod - 0.6) + 1.0923);
}
double cycle_rise_per_cycle(double c_rate, double dod) {
  return 0.01 * std::max(0.0, -0.0020 * c_rate + 0.0021) * (6.8477 * cube(dod - 0.5) + 0.9182);
}

}  // namespace

BatteryAgeing::BatteryAgeing(const Parameters& parameters, double soc)
    : counts_(parameters.counts),
      acts_(parameters.acts),
      turning_band_soc_(parameters.turning_band_soc),
      turn_soc_(soc),
      extreme_soc_(soc) {
  const Parameters& p = parameters;
  require(p.turning_band_soc > 0.0 && p.turning_band_soc <= 0.5, "turning_band_soc", p.turning_band_soc,
          "above 0, up to 0.5");
  require(std::isfinite(p.initial_days) && p.initial_days >= 0.0, "initial_days", p.initial_days, ">= 0");
  require(p.initial_soc >= 0.0 && p.initial_soc <= 1.0, "initial_soc", p.initial_soc, "0..1");
  require(p.initial_c >= -30.0 && p.initial_c <= 80.0, "initial_c", p.initial_c, "-30..80");
  require(std::isfinite(p.initial_cycles) && p.initial_cycles >= 0.0, "initial_cycles", p.initial_cycles, ">= 0");
  require(p.initial_c_rate >= 0.0 && p.initial_c_rate <= 1.0, "initial_c_rate", p.initial_c_rate, "0..1");
  require(p.initial_dod >= 0.0 && p.initial_dod <= 1.0, "initial_dod", p.initial_dod, "0..1");
  add_calendar(p.initial_days * day_s, p.initial_soc, p.initial_c);
  add_cycles(p.initial_cycles, p.initial_c_rate, p.initial_dod);
  counters_.full_equivalent_cycles = p.initial_cycles;
}

void BatteryAgeing::add_calendar(double seconds, double soc, double temperature_c) {
  const double per_root_s = calendar_loss_per_root_s(soc, temperature_c);
  counters_.calendar_loss_squared += per_root_s * per_root_s * seconds;
  counters_.calendar_rise += calendar_rise_per_s(soc, temperature_c) * seconds;
}

void BatteryAgeing::add_cycles(double full_equivalent, double c_rate, double dod) {
  const double per_root_cycle = cycle_loss_per_root_cycle(c_rate, dod);
  counters_.cycle_loss_squared += per_root_cycle * per_root_cycle * full_equivalent;
  counters_.cycle_rise += cycle_rise_per_cycle(c_rate, dod) * full_equivalent;
}

void BatteryAgeing::advance(double duration_s, double soc, double temperature_c, double c_rate_signed) {
  if (!counts_) return;
  waiting_s_ += duration_s;
  waiting_soc_s_ += soc * duration_s;
  waiting_c_s_ += temperature_c * duration_s;
  if (waiting_s_ >= evaluation_s) {
    add_calendar(waiting_s_, waiting_soc_s_ / waiting_s_, waiting_c_s_ / waiting_s_);
    waiting_s_ = waiting_soc_s_ = waiting_c_s_ = 0.0;
  }
  const double c_rate = std::abs(c_rate_signed);
  const double charge_share = c_rate * duration_s / 3600.0;
  counters_.full_equivalent_cycles += charge_share / 2.0;
  follow_turning_points(soc, charge_share, c_rate);
}

void BatteryAgeing::follow_turning_points(double soc, double charge_share, double c_rate) {
  moved_ += charge_share;
  moved_c_rate_ += charge_share * c_rate;
  if (direction_ == 0) {
    if (std::abs(soc - turn_soc_) >= turning_band_soc_) direction_ = soc > turn_soc_ ? 1 : -1;
    extreme_soc_ = soc;
    return;
  }
  if ((soc - extreme_soc_) * direction_ >= 0.0) {
    extreme_soc_ = soc;
    return;
  }
  if (std::abs(soc - extreme_soc_) < turning_band_soc_) return;
  const double dod = std::abs(extreme_soc_ - turn_soc_);
  add_cycles(dod / 2.0, moved_ > 0.0 ? moved_c_rate_ / moved_ : 0.0, dod);
  counters_.half_cycles += 1.0;
  turn_soc_ = extreme_soc_;
  extreme_soc_ = soc;
  direction_ = -direction_;
  moved_ = moved_c_rate_ = 0.0;
}

double BatteryAgeing::calendar_loss() const {
  return std::sqrt(counters_.calendar_loss_squared);
}

double BatteryAgeing::cycle_loss() const {
  return std::sqrt(counters_.cycle_loss_squared);
}

double BatteryAgeing::capacity_factor() const {
  return std::max(lowest_capacity_factor, 1.0 - calendar_loss() - cycle_loss());
}

double BatteryAgeing::resistance_factor() const {
  return 1.0 + counters_.calendar_rise + counters_.cycle_rise;
}

}  // namespace hil::models
