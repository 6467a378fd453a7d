#include "models/generation/pv_array.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <utility>

#include "models/invalid_parameter.h"
#include "tests/models/generation/example_array.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

TEST(PvArray, MeetsThePublishedOperatingPointsOfOneModule) {
  tests::ValidationCase expected{"generation/p6_single_diode"};
  PvArray array{array_of(1, 1)};
  for (const auto& [irradiance, cell_c] : {std::pair{1000, 25}, {800, 45}, {400, 35}, {200, 25}}) {
    array.set_conditions(irradiance, cell_c);
    const std::string name = "g" + std::to_string(irradiance) + "_t" + std::to_string(cell_c) + "_";
    expected.check(name + "short_circuit_a", array.short_circuit_a());
    expected.check(name + "open_circuit_v", array.open_circuit_v());
    expected.check(name + "maximum_a", array.maximum_power_point().current_a);
    expected.check(name + "maximum_v", array.maximum_power_point().voltage_v);
    expected.check(name + "maximum_w", array.maximum_power_point().power_w);
  }
}

// Voltages add along a string, currents over the strings: 14 * 46.9026 V, 2 * 4.6898 A, 28 * 219.964 W.
TEST(PvArray, AddsVoltagesInSeriesAndCurrentsInParallel) {
  PvArray array{array_of(14, 2)};
  array.set_conditions(1000.0, 25.0);
  EXPECT_NEAR(array.maximum_power_point().voltage_v, 656.636, 0.01);
  EXPECT_NEAR(array.maximum_power_point().current_a, 9.3796, 0.001);
  EXPECT_NEAR(array.maximum_power_point().power_w, 6158.99, 0.1);
  EXPECT_NEAR(array.open_circuit_v(), 831.610, 0.01);
  EXPECT_NEAR(array.short_circuit_a(), 10.1996, 0.001);
}

TEST(PvArray, GivesNothingInTheDark) {
  PvArray array{array_of(14, 2)};
  array.set_conditions(1000.0, 25.0);
  array.set_conditions(0.0, 25.0);
  EXPECT_EQ(array.maximum_power_point().power_w, 0.0);
  EXPECT_EQ(array.open_circuit_v(), 0.0);
  EXPECT_EQ(array.short_circuit_a(), 0.0);
  const auto point = array.curtailed_point(100.0);
  EXPECT_EQ(point.voltage_v, 0.0);
  EXPECT_EQ(point.current_a, 0.0);
}

TEST(PvArray, MovesRightOfTheMaximumWhenCurtailed) {
  PvArray array{array_of(14, 2)};
  array.set_conditions(974.0, 25.0);
  const PvArray::Point maximum = array.maximum_power_point();
  double last_v = maximum.voltage_v;
  for (const double share : {0.99, 0.9, 0.5, 0.1, 0.01}) {
    const auto point = array.curtailed_point(share * maximum.power_w);
    EXPECT_NEAR(point.power_w, share * maximum.power_w, 1e-7);
    EXPECT_GT(point.voltage_v, last_v);
    last_v = point.voltage_v;
  }
  EXPECT_LT(last_v, array.open_circuit_v());
}

TEST(PvArray, CurtailedPointMeetsTheHandCalculation) {
  tests::ValidationCase expected{"generation/curtailed_point"};
  PvArray array{array_of(1, 1)};
  array.set_conditions(1000.0, 25.0);
  const auto point = array.curtailed_point(expected.expected("demand_w"));
  expected.check("demand_w", point.power_w);
  expected.check("voltage_v", point.voltage_v);
  expected.check("current_a", point.current_a);
}

TEST(PvArray, StaysAtTheMaximumWhenMoreIsAskedAndAtOpenCircuitForNothing) {
  PvArray array{array_of(14, 2)};
  array.set_conditions(500.0, 30.0);
  const auto& maximum = array.maximum_power_point();
  EXPECT_EQ(array.curtailed_point(maximum.power_w).voltage_v, maximum.voltage_v);
  EXPECT_EQ(array.curtailed_point(1e9).power_w, maximum.power_w);
  EXPECT_EQ(array.curtailed_point(0.0).voltage_v, array.open_circuit_v());
  EXPECT_EQ(array.curtailed_point(0.0).current_a, 0.0);
}

// Random conditions over the whole range: every point put back into the equation of the header, written out again
// here, and no neighbour of the maximum gives more.
TEST(PvArray, SatisfiesTheDiodeEquationUnderAllConditions) {
  const auto module = array_of(1, 1).module;
  PvArray array{array_of(1, 1)};
  std::mt19937 generator{11};
  const auto between = [&](double low, double high) {
    return low + (high - low) * (static_cast<double>(generator()) / 4294967296.0);
  };
  for (int i = 0; i < 500; ++i) {
    const double irradiance = i < 50 ? between(0.001, 1.0) : between(1.0, 1500.0);
    const double temperature_c = between(-40.0, 100.0);
    array.set_conditions(irradiance, temperature_c);
    const double kelvin = temperature_c + 273.15;
    const double k = 8.617333262e-5;
    const double light_a = irradiance / 1000.0 * (module.light_current_ref_a + 0.004539 * (temperature_c - 25.0));
    const double bandgap = 1.121 * (1.0 - 0.0002677 * (temperature_c - 25.0));
    const double saturation_a =
        8.196e-10 * std::pow(kelvin / 298.15, 3) * std::exp(1.121 / (k * 298.15) - bandgap / (k * kelvin));
    const double a_v = 2.6373 * kelvin / 298.15;
    const double shunt_ohm = 381.68 * 1000.0 / irradiance;
    const auto residual_a = [&](double voltage_v, double current_a) {
      const double junction_v = voltage_v + current_a * 1.065;
      return light_a - saturation_a * std::expm1(junction_v / a_v) - junction_v / shunt_ohm - current_a;
    };
    const PvArray::Point maximum = array.maximum_power_point();
    ASSERT_NEAR(residual_a(maximum.voltage_v, maximum.current_a), 0.0, 1e-9);
    ASSERT_NEAR(residual_a(array.open_circuit_v(), 0.0), 0.0, 1e-9);
    ASSERT_NEAR(residual_a(0.0, array.short_circuit_a()), 0.0, 1e-9);
    const auto curtailed = array.curtailed_point(between(0.0, 1.0) * maximum.power_w);
    ASSERT_NEAR(residual_a(curtailed.voltage_v, curtailed.current_a), 0.0, 1e-9);
    ASSERT_GE(curtailed.voltage_v, maximum.voltage_v);
    ASSERT_LE(curtailed.voltage_v, array.open_circuit_v());
    // With V constant to first order, a current one permille off solves the equation at another voltage: less power.
    for (const double factor : {0.999, 1.001}) {
      const double current_a = maximum.current_a * factor;
      double low_v = 0.0;
      double high_v = array.open_circuit_v();
      for (int halving = 0; halving < 60; ++halving) {
        const double middle_v = 0.5 * (low_v + high_v);
        (residual_a(middle_v, current_a) > 0.0 ? low_v : high_v) = middle_v;
      }
      ASSERT_LT(low_v * current_a, maximum.power_w);
    }
  }
}

// Half the strings in full light, half at 40 %: the current is the mean of two arrays at the same voltage, because
// parallel strings share it. 1e-9: Newton to rounding.
TEST(PvArray, StringsOfDifferentLightShareTheVoltage) {
  PvArray array{array_of(14, 4)};
  PvArray bright{array_of(14, 2)};
  PvArray dim{array_of(14, 2)};
  array.set_conditions(1000.0, 40.0);
  array.set_string_shading(1, 0.4);
  array.set_string_shading(3, 0.4);
  bright.set_conditions(1000.0, 40.0);
  dim.set_conditions(400.0, 40.0);
  for (const double share : {0.0, 0.3, 0.7, 0.85, 0.95}) {
    const double voltage_v = share * dim.open_circuit_v();
    EXPECT_NEAR(array.point_at_voltage(voltage_v).current_a,
                bright.point_at_voltage(voltage_v).current_a + dim.point_at_voltage(voltage_v).current_a, 1e-9);
  }
  const double apart_w = bright.maximum_power_point().power_w + dim.maximum_power_point().power_w;
  EXPECT_LT(array.maximum_power_point().power_w, apart_w);
  EXPECT_GT(array.maximum_power_point().power_w, 0.99 * apart_w);
}

// A string in the dark takes a little current near open circuit, so the array opens below the bright string alone.
TEST(PvArray, ADarkStringIsFedByTheBrightOne) {
  PvArray array{array_of(14, 2)};
  PvArray alone{array_of(14, 1)};
  array.set_conditions(1000.0, 25.0);
  alone.set_conditions(1000.0, 25.0);
  array.set_string_shading(1, 0.0);
  EXPECT_LT(array.open_circuit_v(), alone.open_circuit_v());
  EXPECT_GT(array.open_circuit_v(), 0.9 * alone.open_circuit_v());
  EXPECT_LT(array.maximum_power_point().power_w, alone.maximum_power_point().power_w);
  array.set_string_shading(0, 0.0);
  EXPECT_EQ(array.maximum_power_point().power_w, 0.0);
  array.set_string_shading(0, 1.0);
  array.set_string_shading(1, 1.0);
  EXPECT_NEAR(array.maximum_power_point().power_w, 28 * 219.964, 28 * 0.22);
}

// One bright string among nineteen dark ones opens low; when the others come back the array is as if nothing had been.
TEST(PvArray, RecoversFromManyDarkStrings) {
  PvArray array{array_of(14, 20)};
  PvArray untouched{array_of(14, 20)};
  untouched.set_conditions(800.0, 30.0);
  for (std::size_t string = 1; string < 20; ++string) array.set_string_shading(string, 0.0);
  array.set_conditions(800.0, 30.0);
  EXPECT_LT(array.open_circuit_v(), 0.95 * untouched.open_circuit_v());
  for (std::size_t string = 1; string < 20; ++string) array.set_string_shading(string, 1.0);
  EXPECT_NEAR(array.open_circuit_v(), untouched.open_circuit_v(), 1e-6);
  EXPECT_NEAR(array.maximum_power_point().power_w, untouched.maximum_power_point().power_w, 1e-6);
}

TEST(PvArray, SoilingIsLessLightAndMismatchLessCurrent) {
  PvArray::Parameters parameters = array_of(14, 2);
  parameters.soiling_factor = 0.97;
  PvArray soiled{parameters};
  parameters.soiling_factor = 1.0;
  parameters.mismatch_factor = 0.98;
  PvArray mismatched{parameters};
  PvArray clean{array_of(14, 2)};
  soiled.set_conditions(1000.0, 25.0);
  mismatched.set_conditions(1000.0, 25.0);
  clean.set_conditions(970.0, 25.0);
  EXPECT_NEAR(soiled.maximum_power_point().power_w, clean.maximum_power_point().power_w, 1e-9);
  clean.set_conditions(1000.0, 25.0);
  EXPECT_NEAR(mismatched.maximum_power_point().power_w, 0.98 * clean.maximum_power_point().power_w, 1e-9);
  EXPECT_NEAR(mismatched.maximum_power_point().voltage_v, clean.maximum_power_point().voltage_v, 1e-8);
}

// 28 modules of 219.964 W at 600 W/m2 and 45 deg C: 6158.99 x 0.6 x (1 - 0.0035 x 20) = 3436.72 W.
TEST(PvArray, TheFastStringFollowsItsFormulaAndIsNotTheDefault) {
  EXPECT_EQ(PvArray::Parameters{}.curve, PvArray::Curve::single_diode);
  PvArray::Parameters parameters = array_of(14, 2);
  parameters.curve = PvArray::Curve::fast_string;
  PvArray array{parameters};
  EXPECT_EQ(array.maximum_power_point().power_w, 0.0);
  array.set_conditions(600.0, 45.0);
  EXPECT_NEAR(array.maximum_power_point().power_w, 3436.72, 0.1);
  const auto half = array.curtailed_point(1718.36);
  EXPECT_NEAR(half.power_w, 1718.36, 1e-9);
  EXPECT_NEAR(half.voltage_v * half.current_a, 1718.36, 1e-9);
  EXPECT_NEAR(half.voltage_v, 0.5 * (656.636 + 831.610), 0.01);
  EXPECT_NEAR(array.point_at_voltage(half.voltage_v).power_w, half.power_w, 1e-9);
  EXPECT_NEAR(array.point_at_current(half.current_a).power_w, half.power_w, 1e-9);
}

// Whatever came before, the warm start ends where a fresh array does: 1e-9 of the array's scale.
RC_GTEST_PROP(PvArray, EveryPointHoldsItsLimitsWhateverCameBefore, ()) {
  PvArray array{array_of(14, 3)};
  for (int change = 0; change < 6; ++change) {
    const double irradiance = *rc::gen::element(1.0, 100.0, 15000.0) * *rc::gen::inRange(0, 1001) / 10000.0;
    const double cell_c = *rc::gen::inRange(-400, 1001) / 10.0;
    const double shading = *rc::gen::element(0.0, 0.3, 1.0);
    PvArray fresh{array_of(14, 3)};
    array.set_conditions(irradiance, cell_c);
    array.set_string_shading(2, shading);
    fresh.set_string_shading(2, shading);
    fresh.set_conditions(irradiance, cell_c);
    const PvArray::Point maximum = array.maximum_power_point();
    RC_ASSERT(std::abs(maximum.power_w - fresh.maximum_power_point().power_w) < 1e-6);
    RC_ASSERT(std::abs(array.open_circuit_v() - fresh.open_circuit_v()) < 1e-6);
    RC_ASSERT(maximum.power_w >= 0.0);
    RC_ASSERT(maximum.voltage_v <= array.open_circuit_v());
    const double demand_w = *rc::gen::element(0.0, 1.0, 30000.0, std::numeric_limits<double>::infinity());
    const double asked_w = std::isfinite(demand_w) ? demand_w * *rc::gen::inRange(0, 1001) / 1000.0 : demand_w;
    const PvArray::Point point = array.curtailed_point(asked_w);
    RC_ASSERT(point.voltage_v >= maximum.voltage_v && point.voltage_v <= array.open_circuit_v());
    RC_ASSERT(std::abs(point.power_w - std::min(asked_w, maximum.power_w)) < 1e-6);
    RC_ASSERT(std::abs(array.point_at_voltage(point.voltage_v).power_w - point.power_w) < 1e-5);
    RC_ASSERT(std::abs(array.point_at_current(point.current_a).power_w - point.power_w) < 1e-4);
    RC_ASSERT(std::isfinite(array.short_circuit_a()) && array.short_circuit_a() >= maximum.current_a);
  }
}

TEST(PvArray, RefusesConditionsOutOfRangeAndKeepsTheOldOnes) {
  PvArray array{array_of(1, 1)};
  array.set_conditions(1000.0, 25.0);
  EXPECT_THROW(array.set_conditions(-1.0, 25.0), InvalidParameter);
  EXPECT_THROW(array.set_conditions(1501.0, 25.0), InvalidParameter);
  EXPECT_THROW(array.set_conditions(500.0, 151.0), InvalidParameter);
  EXPECT_THROW(array.set_conditions(std::nan(""), 25.0), InvalidParameter);
  EXPECT_EQ(array.irradiance_w_m2(), 1000.0);
  EXPECT_NEAR(array.maximum_power_point().power_w, 219.964, 0.22);
}

TEST(PvArray, RefusesParametersOutOfRangeByName) {
  const auto refused_field = [](auto spoil) -> std::string {
    PvArray::Parameters parameters = array_of(14, 2);
    spoil(parameters);
    try {
      PvArray array{parameters};
    } catch (const InvalidParameter& fault) {
      return fault.field();
    }
    return "";
  };
  using Parameters = PvArray::Parameters;
  EXPECT_EQ(refused_field([](Parameters&) {}), "");
  EXPECT_EQ(refused_field([](Parameters& p) { p = {}; }), "a_ref_v");
  EXPECT_EQ(refused_field([](Parameters& p) { p.module.series_resistance_ohm = -1.0; }), "series_resistance_ohm");
  EXPECT_EQ(refused_field([](Parameters& p) { p.module.bandgap_ref_ev = 0.0; }), "bandgap_ref_ev");
  EXPECT_EQ(refused_field([](Parameters& p) { p.modules_in_series = 0; }), "modules_in_series");
  EXPECT_EQ(refused_field([](Parameters& p) { p.strings_in_parallel = -1; }), "strings_in_parallel");
  EXPECT_EQ(refused_field([](Parameters& p) { p.module.series_resistance_ohm = 12.0; }), "series_resistance_ohm");
  EXPECT_EQ(refused_field([](Parameters& p) { p.mismatch_factor = 0.0; }), "mismatch_factor");
  EXPECT_EQ(refused_field([](Parameters& p) { p.soiling_factor = std::nan(""); }), "soiling_factor");
  EXPECT_EQ(refused_field([](Parameters& p) { p.gamma_per_k = 0.0035; }), "gamma_per_k");
  PvArray array{array_of(14, 2)};
  EXPECT_THROW(array.set_string_shading(2, 0.5), InvalidParameter);
  EXPECT_THROW(array.set_string_shading(0, 1.5), InvalidParameter);
}

}  // namespace
}  // namespace hil::models
