#include "models/load/zip_load.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "models/invalid_parameter.h"
#include "tests/models/validation/validation_case.h"

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

/// What the load takes at a voltage: each part as the network applies it.
Phasor taken_va(const ZipLoad& load, std::size_t port, double port_v, double hz = 50.0) {
  return std::conj(load.admittance_s(port, hz)) * port_v * port_v - load.power_injection_va(port, hz) -
         load.current_injection_va(port, hz) * port_v / load.nominal_v(port);
}

TEST(ZipLoad, FollowsTheVoltageByThreeLaws) {
  tests::ValidationCase expected("load/n6_three_laws");
  const auto taken_w = [](double share_z, double share_i, double share_p) {
    const ZipLoad load({.nominal_w = {6000.0, 0.0, 0.0},
                        .nominal_ln_v = 230.0,
                        .share_z = share_z,
                        .share_i = share_i,
                        .share_p = share_p,
                        .on = true});
    return taken_va(load, 0, 207.0).real();
  };
  expected.check("constant_power_w", taken_w(0.0, 0.0, 1.0));
  expected.check("constant_current_w", taken_w(0.0, 1.0, 0.0));
  expected.check("constant_impedance_w", taken_w(1.0, 0.0, 0.0));
  expected.check("constant_power_a", taken_w(0.0, 0.0, 1.0) / 207.0);
  expected.check("constant_current_a", taken_w(0.0, 1.0, 0.0) / 207.0);
  expected.check("constant_impedance_a", taken_w(1.0, 0.0, 0.0) / 207.0);
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
  EXPECT_NEAR(load.admittance_s(0, 50.0).real(), 0.5 * 2300.0 / 52900.0, 1e-15);
  EXPECT_NEAR(load.admittance_s(0, 50.0).imag(), -0.5 * 690.0 / 52900.0, 1e-15);
}

TEST(ZipLoad, TakesNothingWhileOff) {
  ZipLoad load(mixed());
  load.set_on(false);
  EXPECT_FALSE(load.on());
  EXPECT_EQ(load.admittance_s(0, 50.0), Phasor{});
  EXPECT_EQ(load.power_injection_va(0, 50.0), Phasor{});
  EXPECT_EQ(load.current_injection_va(0, 50.0), Phasor{});
  load.set_on(true);
  EXPECT_NEAR(taken_va(load, 0, 230.0).real(), 2300.0, 1e-9);
}

TEST(ZipLoad, ScalesActiveAndReactivePowerApart) {
  ZipLoad load(mixed());
  load.set_scale(0.25, 2.0);
  EXPECT_NEAR(taken_va(load, 0, 207.0).real(), 0.25 * 0.875 * 2300.0, 1e-9);
  EXPECT_NEAR(taken_va(load, 0, 207.0).imag(), 2.0 * 0.875 * 690.0, 1e-9);
  EXPECT_THROW(load.set_scale(-0.1, 1.0), InvalidParameter);
  EXPECT_THROW(load.set_scale(1.0, std::nan("")), InvalidParameter);
}

// A motor that stands still is an impedance whatever it is when it turns: 6 x 0.81 at 0.9 of nominal.
TEST(ZipLoad, BecomesAnImpedanceWhenTheDemandSaysSo) {
  ZipLoad load(mixed());
  load.set_demand({.active_scale = 6.0, .reactive_scale = 6.0, .as_impedance = true});
  EXPECT_NEAR(taken_va(load, 0, 207.0).real(), 6.0 * 0.81 * 2300.0, 1e-9);
  EXPECT_EQ(load.power_injection_va(0, 50.0), Phasor{});
  EXPECT_EQ(load.current_injection_va(0, 50.0), Phasor{});
  load.set_demand({.active_scale = 1.0, .reactive_scale = 1.0});
  EXPECT_NEAR(taken_va(load, 0, 207.0).real(), 0.875 * 2300.0, 1e-9);
}

// By hand: 3 kW between L1 and L2 at 400 V (given) is 18.75 mS as an impedance; 7.5 A as a current, so 2.7 kW at 360 V.
TEST(ZipLoad, LiesBetweenLinesToo) {
  ZipLoad::Parameters parameters{.nominal_ln_v = 230.0,
                                 .share_z = 1.0,
                                 .share_i = 0.0,
                                 .share_p = 0.0,
                                 .on = true,
                                 .nominal_ll_w = {3000.0, 0.0, 0.0},
                                 .nominal_ll_v = 400.0};
  EXPECT_NEAR(ZipLoad(parameters).admittance_s(3, 50.0).real(), 18.75e-3, 1e-15);
  EXPECT_TRUE(ZipLoad(parameters).uses(3));
  EXPECT_FALSE(ZipLoad(parameters).uses(0));
  EXPECT_FALSE(ZipLoad(parameters).uses(4));
  parameters.share_z = 0.0;
  parameters.share_i = 1.0;
  EXPECT_NEAR(taken_va(ZipLoad(parameters), 3, 360.0).real(), 2700.0, 1e-9);
  parameters.nominal_ll_v = 0.0;  // sqrt 3 x 230 V
  EXPECT_NEAR(ZipLoad(parameters).nominal_v(5), 398.3717, 5e-5);
}

// By hand: 1 + 0.02 x 2 = 1.04 of 2300 W and 1 - 0.01 x 2 = 0.98 of 690 var at 52 Hz and nominal voltage.
TEST(ZipLoad, FollowsTheFrequencyByItsSlopes) {
  ZipLoad::Parameters parameters = mixed();
  parameters.nominal_hz = 50.0;
  parameters.active_per_hz = 0.02;
  parameters.reactive_per_hz = -0.01;
  const ZipLoad load(parameters);
  EXPECT_NEAR(taken_va(load, 0, 230.0, 52.0).real(), 1.04 * 2300.0, 1e-9);
  EXPECT_NEAR(taken_va(load, 0, 230.0, 52.0).imag(), 0.98 * 690.0, 1e-9);
  EXPECT_NEAR(taken_va(load, 0, 230.0, 50.0).real(), 2300.0, 1e-9);
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
  EXPECT_EQ(message_for([](auto& p) { p.nominal_ll_w[2] = -1.0; }), "nominal_ll_w is -1.000000, must be >= 0");
  EXPECT_EQ(message_for([](auto& p) { p.active_per_hz = 0.02; }),
            "nominal_hz is 0.000000, must be > 0 when the load follows the frequency");
}

}  // namespace
}  // namespace hil::models
