#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "controller/settings.h"
#include "controller/solax/can_frames.h"
#include "controller/solax/ems_settings.h"

namespace hil::controller {

/// One of those who carry the system, as SystemShare sees it.
struct SystemMember {
  const SolaxReadings* readings = nullptr;  ///< nullptr: it carries nothing
  double ceiling_w = 0.0;  ///< highest AC power that is counted on, 0..rated: less while it is taken in again
  double probe_w = 0.0;    ///< on top of an order at that ceiling, to see whether it can give more; >= 0
};

/// Who gives how much at its AC port.
///
///   PV        what its inputs could give, less the losses that its readings show, up to its ceiling
///   battery   all batteries together, as the goal wants and their limits allow: discharge shared by usable energy
///             (SOC above the floor), charge by free energy, so that all are empty or full together: at the battery,
///             with what its inverter loses. A battery may be charged with the PV of another inverter
///   limit     load + export limit - margin bounds the sum: the batteries give less and store more before PV is held
///             back, by what each PV gives
///   AC        PV + battery of each; the inverter makes good its own loss
///
/// Without a load (the meter is lost) everything is 0. Sign: AC power > 0 leaves the inverter.
class SystemShare {
 public:
  /// Imported at rest, so that no rounding exports. Chosen.
  static constexpr double margin_w = 30.0;

  using Members = std::array<SystemMember, max_inverters>;
  using Powers = std::array<double, max_inverters>;

  /// `load_w`: what the members have to carry (SystemLoad); `limit_w`: export limit as the phase mode counts it;
  /// `others_w`: what those feed that are lost and may still do so, of SolaxGoal::total.
  static Powers orders_w(const SolaxEmsSettings& settings, const Members& members, double load_w, double limit_w,
                         double others_w) noexcept;
  /// `injection_var` in proportion to what `orders_w` leave each of its rating (the root of rating^2 - order^2), up to
  /// the whole of that. Chosen.
  static Powers orders_var(const Members& members, const Powers& orders_w, double injection_var) noexcept;

 private:
  /// Of all members.
  struct Room {
    double pv_w = 0.0;
    double charge_w = 0.0;
    double discharge_w = 0.0;
  };
  /// Of each member, and all together.
  struct Plan {
    Powers pv_w{};
    Powers charge_w{};
    Powers discharge_w{};
    Powers free_wh{};
    Powers usable_wh{};
    Powers unpaid_loss_w{};  ///< of its loss, what PV does not pay
    Room all;
  };
  static Plan plan(const SolaxEmsSettings& settings, const Members& members);
  /// The batteries' parts of `battery_w`, as AC.
  static Powers shared_w(const Plan& plan, double battery_w);
  static double battery_wanted_w(const SolaxEmsSettings& settings, const Room& all, double load_w, double limit_w,
                                 double others_w);
};

}  // namespace hil::controller
