#include "models/generation/mppt.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <string>

#include "models/generation/clouds.h"
#include "models/invalid_parameter.h"
#include "tests/models/generation/example_array.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;
constexpr double all = std::numeric_limits<double>::infinity();

// 14 x 2 modules: 6159 W at 656.6 V and 9.38 A, 831.6 V open.
constexpr double rated_w = 6158.99;
MpptTracker::Parameters window() {
  return MpptTracker::healthy(180.0, 150.0, 850.0, 16.0);
}

/// An array that has tracked at these conditions for a minute.
MpptTracker tracking(double irradiance_w_m2, std::chrono::nanoseconds step,
                     const MpptTracker::Parameters& parameters = window()) {
  MpptTracker tracker{array_of(14, 2), parameters, step};
  tracker.set_conditions(irradiance_w_m2, 25.0);
  for (auto time = 0ns; time < 60s; time += step) tracker.settle(all);
  EXPECT_EQ(tracker.phase(), MpptTracker::Phase::tracking);
  return tracker;
}

// 0.1..0.5 % are lost: 0.2 % as ripple, the rest by stepping 0.5 % of open circuit around the maximum.
TEST(MpptTracker, LosesBetweenOneAndFivePerMilleInSteadyLight) {
  for (const auto step : {1ms, 20ms, 200ms, 1000ms}) {
    for (const double irradiance_w_m2 : {50.0, 200.0, 600.0, 1000.0}) {
      MpptTracker tracker = tracking(irradiance_w_m2, step);
      double sum_w = 0.0;
      int steps = 0;
      for (auto time = 0ns; time < 60s; time += step, ++steps) {
        tracker.settle(all);
        sum_w += tracker.point().power_w;
      }
      const double efficiency = sum_w / steps / tracker.array().maximum_power_point().power_w;
      EXPECT_GT(efficiency, 0.995) << irradiance_w_m2;
      EXPECT_LT(efficiency, 0.999) << irradiance_w_m2;
    }
  }
}

TEST(MpptTracker, WaitsForTheStartVoltageAndSweepsOnce) {
  MpptTracker::Parameters parameters = window();
  parameters.start_v = 800.0;
  MpptTracker tracker{array_of(14, 2), parameters, 20ms};
  tracker.set_conditions(100.0, 25.0);  // opens at 14 x 53 V = 740 V
  for (int step = 0; step < 500; ++step) tracker.settle(all);
  EXPECT_EQ(tracker.phase(), MpptTracker::Phase::waiting);
  EXPECT_EQ(tracker.offered_w(), 0.0);
  EXPECT_EQ(tracker.point().voltage_v, tracker.array().open_circuit_v());

  tracker.set_conditions(900.0, 25.0);
  tracker.settle(all);
  int sweep_steps = 0;
  double lowest_v = 1e9;
  double most_w = 0.0;
  for (; tracker.phase() == MpptTracker::Phase::sweeping; ++sweep_steps) {
    tracker.settle(all);
    lowest_v = std::min(lowest_v, tracker.point().voltage_v);
    most_w = std::max(most_w, tracker.point().power_w);
  }
  // 4 s of 20 ms, one more to begin; the sweep passes the maximum in steps of 3.4 V.
  EXPECT_NEAR(sweep_steps, 200, 1);
  EXPECT_NEAR(lowest_v, 150.0, 1e-6);
  EXPECT_GT(most_w, 0.997 * tracker.array().maximum_power_point().power_w);
  tracker.settle(all);
  EXPECT_GT(tracker.point().power_w, 0.99 * tracker.array().maximum_power_point().power_w);

  // Started once, it goes on below the start voltage and stops below the window.
  tracker.set_conditions(100.0, 25.0);
  tracker.settle(all);
  EXPECT_EQ(tracker.phase(), MpptTracker::Phase::tracking);
  EXPECT_GT(tracker.point().power_w, 0.0);
  tracker.set_conditions(0.0, 25.0);
  tracker.settle(all);
  EXPECT_EQ(tracker.phase(), MpptTracker::Phase::waiting);
  EXPECT_EQ(tracker.point().power_w, 0.0);
}

// To 20 % within the step; back by 6159 W / 2 s, so 80 % of it take 1.6 s (0.8 x 2 s; two steps of 20 ms).
TEST(MpptTracker, CurtailsAtOnceAndReturnsByItsRamp) {
  MpptTracker tracker = tracking(1000.0, 20ms);
  const double full_w = tracker.point().power_w;
  tracker.settle(0.2 * full_w);
  EXPECT_NEAR(tracker.point().power_w, 0.2 * full_w, 1e-9);
  EXPECT_GT(tracker.point().voltage_v, tracker.array().maximum_power_point().voltage_v);
  EXPECT_LT(tracker.point().voltage_v, tracker.array().open_circuit_v());
  EXPECT_TRUE(tracker.curtailed());
  double last_w = 0.2 * full_w;
  int steps = 0;
  for (; tracker.curtailed(); ++steps) {
    tracker.settle(all);
    EXPECT_LE(tracker.point().power_w - last_w, rated_w * 0.02 / 2.0 + 0.01);
    last_w = tracker.point().power_w;
  }
  EXPECT_NEAR(steps * 0.02, 0.8 * full_w / (rated_w / 2.0), 0.04);
  EXPECT_NEAR(tracker.point().power_w, full_w, 0.001 * full_w);
}

TEST(MpptTracker, IsBackFromCurtailmentWithinTheTimeOfHealthyOnes) {
  tests::ValidationCase expected("generation/return_after_curtailment");
  const auto back_after_s = [](double share) {
    MpptTracker tracker = tracking(1000.0, 20ms);
    const double full_w = tracker.point().power_w;
    for (int i = 0; i < 250; ++i) tracker.settle(share * full_w);
    int steps = 0;
    for (; tracker.curtailed() && steps < 1000; ++steps) tracker.settle(all);
    return 0.02 * steps;
  };
  expected.check("from_0_percent_s", back_after_s(0.0));
  expected.check("from_20_percent_s", back_after_s(0.2));
}

// A tracker that holds 20 % while the sun goes from 1000 to 400 W/m2 returns to what 400 W/m2 give.
TEST(MpptTracker, FindsTheMaximumAgainAfterLongCurtailmentInOtherLight) {
  MpptTracker tracker = tracking(1000.0, 20ms);
  for (int step = 0; step < 5000; ++step) {
    tracker.set_conditions(1000.0 - 600.0 * step / 4999.0, 25.0 + 20.0 * step / 4999.0);
    tracker.settle(1000.0);
    ASSERT_NEAR(tracker.point().power_w, 1000.0, 1e-9);
  }
  for (int step = 0; step < 1000; ++step) tracker.settle(all);
  EXPECT_GT(tracker.point().power_w, 0.995 * tracker.array().maximum_power_point().power_w);
}

TEST(MpptTracker, MovesRightWhereTheCurrentWouldExceedTheInput) {
  MpptTracker::Parameters parameters = window();
  parameters.max_input_a = 6.0;
  MpptTracker tracker = tracking(1000.0, 20ms, parameters);
  EXPECT_NEAR(tracker.array().point_at_voltage(tracker.point().voltage_v).current_a, 6.0, 1e-6);
  EXPECT_GT(tracker.point().voltage_v, tracker.array().maximum_power_point().voltage_v);
  EXPECT_LT(tracker.point().power_w, 0.8 * tracker.array().maximum_power_point().power_w);
  tracker.set_conditions(500.0, 25.0);  // 4.7 A: the limit no longer binds
  for (int step = 0; step < 1000; ++step) tracker.settle(all);
  EXPECT_GT(tracker.point().power_w, 0.995 * tracker.array().maximum_power_point().power_w);
}

TEST(MpptTracker, StaysInItsVoltageWindow) {
  MpptTracker::Parameters parameters = window();
  parameters.min_mpp_v = parameters.start_v = 700.0;  // right of the maximum at 657 V
  MpptTracker high = tracking(1000.0, 20ms, parameters);
  EXPECT_GE(high.point().voltage_v, 700.0);
  EXPECT_GT(high.point().power_w, 0.8 * rated_w);
  parameters = window();
  parameters.max_mpp_v = 600.0;
  MpptTracker low = tracking(1000.0, 20ms, parameters);
  EXPECT_LE(low.point().voltage_v, 600.0);
  EXPECT_GT(low.point().power_w, 0.8 * rated_w);
  parameters = window();
  parameters.min_mpp_v = parameters.start_v = 840.0;  // above open circuit
  MpptTracker never{array_of(14, 2), parameters, 20ms};
  never.set_conditions(1000.0, 25.0);
  for (int step = 0; step < 1000; ++step) never.settle(all);
  EXPECT_EQ(never.point().power_w, 0.0);
}

TEST(MpptTracker, StartsAnewWhenAskedTo) {
  MpptTracker tracker = tracking(800.0, 20ms);
  tracker.restart();
  EXPECT_EQ(tracker.offered_w(), 0.0);
  tracker.settle(all);
  EXPECT_EQ(tracker.phase(), MpptTracker::Phase::sweeping);
}

double efficiency_on(TriangleIrradiance::Parameters triangle, const MpptTracker::Parameters& parameters = window()) {
  MpptTracker tracker = tracking(triangle.low_w_m2, 10ms, parameters);
  TriangleIrradiance light{triangle, 10ms};
  double taken = 0.0;
  double available = 0.0;
  while (!light.finished()) {
    light.advance();
    tracker.set_conditions(light.irradiance_w_m2(), 25.0);
    tracker.settle(all);
    taken += tracker.point().power_w;
    available += tracker.array().maximum_power_point().power_w;
  }
  return taken / available;
}

template <typename Slopes>
void expect_healthy_on(const std::string& folder, const double (&range_w_m2)[2], const Slopes& slopes) {
  tests::ValidationCase expected{folder};
  for (const En50530Slope& slope : slopes) {
    std::string name = std::to_string(slope.slope_w_m2_s);
    name.erase(name.find_last_not_of('0') + 1);
    if (name.back() == '.') name.pop_back();
    expected.check("slope_" + name + "_efficiency", efficiency_on({.low_w_m2 = range_w_m2[0],
                                                                   .high_w_m2 = range_w_m2[1],
                                                                   .slope_w_m2_s = slope.slope_w_m2_s,
                                                                   .dwell_s = en50530_dwell_s,
                                                                   .repeats = slope.repeats}));
  }
}

TEST(MpptTracker, FollowsEverySlopeOfTheLowRangeAboveNinetyNinePercent) {
  expect_healthy_on("generation/en50530_low_range", en50530_low_range_w_m2, en50530_low_range_slopes);
}

TEST(MpptTracker, FollowsEverySlopeOfTheHighRangeAboveNinetyNinePercent) {
  expect_healthy_on("generation/en50530_high_range", en50530_high_range_w_m2, en50530_high_range_slopes);
}

// The corners of what the reference calls usual (0.3..1 % of Voc, 0.1..1 s) on the fastest slopes, and a step of 5 %,
// which must miss: so the 99 % above are no matter of course. Without the reading at half a period, the usual tracker
// gets 89..98 % on some slopes.
TEST(MpptTracker, IsHealthyWithUsualSettingsAndNotWithCoarseSteps) {
  const TriangleIrradiance::Parameters low{
      .low_w_m2 = 100.0, .high_w_m2 = 500.0, .slope_w_m2_s = 50.0, .dwell_s = en50530_dwell_s, .repeats = 10};
  const TriangleIrradiance::Parameters high{
      .low_w_m2 = 300.0, .high_w_m2 = 1000.0, .slope_w_m2_s = 100.0, .dwell_s = en50530_dwell_s, .repeats = 10};
  MpptTracker::Parameters parameters = window();
  for (const double perturb_period_s : {0.1, 1.0}) {
    parameters.perturb_period_s = perturb_period_s;
    for (const double perturb_step : {0.003, 0.01}) {
      parameters.perturb_step = perturb_step;
      EXPECT_GT(efficiency_on(low, parameters), 0.99) << perturb_period_s << ' ' << perturb_step;
      EXPECT_GT(efficiency_on(high, parameters), 0.99) << perturb_period_s << ' ' << perturb_step;
    }
    parameters.perturb_step = 0.05;
    EXPECT_LT(efficiency_on(low, parameters), 0.99) << perturb_period_s;
  }
}

// Any light, temperature, shading and demand, in any order.
RC_GTEST_PROP(MpptTracker, NeverGivesMoreThanTheMaximumAndCurtailsToTheRightOnly, ()) {
  const auto step = std::chrono::milliseconds{*rc::gen::element(1, 20, 100, 1000)};
  MpptTracker::Parameters parameters = window();
  parameters.max_input_a = *rc::gen::element(0.5, 5.0, 16.0, 1000.0);
  parameters.sweep_s = *rc::gen::element(0.0, 0.1, 4.0);
  parameters.return_s = *rc::gen::element(0.0, 1.0, 60.0);
  parameters.perturb_step = *rc::gen::element(0.0005, 0.005, 0.05);
  MpptTracker tracker{array_of(14, 2), parameters, step};
  for (int change = 0; change < 20; ++change) {
    tracker.set_conditions(*rc::gen::element(1.0, 100.0, 1500.0) * *rc::gen::inRange(0, 101) / 100.0,
                           static_cast<double>(*rc::gen::inRange(-40, 101)));
    tracker.set_string_shading(0, *rc::gen::element(0.0, 0.5, 1.0));
    const double demand_w =
        *rc::gen::element(0.0, 1e-3, 10.0, 5000.0, all, -5.0, std::numeric_limits<double>::quiet_NaN());
    for (int i = 0; i < 50; ++i) {
      const double offered_w = tracker.offered_w();
      tracker.settle(demand_w);
      const MpptTracker::Point& point = tracker.point();
      const PvArray::Point& maximum = tracker.array().maximum_power_point();
      RC_ASSERT(offered_w >= 0.0);
      RC_ASSERT(point.power_w >= 0.0 && point.power_w <= offered_w);
      RC_ASSERT(point.power_w <= maximum.power_w * (1.0 + 1e-9));
      RC_ASSERT(std::abs(point.voltage_v * point.current_a - point.power_w) <= 1e-9 * maximum.power_w + 1e-12);
      RC_ASSERT(point.voltage_v >= 0.0 && point.voltage_v <= tracker.array().open_circuit_v());
      RC_ASSERT(point.current_a <= parameters.max_input_a * (1.0 + 1e-9));
      RC_ASSERT(!tracker.curtailed() || point.voltage_v >= maximum.voltage_v);
      RC_ASSERT(point.power_w == 0.0 || point.voltage_v >= parameters.min_mpp_v * (1.0 - 1e-9));
    }
  }
}

TEST(MpptTracker, RefusesParametersOutOfRangeByName) {
  const auto refused_field = [](auto spoil, std::chrono::nanoseconds step = 20ms) -> std::string {
    MpptTracker::Parameters parameters = window();
    spoil(parameters);
    try {
      MpptTracker tracker{array_of(14, 2), parameters, step};
    } catch (const InvalidParameter& fault) {
      return fault.field();
    }
    return "";
  };
  using Parameters = MpptTracker::Parameters;
  EXPECT_EQ(refused_field([](Parameters&) {}), "");
  EXPECT_EQ(refused_field([](Parameters& p) { p = {}; }), "min_mpp_v");
  EXPECT_EQ(refused_field([](Parameters& p) { p.start_v = 100.0; }), "start_v");
  EXPECT_EQ(refused_field([](Parameters& p) { p.max_mpp_v = 100.0; }), "max_mpp_v");
  EXPECT_EQ(refused_field([](Parameters& p) { p.max_input_a = std::nan(""); }), "max_input_a");
  EXPECT_EQ(refused_field([](Parameters& p) { p.sweep_s = 61.0; }), "sweep_s");
  EXPECT_EQ(refused_field([](Parameters& p) { p.perturb_period_s = 0.0; }), "perturb_period_s");
  EXPECT_EQ(refused_field([](Parameters& p) { p.perturb_step = 0.1; }), "perturb_step");
  EXPECT_EQ(refused_field([](Parameters& p) { p.static_efficiency = 1.1; }), "static_efficiency");
  EXPECT_EQ(refused_field([](Parameters& p) { p.return_s = -1.0; }), "return_s");
  EXPECT_EQ(refused_field([](Parameters&) {}, 2s), "step_s");
}

}  // namespace
}  // namespace hil::models
