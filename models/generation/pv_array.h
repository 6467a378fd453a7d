#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "models/generation/nearby_exp.h"

namespace hil::models {

/// PV array of equal modules in one plane, single-diode model after De Soto, with its maximum power point and the
/// curtailed point to the right of it.
///
///   I = IL - I0 (exp((V + I Rs)/a) - 1) - (V + I Rs)/Rsh
///   IL = G/1000 (ILref + alpha (T-25)),  I0 = I0ref (T/Tref)^3 exp(Egref/kTref - Eg/kT),
///   a = aref T/Tref,  Rsh = Rshref 1000/G,  Eg = Egref (1 + dEgdT (T - 25))          (T - 25 in K)
///   G of a string = irradiance * soiling_factor * shading of the string;  array current = mismatch_factor * sum of
///   strings
///
/// Strings of one array share the voltage, without blocking diodes: a shaded string is fed by the others near open
/// circuit. Planes that differ are several PvArrays, one per MPPT input. Before the first set_conditions(), and below
/// 1e-4 W/m2, it is night: all zero.
///
/// Solved by Newton from the last solution; calls after small changes cost few exp evaluations or none. What const
/// calls remember for that changes no result beyond rounding, but one array is not for two threads.
///
/// Left out: bypass diodes (a shadow on part of a string is a factor on the whole string), so power over voltage has
/// one maximum; reverse breakdown; capacitance. Thermal lag: CellTemperature. Search: MpptTracker.
/// Checked against: P6 (four operating conditions, 1e-3); see tests/models/validation/generation.
class PvArray {
 public:
  struct Module {
    double a_ref_v = 0.0;                   ///< > 0, modified ideality factor at reference
    double light_current_ref_a = 0.0;       ///< > 0
    double saturation_current_ref_a = 0.0;  ///< > 0
    double series_resistance_ohm = -1.0;    ///< >= 0, and its drop at the light current at most 20 a_ref_v
    double shunt_resistance_ref_ohm = 0.0;  ///< > 0
    double alpha_isc_a_per_k = 0.0;
    double bandgap_ref_ev = 0.0;  ///< > 0
    double bandgap_slope_per_k = 0.0;
  };
  /// `fast_string`, only where speed matters more than the curve: P = Pstc G/1000 (1 + gamma (T - 25)) at the fixed
  /// voltage of the maximum at 1000 W/m2 and 25 deg C, straight from there to open circuit; shading as mean.
  static constexpr double lowest_cell_c = -60.0;  ///< all that air of -50..60 deg C, sun and night can make of a cell
  static constexpr double highest_cell_c = 150.0;
  enum class Curve { single_diode, fast_string };
  static constexpr double assumed_gamma_per_k = -0.0035;  ///< assumed (physics-and-standards 5.2, C)
  struct Parameters {
    Module module;
    int modules_in_series = 0;     ///< > 0
    int strings_in_parallel = 0;   ///< > 0
    double mismatch_factor = 1.0;  ///< > 0 .. 1, of the current at every voltage; 1 = equal modules
    double soiling_factor = 1.0;   ///< > 0 .. 1, of the light; 1 = clean glass
    Curve curve = Curve::single_diode;
    double gamma_per_k = assumed_gamma_per_k;  ///< -0.01..0, fast_string only
  };
  struct Point {
    double voltage_v = 0.0;
    double current_a = 0.0;
    double power_w = 0.0;
  };

  /// Throws InvalidParameter.
  explicit PvArray(const Parameters& parameters);

  /// Sets the conditions and finds the maximum power point; free when nothing changed.
  /// irradiance_w_m2 0..1500 (plane of array), cell_temperature_c -60..150; throws InvalidParameter.
  void set_conditions(double irradiance_w_m2, double cell_temperature_c);
  /// How much of the irradiance reaches one string: 0 dark .. 1 free; throws InvalidParameter.
  void set_string_shading(std::size_t string, double factor);

  const Point& maximum_power_point() const { return maximum_; }
  double open_circuit_v() const { return open_circuit_v_; }
  double short_circuit_a() const { return point_at_voltage(0.0).current_a; }
  /// The point right of the maximum that gives `power_w`; the maximum itself when `power_w` reaches it, open circuit
  /// for zero and below.
  Point curtailed_point(double power_w) const;
  /// Anywhere on the curve; open circuit for its voltage and above.
  Point point_at_voltage(double voltage_v) const;
  /// The point right of the maximum that carries `current_a`; the maximum itself when it carries less.
  Point point_at_current(double current_a) const;
  double irradiance_w_m2() const { return irradiance_w_m2_; }
  double cell_temperature_c() const { return cell_temperature_c_; }

 private:
  /// What a solution is for. Each keeps its own start for the next one.
  enum Use : std::size_t { for_maximum, for_open_circuit, for_curtailed, for_voltage, number_of_uses };
  struct Warm {
    double module_v = -1e9;
    double junction_v = 0.0;
    double per_stretch = 1.0;  ///< d(junction_v) / d(module_v)
    NearbyExp exponential;
  };
  /// Strings with the same shading.
  struct Group {
    double shading = 1.0;
    double strings = 0.0;
    double light_current_a = 0.0;
    double shunt_conductance_s = 0.0;
    std::array<Warm, number_of_uses> warm{};
  };
  /// Current of all strings at one module voltage, with its derivatives over that voltage.
  struct Current {
    double a = 0.0;
    double slope_s = 0.0;
    double curvature = 0.0;
  };

  /// Where a curtailed point was last looked for: power of one module over its voltage.
  struct Curtailed {
    double module_v = 0.0;
    double power_w = -1e9;
    double slope_a = -1.0;
    double curvature = 0.0;
  };

  void group_strings();
  void find_curve();
  void find_fast_curve();
  void find_open_circuit(double start_v, double highest_v);
  void find_maximum(double start_v);
  Current current_at(double module_v, Use use) const;
  Point array_point(double module_v, double current_a) const;

  Parameters parameters_;
  Point standard_;  ///< maximum at 1000 W/m2 and 25 deg C
  double standard_open_circuit_v_ = 0.0;
  std::vector<double> shading_;        ///< by string
  mutable std::vector<Group> groups_;  ///< mutable for `warm` only
  double saturation_current_a_ = 0.0;
  double a_v_ = 1.0;
  double per_a_ = 1.0;
  NearbyExp saturation_exponential_;
  Point maximum_;
  double maximum_module_v_ = 0.0;
  double maximum_curvature_ = 0.0;  ///< of one module's power over its voltage
  double open_circuit_module_v_ = 0.0;
  double open_circuit_shift_ohm_ = 0.0;  ///< d(open_circuit_module_v_) / d(light current)
  double maximum_shift_ohm_ = 0.0;       ///< d(maximum_module_v_) / d(light current)
  double solved_light_a_ = 0.0;          ///< brightest string, when the curve was last found; 0 at night
  double solved_cell_c_ = 0.0;
  double open_circuit_v_ = 0.0;
  mutable Curtailed curtailed_;
  double irradiance_w_m2_ = 0.0;
  double cell_temperature_c_ = 25.0;
};

}  // namespace hil::models
