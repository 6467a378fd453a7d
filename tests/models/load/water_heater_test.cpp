#include "models/load/water_heater.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "models/invalid_parameter.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;

WaterHeater::Parameters tank() {
  return {.heater_w = 6000.0,
          .water_kg = 200.0,
          .loss_w_per_k = 0.0,
          .setpoint_c = 60.0,
          .hysteresis_k = 5.0,
          .cold_water_c = 10.0,
          .initial_water_c = 20.0};
}

constexpr LoadConditions on{.switched_on = true, .voltage_pu = 1.0, .frequency_hz = 50.0, .ambient_c = 20.0};
constexpr LoadConditions off{.switched_on = false, .voltage_pu = 1.0, .frequency_hz = 50.0, .ambient_c = 20.0};

TEST(WaterHeater, KeepsTheEnergyBalanceOfItsTank) {
  tests::ValidationCase expected("load/tank");
  WaterHeater heating(tank(), 100ms);
  int steps = 0;
  while (heating.advance(on).active_scale > 0.0) ++steps;
  expected.check("heating_up", steps * 0.1);

  WaterHeater::Parameters parameters = tank();
  parameters.initial_water_c = 60.0;
  parameters.loss_w_per_k = 2.0;
  WaterHeater cooling(parameters, 1s);
  for (int second = 0; second < 86400; ++second) cooling.advance(off);
  expected.check("cooled_for_a_day", cooling.state().water_c);
  expected.check("lost_in_a_day", cooling.energies().lost_j / 3600.0);

  parameters.loss_w_per_k = 0.0;
  WaterHeater drawing(parameters, 1s);
  drawing.set_draw_off_l_per_min(6.0);
  for (int second = 0; second < 600; ++second) drawing.advance(off);
  expected.check("drawn_for_10_min", drawing.state().water_c);
  expected.check("drawn_energy", drawing.energies().drawn_j / 3600.0);

  parameters.heater_w = 18000.0;
  parameters.initial_water_c = 10.0;
  WaterHeater flowing(parameters, 1s);
  flowing.set_draw_off_l_per_min(6.0);
  for (int second = 0; second < 600; ++second) flowing.advance(on);
  expected.check("heated_while_drawn", flowing.state().water_c);
}

// By hand: at 0.9 pu the heater gives 0.81 of 6 kW: 4860 J in a second.
TEST(WaterHeater, HeatsWithTheSquareOfTheVoltage) {
  WaterHeater heater(tank(), 1s);
  LoadConditions low = on;
  low.voltage_pu = 0.9;
  EXPECT_EQ(heater.advance(low).active_scale, 1.0);
  EXPECT_NEAR(heater.energies().heated_j, 4860.0, 1e-9);
}

TEST(WaterHeater, SwitchesBetweenTheEdgesOfItsHysteresis) {
  WaterHeater::Parameters parameters = tank();
  parameters.initial_water_c = 57.0;
  parameters.loss_w_per_k = 50.0;
  WaterHeater heater(parameters, 1s);
  EXPECT_EQ(heater.advance(on).active_scale, 0.0);  // within the band: as it was, off
  int switchings = 0;
  bool was_on = false;
  for (int second = 0; second < 200000; ++second) {
    const bool is_on = heater.advance(on).active_scale > 0.0;
    switchings += is_on != was_on ? 1 : 0;
    was_on = is_on;
    // 6 kW moves 200 kg by 0.007 K in a second: the edges are met within that.
    EXPECT_GT(heater.state().water_c, 55.0 - 0.01);
    EXPECT_LT(heater.state().water_c, 60.0 + 0.01);
  }
  EXPECT_GT(switchings, 10);
}

TEST(WaterHeater, NamesTheParameterThatIsOutOfRange) {
  const auto message_for = [](auto change) {
    WaterHeater::Parameters parameters = tank();
    change(parameters);
    try {
      const WaterHeater heater(parameters, 1s);
      return std::string("accepted");
    } catch (const InvalidParameter& refused) {
      return std::string(refused.what());
    }
  };
  EXPECT_EQ(message_for([](auto&) {}), "accepted");
  EXPECT_EQ(message_for([](auto& p) { p.heater_w = 0.0; }), "heater_w is 0.000000, must be > 0");
  EXPECT_EQ(message_for([](auto& p) { p.setpoint_c = 99.0; }), "setpoint_c is 99.000000, must be 5..95");
  EXPECT_EQ(message_for([](auto& p) { p.loss_w_per_k = std::nan(""); }), "loss_w_per_k is nan, must be >= 0");
  EXPECT_NO_THROW(WaterHeater(WaterHeater::typical(), 1s));
  EXPECT_THROW(WaterHeater(tank(), 1s).set_draw_off_l_per_min(-1.0), InvalidParameter);
}

// By hand: 2 kW for 0.1 kWh is 180 s at nominal voltage, 222.2 s at 0.9 pu; 0.1 kWh in either case.
TEST(Kettle, RunsUntilItsEnergyIsDeliveredAndStaysOffUntilSwitchedAgain) {
  const Kettle::Parameters parameters{.heater_w = 2000.0, .energy_wh = 100.0};
  const auto run = [](Kettle& kettle, double voltage_pu, double& energy_wh) {
    LoadConditions conditions = on;
    conditions.voltage_pu = voltage_pu;
    double seconds = 0.0;
    energy_wh = 0.0;
    for (double scale = 1.0; scale > 0.0;) {
      scale = kettle.advance(conditions).active_scale;
      seconds += scale;
      energy_wh += 2000.0 * scale * voltage_pu * voltage_pu / 3600.0;
    }
    return seconds;
  };
  double energy_wh = 0.0;
  Kettle kettle(parameters, 1s);
  EXPECT_NEAR(run(kettle, 1.0, energy_wh), 180.0, 1e-9);
  EXPECT_NEAR(energy_wh, 100.0, 1e-9);
  EXPECT_EQ(kettle.advance(on).active_scale, 0.0);
  kettle.advance(off);
  EXPECT_NEAR(run(kettle, 0.9, energy_wh), 180.0 / 0.81, 1e-9);
  EXPECT_NEAR(energy_wh, 100.0, 1e-9);
  EXPECT_THROW(Kettle({.heater_w = 2000.0, .energy_wh = 0.0}, 1s), InvalidParameter);
}

}  // namespace
}  // namespace hil::models
