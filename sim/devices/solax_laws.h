#pragma once

#include <optional>

namespace hil::sim {

/// What a SolaX hybrid inverter asks of its power stage, by work mode or by remote control (solax-parallel 8.1, 10.2).
///
/// load is what the site consumes. The ceiling is that of rating and export
/// limit: PV gives way to it before the battery does. Losses are made good where AC power is what is asked for.
///
/// Sign: battery power > 0 discharges, AC power > 0 leaves the inverter.
struct SolaxOrder {
  static constexpr double no_ceiling_w = 1e9;
  double battery_discharge_w = 0.0;
  double ac_ceiling_w = 0.0;
  double pv_ceiling_w = no_ceiling_w;
};
struct SolaxSituation {
  double pv_w = 0.0;    ///< what PV may give now
  double loss_w = 0.0;  ///< of the conversion, of the last step
  double ac_ceiling_w = 0.0;
  double charge_w = 0.0;           ///< what battery and settings take at most
  double discharge_w = 0.0;        ///< and give
  std::optional<double> load_w{};  ///< nullopt: no meter answers
};

/// PV to the load, then to the battery, then to the grid; the battery gives what the load wants beyond PV. Without a
/// meter it rests.
SolaxOrder self_use_order(const SolaxSituation& now);
/// PV to the load, then to the grid up to the export limit; the battery takes what is left and gives as in self use.
SolaxOrder feed_in_order(const SolaxSituation& now);
/// The battery gives what the site would draw beyond `import_w` and takes what PV has too much. Without a meter it
/// rests.
SolaxOrder shaved_order(double import_w, const SolaxSituation& now);
/// The battery by its own power; discharge leaves PV its room below the ceiling.
SolaxOrder battery_order(double discharge_w, const SolaxSituation& now);
/// This much at the AC port, whatever PV gives; what the battery does not take of PV is curtailed.
SolaxOrder held_ac_order(double ac_w, const SolaxSituation& now);

}  // namespace hil::sim
