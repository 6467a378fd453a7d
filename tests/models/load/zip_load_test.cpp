#include "models/load/zip_load.h"

#include <gtest/gtest.h>

#include <string>

#include "models/invalid_parameter.h"

namespace hil::models {
namespace {

ZipLoad::Parameters mixed() {
  return {.nominal_w = {2300.0, 1150.0, 0.0},
          .nominal_var = {690.0, 0.0, 0.0},
          .nominal_ln_v = 230.0,
          .share_z = 0.5,
          .share_i = 0.3,
          .share_p = 0.2,
          .on = true};
}

/// What the load takes at a voltage: the Z part as the network sees it, the rest as it is injected.
Phasor taken_va(const ZipLoad& load, std::size_t phase, double ln_v) {
  return std::conj(load.admittance_s(phase)) * ln_v * ln_v - load.injection_va(phase, ln_v);
}

// By hand at 0.9 of nominal: 0.5 x 0.81 + 0.3 x 0.9 + 0.2 = 0.875 of 2300 W and of 690 var. 1e-9: rounding only.
TEST(ZipLoad, TakesTheWeightedSumOfItsThreeParts) {
  const ZipLoad load(mixed());
  EXPECT_NEAR(taken_va(load, 0, 207.0).real(), 0.875 * 2300.0, 1e-9);
  EXPECT_NEAR(taken_va(load, 0, 207.0).imag(), 0.875 * 690.0, 1e-9);
  EXPECT_NEAR(taken_va(load, 1, 207.0).real(), 0.875 * 1150.0, 1e-9);
  EXPECT_EQ(taken_va(load, 2, 207.0), Phasor{});
}

TEST(ZipLoad, TakesItsNominalPowerAtNominalVoltageWhateverTheShares) {
  EXPECT_NEAR(taken_va(ZipLoad(mixed()), 0, 230.0).real(), 2300.0, 1e-9);
  EXPECT_NEAR(taken_va(ZipLoad(mixed()), 0, 230.0).imag(), 690.0, 1e-9);
}

// A lagging load is a resistance with an inductance beside it: the susceptance is negative. 0.5 x 2300 / 230^2.
TEST(ZipLoad, ShowsLaggingAsNegativeSusceptance) {
  const ZipLoad load(mixed());
  EXPECT_NEAR(load.admittance_s(0).real(), 0.5 * 2300.0 / 52900.0, 1e-15);
  EXPECT_NEAR(load.admittance_s(0).imag(), -0.5 * 690.0 / 52900.0, 1e-15);
}

TEST(ZipLoad, TakesNothingWhileOff) {
  ZipLoad load(mixed());
  load.set_on(false);
  EXPECT_FALSE(load.on());
  EXPECT_EQ(load.admittance_s(0), Phasor{});
  EXPECT_EQ(load.injection_va(0, 230.0), Phasor{});
  load.set_on(true);
  EXPECT_NEAR(taken_va(load, 0, 230.0).real(), 2300.0, 1e-9);
}

TEST(ZipLoad, ScalesAllPartsAlike) {
  ZipLoad load(mixed());
  load.set_scale(0.25);
  EXPECT_NEAR(taken_va(load, 0, 207.0).real(), 0.25 * 0.875 * 2300.0, 1e-9);
  EXPECT_THROW(load.set_scale(-0.1), InvalidParameter);
}

TEST(ZipLoad, NamesTheParameterThatIsOutOfRange) {
  const auto message_for = [](auto change) {
    ZipLoad::Parameters parameters = mixed();
    change(parameters);
    try {
      const ZipLoad load(parameters);
      return std::string("accepted");
    } catch (const InvalidParameter& refused) {
      return std::string(refused.what());
    }
  };
  EXPECT_EQ(message_for([](auto&) {}), "accepted");
  EXPECT_EQ(message_for([](auto& p) { p.nominal_w[1] = -5.0; }), "nominal_w is -5.000000, must be >= 0");
  EXPECT_EQ(message_for([](auto& p) { p.nominal_ln_v = 0.0; }), "nominal_ln_v is 0.000000, must be > 0");
  EXPECT_EQ(message_for([](auto& p) { p.share_i = 1.5; }), "share_i is 1.500000, must be 0..1");
  EXPECT_EQ(message_for([](auto& p) { p.share_p = 0.3; }), "share_z + share_i + share_p is 1.100000, must be 1");
}

}  // namespace
}  // namespace hil::models
