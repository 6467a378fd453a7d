#include "models/grid_code/grid_support.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "models/invalid_parameter.h"
#include "tests/models/grid_code/grid_bench.h"
#include "tests/models/validation/validation_case.h"

namespace hil::tests {

using namespace hil::models;
using namespace std::chrono_literals;

namespace {

GridSupport::Parameters reactive_at_once(ReactiveMode mode) {
  GridSupport::Parameters p = code("ieee1547_cat3").support;
  p.reactive_mode = mode;
  p.reactive_response = 0s;
  return p;
}

}  // namespace

// tan(acos 0.95) = 0.328684; 0.5 of it is 0.164342. Injecting with +, absorbing with -.
TEST(GridSupport, KeepsAConstantPowerFactor) {
  GridSupport support{reactive_at_once(ReactiveMode::constant_power_factor), bench_step};
  const auto q = [&](double pf, double active_pu) {
    return support.advance({.grid = measured(1.0, 60.0), .active_power_pu = active_pu, .power_factor = pf})
        .reactive_injection_pu;
  };
  EXPECT_NEAR(q(0.95, 0.5), 0.164342, 1e-6);
  EXPECT_NEAR(q(-0.95, 0.5), -0.164342, 1e-6);
  EXPECT_EQ(q(1.0, 0.5), 0.0);
}

TEST(GridSupport, TurnsWattsIntoVarsByTheWattVarCurve) {
  GridSupport::Parameters p = reactive_at_once(ReactiveMode::watt_var);
  p.watt_var = {{{0.5, 0.0}, {1.0, -0.44}}};
  GridSupport support{p, bench_step};
  EXPECT_NEAR(support.advance({.grid = measured(1.0, 60.0), .active_power_pu = 0.75}).reactive_injection_pu, -0.22,
              1e-9);
}

// S = 1: reactive power first leaves sqrt(1 - 0.44^2) = 0.897998 of active power.
TEST(GridSupport, LeavesTheOtherPowerWhatPriorityLeavesIt) {
  GridSupport::Parameters p = reactive_at_once(ReactiveMode::constant_reactive);
  p.constant_reactive_pu = 0.44;
  GridSupport reactive_first{p, bench_step};
  const auto& first = reactive_first.advance({.grid = measured(1.0, 60.0), .active_power_pu = 0.9});
  EXPECT_NEAR(first.reactive_injection_pu, 0.44, 1e-9);
  EXPECT_NEAR(first.active_ceiling_pu, 0.897998, 1e-6);
  EXPECT_NEAR(first.import_ceiling_pu, 0.897998, 1e-6);

  p.priority = PowerPriority::active;
  GridSupport active_first{p, bench_step};
  // sqrt(1 - 0.95^2) = 0.312250
  const auto& second = active_first.advance({.grid = measured(1.0, 60.0), .active_power_pu = 0.95});
  EXPECT_NEAR(second.reactive_injection_pu, 0.312250, 1e-6);
  EXPECT_EQ(second.active_ceiling_pu, 1.0);
}

TEST(GridSupport, FollowsTheMeanOfThePhasesOnAnUnbalancedGrid) {
  struct Unbalance {
    const char* name;
    double l1_pu, others_pu, others_deg;
  };
  ValidationCase rows("grid_code/unbalanced_voltage");
  for (const Unbalance& test : {Unbalance{"a", 1.08, 0.91, 126.59}, Unbalance{"b", 0.90, 1.08, 114.5}}) {
    GridSupport support{reactive_at_once(ReactiveMode::volt_var), bench_step};
    GridMeasurement measurement{code("ieee1547_cat3").measurement, bench_step};
    const double radians = test.others_deg * 3.14159265358979 / 180.0;
    for (int i = 0; i < 100; ++i) {
      measurement.advance(
          {.terminal_ln_v = {Phasor{test.l1_pu * 120.0, 0.0}, std::polar(test.others_pu * 120.0, -radians),
                             std::polar(test.others_pu * 120.0, radians)},
           .frequency_hz = 60.0});
    }
    rows.check(std::string(test.name) + "_mean", measurement.outputs().mean_pu);
    const auto& out = support.advance({.grid = measurement.outputs(), .active_power_pu = 0.5});
    rows.check(std::string(test.name) + "_reactive", out.reactive_injection_pu);
  }
}

TEST(GridSupport, LetsTheFrequencyResponseFadeAndThenEndsIt) {
  GridSupport support{code("ieee1547_cat3").support, bench_step};
  double power_pu = 0.8;
  const auto follow = [&](double hz, int steps) {
    for (int i = 0; i < steps; ++i) {
      const auto& out = support.advance({.grid = measured(1.0, hz), .active_power_pu = power_pu});
      if (out.active_wanted_pu) power_pu = *out.active_wanted_pu;
    }
  };
  follow(60.0, 10);
  EXPECT_FALSE(support.outputs().active_droop_pu.has_value());
  follow(60.636, 3000);  // 0.6 Hz beyond the band: 0.2 of rated power less
  EXPECT_NEAR(*support.outputs().active_droop_pu, -0.2, 1e-4);
  EXPECT_NEAR(power_pu, 0.6, 1e-4);
  follow(60.0, 3000);
  EXPECT_FALSE(support.outputs().active_droop_pu.has_value());
  EXPECT_NEAR(power_pu, 0.8, 1e-2);
  EXPECT_EQ(support.outputs().active_ceiling_pu, 1.0);
}

TEST(GridSupport, LetsStorageTakePowerFromTheGridAtHighFrequency) {
  GridSupport support{code("ieee1547_cat3").support, bench_step};
  for (int i = 0; i < 3000; ++i) support.advance({.grid = measured(1.0, 61.236), .active_power_pu = 0.0});
  EXPECT_EQ(support.outputs().active_ceiling_pu, 0.0);
  EXPECT_NEAR(*support.outputs().active_wanted_pu, -0.4, 1e-4);
}

// 49.6 Hz is 0.2 Hz below the start: 0.2 / (50 x 0.05) = 0.08 of rated power less charging.
TEST(GridSupport, AsksStorageToChargeLessAtLowFrequencyAndLeavesPvAlone) {
  GridSupport support{code("en50549_1").support, bench_step};
  double power_pu = -0.5;
  support.advance({.grid = measured(1.0, 50.0), .active_power_pu = power_pu});
  for (int i = 0; i < 1000; ++i) {
    power_pu = *support.advance({.grid = measured(1.0, 49.6), .active_power_pu = power_pu}).active_wanted_pu;
  }
  EXPECT_NEAR(*support.outputs().active_wanted_pu, -0.42, 1e-6);
  EXPECT_EQ(support.outputs().active_ceiling_pu, 1.0);
}

// 60.066 Hz is within the window of enter service and 0.03 Hz beyond the dead band: 0.03 / (60 x 0.05) = 0.01 less.
TEST(GridSupport, LetsAnInverterThatConnectsBesideTheBandRampUp) {
  GridSupport support{code("ieee1547_cat3").support, bench_step};
  double power_pu = 0.0;
  double service_pu = 0.0;
  for (int i = 0; i < 60'000; ++i) {
    if (i >= 30'000) service_pu = std::min(1.0, service_pu + bench_step_s / 300.0);
    const auto& out =
        support.advance({.grid = measured(1.0, 60.066), .active_power_pu = power_pu, .service_ceiling_pu = service_pu});
    power_pu = std::clamp(*out.active_wanted_pu, 0.0, service_pu);
  }
  EXPECT_NEAR(power_pu, 0.99, 1e-3);
}

TEST(GridSupport, RefusesParametersOutOfBounds) {
  const auto refused = [](auto change, const char* field) {
    GridSupport::Parameters p = code("ieee1547_cat3").support;
    change(p);
    try {
      GridSupport{p, bench_step};
      ADD_FAILURE() << field << " was accepted";
    } catch (const InvalidParameter& error) {
      EXPECT_EQ(error.field(), field);
    }
  };
  refused([](auto& p) { p.apparent_pu = std::numeric_limits<double>::quiet_NaN(); }, "apparent_pu");
  refused([](auto& p) { p.capability.injection_pu = -1.0; }, "reactive_injection_pu");
  refused([](auto& p) { p.volt_var.points[1].x = 0.5; }, "volt_var");
  refused([](auto& p) { p.volt_watt.points[0].y = 1.2; }, "volt_watt");
  refused([](auto& p) { p.reactive_response = -1s; }, "reactive_response_s");
  refused([](auto& p) { p.under_frequency.start_hz = 60.2; }, "under_frequency_start_hz");
  refused([](auto& p) { p.power_factor = 0.0; }, "power_factor");
  GridSupport::Parameters forgotten;
  EXPECT_THROW(GridSupport(forgotten, bench_step), InvalidParameter);
}

RC_GTEST_PROP(GridSupport, KeepsCeilingsAndReactivePowerWithinBoundsOnAnyGrid, ()) {
  const auto codes = grid_codes();
  GridSupport::Parameters p = codes[*rc::gen::inRange<std::size_t>(0, codes.size())].support;
  p.reactive_mode = static_cast<ReactiveMode>(*rc::gen::inRange(0, 5));
  p.priority = *rc::gen::inRange(0, 2) == 0 ? PowerPriority::active : PowerPriority::reactive;
  p.autonomous_reference = *rc::gen::inRange(0, 2) == 0;
  GridSupport support{p, bench_step};
  const auto any = [](int low, int high) { return *rc::gen::inRange(low, high) / 1000.0; };
  double reactive_command = any(-1500, 1500);
  if (*rc::gen::inRange(0, 10) == 0) reactive_command = std::numeric_limits<double>::quiet_NaN();
  for (int spell = 0; spell < 20; ++spell) {
    GridMeasurement::Outputs grid = measured(any(0, 2000), any(40'000, 70'000));
    grid.valid = *rc::gen::inRange(0, 10) > 0;
    const double active_pu = any(-1000, 1000);
    const double limit_pu = any(0, 1200);
    const double power_factor = any(-1000, 1000);
    for (int i = 0; i < 50; ++i) {
      const auto& out = support.advance({.grid = grid,
                                         .active_power_pu = active_pu,
                                         .available_power_pu = 0.8,
                                         .active_limit_pu = limit_pu,
                                         .power_factor = power_factor,
                                         .constant_reactive_pu = reactive_command});
      RC_ASSERT(out.active_ceiling_pu >= 0.0 && out.active_ceiling_pu <= 1.0);
      RC_ASSERT(out.import_ceiling_pu >= 0.0 && out.import_ceiling_pu <= 1.0);
      const double share = p.capability.full_from_power_pu > 0.0
                               ? std::min(1.0, std::abs(active_pu) / p.capability.full_from_power_pu)
                               : 1.0;
      RC_ASSERT(out.reactive_injection_pu <= p.capability.injection_pu * share + 1e-12);
      RC_ASSERT(out.reactive_injection_pu >= -p.capability.absorption_pu * share - 1e-12);
      if (out.active_wanted_pu) RC_ASSERT(std::abs(*out.active_wanted_pu) <= 1.0);
      if (out.active_droop_pu) RC_ASSERT(std::isfinite(*out.active_droop_pu));
      // Both powers together within the circle.
      const double reactive = out.reactive_injection_pu;
      const double active = p.priority == PowerPriority::active ? std::abs(active_pu) : out.active_ceiling_pu;
      RC_ASSERT(active * active + reactive * reactive <= p.apparent_pu * p.apparent_pu + 1e-9);
    }
  }
}

// Volt-watt at 1.08 pu allows 0.2 at once; switched off it allows everything in the next step.
TEST(GridSupport, TakesOtherSettingsWhileItRuns) {
  GridSupport::Parameters p = reactive_at_once(ReactiveMode::watt_var);
  p.watt_var = {{{0.0, -0.3}}};
  p.volt_watt_enabled = true;
  p.volt_watt = {{{1.06, 1.0}, {1.08, 0.2}}};
  p.volt_watt_response = 0s;
  GridSupport support{p, bench_step};
  const GridSupport::Outputs before = support.advance({.grid = measured(1.08, 60.0), .active_power_pu = 0.5});
  EXPECT_NEAR(before.active_ceiling_pu, 0.2, 1e-9);
  EXPECT_NEAR(before.reactive_injection_pu, -0.3, 1e-9);
  p.volt_watt_enabled = false;
  p.watt_var = {{{0.0, 0.1}}};
  support.set_parameters(p);
  const GridSupport::Outputs after = support.advance({.grid = measured(1.08, 60.0), .active_power_pu = 0.5});
  EXPECT_GT(after.active_ceiling_pu, 0.99);
  EXPECT_NEAR(after.reactive_injection_pu, 0.1, 1e-9);
  p.apparent_pu = 0.5;
  EXPECT_THROW(support.set_parameters(p), InvalidParameter);
}

}  // namespace hil::tests
