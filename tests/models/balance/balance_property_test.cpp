#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "models/balance/droop_share.h"
#include "models/balance/energy_share.h"
#include "models/invalid_parameter.h"

namespace hil::models {
namespace {

/// Uniform, not growing with the number of the case.
double any_between(double lowest, double highest) {
  return lowest + (highest - lowest) * *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, 10001)) / 1e4;
}

std::vector<PackState> any_packs() {
  std::vector<PackState> packs(*rc::gen::inRange<std::size_t>(1, 11));
  for (PackState& pack : packs) {
    pack.energy_wh = any_between(1000.0, 20000.0);
    pack.soc = any_between(0.0, 1.0);
    pack.min_soc = any_between(0.0, 0.5);
    pack.max_soc = any_between(0.5, 1.0);
    pack.max_charge_w = *rc::gen::element(0.0, 3000.0, 5000.0, 1e6);
    pack.max_discharge_w = *rc::gen::element(0.0, 3000.0, 5000.0, 1e6);
    check(pack);
  }
  return packs;
}

RC_GTEST_PROP(WaterFilling, PlacesAllItCanInsideEveryCapWithOneTimeToTheStop, ()) {
  const std::vector<PackState> packs = any_packs();
  const double discharge_w = any_between(-60000.0, 60000.0);
  const bool discharging = discharge_w >= 0.0;
  std::vector<double> share_w(packs.size());
  const double left_w = water_filling_share(packs, discharge_w, share_w);
  double sum_w = 0.0;
  bool room = false;
  double common_h = -1.0;
  for (std::size_t k = 0; k < packs.size(); ++k) {
    const double cap_w = discharging ? packs[k].max_discharge_w : packs[k].max_charge_w;
    sum_w += share_w[k];
    RC_ASSERT(std::isfinite(share_w[k]) && std::abs(share_w[k]) <= cap_w);
    RC_ASSERT(share_w[k] == 0.0 || (share_w[k] > 0.0) == discharging);
    if (usable_wh(packs[k], discharging) == 0.0) {
      RC_ASSERT(share_w[k] == 0.0);
    } else if (std::abs(share_w[k]) < cap_w) {
      room = true;
      const double hours = time_to_limit_h(packs[k], share_w[k]);
      if (common_h >= 0.0 && std::isfinite(hours)) RC_ASSERT(std::abs(hours / common_h - 1.0) < 1e-9);
      common_h = hours;
    }
  }
  RC_ASSERT(std::abs(sum_w + (discharging ? left_w : -left_w) - discharge_w) < 1e-6);
  RC_ASSERT(left_w == 0.0 || !room);
  RC_ASSERT(time_to_limit_spread(packs, share_w) < 1e-6);
  RC_ASSERT(exchanged_w(share_w) == 0.0);
  if (std::abs(sum_w) > 1.0) RC_ASSERT(share_error(packs, share_w) < 1e-9);
}

// The claim that makes the energy share the yardstick: discharged to the end, all packs stop together at sum(w) / P.
RC_GTEST_PROP(WaterFilling, EmptiesAllUncappedPacksTogether, ()) {
  std::vector<PackState> packs = any_packs();
  double usable = 0.0;
  for (PackState& pack : packs) {
    pack.max_discharge_w = 1e6;
    usable += usable_wh(pack, true);
  }
  RC_PRE(usable > 1000.0);  // a single pack at its stop has nothing to show
  const double power_w = 5000.0;
  const double end_h = usable / power_w;
  std::vector<double> share_w(packs.size());
  for (int part = 0; part < 99; ++part) {
    water_filling_share(packs, power_w, share_w);
    for (std::size_t k = 0; k < packs.size(); ++k) packs[k].soc -= share_w[k] / packs[k].energy_wh * end_h / 100.0;
  }
  water_filling_share(packs, power_w, share_w);
  for (std::size_t k = 0; k < packs.size(); ++k) {
    if (share_w[k] > 1e-3) RC_ASSERT(std::abs(time_to_limit_h(packs[k], share_w[k]) / (end_h / 100.0) - 1.0) < 1e-6);
  }
}

RC_GTEST_PROP(PowerLaw, LeavesItsInvariantBetweenAnyTwoPacks, ()) {
  std::vector<PackState> packs = any_packs();
  double stored_wh = 0.0;
  for (PackState& pack : packs) {
    pack.soc = std::max(pack.soc, 0.05);
    stored_wh += pack.energy_wh * pack.soc;
  }
  const double exponent = *rc::gen::element(1.0, 1.5, 2.0, 3.0);
  const double hours = any_between(0.0, 0.9) * stored_wh / 6000.0;
  std::vector<double> soc(packs.size());
  power_law_soc_after(packs, exponent, 6000.0, hours, soc);
  double left_wh = 0.0;
  for (std::size_t k = 0; k < packs.size(); ++k) {
    left_wh += packs[k].energy_wh * soc[k];
    const double moved = power_law_invariant(soc[k], exponent) - power_law_invariant(packs[k].soc, exponent);
    const double first = power_law_invariant(soc[0], exponent) - power_law_invariant(packs[0].soc, exponent);
    RC_ASSERT(std::abs(moved - first) < 1e-9 * (1.0 + std::abs(power_law_invariant(soc[k], exponent)) +
                                                std::abs(power_law_invariant(soc[0], exponent))));
  }
  RC_ASSERT(std::abs(stored_wh - 6000.0 * hours - left_wh) < 1e-6 * stored_wh);
}

RC_GTEST_PROP(Droop, PlacesTheWholeLoad, ()) {
  std::vector<DroopUnit> units(*rc::gen::inRange<std::size_t>(1, 11));
  for (DroopUnit& unit : units) unit = {any_between(1000.0, 50000.0), any_between(0.001, 0.05)};
  const double load_w = any_between(-50000.0, 50000.0);
  std::vector<double> share_w(units.size());
  const double frequency_hz = droop_share(units, load_w, 50.0, share_w);
  double sum_w = 0.0;
  for (std::size_t k = 0; k < units.size(); ++k) {
    sum_w += share_w[k];
    const double own_hz = 50.0 - units[k].droop * 50.0 / units[k].rated_w * share_w[k];
    RC_ASSERT(std::abs(own_hz - frequency_hz) < 1e-9);
  }
  RC_ASSERT(std::abs(sum_w - load_w) < 1e-6);
}

// Two packs of 10 kWh at .8 and .4, min 0: 3000 and 1000 W last 2.667 and 4 h; (4 - 2.667) / 3.333 = 0.4.
// Water filling of 4000 W is 2667 and 1333 W: 333 W of 4000 W is 1/12.
TEST(BalanceYardstick, MeasuresHowUnevenlyAControllerShares) {
  const PackState full{10000.0, 0.8, 0.0, 1.0, 5000.0, 5000.0};
  PackState low = full;
  low.soc = 0.4;
  const std::array packs{full, low};
  EXPECT_NEAR(time_to_limit_spread(packs, std::array{3000.0, 1000.0}), 0.4, 1e-12);
  EXPECT_NEAR(share_error(packs, std::array{3000.0, 1000.0}), 1.0 / 12.0, 1e-12);
  EXPECT_EQ(time_to_limit_spread(packs, std::array{5000.0, 1000.0}), 0.0);  // one at its cap: nothing to compare
  EXPECT_EQ(exchanged_w(std::array{3000.0, -500.0}), 500.0);
  EXPECT_EQ(share_error(packs, std::array{0.0, 0.0}), 0.0);
}

TEST(BalanceYardstick, RefusesPacksThatCannotBe) {
  const auto field_of = [](const PackState& pack) {
    try {
      check(pack);
      return std::string("accepted");
    } catch (const InvalidParameter& refused) {
      return refused.field();
    }
  };
  const PackState good{10000.0, 0.8, 0.1, 1.0, 5000.0, 5000.0};
  EXPECT_EQ(field_of(good), "accepted");
  EXPECT_EQ(field_of({}), "energy_wh");
  PackState bad = good;
  bad.soc = std::nan("");
  EXPECT_EQ(field_of(bad), "soc");
  bad = good;
  bad.max_soc = 0.05;
  EXPECT_EQ(field_of(bad), "max_soc");
  EXPECT_THROW(check(DroopUnit{}), InvalidParameter);
}

}  // namespace
}  // namespace hil::models
