#include "models/load/ev_charger.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/invalid_parameter.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;

constexpr LoadConditions plugged{.switched_on = true, .voltage_pu = 1.0, .frequency_hz = 50.0, .ambient_c = 20.0};
constexpr LoadConditions unplugged{.switched_on = false, .voltage_pu = 1.0, .frequency_hz = 50.0, .ambient_c = 20.0};

/// Scale after so many steps.
double after(EvCharger& charger, int steps, const LoadConditions& conditions = plugged) {
  double scale = 0.0;
  for (int i = 0; i < steps; ++i) scale = charger.advance(conditions).active_scale;
  return scale;
}

// By hand: 15 s are 150 steps of 0.1 s without current; then 6 A at once, 0.64 A more each step (32 A in 5 s).
TEST(EvCharger, StartsAfterItsDelayWithSixAmperesAndRises) {
  EvCharger charger(EvCharger::typical(), 100ms);
  EXPECT_EQ(after(charger, 150), 0.0);
  EXPECT_NEAR(after(charger, 1), 6.0 / 32.0, 1e-12);
  EXPECT_NEAR(after(charger, 1), 6.64 / 32.0, 1e-12);
  EXPECT_EQ(after(charger, 48), 1.0);
}

// By hand: from 32 to 10 A by 6.4 A/s takes 3.4375 s; after 2 s it stands at 19.2 A.
TEST(EvCharger, FollowsAPilotThatIsLoweredWithinItsTime) {
  EvCharger charger(EvCharger::typical(), 100ms);
  after(charger, 250);
  charger.set_pilot_a(10.9);  // whole amperes only
  after(charger, 20);
  EXPECT_NEAR(charger.current_a(), 19.2, 1e-9);
  after(charger, 15);
  EXPECT_EQ(charger.current_a(), 10.0);
  charger.set_pilot_a(5.9);
  after(charger, 50);
  EXPECT_EQ(charger.current_a(), 0.0);
  charger.set_pilot_a(16.0);
  EXPECT_EQ(after(charger, 150), 0.0);  // the delay again
  EXPECT_GT(after(charger, 1), 0.0);
}

TEST(EvCharger, StopsAtOnceWhenUnpluggedOrWithoutVoltage) {
  EvCharger charger(EvCharger::typical(), 100ms);
  after(charger, 250);
  EXPECT_EQ(after(charger, 1, unplugged), 0.0);
  EXPECT_EQ(after(charger, 150), 0.0);
  EXPECT_GT(after(charger, 1), 0.0);
  LoadConditions dead = plugged;
  dead.voltage_pu = 0.5;
  EXPECT_EQ(after(charger, 1, dead), 0.0);
}

TEST(EvCharger, RefusesWhatIsOutOfRange) {
  EXPECT_THROW(EvCharger({}, 100ms), InvalidParameter);
  EvCharger charger(EvCharger::typical(), 100ms);
  EXPECT_THROW(charger.set_pilot_a(-1.0), InvalidParameter);
  EXPECT_THROW(charger.set_pilot_a(std::nan("")), InvalidParameter);
  EXPECT_EQ(charger.allowed_a(), 32.0);
}

}  // namespace
}  // namespace hil::models
