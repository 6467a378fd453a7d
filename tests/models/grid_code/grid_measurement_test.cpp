#include "models/grid_code/grid_measurement.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/invalid_parameter.h"
#include "tests/models/grid_code/grid_bench.h"
#include "tests/models/validation/validation_case.h"

namespace hil::tests {

using namespace hil::models;
using namespace std::chrono_literals;

namespace {

const GridMeasurement::Parameters european{.nominal_ln_v = 230.0, .nominal_frequency_hz = 50.0};

GridMeasurement settled(const GridMeasurement::Parameters& parameters) {
  GridMeasurement measurement{parameters, bench_step};
  for (int i = 0; i < 200; ++i) measurement.advance({.terminal_ln_v = balanced(230.0), .frequency_hz = 50.0});
  return measurement;
}

}  // namespace

TEST(GridMeasurement, ReadsEachPhaseAndTheirMean) {
  GridMeasurement measurement = settled(european);
  const PhasePhasors unbalanced{Phasor{230.0, 0.0}, std::polar(207.0, -2.0943951), std::polar(241.5, 2.0943951)};
  measurement.advance({.terminal_ln_v = unbalanced, .frequency_hz = 50.0});
  const auto& seen = measurement.advance({.terminal_ln_v = unbalanced, .frequency_hz = 50.0});
  EXPECT_NEAR(seen.voltage_pu[1], 0.90, 1e-9);
  EXPECT_NEAR(seen.voltage_pu[2], 1.05, 1e-9);
  EXPECT_NEAR(seen.mean_pu, 2.95 / 3.0, 1e-9);
  EXPECT_NEAR(seen.positive_sequence_pu, 2.95 / 3.0, 1e-6);  // angles are those of a positive sequence
}

// One cycle of 20 ms is two steps: after one of them the mean square is (1 + 0.25) / 2.
TEST(GridMeasurement, TakesTheRootOfTheMeanSquareOverOneCycle) {
  GridMeasurement measurement = settled(european);
  EXPECT_NEAR(measurement.advance({.terminal_ln_v = balanced(115.0), .frequency_hz = 50.0}).voltage_pu[0],
              std::sqrt(0.625), 1e-9);
  EXPECT_NEAR(measurement.advance({.terminal_ln_v = balanced(115.0), .frequency_hz = 50.0}).voltage_pu[0], 0.5, 1e-9);
}

// A negative sequence has no positive one: the phases L2 and L3 change places.
TEST(GridMeasurement, FindsNoPositiveSequenceInAGridThatTurnsBackwards) {
  GridMeasurement measurement = settled(european);
  PhasePhasors backwards = balanced(230.0);
  std::swap(backwards[1], backwards[2]);
  for (int i = 0; i < 2; ++i) measurement.advance({.terminal_ln_v = backwards, .frequency_hz = 50.0});
  EXPECT_NEAR(measurement.outputs().positive_sequence_pu, 0.0, 1e-6);
  EXPECT_NEAR(measurement.outputs().mean_pu, 1.0, 1e-9);
}

// Ten steps of 10 ms: after five of them half of the step in frequency is seen.
TEST(GridMeasurement, AveragesTheFrequencyOverItsWindow) {
  GridMeasurement measurement = settled(european);
  for (int i = 0; i < 5; ++i) measurement.advance({.terminal_ln_v = balanced(230.0), .frequency_hz = 51.0});
  EXPECT_NEAR(measurement.outputs().frequency_hz, 50.5, 1e-9);
  for (int i = 0; i < 5; ++i) measurement.advance({.terminal_ln_v = balanced(230.0), .frequency_hz = 51.0});
  EXPECT_NEAR(measurement.outputs().frequency_hz, 51.0, 1e-9);
}

// Steps of 10 ms: ten of them are the window.
TEST(GridMeasurement, LosesAndFindsThePhaseAsAPhaseLockedLoopDoes) {
  ValidationCase expected("grid_code/phase_locked_loop");
  GridMeasurement measurement = settled(european);
  const auto advance = [&measurement](int steps, double ln_v, double frequency_hz) -> const GridMeasurement::Outputs& {
    for (int i = 0; i < steps; ++i) {
      measurement.advance({.terminal_ln_v = balanced(ln_v), .frequency_hz = frequency_hz});
    }
    return measurement.outputs();
  };
  expected.check("after_50_ms_hz", advance(5, 230.0, 50.5).frequency_hz);
  expected.check("after_100_ms_hz", advance(5, 230.0, 50.5).frequency_hz);
  advance(2, 0.0, 50.5);  // a cycle until nothing of the voltage is left
  const GridMeasurement::Outputs& dip = advance(20, 0.0, 49.0);
  EXPECT_FALSE(dip.valid);
  expected.check("held_in_the_dip_hz", dip.frequency_hz);
  int steps = 0;
  while (!advance(1, 230.0, 50.0).valid && steps < 1000) ++steps;
  expected.check("phase_known_after_s", bench_step_s * (steps + 1));
}

TEST(GridMeasurement, SeesTheSlopeOfASteadyRamp) {
  GridMeasurement measurement = settled(european);
  double frequency_hz = 50.0;
  for (int i = 0; i < 100; ++i) {
    frequency_hz += 2.0 * bench_step_s;
    measurement.advance({.terminal_ln_v = balanced(230.0), .frequency_hz = frequency_hz});
  }
  EXPECT_NEAR(measurement.outputs().rocof_hz_per_s, 2.0, 1e-9);
}

TEST(GridMeasurement, FindsThePhaseAgainAHundredMillisecondsAfterADip) {
  GridMeasurement measurement = settled(european);
  for (int i = 0; i < 10; ++i) measurement.advance({.terminal_ln_v = balanced(0.0), .frequency_hz = 52.0});
  EXPECT_FALSE(measurement.outputs().valid);
  EXPECT_LT(measurement.outputs().frequency_hz, 50.3);  // held from when the phase went
  for (int i = 1; i < 10; ++i) {
    EXPECT_FALSE(measurement.advance({.terminal_ln_v = balanced(230.0), .frequency_hz = 50.2}).valid) << i;
  }
  const auto& seen = measurement.advance({.terminal_ln_v = balanced(230.0), .frequency_hz = 50.2});
  EXPECT_TRUE(seen.valid);
  EXPECT_NEAR(seen.frequency_hz, 50.2, 1e-9);
  EXPECT_EQ(seen.rocof_hz_per_s, 0.0);
}

// By hand: the mean starts at 1; after 150 s at 1.2 pu a quarter of the 600 s window is 1.2: 1.05. After 600 s: 1.2.
TEST(GridMeasurement, MovesTheTenMinuteMeanWithEveryStep) {
  GridMeasurement measurement{european, bench_step};
  const auto run = [&](int steps) {
    for (int i = 0; i < steps; ++i) measurement.advance({.terminal_ln_v = balanced(276.0), .frequency_hz = 50.0});
    return measurement.outputs().ten_minute_mean_pu[1];
  };
  EXPECT_NEAR(run(15'000), 1.05, 1e-5);                   // the first cycle is not full: 3 ms of 600 s
  EXPECT_NEAR(run(150), 1.05 + 0.2 * 1.5 / 600.0, 1e-5);  // within a block
  EXPECT_NEAR(run(44'850), 1.2, 1e-5);
  EXPECT_NEAR(run(30'000), 1.2, 1e-12);
}

TEST(GridMeasurement, GivesPhasesThatASinglePhaseInverterHasNotTheValueOfItsOwn) {
  GridMeasurement::Parameters p = european;
  p.uses_phase = {false, true, false};
  GridMeasurement measurement = settled(p);
  for (int i = 0; i < 2; ++i) {
    measurement.advance({.terminal_ln_v = {Phasor{}, Phasor{207.0, 0.0}, Phasor{}}, .frequency_hz = 50.0});
  }
  const auto& seen = measurement.outputs();
  EXPECT_NEAR(seen.voltage_pu[0], 0.9, 1e-9);
  EXPECT_NEAR(seen.mean_pu, 0.9, 1e-9);
  EXPECT_NEAR(seen.positive_sequence_pu, 0.9, 1e-9);
  EXPECT_TRUE(seen.valid);
}

TEST(GridMeasurement, RefusesParametersOutOfBounds) {
  const auto refused = [](auto change, const char* field) {
    GridMeasurement::Parameters p = european;
    change(p);
    try {
      GridMeasurement{p, bench_step};
      ADD_FAILURE() << field << " was accepted";
    } catch (const InvalidParameter& error) {
      EXPECT_EQ(error.field(), field);
    }
  };
  refused([](auto& p) { p.nominal_ln_v = std::numeric_limits<double>::infinity(); }, "nominal_ln_v");
  refused([](auto& p) { p.nominal_frequency_hz = 0.0; }, "nominal_frequency_hz");
  refused([](auto& p) { p.voltage_window = 0s; }, "voltage_window_s");
  refused([](auto& p) { p.mean_block = 1ms; }, "mean_block_s");
  refused([](auto& p) { p.mean_window = 1s; }, "mean_window_s");
  refused([](auto& p) { p.uses_phase = {false, false, false}; }, "uses_phase");
  EXPECT_THROW(GridMeasurement(european, 0s), InvalidParameter);
}

RC_GTEST_PROP(GridMeasurement, StaysFiniteOnAnyGridAndAnyStep, ()) {
  const std::chrono::nanoseconds step = std::chrono::milliseconds{*rc::gen::inRange(1, 1001)};
  GridMeasurement measurement{european, step};
  const auto any = [](int low, int high) { return *rc::gen::inRange(low, high) / 1000.0; };
  for (int spell = 0; spell < 20; ++spell) {
    GridMeasurement::Inputs inputs{
        .terminal_ln_v = {std::polar(any(0, 460'000), any(-3000, 3000)), std::polar(any(0, 460'000), any(-3000, 3000)),
                          std::polar(any(0, 460'000), any(-3000, 3000))},
        .frequency_hz = any(40'000, 70'000)};
    if (*rc::gen::inRange(0, 10) == 0) inputs.frequency_hz = std::numeric_limits<double>::quiet_NaN();
    if (*rc::gen::inRange(0, 10) == 0) inputs.terminal_ln_v[0] = std::numeric_limits<double>::quiet_NaN();
    for (int i = 0; i < 20; ++i) {
      const auto& seen = measurement.advance(inputs);
      for (const double pu : seen.voltage_pu) RC_ASSERT(pu >= 0.0 && pu <= 2.0 + 1e-9);
      for (const double pu : seen.ten_minute_mean_pu) RC_ASSERT(pu >= 0.0 && pu <= 2.0 + 1e-9);
      RC_ASSERT(seen.positive_sequence_pu >= -1e-12 && seen.positive_sequence_pu <= 2.0 + 1e-9);
      RC_ASSERT(seen.frequency_hz > 39.999 && seen.frequency_hz < 70.001);
      RC_ASSERT(std::isfinite(seen.rocof_hz_per_s));
    }
  }
}

}  // namespace hil::tests
