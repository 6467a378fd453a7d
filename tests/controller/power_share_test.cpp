#include "controller/core/power_share.h"

#include <gtest/gtest.h>

#include <array>

namespace hil::controller {
namespace {

// Cases of physics-and-standards 10: three packs of 10 kWh at .8, .6, .4, floor .1. 1e-6 W: rounding only.
constexpr std::array usable_wh{7000.0, 5000.0, 3000.0};
constexpr std::array free_wh{2000.0, 4000.0, 6000.0};
constexpr std::array no_limit_w{1e6, 1e6, 1e6};

std::array<double, 3> shared(double total_w, const std::array<double, 3>& weights,
                             const std::array<double, 3>& limits_w) {
  std::array<double, 3> shares_w{};
  share_power(total_w, weights, limits_w, shares_w);
  return shares_w;
}

void expect_shares(const std::array<double, 3>& shares_w, double first_w, double second_w, double third_w) {
  EXPECT_NEAR(shares_w[0], first_w, 1e-6);
  EXPECT_NEAR(shares_w[1], second_w, 1e-6);
  EXPECT_NEAR(shares_w[2], third_w, 1e-6);
}

TEST(PowerShare, DischargeFollowsUsableEnergySoThatAllAreEmptyTogether) {  // E1
  const auto shares_w = shared(6000.0, usable_wh, no_limit_w);
  expect_shares(shares_w, 2800.0, 2000.0, 1200.0);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(usable_wh[k] / shares_w[k], 2.5, 1e-9);  // hours
}

TEST(PowerShare, ChargeFollowsFreeEnergySoThatAllAreFullTogether) {  // E2
  expect_shares(shared(6000.0, free_wh, no_limit_w), 1000.0, 2000.0, 3000.0);
}

// 12 kW by 7:5:3 is 5.6, 4.0, 2.4; the first is clipped at 5, its 7 kW rest goes 5:3 to the others.
TEST(PowerShare, WhatALimitClipsGoesToTheOthers) {  // E3
  expect_shares(shared(12000.0, usable_wh, {5000.0, 5000.0, 5000.0}), 5000.0, 4375.0, 2625.0);
}

TEST(PowerShare, WhatNobodyCanTakeIsLeftOut) {
  expect_shares(shared(12000.0, usable_wh, {1000.0, 2000.0, 3000.0}), 1000.0, 2000.0, 3000.0);
}

TEST(PowerShare, AnEmptyPackAndAPackWithoutLimitGetNothing) {
  expect_shares(shared(4000.0, {0.0, 5000.0, 3000.0}, {1e6, 1e6, 0.0}), 0.0, 4000.0, 0.0);
  expect_shares(shared(4000.0, {0.0, 0.0, 0.0}, no_limit_w), 0.0, 0.0, 0.0);
}

}  // namespace
}  // namespace hil::controller
