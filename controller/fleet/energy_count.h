#pragma once

#include <algorithm>
#include <cmath>

#include "controller/settings.h"

namespace hil::controller {

/// State of charge of one battery as far as its converter's powers tell.
///
///   d(soc)/dt = -battery_w / capacity,   battery_w = P / 0.97 discharging, P 0.97 charging  (sinexcel-pcs-modbus 5)
///
/// A battery that for 30 s gives (or takes) less than a tenth of what it was told is at its end: the count is put
/// there. Left out: standby, temperature, ageing.
class EnergyCount {
 public:
  static constexpr double efficiency = 0.97;
  static constexpr Time refusal_time = std::chrono::seconds{30};
  static constexpr double refused_share = 0.1;
  static constexpr double least_order_w = 1000.0;  ///< smaller orders prove nothing

  EnergyCount() = default;
  EnergyCount(double capacity_wh, double soc) : capacity_wh_(capacity_wh), soc_(soc) {}

  double capacity_wh() const { return capacity_wh_; }
  double soc() const { return soc_; }
  /// Gives no more, or takes no more, as seen; until it has moved the other way by a hundredth of its capacity.
  bool empty() const { return empty_; }
  bool full() const { return full_; }

  /// Which part of the battery runs, 0..1: soc() is that part's. What stands keeps the charge that it had.
  void set_running_share(double share) {
    if (share == running_share_) return;
    if (share < running_share_) {
      standing_soc_ =
          ((1.0 - running_share_) * standing_soc_ + (running_share_ - share) * soc_) / std::max(1.0 - share, 1e-9);
    } else {
      soc_ = (running_share_ * soc_ + (share - running_share_) * standing_soc_) / share;
      empty_ = empty_ && soc_ <= 0.01;
      full_ = full_ && soc_ >= 0.99;
    }
    running_share_ = share;
  }

  /// A reading: injects `ac_w` while told `ordered_w`; `able`: it runs and warns of nothing that could keep it from it.
  void see(double ac_w, double ordered_w, bool able, Time now) {
    if (seen_) {
      const double hours = std::chrono::duration<double, std::ratio<3600>>(now - seen_at_).count();
      const double battery_w = ac_w > 0.0 ? ac_w / efficiency : ac_w * efficiency;
      const double running_wh = capacity_wh_ * running_share_;
      if (running_wh > 0.0) soc_ = std::clamp(soc_ - battery_w * hours / running_wh, 0.0, 1.0);
    }
    seen_ = true;
    seen_at_ = now;
    if (empty_ && soc_ > 0.01) empty_ = false;
    if (full_ && soc_ < 0.99) full_ = false;
    const bool refuses = able && std::abs(ordered_w) >= least_order_w &&
                         ac_w * (ordered_w > 0.0 ? 1.0 : -1.0) < refused_share * std::abs(ordered_w);
    if (!refuses) {
      refused_since_ = Time::max();
    } else if (refused_since_ == Time::max()) {
      refused_since_ = now;
    } else if (now - refused_since_ >= refusal_time) {
      (ordered_w > 0.0 ? empty_ : full_) = true;
      soc_ = ordered_w > 0.0 ? 0.0 : 1.0;
    }
  }

 private:
  double capacity_wh_ = 1.0;
  double soc_ = 0.5;
  double running_share_ = 1.0;
  double standing_soc_ = 0.5;
  bool empty_ = false;
  bool full_ = false;
  bool seen_ = false;
  Time seen_at_{0};
  Time refused_since_ = Time::max();
};

}  // namespace hil::controller
