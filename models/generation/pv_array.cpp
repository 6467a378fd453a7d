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
constexpr double night_w_m2 = 1e-4;
constexpr int most_iterations = 100;  // two or three in practice
/// In parts of `a`. Steps end with the term of second order, so after one this small the error is of third order:
/// 1e-11 of `a`, rounding for every purpose.
constexpr double last_step = 3e-4;
constexpr double near_light = 0.1;  // share by which light may change for the last solution to be a start
constexpr double near_k = 2.0;

bool positive(double value) {
  return std::isfinite(value) && value > 0.0;
}

}  // namespace

PvArray::PvArray(const Parameters& parameters) : parameters_(parameters) {
  const Module& m = parameters_.module;
  require(positive(m.a_ref_v), "a_ref_v", m.a_ref_v, "> 0");
  require(positive(m.light_current_ref_a), "light_current_ref_a", m.light_current_ref_a, "> 0");
  require(positive(m.saturation_current_ref_a), "saturation_current_ref_a", m.saturation_current_ref_a, "> 0");
  require(m.series_resistance_ohm >= 0.0 && m.series_resistance_ohm * m.light_current_ref_a <= 20.0 * m.a_ref_v,
          "series_resistance_ohm", m.series_resistance_ohm, ">= 0 and <= 20 a_ref_v / light_current_ref_a");
  require(positive(m.shunt_resistance_ref_ohm), "shunt_resistance_ref_ohm", m.shunt_resistance_ref_ohm, "> 0");
  require(std::isfinite(m.alpha_isc_a_per_k), "alpha_isc_a_per_k", m.alpha_isc_a_per_k, "finite");
  require(positive(m.bandgap_ref_ev), "bandgap_ref_ev", m.bandgap_ref_ev, "> 0");
  require(std::isfinite(m.bandgap_slope_per_k), "bandgap_slope_per_k", m.bandgap_slope_per_k, "finite");
  require(parameters_.modules_in_series > 0, "modules_in_series", parameters_.modules_in_series, "> 0");
  require(parameters_.strings_in_parallel > 0, "strings_in_parallel", parameters_.strings_in_parallel, "> 0");
  const double mismatch = parameters_.mismatch_factor;
  require(mismatch > 0.0 && mismatch <= 1.0, "mismatch_factor", mismatch, "> 0 and <= 1");
  const double soiling = parameters_.soiling_factor;
  require(soiling > 0.0 && soiling <= 1.0, "soiling_factor", soiling, "> 0 and <= 1");
  const double gamma = parameters_.gamma_per_k;
  require(gamma >= -0.01 && gamma <= 0.0, "gamma_per_k", gamma, "-0.01..0");

  const auto strings = static_cast<std::size_t>(parameters_.strings_in_parallel);
  shading_.assign(strings, 1.0);
  groups_.reserve(strings);
  group_strings();
  if (parameters_.curve == Curve::fast_string) {
    parameters_.curve = Curve::single_diode;
    parameters_.soiling_factor = 1.0;
    set_conditions(reference_irradiance_w_m2, reference_c);
    standard_ = maximum_;
    standard_open_circuit_v_ = open_circuit_v_;
    parameters_.curve = Curve::fast_string;
    parameters_.soiling_factor = soiling;
  }
  irradiance_w_m2_ = -1.0;
  set_conditions(0.0, reference_c);
}

void PvArray::set_conditions(double irradiance_w_m2, double cell_temperature_c) {
  if (irradiance_w_m2 == irradiance_w_m2_ && cell_temperature_c == cell_temperature_c_) return;
  require(irradiance_w_m2 >= 0.0 && irradiance_w_m2 <= 1500.0, "irradiance_w_m2", irradiance_w_m2, "0..1500");
  require(cell_temperature_c >= lowest_cell_c && cell_temperature_c <= highest_cell_c, "cell_temperature_c",
          cell_temperature_c, "-60..150");
  irradiance_w_m2_ = irradiance_w_m2;
  cell_temperature_c_ = cell_temperature_c;
  find_curve();
}

void PvArray::set_string_shading(std::size_t string, double factor) {
  require(string < shading_.size(), "string", static_cast<double>(string), "< strings_in_parallel");
  require(factor >= 0.0 && factor <= 1.0, "factor", factor, "0..1");
  if (shading_[string] == factor) return;
  shading_[string] = factor;
  group_strings();
  solved_light_a_ = 0.0;  // the last solution is no start for another set of strings
  find_curve();
}

void PvArray::group_strings() {
  groups_.clear();
  for (const double shading : shading_) {
    const auto same = [shading](const Group& group) { return group.shading == shading; };
    auto group = std::find_if(groups_.begin(), groups_.end(), same);
    if (group == groups_.end()) {
      groups_.push_back({});
      group = groups_.end() - 1;
      group->shading = shading;
    }
    group->strings += 1.0;
  }
}

void PvArray::find_fast_curve() {
  double strings_lit = 0.0;
  for (const Group& group : groups_) strings_lit += group.strings * group.shading;
  const double suns = irradiance_w_m2_ * parameters_.soiling_factor / reference_irradiance_w_m2;
  const double share = suns * (1.0 + parameters_.gamma_per_k * (cell_temperature_c_ - reference_c)) * strings_lit /
                       parameters_.strings_in_parallel;
  maximum_ = {};
  open_circuit_v_ = 0.0;
  if (!(share > 0.0)) return;
  maximum_ = {standard_.voltage_v, standard_.current_a * share, standard_.power_w * share};
  open_circuit_v_ = standard_open_circuit_v_;
}

void PvArray::find_curve() {
  if (parameters_.curve == Curve::fast_string) return find_fast_curve();

  const Module& m = parameters_.module;
  const double suns = irradiance_w_m2_ * parameters_.soiling_factor / reference_irradiance_w_m2;
  const double warmer_k = cell_temperature_c_ - reference_c;
  const double temperature_ratio = (reference_k + warmer_k) / reference_k;
  const double bandgap_ev = m.bandgap_ref_ev * (1.0 + m.bandgap_slope_per_k * warmer_k);
  const double exponent = (m.bandgap_ref_ev - bandgap_ev / temperature_ratio) / (boltzmann_ev_per_k * reference_k);
  saturation_current_a_ = m.saturation_current_ref_a * temperature_ratio * temperature_ratio * temperature_ratio *
                          saturation_exponential_(exponent);
  a_v_ = m.a_ref_v * temperature_ratio;
  per_a_ = 1.0 / a_v_;
  const double light_current_a = std::max(0.0, suns * (m.light_current_ref_a + m.alpha_isc_a_per_k * warmer_k));
  double brightest = 0.0;
  for (Group& group : groups_) {
    const double before_a = group.light_current_a;
    group.light_current_a = group.shading * light_current_a;
    const double moved_v = m.series_resistance_ohm * (group.light_current_a - before_a);
    for (Warm& warm : group.warm) warm.junction_v += moved_v * warm.per_stretch;
    group.shunt_conductance_s = group.shading * suns / m.shunt_resistance_ref_ohm;
    brightest = std::max(brightest, group.shading);
  }
  if (!(brightest * suns * reference_irradiance_w_m2 >= night_w_m2) || light_current_a == 0.0) {
    maximum_ = {};
    maximum_module_v_ = open_circuit_module_v_ = open_circuit_v_ = solved_light_a_ = 0.0;
    return;
  }

  // Current falls over voltage, ever faster: Newton from the right comes down steadily, and from the left it lands
  // right. Start where it ended last time, moved along with the light, unless the curve moved far.
  const double light_a = brightest * light_current_a;
  const double grown_a = light_a - solved_light_a_;
  const bool warm = solved_light_a_ > 0.0 && std::abs(grown_a) < near_light * solved_light_a_ &&
                    std::abs(cell_temperature_c_ - solved_cell_c_) < near_k;
  const double highest_v = warm ? open_circuit_module_v_ + a_v_ : a_v_ * std::log1p(light_a / saturation_current_a_);
  solved_light_a_ = light_a;
  solved_cell_c_ = cell_temperature_c_;
  find_open_circuit(warm ? open_circuit_module_v_ + grown_a * open_circuit_shift_ohm_ : highest_v, highest_v);
  find_maximum(warm ? maximum_module_v_ + grown_a * maximum_shift_ohm_
                    : open_circuit_module_v_ - a_v_ * std::log1p(open_circuit_module_v_ * per_a_));
}

void PvArray::find_open_circuit(double start_v, double highest_v) {
  double v = start_v;
  Current current;
  for (int i = 0; i < most_iterations; ++i) {
    current = current_at(v, for_open_circuit);
    const double step_v = -current.a / current.slope_s;
    if (std::abs(step_v) <= last_step * a_v_) {
      v += step_v * (1.0 - 0.5 * step_v * current.curvature / current.slope_s);
      break;
    }
    v = std::clamp(v + step_v, 0.0, highest_v);
  }
  open_circuit_shift_ohm_ =
      -parameters_.strings_in_parallel / current.slope_s - parameters_.module.series_resistance_ohm;
  open_circuit_module_v_ = v;
  open_circuit_v_ = v * parameters_.modules_in_series;
}

void PvArray::find_maximum(double start_v) {
  double v = start_v;
  Current current;
  for (int i = 0; i < most_iterations; ++i) {
    v = std::clamp(v, 0.0, open_circuit_module_v_);
    current = current_at(v, for_maximum);
    maximum_curvature_ = 2.0 * current.slope_s + v * current.curvature;
    const double step_v = -(current.a + v * current.slope_s) / maximum_curvature_;
    v += step_v;
    if (std::abs(step_v) <= last_step * a_v_) {
      // The power is flat here, so an error of second order in the voltage is one of fourth order in the power.
      current.a += step_v * (current.slope_s + 0.5 * step_v * current.curvature);
      break;
    }
  }
  const double series_ohm = parameters_.module.series_resistance_ohm;
  maximum_shift_ohm_ =
      -(parameters_.strings_in_parallel + series_ohm * (maximum_curvature_ - current.slope_s)) / maximum_curvature_;
  maximum_module_v_ = v;
  maximum_ = array_point(v, current.a);
}

PvArray::Current PvArray::current_at(double module_v, Use use) const {
  const double series_ohm = parameters_.module.series_resistance_ohm;
  Current sum;
  for (Group& group : groups_) {
    Warm& warm = group.warm[use];
    // The junction V + I Rs of one module: convex in itself, so Newton is safe from either side.
    double junction_v = std::abs(module_v - warm.module_v) < a_v_
                            ? warm.junction_v + (module_v - warm.module_v) * warm.per_stretch
                            : module_v + series_ohm * group.light_current_a;
    double a = 0.0;
    double slope_s = 0.0;
    double curvature = 0.0;
    double per_stretch = 1.0;
    for (int i = 0; i < most_iterations; ++i) {
      const double grown = saturation_current_a_ * warm.exponential(junction_v * per_a_);
      a = group.light_current_a + saturation_current_a_ - grown - junction_v * group.shunt_conductance_s;
      slope_s = -grown * per_a_ - group.shunt_conductance_s;
      curvature = -grown * per_a_ * per_a_;
      per_stretch = 1.0 / (1.0 - series_ohm * slope_s);
      const double step_v = -(junction_v - series_ohm * a - module_v) * per_stretch;
      if (std::abs(step_v) > last_step * a_v_) {
        junction_v += step_v;
        continue;
      }
      const double last_v = step_v * (1.0 + 0.5 * step_v * series_ohm * curvature * per_stretch);
      const double third = curvature * per_a_;
      junction_v += last_v;
      a += last_v * (slope_s + last_v * (0.5 * curvature + last_v * third / 6.0));
      const double steeper_s = last_v * (curvature + 0.5 * last_v * third);
      slope_s += steeper_s;
      curvature += last_v * third;
      const double narrower = series_ohm * steeper_s * per_stretch;
      per_stretch *= 1.0 + narrower * (1.0 + narrower);
      break;
    }
    warm.module_v = module_v;
    warm.junction_v = junction_v;
    warm.per_stretch = per_stretch;
    sum.a += group.strings * a;
    sum.slope_s += group.strings * slope_s * per_stretch;
    sum.curvature += group.strings * curvature * per_stretch * per_stretch * per_stretch;
  }
  return sum;
}

PvArray::Point PvArray::array_point(double module_v, double current_a) const {
  const double voltage_v = module_v * parameters_.modules_in_series;
  const double array_a = current_a * parameters_.mismatch_factor;
  return {voltage_v, array_a, voltage_v * array_a};
}

PvArray::Point PvArray::curtailed_point(double power_w) const {
  if (power_w >= maximum_.power_w) return maximum_;
  if (!(power_w > 0.0)) return {open_circuit_v_, 0.0, 0.0};
  if (parameters_.curve == Curve::fast_string) {
    const double v = open_circuit_v_ - (open_circuit_v_ - maximum_.voltage_v) * power_w / maximum_.power_w;
    return {v, power_w / v, power_w};
  }
  const double module_w = power_w / (parameters_.modules_in_series * parameters_.mismatch_factor);
  const double maximum_module_w = maximum_.power_w / (parameters_.modules_in_series * parameters_.mismatch_factor);
  // Near the maximum the curve is a parabola; elsewhere the last point and its derivatives say where to start. Right of
  // the maximum any start does.
  double v = maximum_module_v_ + std::sqrt(2.0 * (maximum_module_w - module_w) / -maximum_curvature_);
  const double more_w = module_w - curtailed_.power_w;
  if (std::abs(more_w) < 0.1 * maximum_module_w && module_w < 0.95 * maximum_module_w) {
    const double ahead_v = more_w / curtailed_.slope_a;
    const double start_v =
        curtailed_.module_v + ahead_v * (1.0 - 0.5 * ahead_v * curtailed_.curvature / curtailed_.slope_a);
    if (start_v > maximum_module_v_) v = start_v;
  }
  Current current;
  for (int i = 0; i < most_iterations; ++i) {
    v = std::min(v, open_circuit_module_v_);
    current = current_at(v, for_curtailed);
    const double slope_a = current.a + v * current.slope_s;
    if (!(slope_a < 0.0)) break;  // on the maximum, within rounding
    const double curvature = 2.0 * current.slope_s + v * current.curvature;
    curtailed_ = {v, v * current.a, slope_a, curvature};
    const double step_v = (module_w - v * current.a) / slope_a;
    if (std::abs(step_v) <= last_step * a_v_) {
      const double bend = curvature / slope_a;
      // Where the slope is nearly nothing the second order is no small correction: go on with the first.
      if (std::abs(step_v * bend) < last_step || std::abs(step_v) < 1e-7 * a_v_) {
        const double last_v = step_v * (1.0 - 0.5 * step_v * bend);
        v += last_v;
        current.a += last_v * (current.slope_s + 0.5 * last_v * current.curvature);
        break;
      }
    }
    v += step_v;
  }
  v = std::clamp(v, maximum_module_v_, open_circuit_module_v_);
  return array_point(v, current.a);
}

PvArray::Point PvArray::point_at_voltage(double voltage_v) const {
  if (voltage_v >= open_circuit_v_) return {open_circuit_v_, 0.0, 0.0};
  if (parameters_.curve == Curve::fast_string) {
    const double fall = (open_circuit_v_ - voltage_v) / (open_circuit_v_ - maximum_.voltage_v);
    const double current_a = voltage_v <= maximum_.voltage_v ? maximum_.current_a : maximum_.power_w * fall / voltage_v;
    return {voltage_v, current_a, voltage_v * current_a};
  }
  const double module_v = std::max(0.0, voltage_v / parameters_.modules_in_series);
  return array_point(module_v, std::max(0.0, current_at(module_v, for_voltage).a));
}

PvArray::Point PvArray::point_at_current(double current_a) const {
  if (current_a >= maximum_.current_a) return maximum_;
  if (!(current_a > 0.0)) return {open_circuit_v_, 0.0, 0.0};
  if (parameters_.curve == Curve::fast_string) {
    const double v =
        maximum_.power_w * open_circuit_v_ / (current_a * (open_circuit_v_ - maximum_.voltage_v) + maximum_.power_w);
    return {v, current_a, v * current_a};
  }
  const double module_a = current_a / parameters_.mismatch_factor;
  double v = maximum_module_v_;
  Current current;
  for (int i = 0; i < most_iterations; ++i) {
    current = current_at(v, for_voltage);
    const double step_v = (module_a - current.a) / current.slope_s;
    const bool last = std::abs(step_v) <= last_step * a_v_;
    v += last ? step_v * (1.0 - 0.5 * step_v * current.curvature / current.slope_s) : step_v;
    v = std::clamp(v, maximum_module_v_, open_circuit_module_v_);
    if (last) break;
  }
  return array_point(v, module_a);
}

}  // namespace hil::models
