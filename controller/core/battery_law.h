#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "controller/core/measurements.h"
#include "controller/core/pv_probe.h"
#include "controller/core/step_watch.h"

namespace hil::controller {

/// How much the batteries together should discharge (negative: charge).
///
///   order = measured battery power + (paired grid import - target import) - relief under way
///
/// The measured power and not the last order is the base, so nothing winds up when a unit clips an order. Inverter
/// losses cancel: they are in the import. The law speaks once the last order has settled and every unit has given a
/// sample since.
///
/// While a port rests at its AC limit PV is being held back; how far the batteries then charge more to let it come, and
/// what PV is still expected to cover before the batteries do, PvProbe says.
class BatteryLaw {
 public:
  struct Situation {
    bool any_at_limit = false;      ///< a reachable unit rests at its AC limit
    bool any_pv_held_back = false;  ///< and its PV may be waiting there: not so at night
    bool held_back = false;         ///< and no other has limit to spare: more PV could flow if more were asked for
    double pv_w = 0.0;              ///< that is seen to flow: AC less battery power, of the reachable units
    double inverters = 0.0;         ///< that feed
    double max_charge_w = 0.0;      ///< of the reachable units together
    double max_discharge_w = 0.0;
    double target_import_w = 0.0;    ///< that the batteries leave to the grid
    double spare_w = 0.0;            ///< that they leave of the limits
    double generation_room_w = 1e6;  ///< from what the inverters give to the most that they may generate
  };

  /// Forgets everything; samples up to `ignore_before` are not used.
  void reset(Time ignore_before);
  /// New order when a decision fell; nullopt: the last one stays.
  std::optional<double> decide(const Measurements& measurements, std::size_t count, const Situation& situation,
                               PvProbe& probe);
  /// New order after a step that StepWatch saw, unless the limits have to cure it first.
  /// `relief_w`: PV power still expected to rise.
  std::optional<double> follow(const StepWatch::Powers& powers, const Situation& situation, double relief_w, Time now);

 private:
  struct Observed {
    double battery_w = 0.0;
    double import_w = 0.0;
  };
  std::optional<Observed> observe(const Measurements& measurements, std::size_t count);
  /// Every unit's sample is from after its last order took effect.
  static bool shown(const Measurements& measurements, std::size_t count);
  /// Keeps the order inside what the batteries can do and at rest near 0.
  double settle_on(double order_w, const Situation& situation);

  std::array<Time, max_inverters> used_{};
  double order_w_ = 0.0;
  double pv_before_w_ = 0.0;                     ///< at the decision before
  Time at_limit_at_{std::chrono::seconds{-10}};  ///< when a port was last seen at its limit; long ago at first
  bool resting_ = true;                          ///< inside the dead band around 0
};

}  // namespace hil::controller
