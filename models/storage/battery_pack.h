#pragma once

#include <chrono>
#include <limits>

#include "models/storage/battery_ageing.h"
#include "models/storage/battery_management.h"
#include "models/storage/battery_thermal.h"
#include "models/storage/cell_spread.h"
#include "models/storage/reported_limits.h"

namespace hil::models {

/// LFP pack behind its own BMS: open-circuit voltage with hysteresis, R0 and two RC branches, one thermal mass.
///
///   terminal_v = ocv(soc, T) + h Vh(soc) - discharge_a R0 - v1 - v2,   vk' = (discharge_a Rk - vk) / tauk
///   d(soc)/dt  = -(discharge_a + drain_a) / (3600 capacity_ah)          charging: times coulombic_efficiency
///   dh/d(soc)  = 2 / hysteresis_travel_soc, held within -1..1           +1 after a charge, -1 after a discharge
///   discharge_w = terminal_v discharge_a                                 solved exactly for the current each step
///   heat        = loss_w - discharge_a T dU/dT                          to BatteryThermal
///
/// soc, h, v1, v2 on the right are those at the start of the step; the current is constant over it.
///
/// The cell (lfp_cell.h) is scaled by cells in series and capacity. Its long-pulse resistance is split R0 : R1 : R2 =
/// 45 : 30 : 60 (physics-and-standards 4.1, certainty C). The hysteresis is that of a spring with a slipping end: what
/// is put in on the way to h = +-1 comes back after a turn (at the half width of that soc), what flows at h = +-1 is
/// heat; the area of the whole loop is that of the table. Energy: power at the terminals + loss_w = -d(stored)/dt,
/// stored being the integral of the open-circuit voltage over charge, the branches' capacitors and the spring.
///
/// limits() is what the BMS says (BatteryManagement; at once, or with a report period and lag). It is only reported:
/// like the real pack, this one delivers what is drawn until it is empty or full, or the resistance allows no more -
/// or until the contactor opens, after which no current flows.
///
/// Cadence: electrical part each step; BMS every 100 ms; temperature, spread of cells and ageing every second, or each
/// step if that is longer. Charge and heat are summed in between, so nothing is lost. Copying the pack keeps all of it.
///
/// Sign:     discharge > 0 empties the battery.
/// Defaults: only capacity, cells, limits and efficiency are needed; then there is no hysteresis, no drain, no ageing,
///           25 deg C for good, cells alike, and a BMS that limits by the true soc and never opens.
///           with_everything_on() is the rest.
/// Left out: heater and cooling, diffusion beyond two branches, resistance over current, plating, voltage drop of the
///           drain, entropic heat of the drain.
/// Valid:    steps up to 1 s, -30..70 deg C (resistance held flat outside 10..40), above 1.5 C only with heat.
/// Checked against: B1..B7 and the published tables; see tests/models/validation/storage.
class BatteryPack {
 public:
  struct Parameters {
    double capacity_ah = 0.0;           ///< new, > 0
    int cells_in_series = 0;            ///< > 0
    double max_charge_a = -1.0;         ///< BMS limit away from full, >= 0
    double max_discharge_a = -1.0;      ///< BMS limit away from empty, >= 0
    double coulombic_efficiency = 0.0;  ///< 0 < .. <= 1, applied while charging; 0.995 to 0.999 is usual (4.2, B)

    bool hysteresis = false;
    double hysteresis_travel_soc = 0.05;     ///< from h = -1 to +1; above 0, up to 1 (4.1, C)
    double branch1_time_constant_s = 20.0;   ///< 1..10000; 10..30 s (4.1, C)
    double branch2_time_constant_s = 600.0;  ///< 1..10000; 300..1000 s (4.1, C)
    double contacts_ohm = 0.0;               ///< of the whole pack, beside the cells; 0..10
    double self_discharge_per_month =
        0.0;                    ///< share of capacity in 30.4375 days, 0..0.5; 0.01 to 0.03 is usual (4.2, B)
    double management_w = 0.0;  ///< the BMS's own consumption from the cells, 0..1000; 2..15 (4.2, B)
    BatteryThermal::Parameters thermal{};
    CellSpread::Parameters cells{};
    BatteryAgeing::Parameters ageing{};
    BatteryManagement::Parameters management{};
  };
  struct State {
    double soc = -1.0;  ///< 0 empty, 1 full
    double branch1_v = 0.0;
    double branch2_v = 0.0;
    double hysteresis = 0.0;      ///< -1 discharged .. 1 charged to here; used when Parameters::hysteresis is set
    double temperature_c = 25.0;  ///< -60..100
  };
  using Limits = BatteryLimits;
  struct Outputs {
    double terminal_v = 0.0;  ///< on the cells' side of the contactor
    double discharge_a = 0.0;
    double discharge_w = 0.0;  ///< what really flowed: the request, unless it was beyond the pack
    double loss_w = 0.0;       ///< heat: resistances, hysteresis, charge not stored, drain; at the start of the step
    double drain_a = 0.0;      ///< self-discharge and the BMS's own consumption, beside discharge_a
  };

  /// Throws InvalidParameter.
  BatteryPack(const Parameters& parameters, const State& initial, std::chrono::nanoseconds step);

  Limits limits() const;
  /// Works out the current of this power early, while the caller has other roots and quotients to wait for: the next
  /// advance() mostly gets it. For no more than speed.
  void foresee(double discharge_w) { foreseen_ = {discharge_w, current_for_a(discharge_w)}; }
  /// Advances by the fixed step with this power at the terminals; what is not finite counts as zero. Does not allocate.
  const Outputs& advance(double discharge_request_w);
  const Outputs& outputs() const { return outputs_; }
  const State& state() const { return state_; }
  const Parameters& parameters() const { return parameters_; }
  double capacity_ah() const { return capacity_ah_; }  ///< now: with ageing, if that acts
  double capacity_wh() const;                          ///< charge times open-circuit voltage from soc 0 to soc 1

  void set_ambient(double ambient_c) { thermal_.set_ambient(ambient_c); }  ///< Throws InvalidParameter.
  CellSpread::Cells cells() const;  ///< voltages and temperatures of the extreme cells after the last step
  bool balancing() const { return spread_.balancing(); }
  const CellSpread& spread() const { return spread_; }
  const BatteryAgeing& ageing() const { return ageing_; }
  const BatteryManagement& management() const { return management_; }
  LimitCause charge_cause() const;  ///< why the BMS lets no charge in, if it does not
  LimitCause discharge_cause() const;
  double reported_soc() const { return management_.soc(state_.soc); }  ///< as the BMS believes
  bool close_contactor() { return management_.close_contactor(); }     ///< False while an alarm holds.
  void open_contactor() { management_.open_contactor(); }

 private:
  /// One row of the cell's tables for the whole pack at the present temperature and age: value + slope (soc - low).
  struct Row {
    double low_soc = 2.0;  ///< none yet
    double high_soc = -1.0;
    double open_circuit_v = 0.0, open_circuit_slope_v = 0.0;
    double hysteresis_v = 0.0, hysteresis_slope_v = 0.0;
    double charge_ohm = 0.0, charge_slope_ohm = 0.0;
    double discharge_ohm = 0.0, discharge_slope_ohm = 0.0;
    double reversible_v = 0.0;  ///< T dU/dT, that of the row's middle
  };
  /// What the state gives: found once a step, asked for by limits() and the next advance().
  struct Present {
    double open_circuit_v = 0.0;
    double hysteresis_v = 0.0;   ///< half width of the loop
    double source_v = 0.0;       ///< behind R0
    double charge_ohm = 0.0;     ///< R0 + R1 + R2 of the cells
    double discharge_ohm = 0.0;  ///< the same
    double charge_r0_ohm = 0.0;  ///< with the contacts
    double discharge_r0_ohm = 0.0;
    double drained_soc = 0.0;       ///< in one step
    double discharge_room_a = 0.0;  ///< current that empties the pack in one step
    double charge_room_a = 0.0;     ///< current that fills it in one step
  };
  Row row_at(double soc) const;
  /// After each change of state, row, capacity or drain.
  void find_present();
  double current_for_a(double discharge_w) const;
  Limits limits_now() const;
  void set_capacity();
  void set_drain();
  void management_tick();
  void inform_management();
  void slow_tick();

  Parameters parameters_;
  State state_;
  Outputs outputs_;
  double step_s_ = 0.0;
  int management_steps_ = 1;
  int slow_ticks_ = 1;  ///< management ticks in a slow tick
  CellSpread spread_;
  BatteryAgeing ageing_;
  BatteryManagement management_;
  BatteryThermal thermal_;
  ReportedLimits reported_;
  double decay1_ = 0.0;  ///< what is left of a branch voltage after a step
  double decay2_ = 0.0;
  double gain1_ = 0.0;  ///< branch voltage that one volt across the cells' resistance adds in a step
  double gain2_ = 0.0;
  double capacity_ah_ = 0.0;
  double soc_per_a_ = 0.0;  ///< change of soc by one ampere in a step
  double a_per_soc_ = 0.0;
  double charge_a_per_soc_ = 0.0;  ///< the same with the coulombic efficiency
  double hysteresis_per_soc_ = 0.0;
  bool management_listens_ = false;  ///< anything but the limits by the true soc
  double drain_a_ = 0.0;
  Row row_;
  Present present_;
  struct Foreseen {
    double discharge_w = std::numeric_limits<double>::quiet_NaN();  ///< none
    double discharge_a = 0.0;
  };
  Foreseen foreseen_;  ///< at present_
  bool charged_last_ = false;
  int steps_to_management_ = 0;
  int ticks_to_slow_ = 0;
  double tick_discharge_as_ = 0.0;  ///< since the last management tick
  double slow_discharge_as_ = 0.0;  ///< since the last slow tick
  double slow_heat_j_ = 0.0;
  double slow_soc_ = 0.0;  ///< at the last slow tick
};

/// The same pack with every effect switched on, at the middle of what physics-and-standards 4.2 gives: hysteresis, 2 %
/// self-discharge a month, 8 W of BMS, warming, 1 % spread of soc and 2 % of capacity, 50 mA balancing, ageing that
/// counts and acts, a supervising BMS with the first maker's temperature limits, .03 C taper, its own drifting SOC
/// estimate (1 % a day) and limits reported once a second, one second late.
BatteryPack::Parameters with_everything_on(BatteryPack::Parameters basic);

}  // namespace hil::models
