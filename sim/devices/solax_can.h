#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "sim/kernel/kernel.h"
#include "sim/wire/can_frame.h"

namespace hil::sim {

/// The frames of parallel SolaX inverters and their backup interface beside the heartbeat, as the firmware of the
/// simulated ones reads and writes them. Their format is the bench's own: none is published (solax-parallel 15).
/// Extended identifiers; words with their high byte first.
///
///   0x1840FFTT  order of the energy manager in FF to TT: AC power (signed, W), sequence, validity (0.1 s), flags
///               (1 follow, 2 off grid), reactive power (signed, var, + as a capacitor gives it)
///   0x1848FF00  its order to the interface: 1 connect or 0 island, sequence, validity (0.1 s)
///   0x185PNNNN  status of NNNN; P 0: AC power, battery (+ discharge), PV taken, PV offered (W; the first two signed)
///               P 1: most charge, most discharge (W), capacity (10 Wh), rating (10 W)
///               P 2: SOC (1/1000), floor (%), run mode, sequence of the last order, flags (1 fallback)
///   0x18580000  status of the interface: flags (1 grid good, 2 closed)
struct SolaxStatus {
  static constexpr std::size_t pages = 3;
  double ac_injection_w = 0.0;
  double battery_discharge_w = 0.0;
  double pv_w = 0.0;
  double pv_offered_w = 0.0;  ///< what its PV inputs could give
  double max_charge_w = 0.0;
  double max_discharge_w = 0.0;
  double capacity_wh = 0.0;
  double rated_w = 0.0;
  double soc = 0.0;
  double soc_floor = 0.0;
  std::uint8_t run_mode = 0;
  std::uint8_t order_followed = 0;
  bool in_fallback = false;

  /// Of the inverter `number`, 0..15. What a field does not hold is cut off at its end.
  std::array<CanFrame, pages> frames(std::size_t number) const;
};

struct SolaxCanOrder {
  double ac_injection_w = 0.0;
  double injection_var = 0.0;
  std::uint8_t sequence = 0;
  Time valid_for{0};
  bool follow = false;  ///< false: feed nothing
  bool off_grid = false;

  /// To the inverter `number`; nullopt: some other frame.
  static std::optional<SolaxCanOrder> of(const CanFrame& frame, std::size_t number);
};

struct SolaxInterfaceStatus {
  bool grid_good = false;
  bool closed = false;
  CanFrame frame() const;
};
struct SolaxInterfaceOrder {
  bool connect = false;
  std::uint8_t sequence = 0;
  Time valid_for{0};
  static std::optional<SolaxInterfaceOrder> of(const CanFrame& frame);
};

/// What a secondary makes of the orders of its primary: the last one stands until it has run out, then it falls back
/// and feeds nothing (assumed; no source tells what a real one does).
class SolaxFollower {
 public:
  /// `patience`: no order stands longer, whatever it says; > 0.
  explicit SolaxFollower(Time patience) : patience_(patience) {}
  /// As after power-up.
  void restart() { order_.reset(); }
  void hear(const SolaxCanOrder& order, Time now) {
    order_ = order;
    heard_at_ = now;
  }
  bool in_fallback(Time now) const;
  /// At its AC port; nullopt: it is to feed nothing.
  std::optional<double> ordered_ac_w(Time now) const;
  /// Likewise; 0 when it is to feed nothing.
  double ordered_var(Time now) const { return ordered_ac_w(now) ? order_->injection_var : 0.0; }
  /// Of the last order; 0 before the first.
  std::uint8_t sequence() const { return order_ ? order_->sequence : std::uint8_t{0}; }

 private:
  Time patience_;
  std::optional<SolaxCanOrder> order_;
  Time heard_at_{0};
};

}  // namespace hil::sim
