#pragma once

#include <array>
#include <cstdint>

namespace hil::models {

/// What a BMS allows, at the pack's terminals.
struct BatteryLimits {
  double charge_a = 0.0;     ///< as the BMS reports it, >= 0
  double discharge_a = 0.0;  ///< >= 0
  double charge_w = 0.0;     ///< the same at the terminal voltage that this current gives
  double discharge_w = 0.0;
};

/// Limits as others see them: sampled once a period, visible a lag later. Period 0: seen at once (lag 0 then).
class ReportedLimits {
 public:
  /// `tick_s`: the step of advance(). Throws InvalidParameter.
  ReportedLimits(double period_s, double lag_s, double tick_s);

  bool immediate() const { return period_ticks_ == 0; }
  void start(const BatteryLimits& limits) { visible_ = limits; }
  /// `limits_now` is called when a sample is due.
  template <typename LimitsNow>
  void advance(const LimitsNow& limits_now) {
    if (immediate()) return;
    ++tick_;
    if (tick_ % period_ticks_ == 0) push(limits_now());
    pop_due();
  }
  const BatteryLimits& visible() const { return visible_; }

 private:
  static constexpr std::size_t most_in_flight = 32;
  struct Sample {
    BatteryLimits limits;
    std::uint64_t due_tick = 0;
  };
  void push(const BatteryLimits& limits);
  void pop_due();

  std::uint64_t period_ticks_ = 0;
  std::uint64_t lag_ticks_ = 0;
  std::uint64_t tick_ = 0;
  BatteryLimits visible_;
  std::array<Sample, most_in_flight> in_flight_{};
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace hil::models
