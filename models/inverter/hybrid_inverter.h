#pragma once

#include <chrono>

#include "models/electrical/phasor.h"
#include "models/inverter/command_path.h"
#include "models/inverter/conversion_loss.h"

namespace hil::models {

/// Power stage of a hybrid inverter on three phases or on the two of a split phase: PV input, battery port, AC port.
///
///   pv_w + battery_discharge_w = ac_injection_w + loss_w                     (closes each step, <= 1 W)
///
/// A step has two halves, because the AC port is a current source whose power follows the voltage:
/// plan() says what the port wants to inject, the network is solved, settle() closes the balance on what flowed.
///
/// The battery request and the AC ceiling pass a command path (dead time, first order, ramp limit). When the AC port
/// would exceed its ceiling, PV gives way first, the battery after it. A charge request beyond PV draws the rest from
/// AC.
///
/// AC limits: active power first (or reactive power, as set), the other in what the circle max_ac_va leaves. Every
/// phase carries a third plus its part of `unbalance_w`, but no more than max_phase_a at its voltage; what one phase
/// cannot carry goes to the others. A phase without voltage carries nothing, and so a split phase a half on each.
/// Off (relay open, or no voltage to feed the inverter itself): nothing is injected, the standby consumption
/// is drawn when there is voltage, PV goes into the battery only, as far as it is asked to charge.
/// As the source of its backup island (serve()): PV feeds the loads first, then the battery; what is missing comes from
/// the battery, what is too much is curtailed. What others feed into it beyond that charges the battery.
///
/// Sign:     ac injection > 0 into the site; battery_discharge_w > 0 empties the battery; var > 0 injects.
/// Left out: switching, DC-link dynamics, reactive limits beyond the apparent-power circle.
/// Valid:    steps of 1 ms to 1 s.   Checked against: D3 (Euro and CEC efficiency), efficiency points of 2.2, hand
/// cases; see tests/models/inverter.
class HybridInverter {
 public:
  /// off: relay open or no current allowed; following: a current source on the grid; forming: the voltage of an island.
  enum class Duty : unsigned char { off, following, forming };

  struct Parameters {
    double rated_ac_w = 0.0;                             ///< > 0
    double max_ac_va = 0.0;                              ///< >= rated_ac_w
    double max_phase_a = 0.0;                            ///< > 0, each phase
    double max_battery_charge_w = -1.0;                  ///< >= 0
    double max_battery_discharge_w = -1.0;               ///< >= 0
    ConversionLoss::Parameters losses;                   ///< measured curves of the four paths
    std::chrono::nanoseconds command_dead_time{-1};      ///< >= 0
    std::chrono::nanoseconds command_time_constant{-1};  ///< >= 0
    double max_ramp_w_per_s = 1e12;                      ///< > 0, of battery request and ceiling
    double standby_w = 0.0;                              ///< >= 0, drawn from AC while off
    double charge_error_w = 0.0;                         ///< stationary control error while charging, + discharges
    double discharge_error_w = 0.0;                      ///< the same while discharging
  };
  /// What the firmware asks for and what the surroundings allow, once a step. Requests and ceilings may be infinite
  /// (no limit). What is not a number counts as zero and is reported in Outputs::inputs_finite.
  struct Inputs {
    PhasePhasors terminal_ln_v{};  ///< of the step before
    Duty duty = Duty::following;
    bool supplied = true;                      ///< false: its switches are open, and standby is not drawn either
    double pv_offered_w = 0.0;                 ///< what the PV inputs can give in this step, >= 0
    double pv_ceiling_w = 0.0;                 ///< the firmware's own ceiling on PV; acts at once
    double battery_discharge_request_w = 0.0;  ///< negative: charge
    double battery_max_charge_w = 0.0;         ///< what battery and BMS allow now, >= 0
    double battery_max_discharge_w = 0.0;      ///< >= 0
    bool pv_first = false;                     ///< at a ceiling a discharge gives way before PV; at once
    double ac_ceiling_w = 0.0;                 ///< highest AC injection; negative demands import; passes the path
    double ac_ceiling_now_w = 1e12;            ///< a second ceiling that acts at once (grid code)
    double lowest_ac_w = -1e12;                ///< largest import, negative: charging from AC stops there; at once
    double reactive_injection_request_var = 0.0;
    bool reactive_first = false;  ///< reactive power takes its room before active power
    PhaseValues unbalance_w{};    ///< added to the thirds; only its deviation from its own mean counts
  };
  struct Outputs {
    double pv_w = 0.0;
    double battery_discharge_w = 0.0;
    double ac_injection_w = 0.0;
    double ac_injection_var = 0.0;
    double loss_w = 0.0;
    bool pv_curtailed = false;  ///< PV below what is offered because of a ceiling
    bool overloaded = false;    ///< AC took more than PV and battery may give (island, or a dying grid), or an island
                                ///< is fed more than the battery may take
    bool inputs_finite = true;  ///< false: an input was not a number
    PhasePhasors phase_injection_va{};
  };

  /// `step`: fixed step of all later calls. Throws InvalidParameter.
  HybridInverter(const Parameters& parameters, std::chrono::nanoseconds step);

  /// First half of a step: what the port wants to inject. Does not allocate.
  const Outputs& plan(const Inputs& inputs);
  /// Second half: `phase_injection_va` is what the port really injected, at the voltages of this step.
  const Outputs& settle(const PhasePhasors& phase_injection_va);
  /// Second half as the source of an island, planned as `forming`: what the island drew.
  const Outputs& serve(const PhasePhasors& phase_supply_va);
  /// Both halves at a stiff terminal, where everything planned flows.
  const Outputs& advance(const Inputs& inputs);

  /// With all other inputs as they were, plan() would plan the same again, and all of that flowed: the step may be left
  /// out. What the battery takes and gives may have changed, as long as neither binds.
  bool repeats(double battery_max_charge_w, double battery_max_discharge_w);

  const Outputs& outputs() const { return outputs_; }
  const Parameters& parameters() const { return parameters_; }
  /// Battery power with which this PV power gives `ac_w`, losses included.
  double battery_for_ac_w(double ac_w, double pv_w) const { return losses_.battery_for_ac_w(ac_w, pv_w); }

 private:
  struct DcPowers {
    double pv_w = 0.0;
    double battery_discharge_w = 0.0;
  };
  struct Balance {
    DcPowers dc;
    double ac_injection_w = 0.0;
  };
  /// PV and battery so that AC stays between the two bounds.
  Balance balance(DcPowers offered, double lowest_ac_w, double highest_ac_w, bool pv_first);
  /// A third on each phase, which none of them limits.
  void inject_evenly(double ac_injection_w);
  void inject(double ac_injection_w, double reactive_var, const PhaseValues& phase_limit_va,
              const PhaseValues& unbalance_w);
  void close(DcPowers dc, double ac_injection_w);

  Parameters parameters_;
  ConversionLoss losses_;
  CommandPath battery_request_;
  CommandPath ac_ceiling_;
  double max_ramp_w_ = 0.0;  ///< in one step
  double roomy_v2_ = 0.0;    ///< square of the voltage at which a phase carries a third of max_ac_va
  double ramped_request_w_ = 0.0;
  double ramped_ceiling_w_ = 0.0;
  Balance known_;  ///< of the last offer: at rest the same comes again
  // Of the step under way.
  double offered_pv_w_ = 0.0;
  double max_charge_w_ = 0.0;
  double max_discharge_w_ = 0.0;
  double planned_ac_w_ = 0.0;
  double planned_ac_var_ = 0.0;
  bool ceiling_binds_ = false;
  bool flowed_as_planned_ = false;
  double request_w_ = 0.0;     ///< into the path
  double ceiling_in_w_ = 0.0;  ///< likewise
  double wished_w_ = 0.0;      ///< of the battery, before its own limits
  Duty duty_ = Duty::off;
  Outputs outputs_;
};

}  // namespace hil::models
