#pragma once

#include <chrono>
#include <cstdint>

#include "models/load/demand.h"
#include "models/split_mix64.h"

namespace hil::models {

/// Hob or oven: on for `duty` of each period, whole steps.
///
/// The period is counted in nanoseconds, so that it never drifts, and goes on while the load is off. The seed says
/// where in the period it starts: equal hobs of one site do not beat together.
/// Left out: temperature of the plate. Checked against: count of steps by hand.
class CyclingLoad {
 public:
  struct Parameters {
    double period_s = 0.0;  ///< 0.1..3600
    double duty = -1.0;     ///< 0..1
    std::uint64_t seed = 0;
  };
  /// 2..3.5 kW hobs cycle in 10..60 s (physics-and-standards 8, C).
  static constexpr Parameters typical() { return {.period_s = 30.0, .duty = 0.5, .seed = 0}; }

  /// Throws InvalidParameter.
  CyclingLoad(const Parameters& parameters, std::chrono::nanoseconds step);

  void set_duty(double duty);  ///< throws InvalidParameter outside 0..1
  Demand advance(const LoadConditions& conditions);

 private:
  std::int64_t step_ns_ = 0;
  std::int64_t period_ns_ = 0;
  std::int64_t on_ns_ = 0;
  std::int64_t position_ns_ = 0;
};

/// Welding: bursts and pauses of random length, each burst of random power.
///
/// Lengths and powers are uniform within their bounds, whole steps; what a burst is too long is taken from the pause
/// after it, so that the mean holds. Two-phase welders stand on a line to line port.
/// Left out: arc, power factor that moves within a burst. Checked against: mean duty by theory.
class WeldingLoad {
 public:
  struct Parameters {
    double lowest_burst_s = 0.0;   ///< >= 0.01
    double highest_burst_s = 0.0;  ///< >= lowest_burst_s
    double lowest_pause_s = 0.0;   ///< >= 0.01
    double highest_pause_s = 0.0;  ///< >= lowest_pause_s
    double lowest_scale = -1.0;    ///< 0..1 of nominal; the highest is 1
    std::uint64_t seed = 0;
  };
  /// Bursts of 0.1..2 s, 3..10 kW on two phases (physics-and-standards 8, C); the pauses are assumed.
  static constexpr Parameters typical() {
    return {.lowest_burst_s = 0.1,
            .highest_burst_s = 2.0,
            .lowest_pause_s = 0.5,
            .highest_pause_s = 5.0,
            .lowest_scale = 0.3,
            .seed = 0};
  }

  /// Throws InvalidParameter.
  WeldingLoad(const Parameters& parameters, std::chrono::nanoseconds step);

  Demand advance(const LoadConditions& conditions);

 private:
  Parameters parameters_;
  SplitMix64 generator_;
  double step_s_ = 0.0;
  double left_s_ = 0.0;
  double scale_ = 0.0;  ///< 0 in a pause
  bool burst_ = true;   ///< what ends first at the start: so it begins with a pause
};

}  // namespace hil::models
