#include "models/load/noise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "models/invalid_parameter.h"
#include "models/split_mix64.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;

// The published sequence of the generator for the seed 1234567.
TEST(Noise, IsDrawnFromTheSameSequenceOnEveryMachine) {
  SplitMix64 generator(1234567);
  for (const std::uint64_t expected : {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                       4593380528125082431u, 16408922859458223821u}) {
    EXPECT_EQ(generator.next(), expected);
  }
}

TEST(Noise, HasTheDeviationAndTheCorrelationThatAreAskedFor) {
  tests::ValidationCase expected("load/ar_noise");
  ArNoise noise({.sigma = 0.05, .time_constant_s = 10.0, .seed = 7}, 1s);
  std::vector<double> values(1'000'000);
  double sum = 0.0;
  for (double& value : values) sum += value = noise.advance();
  const double mean = sum / static_cast<double>(values.size());
  const auto covariance = [&](std::size_t lag) {
    double products = 0.0;
    for (std::size_t i = lag; i < values.size(); ++i) products += (values[i] - mean) * (values[i - lag] - mean);
    return products / static_cast<double>(values.size());
  };
  const double variance = covariance(0);
  expected.check("mean", mean);
  expected.check("deviation", std::sqrt(variance));
  expected.check("correlation_after_1_s", covariance(1) / variance);
  expected.check("correlation_after_10_s", covariance(10) / variance);
  expected.check("correlation_after_30_s", covariance(30) / variance);
}

// 3 sqrt 4 / sqrt 3 = 3.4641 deviations are the most that four uniform numbers add up to. Over 10^6 draws the mean
// errs by 0.001, the variance by sqrt(1.7 / 10^6) (kurtosis 3 - 0.3): four of each.
TEST(Noise, DrawsABellOfUnitVariance) {
  SplitMix64 generator(1);
  constexpr int count = 1'000'000;
  double sum = 0.0;
  double squares = 0.0;
  double most = 0.0;
  for (int i = 0; i < count; ++i) {
    const double value = generator.bell();
    sum += value;
    squares += value * value;
    most = std::max(most, std::abs(value));
  }
  EXPECT_NEAR(sum / count, 0.0, 0.004);
  EXPECT_NEAR(squares / count, 1.0, 0.0053);
  EXPECT_LE(most, 3.4642);
}

TEST(Noise, RepeatsItselfForTheSameSeedOnly) {
  ArNoise one({.sigma = 0.05, .time_constant_s = 10.0, .seed = 7}, 20ms);
  ArNoise same({.sigma = 0.05, .time_constant_s = 10.0, .seed = 7}, 20ms);
  ArNoise other({.sigma = 0.05, .time_constant_s = 10.0, .seed = 8}, 20ms);
  for (int i = 0; i < 100; ++i) {
    const double value = one.advance();
    EXPECT_EQ(value, same.advance());
    EXPECT_NE(value, other.advance());
  }
}

TEST(Noise, RefusesWhatIsOutOfRange) {
  EXPECT_THROW(ArNoise({.sigma = 1.5, .time_constant_s = 10.0}, 1s), InvalidParameter);
  EXPECT_THROW(ArNoise({.sigma = 0.1, .time_constant_s = 0.0}, 1s), InvalidParameter);
  EXPECT_THROW(ArNoise({.sigma = 0.1, .time_constant_s = 10.0}, 2s), InvalidParameter);
}

}  // namespace
}  // namespace hil::models
