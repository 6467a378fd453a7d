#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

#include "sim/kernel/kernel.h"

namespace hil::sim {

/// Export-limit freeze of some ET firmware, as a ceiling on PV: NORMAL, CUT, HOLD, RAMP.
///
///   CUT   linear from the PV of the trigger to the floor, in `fall`; the floor moves with what is available
///   HOLD  at the floor for `hold`
///   RAMP  floor + pv_ramp_w_per_s t, until that no longer binds
///
/// Triggered from NORMAL while the export limit is on, by a rise of what the settings allow or order at the AC port of
/// more than `trigger_step_w` against the lowest of the last `trigger_within`. Only settings count: sun and clouds do
/// not trigger. Limit off for `reset` ends it at once, in any state.
/// Source: sec1000-lan-protocol 7, physics-and-standards 9: a hypothesis, all parameters assumed.
class FreezeMachine {
 public:
  struct Parameters {
    double trigger_step_w = 2000.0;
    std::chrono::nanoseconds trigger_within = std::chrono::seconds{2};
    std::chrono::nanoseconds fall = std::chrono::seconds{1};  ///< from what it gave to the floor
    double pv_floor_ratio = 0.10;
    std::chrono::nanoseconds hold = std::chrono::seconds{150};
    double pv_ramp_w_per_s = 200.0;
    std::chrono::nanoseconds reset = std::chrono::seconds{5};
  };
  enum class State : unsigned char { normal = 0, cut = 1, hold = 2, ramp = 3 };

  /// What the settings ask of the AC port; + injects.
  struct Orders {
    double ac_ceiling_w = 0.0;
    double ac_order_w = 0.0;  ///< beside PV; of the whole port when `order_is_total`
    bool order_is_total = false;
    bool operator==(const Orders&) const = default;
  };
  struct Inputs {
    bool limit_on = false;  ///< export limit
    bool running = true;    ///< not stopped by its mode: a start is no rise
    Orders orders;
    double pv_w = 0.0;  ///< of the last step
    double pv_available_w = 0.0;
  };

  static constexpr double no_ceiling_w = 1e9;

  explicit FreezeMachine(const Parameters& parameters) : parameters_(parameters) {}

  /// Highest PV power from now on, once a step. Does not allocate.
  double pv_ceiling_w(Time now, const Inputs& inputs) {
    watch_limit(now, inputs);
    if (state_ == State::normal && rise_w(inputs) > parameters_.trigger_step_w) {
      enter(State::cut, now);
      from_w_ = inputs.pv_w;
    }
    return ceiling_w(now, inputs);
  }
  State state() const { return state_; }

 private:
  /// Orders and the last instant at which they stood.
  struct Past {
    Orders orders;
    Time until{0};
  };
  static constexpr std::size_t depth = 64;  ///< changes kept; a 9600 baud line brings 30 writes a second at most

  void enter(State state, Time now) {
    state_ = state;
    since_ = now;
  }

  void watch_limit(Time now, const Inputs& inputs) {
    if (!inputs.limit_on && !off_since_) off_since_ = now;
    if (off_since_ && now - *off_since_ >= parameters_.reset) state_ = State::normal;
    if (inputs.limit_on) off_since_.reset();
    if (inputs.limit_on && inputs.running) {
      remember(now, inputs.orders);
    } else {
      count_ = 0;
    }
  }

  void remember(Time now, const Orders& orders) {
    while (count_ > 0 && past_[oldest_].until < now - parameters_.trigger_within) {
      oldest_ = (oldest_ + 1) % depth;
      --count_;
    }
    if (count_ > 0) {
      Past& newest = past_[(oldest_ + count_ - 1) % depth];
      if (newest.orders == orders) {
        newest.until = now;
        return;
      }
    }
    if (count_ == depth) {  // the oldest gives way: a missed trigger at worst
      oldest_ = (oldest_ + 1) % depth;
      --count_;
    }
    past_[(oldest_ + count_) % depth] = {orders, now};
    ++count_;
  }

  /// What comes out of the AC port under these orders with the PV of now.
  static double ordered_ac_w(const Orders& orders, double pv_available_w) {
    const double order_w = orders.ac_order_w + (orders.order_is_total ? 0.0 : pv_available_w);
    return std::min(order_w, orders.ac_ceiling_w);
  }

  double rise_w(const Inputs& inputs) const {
    if (count_ < 2) return 0.0;
    double rise_w = 0.0;
    const double ordered_now_w = ordered_ac_w(inputs.orders, inputs.pv_available_w);
    for (std::size_t i = 0; i < count_; ++i) {
      const Orders& then = past_[(oldest_ + i) % depth].orders;
      rise_w = std::max({rise_w, inputs.orders.ac_ceiling_w - then.ac_ceiling_w,
                         ordered_now_w - ordered_ac_w(then, inputs.pv_available_w)});
    }
    return rise_w;
  }

  double ceiling_w(Time now, const Inputs& inputs) {
    using Seconds = std::chrono::duration<double>;
    const double floor_w = parameters_.pv_floor_ratio * inputs.pv_available_w;
    if (state_ == State::cut) {
      if (from_w_ > floor_w && now - since_ < parameters_.fall) {
        return from_w_ + (floor_w - from_w_) * (Seconds{now - since_} / Seconds{parameters_.fall});
      }
      enter(State::hold, now);
    }
    if (state_ == State::hold) {
      if (now - since_ < parameters_.hold) return floor_w;
      enter(State::ramp, now);
      from_w_ = floor_w;
    }
    if (state_ == State::ramp) {
      const double ramp_w = from_w_ + parameters_.pv_ramp_w_per_s * Seconds{now - since_}.count();
      // PV lags a ramp by its rise time constant, 1 to 3 s (physics-and-standards 2.1); further behind it is held
      // back by something else.
      constexpr double longest_lag_s = 5.0;
      const bool binds =
          ramp_w < inputs.pv_available_w && ramp_w - inputs.pv_w <= parameters_.pv_ramp_w_per_s * longest_lag_s;
      if (binds) return ramp_w;
      enter(State::normal, now);
    }
    return no_ceiling_w;
  }

  Parameters parameters_;
  State state_ = State::normal;
  Time since_{0};        ///< of this state
  double from_w_ = 0.0;  ///< PV at the begin of CUT or RAMP
  std::optional<Time> off_since_;
  std::array<Past, depth> past_{};  ///< ring of changes
  std::size_t oldest_ = 0;
  std::size_t count_ = 0;
};

}  // namespace hil::sim
