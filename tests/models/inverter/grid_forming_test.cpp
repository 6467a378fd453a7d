#include "models/inverter/grid_forming.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "models/electrical/network.h"
#include "models/invalid_parameter.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;

GridForming::Parameters ten_kilowatts() {
  return {.nominal_ln_v = 230.0,
          .nominal_hz = 50.0,
          .frequency_droop_hz_per_w = 5e-5,  // 1 % at 10 kW
          .voltage_droop_v_per_var = 1e-3,
          .max_phase_a = 20.0};
}

/// One step on a constant impedance in each phase, behind no other: EMF and current of L1.
struct Step {
  double emf_v = 0.0;
  double current_a = 0.0;
};
Step step_on(GridForming& unit, Phasor load_ohm, bool overloaded = false) {
  const PhasePhasors emf_v = unit.plan();
  PhasePhasors current_a{};
  PhasePhasors supply_va{};
  for (std::size_t k = 0; k < phase_count; ++k) {
    current_a[k] = emf_v[k] / load_ohm;
    supply_va[k] = emf_v[k] * std::conj(current_a[k]);
  }
  unit.settle(current_a, supply_va, overloaded);
  return {std::abs(emf_v[0]), std::abs(current_a[0])};
}

// 100 ms in steps of 10 ms: a tenth of 230 V more each step.
TEST(GridForming, RaisesItsVoltageInAStraightLineOnSoftStart) {
  GridForming unit(ten_kilowatts(), 10ms);
  EXPECT_EQ(std::abs(unit.plan()[0]), 0.0);
  unit.start(0.3, false);
  for (int i = 1; i <= 10; ++i) EXPECT_NEAR(step_on(unit, 1e9).emf_v, 23.0 * i, 1e-6) << i;
  EXPECT_EQ(unit.state(), GridForming::State::running);
  EXPECT_NEAR(std::arg(unit.plan()[0]), 0.3, 1e-6);
  unit.stop();
  EXPECT_EQ(std::abs(unit.plan()[0]), 0.0);
  unit.start(0.0, true);
  EXPECT_NEAR(std::abs(unit.plan()[0]), 230.0, 1e-9);
}

// 23 ohm with j 0: 3 x 230^2 / 23 = 6.9 kW, 50 - 6900 x 5e-5 = 49.655 Hz. With j23 instead 6900 var: the voltage v
// obeys v = 230 - 1e-3 x 3 v^2 / 23, so v = (-1 + sqrt(1 + 4 k 230)) / 2k with k = 3e-3 / 23: 223.428 V.
TEST(GridForming, LowersFrequencyWithActiveAndVoltageWithReactivePower) {
  GridForming unit(ten_kilowatts(), 10ms);
  unit.start(0.0, true);
  for (int i = 0; i < 300; ++i) step_on(unit, 23.0);
  EXPECT_NEAR(unit.frequency_hz(), 49.655, 1e-9);
  GridForming reactive(ten_kilowatts(), 10ms);
  reactive.start(0.0, true);
  Step last;
  for (int i = 0; i < 300; ++i) last = step_on(reactive, {0.0, 23.0});
  const double k = 3e-3 / 23.0;
  EXPECT_NEAR(last.emf_v, (std::sqrt(1.0 + 4.0 * k * 230.0) - 1.0) / (2.0 * k), 1e-6);
  EXPECT_NEAR(reactive.frequency_hz(), 50.0, 1e-9);
}

// The mean of the power follows with 100 ms: after 100 ms 1 - 1/e of the way.
TEST(GridForming, MeasuresItsPowerAsAFirstOrderMean) {
  GridForming unit(ten_kilowatts(), 10ms);
  unit.start(0.0, true);
  for (int i = 0; i < 10; ++i) step_on(unit, 23.0);
  unit.plan();
  EXPECT_NEAR(50.0 - unit.frequency_hz(), 0.345 * (1.0 - std::exp(-1.0)), 1e-9);
}

// Angle after one second at 49.655 Hz: -0.345 turns.
TEST(GridForming, TurnsItsAngleWithTheFrequencyItHas) {
  GridForming unit(ten_kilowatts(), 10ms);
  unit.start(0.0, true);
  for (int i = 0; i < 1000; ++i) step_on(unit, 23.0);
  const double before = unit.angle_rad();
  for (int i = 0; i < 100; ++i) step_on(unit, 23.0);
  EXPECT_NEAR(std::remainder(unit.angle_rad() - before, 2.0 * M_PI), -0.345 * 2.0 * M_PI, 1e-6);
}

// 5 ohm want 46 A: one step beyond, from the next on exactly 20 A, at 100 V.
TEST(GridForming, BringsAShortedPhaseToItsCurrentLimitWithinOneStep) {
  GridForming unit(ten_kilowatts(), 10ms);
  unit.start(0.0, true);
  EXPECT_NEAR(step_on(unit, 5.0).current_a, 46.0, 1e-9);
  const Step limited = step_on(unit, 5.0);
  EXPECT_NEAR(limited.current_a, 20.0, 1e-9);
  EXPECT_NEAR(limited.emf_v, 100.0, 1e-9);
}

// The held-down phase comes back by at most a tenth of itself in 10 ms, and never above its droop line.
TEST(GridForming, ComesBackFromItsCurrentLimitWithoutOvershoot) {
  GridForming unit(ten_kilowatts(), 10ms);
  unit.start(0.0, true);
  for (int i = 0; i < 20; ++i) step_on(unit, 5.0);
  double before_v = 100.0;
  for (int i = 0; i < 20; ++i) {
    const double now_v = step_on(unit, 500.0).emf_v;
    EXPECT_LE(now_v, std::min(230.0, before_v * 1.1) + 1e-9);
    before_v = now_v;
  }
  EXPECT_NEAR(before_v, 230.0, 1e-9);
}

// Held at 0.43 pu: dropped in the first step beyond 500 ms, the 51st; a new soft start
// 10 s later. In between there is no voltage.
TEST(GridForming, DropsAnOverloadedIslandAndTriesAgain) {
  GridForming unit(ten_kilowatts(), 10ms);
  unit.start(0.0, true);
  int steps = 0;
  while (unit.live() && steps < 1000) {
    step_on(unit, 5.0);
    ++steps;
  }
  EXPECT_EQ(steps, 51);
  EXPECT_EQ(unit.overload_trips(), 1);
  for (int i = 0; i < 999; ++i) ASSERT_EQ(step_on(unit, 23.0).emf_v, 0.0) << i;  // the trip's own step is the first
  EXPECT_NEAR(step_on(unit, 23.0).emf_v, 23.0, 1e-6);
  EXPECT_EQ(unit.state(), GridForming::State::soft_start);
}

TEST(GridForming, DropsTheIslandThatPvAndBatteryCannotFeed) {
  GridForming unit(ten_kilowatts(), 10ms);
  unit.start(0.0, true);
  for (int i = 0; i < 50; ++i) step_on(unit, 23.0, true);
  step_on(unit, 23.0, false);  // one good step starts the count again
  for (int i = 0; i < 50; ++i) step_on(unit, 23.0, true);
  EXPECT_TRUE(unit.live());
  step_on(unit, 23.0, true);
  EXPECT_FALSE(unit.live());
}

// Two sources on one bus, solved by the network: they share by 1/mp because they end at one frequency. Behind 0.01 +
// j0.8 ohm each (5 % virtual impedance of a 10 kW unit), the load at constant power. Second order with a decay of half
// the power filter's pole, 5 1/s: 6 s leave e^-30.
TEST(GridForming, TwoUnitsOfOneIslandShareByTheirDroop) {
  GridForming::Parameters small = ten_kilowatts();
  small.frequency_droop_hz_per_w = 1e-4;  // 1 % at 5 kW
  small.voltage_droop_v_per_var = 0.0;
  GridForming::Parameters large = ten_kilowatts();
  large.voltage_droop_v_per_var = 0.0;
  small.max_phase_a = large.max_phase_a = 100.0;
  std::array units{GridForming(small, 1ms), GridForming(large, 1ms)};
  for (GridForming& unit : units) unit.start(0.0, true);

  Network::Parameters parameters;
  parameters.buses = {"island"};
  parameters.nominal_ln_v = 230.0;
  const Phasor ohm{0.01, 0.8};
  parameters.sources = {{"small", 0, {ohm, ohm, ohm, 0.001}, true}, {"large", 0, {ohm, ohm, ohm, 0.001}, true}};
  for (const Conductor phase : {Conductor::l1, Conductor::l2, Conductor::l3}) {
    parameters.ports.push_back({"load", 0, phase, Conductor::n});
  }
  Network network(parameters);
  const std::array<PortInjection, 3> load{{{-3000.0}, {-3000.0}, {-3000.0}}};
  std::array<double, 2> supply_w{};
  for (int i = 0; i < 6000; ++i) {
    const std::array emf_v{units[0].plan(), units[1].plan()};
    ASSERT_TRUE(network.solve(emf_v, load).solved);
    for (std::size_t u = 0; u < 2; ++u) {
      PhasePhasors current_a{};
      PhasePhasors supply_va{};
      supply_w[u] = 0.0;
      for (std::size_t k = 0; k < phase_count; ++k) {
        current_a[k] = network.source_a(u, static_cast<Conductor>(k));
        supply_va[k] = emf_v[u][k] * std::conj(current_a[k]);
        supply_w[u] += supply_va[k].real();
      }
      units[u].settle(current_a, supply_va, false);
    }
  }
  hil::tests::ValidationCase published("inverter/droop_sharing");
  published.check("small_w", supply_w[0]);
  published.check("large_w", supply_w[1]);
  published.check("frequency_hz", units[0].frequency_hz());
  EXPECT_NEAR(units[0].frequency_hz(), units[1].frequency_hz(), 1e-9);
}

// A bus at 92 V is where a soft start of 100 ms stands after 40 ms: 115 V in the first step, 230 V in the sixth. A bus
// above nominal leaves nothing to rise by.
TEST(GridForming, JoinsALiveBusAtItsAngleAndFromItsVoltage) {
  GridForming unit(ten_kilowatts(), 10ms);
  unit.join(0.7, 0.4);
  EXPECT_NEAR(step_on(unit, 1e9).emf_v, 115.0, 1e-6);
  EXPECT_NEAR(std::arg(unit.plan()[0]), 0.7, 1e-6);
  for (int i = 0; i < 4; ++i) unit.plan();
  EXPECT_EQ(unit.state(), GridForming::State::running);
  EXPECT_NEAR(step_on(unit, 1e9).emf_v, 230.0, 1e-6);
  unit.stop();
  unit.join(0.0, 1.02);
  EXPECT_NEAR(step_on(unit, 1e9).emf_v, 230.0, 1e-6);
}

// 23 ohm at 0.9 x 230 = 207 V: 5589 W, so 50.5 - 5589 x 5e-5 Hz. Both from the next step on.
TEST(GridForming, FollowsItsSetPointsOfVoltageAndFrequency) {
  GridForming unit(ten_kilowatts(), 10ms);
  unit.start(0.0, true);
  step_on(unit, 1e9);
  unit.set_point(0.9, 0.5);
  EXPECT_NEAR(step_on(unit, 1e9).emf_v, 207.0, 1e-6);
  EXPECT_NEAR(unit.frequency_hz(), 50.5, 1e-6);
  for (int i = 0; i < 300; ++i) step_on(unit, 23.0);
  EXPECT_NEAR(unit.frequency_hz(), 50.5 - 5589.0 * 5e-5, 1e-9);
}

// Asked before each step after the trip: no, until the one in which it begins again by itself.
TEST(GridForming, SaysWhenItsNextStepWouldBeginAgain) {
  GridForming::Parameters parameters = ten_kilowatts();
  parameters.restart_delay = 50ms;
  GridForming unit(parameters, 10ms);
  unit.start(0.0, true);
  unit.plan();
  unit.drop();
  for (int i = 1; i <= 4; ++i) {
    EXPECT_FALSE(unit.restart_due()) << i;
    EXPECT_EQ(std::abs(unit.plan()[0]), 0.0);
  }
  EXPECT_TRUE(unit.restart_due());
  EXPECT_GT(std::abs(unit.plan()[0]), 0.0);
}

// 62.5 kVA at 277.13 V: 3 x 277.13^2 / 62500 = 3.68645 ohm, 5 % of it 0.18432; 0.06 Hz at 62.5 kW.
TEST(GridForming, TakesImpedanceAndDroopFromARating) {
  const GridForming::Parameters p = GridForming::of_rating(62500.0, 100.0, 277.13, 60.0);
  EXPECT_NEAR(p.series_ohm.imag(), 0.184323, 1e-6);
  EXPECT_NEAR(p.series_ohm.real(), 0.0110594, 1e-6);
  EXPECT_NEAR(p.frequency_droop_hz_per_w * 62500.0, 0.06, 1e-12);
  EXPECT_EQ(p.voltage_droop_v_per_var, 0.0);
  EXPECT_EQ(p.max_phase_a, 100.0);
  EXPECT_NO_THROW(GridForming(p, 10ms));
}

// The voltage counts in the next step of the island; after a drop it starts again when the new delay is over.
TEST(GridForming, TakesAnotherVoltageAndDelayWhileItRuns) {
  GridForming unit(ten_kilowatts(), 10ms);
  unit.start(0.0, true);
  EXPECT_NEAR(step_on(unit, 1e9).emf_v, 230.0, 1e-6);
  unit.set_supply(240.0, 50ms);
  EXPECT_NEAR(step_on(unit, 1e9).emf_v, 240.0, 1e-6);
  unit.drop();
  int steps = 0;
  for (; unit.state() == GridForming::State::tripped && steps < 1000; ++steps) step_on(unit, 1e9);
  EXPECT_LE(steps, 7);
  EXPECT_TRUE(unit.live());
  EXPECT_THROW(unit.set_supply(0.0, 50ms), InvalidParameter);
}

}  // namespace
}  // namespace hil::models
