#include "models/storage/battery_thermal.h"

#include <gtest/gtest.h>

namespace hil::models {
namespace {

// Exact over a tick: a thousand ticks of a second are one of a thousand seconds with the same heat. 1e-9: rounding.
TEST(BatteryThermal, GivesTheSameForAnyTick) {
  const BatteryThermal::Parameters parameters{.enabled = true, .ambient_c = 5.0};
  BatteryThermal fine{parameters, 10000.0, 20.0, 1.0};
  BatteryThermal coarse{parameters, 10000.0, 20.0, 1000.0};
  for (int second = 0; second < 1000; ++second) fine.advance(300.0);
  coarse.advance(300000.0);
  EXPECT_NEAR(fine.temperature_c(), coarse.temperature_c(), 1e-9);
}

// Without loss to speak of, 9 J/K/Wh * 10 kWh = 90 kJ/K: 90 kJ warm it by 1 K.
TEST(BatteryThermal, HoldsItsHeatCapacity) {
  BatteryThermal pack{{.enabled = true, .time_constant_s = 1e12}, 10000.0, 25.0, 1.0};
  pack.advance(90000.0);
  EXPECT_NEAR(pack.temperature_c(), 26.0, 1e-6);
}

TEST(BatteryThermal, FollowsAnAmbientThatIsChangedAndStandsStillWhenOff) {
  BatteryThermal on{{.enabled = true, .time_constant_s = 100.0}, 10000.0, 25.0, 10.0};
  BatteryThermal off{{}, 10000.0, 25.0, 10.0};
  on.set_ambient(-10.0);
  off.set_ambient(-10.0);
  for (int tick = 0; tick < 400; ++tick) {
    on.advance(0.0);
    off.advance(1e6);
  }
  EXPECT_NEAR(on.temperature_c(), -10.0, 1e-9);
  EXPECT_EQ(off.temperature_c(), 25.0);
}

}  // namespace
}  // namespace hil::models
