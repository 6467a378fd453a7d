#include "harness/checks/shape_evaluators.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace hil::harness {
namespace {

using namespace std::chrono_literals;
using sim::Time;

constexpr Time step = 10ms;
// One subtraction or interpolation of numbers of the order of 1000.
constexpr double rounding = 1e-9;

FollowsCheck from_0_to_1000_at_1_s(Time time_tolerance) {
  FollowsCheck check;
  check.points = {{1s, 0.0}, {1s, 1000.0}};
  check.within = 50.0;
  check.time_tolerance = time_tolerance;
  return check;
}

Finding followed(const FollowsCheck& check, const std::function<double(double)>& value) {
  FollowsEvaluator evaluator(check, step);
  for (int k = 0; k <= 300; ++k) evaluator.observe(step * k, 60s + step * k, value(0.01 * k));
  return evaluator.finding();
}

// At 1.0 s the reference is 1000 already. A jump 0.10 s late is 1000 away from it; with a tolerance of 0.10 s the band
// reaches back to 0, and what is off by 30 elsewhere leaves 50 - 30.
TEST(FollowsEvaluator, ForgivesAJumpThatIsEarlyOrLateByTheTolerance) {
  const auto late = [](double t) { return t < 1.095 ? 0.0 : 1030.0; };
  const auto early = [](double t) { return t < 0.895 ? -30.0 : 1000.0; };
  EXPECT_NEAR(followed(from_0_to_1000_at_1_s(0s), late).margin, 50.0 - 1000.0, rounding);
  EXPECT_NEAR(followed(from_0_to_1000_at_1_s(100ms), late).margin, 20.0, rounding);
  EXPECT_NEAR(followed(from_0_to_1000_at_1_s(100ms), early).margin, 20.0, rounding);
  EXPECT_NEAR(followed(from_0_to_1000_at_1_s(90ms), late).margin, 50.0 - 1000.0, rounding);
}

// Rising through the tolerance is inside; 60 beyond the upper level is not: 50 - 60.
TEST(FollowsEvaluator, LetsASlopePassBetweenTheLevelsAndNoOvershoot) {
  const auto slope = [](double t) { return std::clamp((t - 0.9) / 0.2, 0.0, 1.0) * 1000.0; };
  EXPECT_NEAR(followed(from_0_to_1000_at_1_s(100ms), slope).margin, 50.0, rounding);
  const auto overshoot = [&](double t) { return t > 1.495 && t < 1.505 ? 1060.0 : slope(t); };
  const Finding finding = followed(from_0_to_1000_at_1_s(100ms), overshoot);
  EXPECT_EQ(finding.state, CheckState::broken);
  EXPECT_NEAR(finding.margin, -10.0, rounding);
  EXPECT_EQ(finding.worst_at, Time{61500ms});
}

// A ramp of 500 W/s that lags by 0.04 s is 20 W behind: 50 - 20.
TEST(FollowsEvaluator, InterpolatesBetweenPoints) {
  FollowsCheck check = from_0_to_1000_at_1_s(0s);
  check.points = {{0s, 0.0}, {2s, 1000.0}};
  EXPECT_NEAR(followed(check, [](double t) { return std::clamp((t - 0.04) * 500.0, 0.0, 1000.0); }).margin, 30.0,
              rounding);
}

// The same lag against another signal: with 0.04 s of tolerance nothing is left of it. The first and last 0.04 s are
// not judged: a peak there breaks nothing.
TEST(FollowsEvaluator, ComparesTwoSignalsAndLeavesOutTheEndsOfTheWindow) {
  FollowsCheck check;
  check.reference = "grid.import_w";
  check.within = 50.0;
  check.time_tolerance = 40ms;
  FollowsEvaluator evaluator(check, step);
  for (int k = 0; k < 200; ++k) {
    const bool end = k < 4 || k >= 196;
    evaluator.observe_both(step * k, end ? 1e6 : 5.0 * (k - 4), 5.0 * k);
  }
  EXPECT_EQ(evaluator.finding().state, CheckState::holds);
  EXPECT_NEAR(evaluator.finding().margin, 50.0, rounding);
}

TEST(FollowsEvaluator, IsBrokenByWhatIsNotANumberOnEitherSide) {
  EXPECT_EQ(followed(from_0_to_1000_at_1_s(0s), [](double t) { return t < 1.0 ? 0.0 : std::nan(""); }).state,
            CheckState::broken);
  FollowsCheck check;
  check.within = 50.0;
  FollowsEvaluator evaluator(check, step);
  evaluator.observe_both(10ms, 0.0, std::nan(""));
  EXPECT_EQ(evaluator.finding().state, CheckState::broken);
}

TEST(ConstantEvaluator, HoldsHalfOfWhatWasCoveredAgainstWithin) {
  ConstantCheck check;
  check.within = 0.05;
  ConstantEvaluator evaluator(check);
  evaluator.observe(1s, 49.98);
  evaluator.observe(2s, 50.04);
  evaluator.observe(3s, 50.00);
  // (50.04 - 49.98) / 2 = 0.03.
  EXPECT_NEAR(evaluator.finding().margin, 0.02, rounding);
  EXPECT_EQ(evaluator.finding().worst_at, Time{2s});
}

TEST(ConstantEvaluator, MeasuresFromTheLevelGiven) {
  ConstantCheck check;
  check.at = 50.0;
  check.within = 0.05;
  ConstantEvaluator evaluator(check);
  evaluator.observe(1s, 49.92);
  evaluator.observe(2s, 50.04);
  EXPECT_EQ(evaluator.finding().state, CheckState::broken);
  EXPECT_NEAR(evaluator.finding().margin, -0.03, rounding);
}

Finding counted(const CountCheck& check, const std::vector<double>& values) {
  CountEvaluator evaluator(check);
  Time now{0};
  for (const double& value : values) evaluator.observe(now += step, &value);
  return evaluator.finding();
}

// Beyond from the beginning is no coming; twice it comes from below.
TEST(CountEvaluator, CountsComingsAndNotSamples) {
  CountCheck check;
  check.above = 10.0;
  check.at_most = 1.0;
  const Finding finding = counted(check, {20, 20, 5, 10, 11, 12, 3, 15});
  EXPECT_EQ(finding.worst, 2.0);
  EXPECT_EQ(finding.margin, -1.0);
  EXPECT_EQ(finding.worst_at, Time{80ms});
}

TEST(CountEvaluator, MeasuresToTheNearerBound) {
  CountCheck check;
  check.above = 10.0;
  check.at_least = 1.0;
  check.at_most = 9.0;
  EXPECT_EQ(counted(check, {0, 20, 0, 20, 0, 20}).margin, 2.0);
  EXPECT_EQ(counted(check, {0, 0}).margin, -1.0);
  EXPECT_EQ(counted(check, {}).state, CheckState::untested);
}

}  // namespace
}  // namespace hil::harness
