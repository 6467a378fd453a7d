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
