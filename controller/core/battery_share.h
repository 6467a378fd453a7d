#pragma once

#include "controller/core/fleet.h"
#include "controller/core/pv_probe.h"

namespace hil::controller {

/// Who carries how much of the battery order: discharge by usable energy, charge by free energy, so that all are empty
/// or full together.
class BatteryShare {
 public:
  /// Takes over the capacities that were entered; where none was, all are alike.
  void configure(const Settings& settings);
  /// Usable (discharge) or free (charge) energy of the battery, in any one unit for all of them.
  double energy_weight(std::size_t k, const InverterMeasurement& unit, bool discharge) const;
  /// Shares the order (negative: charge) out; what is not worth a set point is left.
  void order(const Fleet& fleet, const PvProbe& probe, double order_w) const;

 private:
  void share_order(const Fleet& fleet, double order_w, UnitPowers& shares_w) const;
  /// While PV is held back somewhere: what changes is taken where PV takes its place within the same limit, and given
  /// elsewhere, without moving limits about. False: PV is held back nowhere.
  bool share_change(const Fleet& fleet, const PvProbe& probe, double order_w, UnitPowers& shares_w) const;

  UnitPowers capacity_wh_{};  ///< or all alike
};

}  // namespace hil::controller
