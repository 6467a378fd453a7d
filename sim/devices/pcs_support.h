#pragma once

#include <array>

namespace hil::sim {

/// Smart-inverter functions of a storage converter (sinexcel-pcs-modbus 6), on the voltage and frequency of the step
/// before.
///
///   Volt-VAr    q = curve(V) of rated power, covers 90 % of a change in response_s
///   Volt-Watt   share of the set point: 1 up to start_pu, straight to stop_share at stop_pu; same response. It goes
///               back to 1 after return_delay_s at or below start_pu
///   Freq-Watt   share = 1 - slope_per_hz (f - fstart), never below 0; holds its lowest until f has been at or below
///               fstart for return_delay_s
///               Below nominal - low_start_hz the set point rises by low_slope_per_hz of rated power for each hertz
///   both        frequency first: the voltage's share of what the frequency leaves, their product
///
/// The shares are those of discharge only; what the low side adds raises discharge and takes from charge. How the power
/// goes back up is PcsPower's matter.
///
/// Sign: q > 0 injects (capacitive).
class PcsSupport {
 public:
  struct VoltVar {
    std::array<double, 4> voltage_pu{0.92, 0.98, 1.02, 1.06};  ///< none below the one before; UL 1741 SA
    std::array<double, 4> reactive_pu{0.30, 0.0, 0.0, -0.30};  ///< -1..1, of rated power
    double response_s = 10.0;                                  ///< >= 0
  };
  struct VoltWatt {
    double start_pu = 1.06;
    double stop_pu = 1.10;         ///< > start_pu
    double stop_share = 0.0;       ///< 0..1, of the set point
    double response_s = 10.0;      ///< >= 0
    double return_delay_s = 60.0;  ///< >= 0
  };
  struct FreqWatt {
    double start_hz = 0.2;         ///< above nominal, > 0; assumed: 50.2 Hz and 40 %/Hz, as in EN 50549-1
    double slope_per_hz = 0.4;     ///< > 0, of the set point
    double return_delay_s = 60.0;  ///< >= 0; assumed, that of Volt-Watt
    double low_start_hz = 0.2;     ///< below nominal, > 0; assumed, as above
    /// >= 0, of rated power. 0, nothing on the low side, is what 004 describes; register 894 of the PWS2-30K has one.
    double low_slope_per_hz = 0.0;
  };
  struct Parameters {
    VoltVar volt_var;
    VoltWatt volt_watt;
    FreqWatt freq_watt;
  };
  struct Inputs {
    double voltage_pu = 1.0;  ///< mean of the phases
    double above_nominal_hz = 0.0;
    bool volt_var = false;  ///< which of them are switched on
    bool volt_watt = false;
    bool freq_watt = false;
  };

  /// Throws std::invalid_argument for what is out of bounds.
  explicit PcsSupport(const Parameters& parameters);

  /// Other curves from the next step on; what has been reached so far stays. Does not allocate. Throws
  /// std::invalid_argument and then changes nothing.
  void set_parameters(const Parameters& parameters) {
    check(parameters);
    parameters_ = parameters;
  }
  static void check(const Parameters& parameters);
  const Parameters& parameters() const { return parameters_; }
  void advance(double step_s, const Inputs& inputs);
  /// Of the set point, while it discharges.
  double active_share() const { return frequency_share_ * voltage_share_; }
  /// To be added to the set point, of rated power, >= 0.
  double active_raise_pu() const { return active_raise_pu_; }
  double reactive_pu() const { return reactive_pu_; }

 private:
  void follow_voltage(double step_s, const Inputs& inputs);
  void follow_frequency(double step_s, const Inputs& inputs);

  Parameters parameters_;
  double reactive_pu_ = 0.0;
  double voltage_share_ = 1.0;
  double frequency_share_ = 1.0;
  double active_raise_pu_ = 0.0;
  double voltage_normal_s_ = 0.0;
  double frequency_normal_s_ = 0.0;
};

}  // namespace hil::sim
