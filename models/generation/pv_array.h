#pragma once

namespace hil::models {

/// PV array of equal modules, single-diode model after De Soto, with its maximum power point and the
/// curtailed point to the right of it.
///
///   I = IL - I0 (exp((V + I Rs)/a) - 1) - (V + I Rs)/Rsh
///   IL = G/1000 (ILref + alpha (T-25)),  I0 = I0ref (T/Tref)^3 exp(Egref/kTref - Eg/kT),
///   a = aref T/Tref,  Rsh = Rshref 1000/G,  Eg = Egref (1 + dEgdT (T - 25))          (T - 25 in K)
///
/// Before the first set_conditions() it is night: all zero.
///
/// Left out: partial shading, thermal lag, mismatch, MPPT search dynamics.
/// Checked against: P6 (four operating conditions, 1e-3); see tests/models/generation.
class PvArray {
 public:
  struct Module {
    double a_ref_v = 0.0;                   ///< > 0, modified ideality factor at reference
    double light_current_ref_a = 0.0;       ///< > 0
    double saturation_current_ref_a = 0.0;  ///< > 0
    double series_resistance_ohm = -1.0;    ///< >= 0
    double shunt_resistance_ref_ohm = 0.0;  ///< > 0
    double alpha_isc_a_per_k = 0.0;
    double bandgap_ref_ev = 0.0;  ///< > 0
    double bandgap_slope_per_k = 0.0;
  };
  struct Parameters {
    Module module;
    int modules_in_series = 0;    ///< > 0
    int strings_in_parallel = 0;  ///< > 0
  };
  struct Point {
    double voltage_v = 0.0;
    double current_a = 0.0;
    double power_w = 0.0;
  };

  /// Throws InvalidParameter.
  explicit PvArray(const Parameters& parameters);

  /// Sets the conditions and finds the maximum power point; costly, so call it on change only.
  /// irradiance_w_m2 0..1500 (plane of array), cell_temperature_c -40..100; throws InvalidParameter.
  void set_conditions(double irradiance_w_m2, double cell_temperature_c);
  const Point& maximum_power_point() const { return maximum_; }
  double open_circuit_v() const { return open_circuit_v_; }
  double short_circuit_a() const { return short_circuit_a_; }
  /// The point right of the maximum that gives `power_w`; the maximum itself when `power_w` reaches it, open circuit
  /// for zero and below.
  Point curtailed_point(double power_w) const;
  double irradiance_w_m2() const { return irradiance_w_m2_; }
  double cell_temperature_c() const { return cell_temperature_c_; }

 private:
  struct Conditions {
    double light_current_a = 0.0;
    double saturation_current_a = 0.0;
    double a_v = 1.0;
    double shunt_conductance_s = 0.0;
  };
  /// Everything follows explicitly from the junction voltage V + I Rs of one module, so nothing is solved twice.
  struct ModulePoint {
    double voltage_v = 0.0;
    double current_a = 0.0;
    double power_slope_a = 0.0;  ///< dP / d(junction voltage)
  };
  ModulePoint module_at(double junction_v) const;
  Point array_at(double junction_v) const;

  Parameters parameters_;
  Conditions at_;
  Point maximum_;
  double maximum_junction_v_ = 0.0;  ///< of one module
  double open_circuit_junction_v_ = 0.0;
  double open_circuit_v_ = 0.0;
  double short_circuit_a_ = 0.0;
  double irradiance_w_m2_ = 0.0;
  double cell_temperature_c_ = 25.0;
};

}  // namespace hil::models
