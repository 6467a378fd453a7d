#include "models/generation/pv_array.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "models/invalid_parameter.h"

namespace hil::models {
namespace {

// CS5P-220M (physics-and-standards 5.2).
PvArray::Parameters array_of(int modules_in_series, int strings_in_parallel) {
  return {.module = {.a_ref_v = 2.6373,
                     .light_current_ref_a = 5.114,
                     .saturation_current_ref_a = 8.196e-10,
                     .series_resistance_ohm = 1.065,
                     .shunt_resistance_ref_ohm = 381.68,
                     .alpha_isc_a_per_k = 0.004539,
                     .bandgap_ref_ev = 1.121,
                     .bandgap_slope_per_k = -0.0002677},
          .modules_in_series = modules_in_series,
          .strings_in_parallel = strings_in_parallel};
}

// P6, all five columns, 1e-3 relative.
TEST(PvArray, MeetsThePublishedOperatingPointsOfOneModule) {
  struct Case {
    double irradiance_w_m2, cell_temperature_c;
    double short_circuit_a, open_circuit_v, maximum_a, maximum_v, maximum_w;
  };
  PvArray array{array_of(1, 1)};
  for (const Case& expected : {Case{1000, 25, 5.0998, 59.4007, 4.6898, 46.9026, 219.964},
                               Case{800, 45, 4.1545, 53.9332, 3.7936, 42.3038, 160.483},
                               Case{400, 35, 2.0615, 54.4900, 1.8966, 44.7496, 84.873},
                               Case{200, 25, 1.0222, 55.1620, 0.9445, 46.4468, 43.869}}) {
    array.set_conditions(expected.irradiance_w_m2, expected.cell_temperature_c);
    const auto& maximum = array.maximum_power_point();
    EXPECT_NEAR(array.short_circuit_a() / expected.short_circuit_a, 1.0, 1e-3);
    EXPECT_NEAR(array.open_circuit_v() / expected.open_circuit_v, 1.0, 1e-3);
    EXPECT_NEAR(maximum.current_a / expected.maximum_a, 1.0, 1e-3);
    EXPECT_NEAR(maximum.voltage_v / expected.maximum_v, 1.0, 1e-3);
    EXPECT_NEAR(maximum.power_w / expected.maximum_w, 1.0, 1e-3);
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

TEST(PvArray, RefusesConditionsOutOfRangeAndKeepsTheOldOnes) {
  PvArray array{array_of(1, 1)};
  array.set_conditions(1000.0, 25.0);
  EXPECT_THROW(array.set_conditions(-1.0, 25.0), InvalidParameter);
  EXPECT_THROW(array.set_conditions(1501.0, 25.0), InvalidParameter);
  EXPECT_THROW(array.set_conditions(500.0, 101.0), InvalidParameter);
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
}

}  // namespace
}  // namespace hil::models
