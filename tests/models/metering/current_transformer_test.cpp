#include "models/metering/current_transformer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "models/invalid_parameter.h"

namespace hil::models {
namespace {

constexpr CurrentTransformer::Parameters ct_250_5{.rated_primary_a = 250.0, .rated_secondary_a = 5.0};

// 14.5 A through 250/5 is 0.29 A. 1e-12: rounding only.
TEST(CurrentTransformer, DividesByItsRatio) {
  const CurrentTransformer transformer(ct_250_5);
  EXPECT_NEAR(std::abs(transformer.secondary_a({14.5, 0.0}) - 0.29), 0.0, 1e-12);
  EXPECT_DOUBLE_EQ(transformer.ratio(), 50.0);
}

TEST(CurrentTransformer, TurnsTheCurrentByHalfATurnWhenClampedOnBackwards) {
  CurrentTransformer transformer(ct_250_5);
  transformer.set_reversed(true);
  EXPECT_NEAR(std::abs(transformer.secondary_a({14.5, 3.0}) + Phasor{0.29, 0.06}), 0.0, 1e-12);
  transformer.set_reversed(false);
  EXPECT_NEAR(std::abs(transformer.secondary_a({14.5, 3.0}) - Phasor{0.29, 0.06}), 0.0, 1e-12);
}

// physics-and-standards 6.1: 30' of phase error makes 10 kvar read as 87 W: 10000 sin(30') = 87.27 W. The secondary
// current leads, so of a lagging current the meter sees too little angle: + 87.27 W.
TEST(CurrentTransformer, LeaksReactivePowerIntoActiveByItsPhaseError) {
  CurrentTransformer::Parameters parameters = ct_250_5;
  parameters.phase_error_rad = 30.0 / 60.0 * std::numbers::pi / 180.0;
  const CurrentTransformer transformer(parameters);
  const Phasor lagging_a{0.0, -10000.0 / 230.0};
  const Phasor measured_va = 230.0 * std::conj(50.0 * transformer.secondary_a(lagging_a));
  EXPECT_NEAR(measured_va.real(), 10000.0 * std::sin(parameters.phase_error_rad), 1e-6);
  EXPECT_NEAR(measured_va.real(), 87.27, 0.01);
}

TEST(CurrentTransformer, ScalesByItsRatioError) {
  CurrentTransformer::Parameters parameters = ct_250_5;
  parameters.ratio_error = -0.015;  // class 0.5 at 5 % of rated
  EXPECT_NEAR(std::abs(CurrentTransformer(parameters).secondary_a({12.5, 0.0})), 0.25 * 0.985, 1e-12);
}

// Class .5 at 1 % of rated: 1.5 % of the lowest point (5 %) and .2 % x (5 / 1 - 1) of the magnetising current = 2.3 %.
TEST(CurrentTransformer, ErrsMoreAndMoreBelowThePromiseOfItsClass) {
  CurrentTransformer::Parameters parameters = ct_250_5;
  parameters.accuracy_class = CtClass::class_05;
  parameters.ratio_position = -1.0;
  const CurrentTransformer transformer(parameters);
  const auto error_at = [&](double primary_a) {
    return std::abs(transformer.secondary_a(primary_a)) * 50.0 / primary_a - 1.0;
  };
  EXPECT_NEAR(error_at(2.5), -0.023, 1e-12);
  EXPECT_NEAR(error_at(12.5 - 1e-9), -0.015, 1e-9);
  EXPECT_NEAR(error_at(1e-6), -CurrentTransformer::max_error, 1e-12);
  EXPECT_EQ(transformer.secondary_a(0.0), Phasor{});
  EXPECT_TRUE(transformer.flags(2.5).has(CtFlag::below_class_range));
  EXPECT_FALSE(transformer.flags(13.0).any());
  EXPECT_TRUE(transformer.flags(301.0).has(CtFlag::above_class_range));
}

// Rated 2.5 VA = 0.1 ohm at 5 A. 20 m of 1.5 mm2 are 0.46667 ohm, 11.667 VA: 4.6667 of rated, so is the error.
// ALF 5 with 0.05 ohm of winding: clips at 25 A x (0.05 + 0.1) / (0.05 + 0.46667) = 7.2581 A, 362.9 A primary.
TEST(CurrentTransformer, LosesItsClassAndSaturatesBehindLongLeads) {
  CurrentTransformer::Parameters parameters = ct_250_5;
  parameters.accuracy_class = CtClass::class_05;
  parameters.ratio_position = 1.0;
  parameters.rated_burden_va = 2.5;
  parameters.lead_length_m = 20.0;
  parameters.lead_area_mm2 = 1.5;
  parameters.winding_ohm = 0.05;
  parameters.accuracy_limit_factor = 5.0;
  CurrentTransformer transformer(parameters);
  EXPECT_NEAR(std::abs(transformer.secondary_a(250.0)), 5.0 * (1.0 + 0.005 * 14.0 / 3.0), 1e-9);
  EXPECT_NEAR(std::abs(transformer.secondary_a(1000.0)), 25.0 * 0.15 / (0.05 + 1.4 / 3.0), 1e-9);
  const CtFlags flags = transformer.flags(1000.0);
  EXPECT_TRUE(flags.has(CtFlag::burden_out_of_range));
  EXPECT_TRUE(flags.has(CtFlag::lead_too_long));
  EXPECT_TRUE(flags.has(CtFlag::saturated));
  EXPECT_FALSE(transformer.flags(250.0).has(CtFlag::saturated));
  transformer.set_frequency_hz(25.0);  // half the voltage for the same flux
  EXPECT_NEAR(std::abs(transformer.secondary_a(1000.0)), 12.5 * 0.15 / (0.05 + 1.4 / 3.0), 1e-9);
  EXPECT_TRUE(transformer.flags(0.0).has(CtFlag::wrong_frequency));
  transformer.set_frequency_hz(50.0);
  EXPECT_NEAR(std::abs(transformer.secondary_a(250.0)), 5.0 * (1.0 + 0.005 * 14.0 / 3.0), 1e-9);
}

// Below 25 % of the rated burden the error grows up to twice: no burden at all, 1 % at rated current.
TEST(CurrentTransformer, LosesItsClassWithoutABurdenToo) {
  CurrentTransformer::Parameters parameters = ct_250_5;
  parameters.accuracy_class = CtClass::class_05;
  parameters.ratio_position = 1.0;
  parameters.rated_burden_va = 10.0;
  parameters.lead_length_m = 0.0;
  EXPECT_NEAR(std::abs(CurrentTransformer(parameters).secondary_a(250.0)), 5.0 * 1.01, 1e-12);
  parameters.meter_input_va = 2.5;
  EXPECT_NEAR(std::abs(CurrentTransformer(parameters).secondary_a(250.0)), 5.0 * 1.005, 1e-12);
}

// 5000/5, 30 VA = 1.2 ohm, ALF 10: knee 60 V. 5 A at 0.2 % magnetising current would be 3 kV; peak 2 sqrt(120 x 2940).
TEST(CurrentTransformer, ReadsNothingAndIsAHazardWithItsSecondaryOpen) {
  CurrentTransformer::Parameters parameters{.rated_primary_a = 5000.0, .rated_secondary_a = 5.0};
  parameters.rated_burden_va = 30.0;
  parameters.lead_length_m = 10.0;
  parameters.accuracy_limit_factor = 10.0;
  CurrentTransformer transformer(parameters);
  transformer.set_secondary(CurrentTransformer::Secondary::open);
  EXPECT_EQ(transformer.secondary_a(5000.0), Phasor{});
  EXPECT_NEAR(transformer.open_peak_v(5000.0), 2.0 * std::sqrt(120.0 * 2940.0), 1e-9);
  EXPECT_TRUE(transformer.flags(5000.0).has(CtFlag::hazard_voltage));
  EXPECT_TRUE(transformer.flags(5000.0).has(CtFlag::secondary_open));
  EXPECT_FALSE(transformer.flags(0.0).has(CtFlag::hazard_voltage));
  transformer.set_secondary(CurrentTransformer::Secondary::shorted);
  EXPECT_EQ(transformer.secondary_a(5000.0), Phasor{});
  EXPECT_FALSE(transformer.flags(5000.0).has(CtFlag::hazard_voltage));
}

// S001: the 200/5 stands in the group below 250 A, so 200..250 A overruns it.
TEST(CurrentTransformer, TellsWhenItsTypeIsOverrun) {
  const CurrentTransformer transformer({.rated_primary_a = 200.0, .rated_secondary_a = 5.0, .max_primary_a = 200.0});
  EXPECT_FALSE(transformer.flags(200.0).has(CtFlag::primary_overrun));
  EXPECT_TRUE(transformer.flags(220.0).has(CtFlag::primary_overrun));
}

TEST(CurrentTransformer, RefusesParametersOutOfRange) {
  EXPECT_THROW(CurrentTransformer({}), InvalidParameter);
  EXPECT_THROW(CurrentTransformer({.rated_primary_a = 250.0}), InvalidParameter);
  EXPECT_THROW(CurrentTransformer({.rated_primary_a = 250.0, .rated_secondary_a = 5.0, .ratio_error = 0.2}),
               InvalidParameter);
  EXPECT_THROW(CurrentTransformer({.rated_primary_a = 250.0, .rated_secondary_a = 5.0, .phase_error_rad = NAN}),
               InvalidParameter);
}

}  // namespace
}  // namespace hil::models
