#pragma once

#include <chrono>

namespace hil::models {

/// What a battery means to the backup island behind it: when it ends the island, and when that may begin again.
///
/// It gives no more where no discharge is allowed (BMS or firmware: empty, cold, contactor open) or the reported SOC is
/// not above lowest_soc. Unless PV carries the loads, the island then ends
///   at once          where no discharge is allowed, or the pack does not give it
///   after `bridge`   at lowest_soc alone: the cells still carry it while PV comes up
///   at once          when it is low (below derated_soc or within restart_soc_rise above lowest_soc) and the loads take
///                    more than is still allowed
///
/// It begins again restart_delay later at the earliest, by one of
///   battery   discharge is allowed and, after an empty battery, SOC is restart_soc_rise above lowest_soc and above
///             where the island ended
///   PV        for as long as restart_delay it could give restart_pv_w, and pv_margin times what it could give when
///             the island ended
///
/// Left out: PV alone against a load step, with a battery that bridges nothing (the island ends).
/// Source: goodwe-et-modbus 6.2 (register 45358, lowest SOC off grid) and 7.2 (bits 1, 2, 22: SOC low, not yet
/// recovered, low off grid); no values are known, so all are assumed (certainty C).
/// Checked against: hand cases; see tests/models/inverter.
class BackupReserve {
 public:
  static constexpr double pv_margin = 1.2;     ///< assumed: else each sunny gap begins an island that cannot last
  static constexpr double derated_soc = 0.10;  ///< where a BMS begins to lower its limit (BatteryManagement)

  struct Parameters {
    double lowest_soc = 0.10;                                ///< 0..1, off grid; assumed
    double restart_soc_rise = 0.05;                          ///< 0..1, assumed
    double restart_pv_w = 500.0;                             ///< > 0, assumed
    std::chrono::nanoseconds bridge{3'000'000'000};          ///< >= 0, assumed: longer than PV needs from rest
    std::chrono::nanoseconds restart_delay{10'000'000'000};  ///< >= 0; the lane sets that of GridForming
  };
  struct Inputs {
    double soc = 0.0;                  ///< as the BMS reports it
    double max_discharge_w = 0.0;      ///< what BMS and firmware allow
    double battery_discharge_w = 0.0;  ///< what the island asked the battery for
    bool missing = false;              ///< the pack gave less than that
    double pv_available_w = 0.0;       ///< at the maximum power points
  };

  /// `step`: fixed step of all later calls. Throws InvalidParameter.
  BackupReserve(const Parameters& parameters, std::chrono::nanoseconds step);

  /// Whether an island may begin when the grid goes.
  bool may_start(const Inputs& inputs) const;
  /// Each step of an island, after it was served. True: it must end.
  bool exhausted(const Inputs& inputs);
  /// So low that an allowed discharge below the loads means an empty battery.
  bool low(double soc) const;
  /// From now on it waits. `empty`: for charge, not for warmth or a contactor.
  void end(const Inputs& inputs, bool empty);
  bool waits() const { return waits_; }
  /// Each step of waiting. True: it waits no longer.
  bool restarts(const Inputs& inputs);
  /// The grid is back.
  void reset();
  /// Throws InvalidParameter.
  void set_restart_delay(std::chrono::nanoseconds restart_delay);

 private:
  bool gives(const Inputs& inputs) const;

  Parameters parameters_;
  double step_s_;
  bool waits_ = false;
  double short_s_ = 0.0;   ///< how long the battery was asked for what it should not give
  double waited_s_ = 0.0;  ///< since the end of the island
  double sunny_s_ = 0.0;   ///< since when PV alone would do
  double restart_soc_ = 0.0;
  double restart_pv_w_ = 0.0;
};

}  // namespace hil::models
