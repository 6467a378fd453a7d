#pragma once

#include <optional>

namespace hil::sim {

/// 47511, goodwe-et-modbus 6.5.
enum class EmsMode : int {
  automatic = 1,
  charge_from_pv = 2,
  discharge_and_pv = 3,
  import_ac = 4,
  export_ac = 5,
  conserve = 6,
  off_grid = 7,
  battery_standby = 8,
  buy_power = 9,
  sell_power = 10,
  charge_battery = 11,
  discharge_battery = 12,
  stopped = 255,
};

/// What a mode makes of its set point X: what the battery is asked for and the most that may leave the AC port.
///
///   1  Pb = load - Ppv             9  Pb = load - X - Ppv        4  AC = -X, PV yields
///   2  Pb = -(Ppv + X)            10  Pb = load + X - Ppv        5  AC = +X, PV above X is curtailed
///   3  AC = Ppv + up to X          6  as 2 with X = 0           11  Pb = -X        12  Pb = +X        8  Pb = 0
///
/// load is the site's consumption as the inverter sees it, own AC power - meter: with it the maker's control laws
/// Pb = Pinv - Pm - Ppv and their kin (6.5) are met in one go. Losses are made good where AC power is what is asked
/// for. At a ceiling PV goes before the discharge in 3 and 11, after it in 12; the power stage sees to that, without
/// dead time. 9 and 10 hold their exchange also against PV: what the battery does not take of it is curtailed. 1, 9 and
/// 10 without a meter leave the battery alone (assumed). 4 with a battery that takes nothing exports PV (O).
///
/// Sign: battery power > 0 discharges, AC power > 0 leaves the inverter.
struct EmsOrder {
  double battery_discharge_w = 0.0;
  double ac_ceiling_w = 0.0;
  bool pv_first = false;  ///< at the ceiling a discharge gives way before PV
};
struct EmsSituation {
  double power_w = 0.0;               ///< X
  double pv_w = 0.0;                  ///< what PV may give now
  double loss_w = 0.0;                ///< of the conversion, of the last step
  double ac_ceiling_w = 0.0;          ///< rating, active power limit, export limit
  double battery_max_charge_w = 0.0;  ///< what battery and settings take
  std::optional<double> load_w{};     ///< nullopt: no meter answers
};
EmsOrder ems_order(EmsMode mode, const EmsSituation& now);
/// Work mode 4: the battery gives what the site would draw beyond `import_w`, while `may_discharge`, and takes what PV
/// has too much. Without a meter it rests.
EmsOrder peak_shaving_order(double import_w, bool may_discharge, const EmsSituation& now);

}  // namespace hil::sim
