#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>

#include "models/balance/droop_share.h"
#include "models/balance/energy_share.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using tests::ValidationCase;

using Packs = std::array<PackState, 3>;
using Powers = std::array<double, 3>;

Packs reference_packs(double cap_w = 1e6) {
  Packs packs;
  packs.fill({.energy_wh = 10000.0,
              .soc = 0.8,
              .min_soc = 0.1,
              .max_soc = 1.0,
              .max_charge_w = cap_w,
              .max_discharge_w = cap_w});
  packs[1].soc = 0.6;
  packs[2].soc = 0.4;
  return packs;
}

std::string pack_name(std::size_t k) {
  return "pack_" + std::to_string(k + 1);
}

Powers check_share(ValidationCase& expected, const Packs& packs, double discharge_w) {
  Powers share_w{};
  EXPECT_EQ(water_filling_share(packs, discharge_w, share_w), 0.0);
  for (std::size_t k = 0; k < packs.size(); ++k) expected.check(pack_name(k) + "_discharge_w", share_w[k]);
  return share_w;
}

void check_times(ValidationCase& expected, const Packs& packs, const Powers& share_w) {
  for (std::size_t k = 0; k < packs.size(); ++k) {
    expected.check(pack_name(k) + "_time_to_limit", time_to_limit_h(packs[k], share_w[k]));
  }
}

TEST(BalanceValidation, E1SharesDischargeByUsableEnergy) {
  ValidationCase expected("balance/e1");
  const Packs packs = reference_packs();
  check_times(expected, packs, check_share(expected, packs, 6000.0));
}

TEST(BalanceValidation, E2SharesChargeByRoomLeft) {
  ValidationCase expected("balance/e2");
  const Packs packs = reference_packs();
  check_times(expected, packs, check_share(expected, packs, -6000.0));
}

TEST(BalanceValidation, E3HandsOnWhatACappedPackCannotTake) {
  ValidationCase expected("balance/e3");
  check_share(expected, reference_packs(5000.0), 12000.0);
}

TEST(BalanceValidation, E4SharesByAPowerOfSoc) {
  ValidationCase expected("balance/e4");
  for (const int exponent : {1, 2, 3}) {
    Packs packs = reference_packs();
    std::array<double, 3> soc{};
    power_law_soc_after(packs, exponent, 6000.0, 1.0, soc);
    for (int second = 0; second < 36000; ++second) {  // tenths of a second: Euler is good to 1e-6
      Powers share_w{};
      power_law_share(packs, exponent, 6000.0, share_w);
      for (std::size_t k = 0; k < 3; ++k) packs[k].soc -= share_w[k] / 10000.0 / 36000.0;
    }
    for (std::size_t k = 0; k < 3; ++k) {
      const std::string name = "n" + std::to_string(exponent) + "_" + pack_name(k) + "_soc";
      expected.check(name, soc[k]);
      expected.check(name + "_integrated", packs[k].soc);
    }
  }
}

TEST(BalanceValidation, E5TakesTheSpreadAwayWithItsTimeConstant) {
  ValidationCase expected("balance/e5");
  Packs packs = reference_packs();
  const auto run_s = [&](int seconds) {
    for (int second = 0; second < seconds; ++second) {
      Powers share_w{};
      linear_correction_share(packs, 4000.0, 6000.0, share_w);
      EXPECT_NEAR(share_w[0] + share_w[1] + share_w[2], 6000.0, 1e-9);
      for (std::size_t k = 0; k < 3; ++k) packs[k].soc -= share_w[k] / 10000.0 / 3600.0;
    }
    return packs[0].soc - packs[2].soc;
  };
  expected.check("time_constant", linear_correction_time_constant_h(10000.0, 4000.0));
  expected.check("time_constant_simulated", 1.0 / std::log(0.4 / run_s(3600)));
  expected.check("spread_after_time_constant", run_s(5400));
}

TEST(BalanceValidation, PlainAndWeightedMeanDifferWhenPacksDo) {
  ValidationCase expected("balance/mean_soc");
  const std::array<PackState, 2> packs{{{.energy_wh = 5000.0, .soc = 1.0}, {.energy_wh = 15000.0, .soc = 0.2}}};
  expected.check("plain", plain_mean_soc(packs));
  expected.check("weighted", weighted_mean_soc(packs));
}

TEST(BalanceValidation, DroopSharesByRating) {
  ValidationCase expected("balance/droop");
  const std::array<DroopUnit, 2> units{{{.rated_w = 5000.0, .droop = 0.01}, {.rated_w = 10000.0, .droop = 0.01}}};
  std::array<double, 2> share_w{};
  expected.check("frequency", droop_share(units, 9000.0, 50.0, share_w));
  expected.check("unit_1_w", share_w[0]);
  expected.check("unit_2_w", share_w[1]);
}

}  // namespace
}  // namespace hil::models
