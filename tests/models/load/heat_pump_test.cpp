#include "models/load/heat_pump.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/invalid_parameter.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;

LoadConditions on(double ambient_c = 20.0) {
  return {.switched_on = true, .voltage_pu = 1.0, .frequency_hz = 50.0, .ambient_c = ambient_c};
}

double after(HeatPump& pump, int seconds, const LoadConditions& conditions = on()) {
  double scale = 0.0;
  for (int second = 0; second < seconds; ++second) scale = pump.advance(conditions).active_scale;
  return scale;
}

// By hand: 1/45 of full speed each second; 0.8 after 36 s.
TEST(HeatPump, RampsItsCompressorToWhatIsAsked) {
  HeatPump pump(HeatPump::typical_inverter(), 1s);
  pump.command(0.8);
  EXPECT_NEAR(after(pump, 1), 1.0 / 45.0, 1e-12);
  EXPECT_NEAR(after(pump, 19), 20.0 / 45.0, 1e-12);
  EXPECT_EQ(after(pump, 17), 0.8);
  pump.command(0.1);  // below what it can do
  EXPECT_EQ(after(pump, 45), 0.3);
}

TEST(HeatPump, RunsAndStandsAsLongAsItMust) {
  HeatPump pump(HeatPump::typical_inverter(), 1s);
  pump.command(1.0);
  after(pump, 60);
  pump.command(0.0);
  after(pump, 240);
  EXPECT_TRUE(pump.running());  // 300 s in all, at its lowest speed
  after(pump, 1);
  EXPECT_FALSE(pump.running());
  pump.command(1.0);
  after(pump, 179);
  EXPECT_FALSE(pump.running());
  after(pump, 1);
  EXPECT_TRUE(pump.running());
  LoadConditions dead = on();
  dead.voltage_pu = 0.2;
  EXPECT_EQ(after(pump, 1, dead), 0.0);
  EXPECT_FALSE(pump.running());
}

// By hand: (15 - 5) / (15 + 10) = 0.4 of full power; nothing above 15 degrees.
TEST(HeatPump, AsksForWhatTheWeatherDoes) {
  HeatPump pump(HeatPump::typical_inverter(), 1s);
  EXPECT_EQ(after(pump, 600, on(16.0)), 0.0);
  EXPECT_NEAR(after(pump, 60, on(5.0)), 0.4, 1e-12);
}

// 0.1 of full power by cycles at 0.3 at least: over a day within one buffer of 300 s in 86400 s of what is asked.
TEST(HeatPump, MeetsASmallRequestByCycles) {
  for (const auto& parameters : {HeatPump::typical_inverter(), HeatPump::typical_direct_on_line()}) {
    HeatPump pump(parameters, 1s);
    pump.command(0.1);
    double full_power_s = 0.0;
    bool was_running = false;
    int starts = 0;
    for (int second = 0; second < 86400; ++second) {
      const Demand demand = pump.advance(on());
      full_power_s += demand.as_impedance ? 1.0 : demand.active_scale;  // the start counts as running
      starts += pump.running() && !was_running ? 1 : 0;
      was_running = pump.running();
    }
    EXPECT_NEAR(full_power_s, 8640.0, 400.0);
    EXPECT_GT(starts, 10);
  }
}

// By hand: 0.2 s are 10 steps of 20 ms at 5 x 0.3 / 0.8 = 1.875 of the active power.
TEST(HeatPump, StartsLikeAMotorWhenDirectOnLine) {
  HeatPump pump(HeatPump::typical_direct_on_line(), 20ms);
  pump.command(1.0);
  for (int i = 0; i < 10; ++i) {
    const Demand demand = pump.advance(on());
    EXPECT_TRUE(demand.as_impedance);
    EXPECT_NEAR(demand.active_scale, 1.875, 1e-12);
  }
  EXPECT_EQ(pump.advance(on()).active_scale, 1.0);
}

TEST(HeatPump, RefusesWhatIsOutOfRange) {
  EXPECT_THROW(HeatPump({}, 1s), InvalidParameter);
  HeatPump::Parameters parameters = HeatPump::typical_inverter();
  parameters.design_c = 15.0;
  EXPECT_THROW(HeatPump(parameters, 1s), InvalidParameter);
  EXPECT_THROW(HeatPump(HeatPump::typical_inverter(), 1s).command(1.1), InvalidParameter);
}

}  // namespace
}  // namespace hil::models
