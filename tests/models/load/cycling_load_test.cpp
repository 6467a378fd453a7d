#include "models/load/cycling_load.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/invalid_parameter.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;

constexpr LoadConditions on{.switched_on = true, .voltage_pu = 1.0, .frequency_hz = 50.0, .ambient_c = 20.0};

// 30 s are 1500 steps of 20 ms, 0.4 of them 600. A hundred periods hold 100 x 600, give or take nothing: the period
// is whole steps and is counted in nanoseconds. Each period switches on once.
TEST(CyclingLoad, IsOnForItsDutyOfEachPeriod) {
  CyclingLoad load({.period_s = 30.0, .duty = 0.4, .seed = 5}, 20ms);
  int steps_on = 0;
  int starts = 0;
  bool was_on = false;
  for (int i = 0; i < 100 * 1500; ++i) {
    const bool is_on = load.advance(on).active_scale > 0.0;
    steps_on += is_on ? 1 : 0;
    starts += is_on && !was_on ? 1 : 0;
    was_on = is_on;
  }
  EXPECT_NEAR(steps_on, 100 * 600, 1);  // 1: the seed's phase is no whole step
  EXPECT_NEAR(starts, 100, 1);
  load.set_duty(0.0);
  EXPECT_EQ(load.advance(on).active_scale, 0.0);
  EXPECT_THROW(load.set_duty(1.5), InvalidParameter);
  EXPECT_THROW(CyclingLoad({.period_s = 0.0, .duty = 0.5}, 20ms), InvalidParameter);
}

// Means: burst 1.05 s, pause 2.75 s, so on for 1.05 / 3.8 = 0.27632; scale in a burst 0.65. Over n = 10^5 s / 3.8 s
// = 26316 cycles the duty errs by sqrt((p^2 var(pause) + q^2 var(burst)) / n) / 3.8 with variances 4.5^2 / 12 and
// 1.9^2 / 12: 0.00087; four of it. The power's error is of the same size: 0.65 x 0.0035 + 4 x 0.2 x 0.276 / 162.
TEST(WeldingLoad, BurnsForItsMeanShareOfTheTime) {
  WeldingLoad load(WeldingLoad::typical(), 20ms);
  int steps_on = 0;
  double sum = 0.0;
  constexpr int steps = 5'000'000;
  for (int i = 0; i < steps; ++i) {
    const double scale = load.advance(on).active_scale;
    if (scale > 0.0) {
      ++steps_on;
      EXPECT_GE(scale, 0.3);
      EXPECT_LE(scale, 1.0);
    }
    sum += scale;
  }
  EXPECT_NEAR(static_cast<double>(steps_on) / steps, 0.27632, 0.0035);
  EXPECT_NEAR(sum / steps, 0.65 * 0.27632, 0.0037);
  EXPECT_THROW(WeldingLoad({}, 20ms), InvalidParameter);
}

}  // namespace
}  // namespace hil::models
