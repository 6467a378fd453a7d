#pragma once

#include <chrono>

#include "models/electrical/phasor.h"
#include "models/inverter/command_path.h"

namespace hil::models {

/// Power stage of a three-phase hybrid inverter: PV input, battery port, AC port.
///
///   pv_w + battery_discharge_w = ac_injection_w + loss_w                     (closes each step, <= 1 W)
///   loss_w = a p^2 + b p + c,  p = |ac_injection_w| / rated_ac_w            (measured polynomial, on output)
///
/// The battery request and the AC ceiling pass a command path (dead time, first order). PV rises towards
/// what is available with its own time constant and falls at once. When the AC port would exceed its
/// ceiling, PV gives way first, the battery after it. Power from AC to DC loses the same polynomial; a charge
/// request beyond PV draws the rest from AC.
///
/// AC limits: active power first, reactive power in what the circle max_ac_va leaves. Every phase carries a third,
/// but no more than max_phase_a at its voltage; what one phase cannot carry goes to the others.
/// Off the grid (relay open, or no voltage to feed the inverter itself): AC and loss are zero, PV goes into the
/// battery only, as far as it is asked to charge.
///
/// Sign:     ac injection > 0 into the site; battery_discharge_w > 0 empties the battery; var > 0 injects.
/// Left out: switching, DC-link dynamics, reactive limits beyond the apparent-power circle, islanding.
/// Valid:    steps of 1 ms to 1 s.   Checked against: D3 (Euro and CEC efficiency), hand cases; see
/// tests/models/inverter.
class HybridInverter {
 public:
  struct Parameters {
    double rated_ac_w = 0.0;                             ///< > 0, the power that losses refer to
    double max_ac_va = 0.0;                              ///< >= rated_ac_w
    double max_phase_a = 0.0;                            ///< > 0, each phase
    double max_battery_charge_w = -1.0;                  ///< >= 0
    double max_battery_discharge_w = -1.0;               ///< >= 0
    double loss_square_w = -1.0;                         ///< a, >= 0
    double loss_linear_w = -1.0;                         ///< b, >= 0
    double loss_constant_w = -1.0;                       ///< c, >= 0; while connected
    std::chrono::nanoseconds command_dead_time{-1};      ///< >= 0
    std::chrono::nanoseconds command_time_constant{-1};  ///< >= 0
    std::chrono::nanoseconds pv_rise_time_constant{-1};  ///< >= 0
  };
  /// What the firmware asks for and what the surroundings allow, once a step. Requests and ceilings may be infinite
  /// (no limit); what is not a number counts as zero.
  struct Inputs {
    PhasePhasors terminal_ln_v{};              ///< of the step before
    bool connected = true;                     ///< grid relay
    double pv_available_w = 0.0;               ///< at the maximum power point, >= 0
    double pv_ceiling_w = 0.0;                 ///< the firmware's own ceiling on PV; acts at once
    double battery_discharge_request_w = 0.0;  ///< negative: charge
    double battery_max_charge_w = 0.0;         ///< what battery and BMS allow now, >= 0
    double battery_max_discharge_w = 0.0;      ///< >= 0
    double ac_ceiling_w = 0.0;                 ///< highest AC injection; negative demands import
    double reactive_injection_request_var = 0.0;
  };
  struct Outputs {
    double pv_w = 0.0;
    double battery_discharge_w = 0.0;
    double ac_injection_w = 0.0;
    double ac_injection_var = 0.0;
    double loss_w = 0.0;
    bool pv_curtailed = false;  ///< PV below what is available because of a ceiling
    PhasePhasors phase_injection_va{};
  };

  /// `step`: fixed step of all later calls. Throws InvalidParameter.
  HybridInverter(const Parameters& parameters, std::chrono::nanoseconds step);

  /// Advances by the fixed step. Does not allocate.
  const Outputs& advance(const Inputs& inputs);
  const Outputs& outputs() const { return outputs_; }
  const Parameters& parameters() const { return parameters_; }

 private:
  struct DcPowers {
    double pv_w = 0.0;
    double battery_discharge_w = 0.0;
  };
  double loss_w(double ac_injection_w) const;
  /// DC power that gives this AC injection, and its inverse.
  double dc_for_ac_w(double ac_injection_w) const;
  double ac_from_dc_w(double dc_w) const;
  /// PV after its own rise or fall, before the AC side takes its share.
  double offered_pv_w(const Inputs& inputs) const;
  /// Shares the room between the two bounds of AC injection.
  DcPowers balance(DcPowers offered, double battery_max_charge_w, double lowest_ac_w, double highest_ac_w) const;
  void inject(double ac_injection_w, double reactive_request_var, const PhaseValues& phase_limit_va);

  Parameters parameters_;
  CommandPath battery_request_;
  CommandPath ac_ceiling_;
  double pv_gain_ = 1.0;        ///< share of the way to the target that PV covers in a step
  double idle_import_w_ = 0.0;  ///< what AC gives when neither PV nor battery does
  Outputs outputs_;
};

}  // namespace hil::models
