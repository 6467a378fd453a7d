#include "models/storage/battery_ageing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace hil::models {
namespace {

// Equivalent time, by hand: 300 days at stress a, then 430 at b. The loss a sqrt(300 d) is what b needs t' for, so the
// whole is sqrt(a^2 300 d + b^2 430 d), whatever the order; plain addition of the two square roots would be far more.
TEST(BatteryAgeing, AddsAChangingShelfLifeAsEquivalentTime) {
  const auto alone = [](double days, double soc, double c) {
    return BatteryAgeing{{.initial_days = days, .initial_soc = soc, .initial_c = c}, 0.5}.calendar_loss();
  };
  const double warm = alone(300.0, 0.9, 40.0);
  const double cool = alone(430.0, 0.3, 15.0);
  for (const bool warm_first : {true, false}) {
    BatteryAgeing ageing{{}, 0.5};
    if (warm_first) ageing.add_calendar(300.0 * 86400.0, 0.9, 40.0);
    ageing.add_calendar(430.0 * 86400.0, 0.3, 15.0);
    if (!warm_first) ageing.add_calendar(300.0 * 86400.0, 0.9, 40.0);
    EXPECT_NEAR(ageing.calendar_loss(), std::hypot(warm, cool), 1e-12);
    EXPECT_LT(ageing.calendar_loss(), 0.8 * (warm + cool));
  }
}

// .8 down to .3 and up to .6, with a wobble of half a percent on the way that the band of 1 % must not see:
// one finished half cycle of .5 and, after the turn at .6, one of .3.
TEST(BatteryAgeing, CountsHalfCyclesBetweenTurningPointsAndNotTheWobble) {
  BatteryAgeing ageing{{.counts = true}, 0.8};
  double soc = 0.8;
  const auto go_to = [&](double target) {
    while (std::abs(soc - target) > 1e-9) {
      const double change = std::clamp(target - soc, -0.001, 0.001);
      soc += change;
      ageing.advance(7.2, soc, 25.0, -change * 500.0);
    }
  };
  for (const double target : {0.5, 0.505, 0.3}) go_to(target);
  EXPECT_EQ(ageing.counters().half_cycles, 0.0);
  go_to(0.6);
  EXPECT_EQ(ageing.counters().half_cycles, 1.0);
  go_to(0.55);
  EXPECT_EQ(ageing.counters().half_cycles, 2.0);
  // Throughput .3 + .005 + .205 + .3 + .05 of capacity, half of it full equivalent.
  EXPECT_NEAR(ageing.counters().full_equivalent_cycles, 0.43, 1e-9);
  BatteryAgeing expected{{}, 0.8};
  expected.add_cycles(0.25, 0.5, 0.5);
  expected.add_cycles(0.15, 0.5, 0.3);
  EXPECT_NEAR(ageing.cycle_loss(), expected.cycle_loss(), 1e-9);
}

TEST(BatteryAgeing, IsNewAndStaysSoUnlessTold) {
  BatteryAgeing ageing{{}, 0.5};
  for (int hour = 0; hour < 1000; ++hour) ageing.advance(3600.0, 0.5, 40.0, 0.5);
  EXPECT_EQ(ageing.capacity_factor(), 1.0);
  EXPECT_EQ(ageing.resistance_factor(), 1.0);
}

}  // namespace
}  // namespace hil::models
