#pragma once

namespace hil::sim {

/// What the settings of a master, or its remote control, ask of the parallel system as a whole (solax-parallel 8.1,
/// 10.4): its energy manager carries it out.
struct SolaxSystemGoal {
  /// All that the batteries can give or take.
  static constexpr double all_w = 1e9;
  enum class Kind : unsigned char {
    self_use,     ///< PV to the load, then to the batteries; they give what is missing
    charge_only,  ///< as self_use, and they give nothing
    feed_in,      ///< PV to the load, then to the grid up to the limit, then to the batteries
    shave,        ///< as self_use; import up to import_limit_w is the grid's
    battery,      ///< the batteries give battery_discharge_w
    total,        ///< the inverters give total_ac_w
  };
  Kind kind = Kind::self_use;
  double export_limit_w = 0.0;
  double import_limit_w = 0.0;
  double battery_discharge_w = 0.0;  ///< < 0: charge
  double total_ac_w = 0.0;           ///< < 0: import
  double injection_var = 0.0;        ///< of all inverters together
};

}  // namespace hil::sim
