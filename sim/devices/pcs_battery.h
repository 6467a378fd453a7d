#pragma once

namespace hil::sim {

/// What the settings of one string let into its battery and out of it (sinexcel-pcs-modbus 7).
///
///   charge      constant current up to topping_v, then topping_v held while the current falls; at end_of_charge_a the
///               string is full, until the voltage is recharge_hysteresis_v below topping
///   discharge   until end_of_discharge_v; refused from there until the voltage is the same hysteresis above it
///               (profile B, 815)
///   lower limit only a warning: discharge ended above it, and charge must go on
///
/// The voltage at the next current is told from the last one and the pack's resistance, which shows in every change of
/// current: dV/dI. Before the first change that is guessed.
///
/// Left out: lead-acid's precharge, float and transition to it.
class PcsBattery {
 public:
  struct Limits {
    double lower_limit_v = 0.0;
    double end_of_discharge_v = 0.0;
    double float_v = 0.0;
    double topping_v = 0.0;
    double topping_to_float_a = 0.0;
    double end_of_charge_a = 0.0;
    double max_charge_a = 0.0;
    double max_discharge_a = 0.0;
    double recharge_hysteresis_v = 20.0;  ///< below topping, until a full string is charged again; no register
  };

  explicit PcsBattery(const Limits& limits) : limits_(limits) {}

  /// Of the last step.
  void observe(double terminal_v, double discharge_a);

  double max_charge_w() const;
  double max_discharge_w() const;
  bool full() const { return full_; }
  bool empty() const { return empty_; }
  bool below_lower_limit() const { return observed_ && terminal_v_ <= limits_.lower_limit_v; }
  double terminal_v() const { return terminal_v_; }

 private:
  void learn_resistance(double terminal_v, double discharge_a);

  const Limits& limits_;  ///< a master may change them
  double terminal_v_ = 0.0;
  double discharge_a_ = 0.0;
  double series_ohm_ = 0.0;
  bool observed_ = false;
  bool full_ = false;
  bool empty_ = false;
};

}  // namespace hil::sim
