#include "models/generation/pv_array.h"

#include <algorithm>
#include <cmath>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

constexpr double boltzmann_ev_per_k = 8.617333262e-5;
constexpr double reference_k = 298.15;
constexpr double reference_c = 25.0;
constexpr double reference_irradiance_w_m2 = 1000.0;

/// Where a falling function passes zero, to the last bit: halves until there is nothing between the bounds.
template <typename Falling>
double zero_of(const Falling& falling, double low, double high) {
  constexpr int enough_for_a_double = 1100;  // from any bound down to the smallest number; about 55 in practice
  for (int i = 0; i < enough_for_a_double; ++i) {
    const double middle = 0.5 * (low + high);
    if (middle <= low || middle >= high) break;
    (falling(middle) > 0.0 ? low : high) = middle;
  }
  return low;
}

bool positive(double value) {
  return std::isfinite(value) && value > 0.0;
}

}  // namespace

PvArray::PvArray(const Parameters& parameters) : parameters_(parameters) {
  const Module& m = parameters_.module;
  require(positive(m.a_ref_v), "a_ref_v", m.a_ref_v, "> 0");
  require(positive(m.light_current_ref_a), "light_current_ref_a", m.light_current_ref_a, "> 0");
  require(positive(m.saturation_current_ref_a), "saturation_current_ref_a", m.saturation_current_ref_a, "> 0");
  require(std::isfinite(m.series_resistance_ohm) && m.series_resistance_ohm >= 0.0, "series_resistance_ohm",
          m.series_resistance_ohm, ">= 0");
  require(positive(m.shunt_resistance_ref_ohm), "shunt_resistance_ref_ohm", m.shunt_resistance_ref_ohm, "> 0");
  require(std::isfinite(m.alpha_isc_a_per_k), "alpha_isc_a_per_k", m.alpha_isc_a_per_k, "finite");
  require(positive(m.bandgap_ref_ev), "bandgap_ref_ev", m.bandgap_ref_ev, "> 0");
  require(std::isfinite(m.bandgap_slope_per_k), "bandgap_slope_per_k", m.bandgap_slope_per_k, "finite");
  require(parameters_.modules_in_series > 0, "modules_in_series", parameters_.modules_in_series, "> 0");
  require(parameters_.strings_in_parallel > 0, "strings_in_parallel", parameters_.strings_in_parallel, "> 0");
}

void PvArray::set_conditions(double irradiance_w_m2, double cell_temperature_c) {
  require(irradiance_w_m2 >= 0.0 && irradiance_w_m2 <= 1500.0, "irradiance_w_m2", irradiance_w_m2, "0..1500");
  require(cell_temperature_c >= -40.0 && cell_temperature_c <= 100.0, "cell_temperature_c", cell_temperature_c,
          "-40..100");
  irradiance_w_m2_ = irradiance_w_m2;
  cell_temperature_c_ = cell_temperature_c;

  const Module& m = parameters_.module;
  const double suns = irradiance_w_m2 / reference_irradiance_w_m2;
  const double warmer_k = cell_temperature_c - reference_c;
  const double temperature_ratio = (reference_k + warmer_k) / reference_k;
  const double bandgap_ev = m.bandgap_ref_ev * (1.0 + m.bandgap_slope_per_k * warmer_k);
  const double exponent = (m.bandgap_ref_ev - bandgap_ev / temperature_ratio) / (boltzmann_ev_per_k * reference_k);
  at_.light_current_a = std::max(0.0, suns * (m.light_current_ref_a + m.alpha_isc_a_per_k * warmer_k));
  at_.saturation_current_a = m.saturation_current_ref_a * std::pow(temperature_ratio, 3) * std::exp(exponent);
  at_.a_v = m.a_ref_v * temperature_ratio;
  at_.shunt_conductance_s = suns / m.shunt_resistance_ref_ohm;

  // Without shunt the junction would rise to this; with it, to less. Current falls and voltage rises all the way.
  const double highest_v = at_.a_v * std::log1p(at_.light_current_a / at_.saturation_current_a);
  open_circuit_junction_v_ = zero_of([this](double v) { return module_at(v).current_a; }, 0.0, highest_v);
  const double short_circuit_junction_v =
      zero_of([this](double v) { return -module_at(v).voltage_v; }, 0.0, open_circuit_junction_v_);
  // Power over voltage is concave, so its slope passes zero once between the two.
  maximum_junction_v_ = zero_of([this](double v) { return module_at(v).power_slope_a; }, short_circuit_junction_v,
                                open_circuit_junction_v_);
  open_circuit_v_ = array_at(open_circuit_junction_v_).voltage_v;
  short_circuit_a_ = array_at(short_circuit_junction_v).current_a;
  maximum_ = array_at(maximum_junction_v_);
}

PvArray::ModulePoint PvArray::module_at(double junction_v) const {
  const double series_ohm = parameters_.module.series_resistance_ohm;
  const double grown = at_.saturation_current_a * std::exp(junction_v / at_.a_v);
  const double current_a =
      at_.light_current_a - (grown - at_.saturation_current_a) - junction_v * at_.shunt_conductance_s;
  const double current_slope_s = -grown / at_.a_v - at_.shunt_conductance_s;
  const double voltage_v = junction_v - current_a * series_ohm;
  return {voltage_v, current_a, current_slope_s * voltage_v + current_a * (1.0 - series_ohm * current_slope_s)};
}

PvArray::Point PvArray::array_at(double junction_v) const {
  const ModulePoint module = module_at(junction_v);
  const double voltage_v = module.voltage_v * parameters_.modules_in_series;
  const double current_a = module.current_a * parameters_.strings_in_parallel;
  return {voltage_v, current_a, voltage_v * current_a};
}

PvArray::Point PvArray::curtailed_point(double power_w) const {
  if (power_w >= maximum_.power_w) return maximum_;
  if (!(power_w > 0.0)) return {open_circuit_v_, 0.0, 0.0};
  return array_at(zero_of([this, power_w](double v) { return array_at(v).power_w - power_w; }, maximum_junction_v_,
                          open_circuit_junction_v_));
}

}  // namespace hil::models
