#include "models/inverter/conversion_loss.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "tests/models/inverter/measured_inverters.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using hil::tests::ValidationCase;

constexpr double highest_ac_w = 11000.0;

double any_between(double lowest, double highest) {
  return lowest + (highest - lowest) * *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, 1000001)) / 1e6;
}

double pv_to_ac_percent(const ConversionLoss& loss, double ac_w) {
  return 100.0 * ac_w / loss.pv_for_ac_w(ac_w, 0.0);
}

double battery_to_ac_percent(const ConversionLoss& loss, double ac_w) {
  return 100.0 * ac_w / loss.battery_for_ac_w(ac_w, 0.0);
}

/// PV into the battery with nothing left for AC.
double pv_to_battery_percent(const ConversionLoss& loss, double pv_w) {
  return -100.0 * loss.battery_for_ac_w(0.0, pv_w) / pv_w;
}

double euro_percent(const ConversionLoss& loss, double rated_w) {
  double sum = 0.0;
  for (const auto& [share, weight] :
       {std::pair{0.05, 0.03}, {0.10, 0.06}, {0.20, 0.13}, {0.30, 0.10}, {0.50, 0.48}, {1.00, 0.20}}) {
    sum += weight * pv_to_ac_percent(loss, share * rated_w);
  }
  return sum;
}

double cec_percent(const ConversionLoss& loss, double rated_w) {
  double sum = 0.0;
  for (const auto& [share, weight] :
       {std::pair{0.10, 0.04}, {0.20, 0.05}, {0.30, 0.12}, {0.50, 0.21}, {0.75, 0.53}, {1.00, 0.05}}) {
    sum += weight * pv_to_ac_percent(loss, share * rated_w);
  }
  return sum;
}

/// Checks each "at_<percent>" of a case, and "euro" and "cec" where it has them.
template <typename Efficiency>
void check_points(const std::string& folder, const ConversionLoss& loss, double rated_w, Efficiency efficiency) {
  ValidationCase published(folder);
  for (const std::string& quantity : published.quantities()) {
    if (quantity == "euro") published.check(quantity, euro_percent(loss, rated_w));
    if (quantity == "cec") published.check(quantity, cec_percent(loss, rated_w));
    if (quantity.rfind("at_", 0) == 0) {
      published.check(quantity, efficiency(loss, std::stod(quantity.substr(3)) / 100.0 * rated_w));
    }
  }
}

TEST(ConversionLoss, GivesThePublishedEfficienciesOfEachMeasuredPath) {
  const ConversionLoss gen24(gen24_losses, highest_ac_w);
  const ConversionLoss plenticore(plenticore_losses, highest_ac_w);
  const ConversionLoss stp10(stp10_losses, highest_ac_w);
  check_points("inverter/gen24_pv_to_ac", gen24, gen24_pv_to_ac.reference_w, pv_to_ac_percent);
  check_points("inverter/plenticore_pv_to_ac", plenticore, plenticore_pv_to_ac.reference_w, pv_to_ac_percent);
  check_points("inverter/stp10_pv_to_ac", stp10, stp10_pv_to_ac.reference_w, pv_to_ac_percent);
  check_points("inverter/gen24_battery_to_ac", gen24, gen24_battery_to_ac.reference_w, battery_to_ac_percent);
  check_points("inverter/plenticore_battery_to_ac", plenticore, plenticore_battery_to_ac.reference_w,
               battery_to_ac_percent);
  check_points("inverter/gen24_pv_to_battery", gen24, gen24_pv_to_battery.reference_w, pv_to_battery_percent);
}

// The measurers fitted each path twice, over input and over output power. Our curve is that over output; the loss that
// it gives must be that of the other fit at the same point. Both are fits to the same seven points: 3 W of 10 kW.
TEST(ConversionLoss, AgreesWithTheFitOverInputPowerOfTheDataFile) {
  const auto rows = hil::tests::reference_table("hybrid_inverter_measured_parameters.csv");
  if (rows.empty()) GTEST_SKIP() << "reference data are not there";
  const auto value = [&rows](const std::string& name, std::size_t column) {
    for (const auto& row : rows) {
      if (row[0] == name && row.size() > column && !row[column].empty()) return std::stod(row[column]);
    }
    ADD_FAILURE() << "no " << name;
    return 0.0;
  };
  const std::array<std::pair<std::size_t, ConversionLoss::Parameters>, 3> units{
      {{1, plenticore_losses}, {2, gen24_losses}, {3, stp10_losses}}};
  for (const auto& [column, curves] : units) {
    const ConversionLoss loss(curves, highest_ac_w);
    const double rated_w = value("P_PV2AC_in [W]", column);
    for (const double p : {0.1, 0.3, 0.5, 0.75, 1.0}) {
      const double fitted_w =
          (value("PV2AC_a_in", column) * p + value("PV2AC_b_in", column)) * p + value("PV2AC_c_in", column);
      EXPECT_NEAR(p * rated_w - loss.ac_injection_w(p * rated_w, 0.0), fitted_w, 3.0)
          << "unit " << column << " at " << p;
    }
    if (column == 3) continue;  // no battery
    const double battery_w = value("P_BAT2AC_in [W]", column);
    for (const double p : {0.1, 0.3, 0.5, 0.75, 1.0}) {
      const double fitted_w =
          (value("BAT2AC_a_in", column) * p + value("BAT2AC_b_in", column)) * p + value("BAT2AC_c_in", column);
      EXPECT_NEAR(p * battery_w - loss.ac_injection_w(0.0, p * battery_w), fitted_w, 3.0)
          << "unit " << column << " at " << p;
    }
  }
}

ConversionLoss any_unit() {
  return *rc::gen::element(ConversionLoss(gen24_losses, highest_ac_w), ConversionLoss(plenticore_losses, highest_ac_w),
                           ConversionLoss(stp10_losses, highest_ac_w));
}

// A watt more of DC is more AC, whatever the mixture of paths; and no path begins with a jump: 0.01 W of DC moves AC by
// less than 0.02 W (the constant of a path fades in by at most half a watt a watt).
RC_GTEST_PROP(ConversionLoss, RisesWithEachWattAndWithoutAJump, ()) {
  const ConversionLoss loss = any_unit();
  const double pv_w = *rc::gen::element(0.0, any_between(0.0, 60.0), any_between(0.0, 10000.0));
  const double battery_w = *rc::gen::element(0.0, -pv_w, any_between(-60.0, 60.0), any_between(-9000.0, 9000.0));
  const double here_w = loss.ac_injection_w(pv_w, battery_w);
  for (const double rise_w :
       {loss.ac_injection_w(pv_w + 0.01, battery_w) - here_w, loss.ac_injection_w(pv_w, battery_w + 0.01) - here_w,
        here_w - loss.ac_injection_w(pv_w, battery_w - 0.01)}) {
    RC_ASSERT(rise_w > 0.0);
    RC_ASSERT(rise_w < 0.02);
  }
  // Nothing is won on the way.
  RC_ASSERT(here_w <= pv_w + battery_w);
}

// 1e-6 W: the root is sought to 1e-8 W, and a watt of DC is at least half a watt of AC.
RC_GTEST_PROP(ConversionLoss, FindsTheDcPowerThatGivesAnAcPower, ()) {
  const ConversionLoss loss = any_unit();
  const double pv_w = any_between(0.0, 10000.0);
  const double battery_w = any_between(-9000.0, 9000.0);
  const double ac_w = loss.ac_injection_w(pv_w, battery_w);
  RC_ASSERT(std::abs(loss.pv_for_ac_w(ac_w, battery_w) - pv_w) < 1e-6);
  RC_ASSERT(std::abs(loss.battery_for_ac_w(ac_w, pv_w) - battery_w) < 1e-6);
  // What PV alone cannot lower any more: zero, not less.
  const double least_w = loss.ac_injection_w(0.0, battery_w);
  RC_ASSERT(loss.pv_for_ac_w(least_w - 1.0, battery_w) == 0.0);
}

// To the last bit: who asks for both need not work the AC power out again.
RC_GTEST_PROP(ConversionLoss, SaysWithThePvPowerWhatAcPowerItGives, ()) {
  const ConversionLoss loss = any_unit();
  const double battery_w = *rc::gen::element(0.0, any_between(-60.0, 60.0), any_between(-9000.0, 9000.0));
  const double ac_w = *rc::gen::element(0.0, any_between(-60.0, 60.0), any_between(-9000.0, 9000.0));
  const ConversionLoss::PvForAc found = loss.pv_for_ac(ac_w, battery_w);
  RC_ASSERT(found.pv_w == loss.pv_for_ac_w(ac_w, battery_w));
  RC_ASSERT(found.ac_injection_w == loss.ac_injection_w(found.pv_w, battery_w));
  // Without PV, a charging battery takes from AC.
  if (battery_w < 0.0) RC_ASSERT(loss.ac_injection_w(0.0, battery_w) <= 0.0);
}

}  // namespace
}  // namespace hil::models
