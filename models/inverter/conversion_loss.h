#pragma once

namespace hil::models {

/// Measured loss of one conversion path: loss_w = square_w p^2 + linear_w p + constant_w, p = power / reference_w.
struct LossCurve {
  double reference_w = 0.0;  ///< > 0, what p refers to
  double square_w = -1.0;    ///< >= 0
  double linear_w = -1.0;    ///< >= 0
  double constant_w = -1.0;  ///< >= 0; while connected
};

/// What becomes of DC power on its way through a hybrid inverter, from the measured curves of its four paths.
///
///   pv_w + battery_discharge_w = ac_injection_w + loss_w
///
/// Discharging: one curve on the AC power, mixed of pv_to_ac and battery_to_ac by their shares of the DC power.
/// Charging: pv_to_battery on the PV power that goes into the battery, pv_to_ac on what is left of PV for AC, or
/// ac_to_battery on what AC adds. The constant parts of the paths in use are mixed by their powers, so that one
/// path alone shows exactly its measured curve. (The mixture is assumed: the protocol measures one path at a time.)
///
/// Sign: ac injection > 0 into the site; battery_discharge_w > 0 empties the battery.
/// Source of the curves: physics-and-standards 2.2 (HTW Berlin efficiency protocol, bslib).
/// Checked against: D3 and the efficiency points of 2.2; see tests/models/inverter.
class ConversionLoss {
 public:
  struct Parameters {
    LossCurve pv_to_ac;       ///< on AC output
    LossCurve battery_to_ac;  ///< on AC output
    LossCurve pv_to_battery;  ///< on PV input
    LossCurve ac_to_battery;  ///< on AC input
  };
  /// `highest_ac_w`: largest AC power either way, up to which every curve must leave some power over.
  /// Throws InvalidParameter.
  ConversionLoss(const Parameters& parameters, double highest_ac_w);

  /// AC power that these DC powers give; pv_w >= 0. Negative: AC feeds the battery or the inverter itself.
  double ac_injection_w(double pv_w, double battery_discharge_w) const;
  /// PV power with which this battery power gives `ac_w`, not below zero.
  double pv_for_ac_w(double ac_w, double battery_discharge_w) const;
  /// The same with the AC power that it gives, as ac_injection_w() says.
  struct PvForAc {
    double pv_w = 0.0;
    double ac_injection_w = 0.0;
  };
  PvForAc pv_for_ac(double ac_w, double battery_discharge_w) const;
  /// Battery power with which this PV power gives `ac_w`.
  double battery_for_ac_w(double ac_w, double pv_w) const;
  double idle_import_w() const { return idle_import_w_; }  ///< what AC gives when neither PV nor battery does

 private:
  /// square [1/W], linear [1], constant [W] of the power itself.
  struct Curve {
    double square = 0.0;
    double linear = 0.0;
    double constant_w = 0.0;
  };
  static Curve checked(const LossCurve& curve, double highest_w, const char* path);
  static Curve mixed(const Curve& a, double share_a, const Curve& b);
  static double output_w(double input_w, const Curve& curve);
  static double import_w(double needed_w, const Curve& curve);
  double discharging_ac_w(double pv_w, double battery_discharge_w) const;
  /// `wanted_pv_w`: what the charge takes of PV, its variable loss included.
  double charging_ac_w(double pv_w, double charge_w, double wanted_pv_w) const;

  Curve pv_to_ac_;
  Curve battery_to_ac_;
  Curve pv_to_battery_;
  Curve ac_to_battery_;
  double idle_weight_w_ = 0.0;
  double idle_import_w_ = 0.0;
};

}  // namespace hil::models
