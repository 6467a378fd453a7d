#include "models/load/rlc_load.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/invalid_parameter.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

RlcLoad on_l1(const ParallelRlc& rlc) {
  RlcLoad::Parameters parameters;
  parameters.ports[0] = rlc;
  parameters.on = true;
  return RlcLoad(parameters);
}

TEST(RlcLoad, ResonatesAtTheFrequencyThatItIsMadeFor) {
  tests::ValidationCase expected("load/d2_three_phase");
  const ParallelRlc rlc = resonant_rlc(10000.0 / 3.0, 1.0, 230.0, 50.0);
  expected.check("resistance", *rlc.resistance_ohm);
  expected.check("inductance", *rlc.inductance_h * 1e3);
  expected.check("capacitance", *rlc.capacitance_f * 1e6);
  expected.check("resonance", resonance_hz(rlc));
  const RlcLoad load = on_l1(rlc);
  const auto taken_va = [&load](double hz) { return std::conj(load.admittance_s(0, hz)) * 230.0 * 230.0; };
  expected.check("active_power_at_50_hz", taken_va(50.0).real());
  expected.check("reactive_power_at_50_hz", taken_va(50.0).imag());
  expected.check("reactive_power_at_51_hz", taken_va(51.0).imag());
}

TEST(RlcLoad, IsSizedForASinglePhaseOf120V) {
  tests::ValidationCase expected("load/d2_single_phase");
  const ParallelRlc rlc = resonant_rlc(5000.0, 1.0, 120.0, 60.0);
  expected.check("resistance", *rlc.resistance_ohm);
  expected.check("inductance", *rlc.inductance_h * 1e3);
  expected.check("capacitance", *rlc.capacitance_f * 1e6);
}

TEST(RlcLoad, DriftsWithItsCapacitance) {
  tests::ValidationCase expected("load/d2_detuned");
  const auto detuned_hz = [](double factor) {
    ParallelRlc rlc = resonant_rlc(10000.0 / 3.0, 1.0, 230.0, 50.0);
    *rlc.capacitance_f *= factor;
    return resonance_hz(rlc);
  };
  expected.check("capacitance_plus_5_percent", detuned_hz(1.05));
  expected.check("capacitance_minus_5_percent", detuned_hz(0.95));
}

// By hand: 100 uF at 50 Hz is j 31.4159 mS, at 60 Hz 37.6991 mS; it gives reactive power, so its sign is positive.
TEST(RlcLoad, IsACapacitorWhenItHasNothingElse) {
  const RlcLoad load = on_l1({.resistance_ohm = {}, .inductance_h = {}, .capacitance_f = 100e-6});
  EXPECT_EQ(load.admittance_s(0, 50.0).real(), 0.0);
  EXPECT_NEAR(load.admittance_s(0, 50.0).imag(), 31.4159e-3, 5e-8);
  EXPECT_NEAR(load.admittance_s(0, 60.0).imag(), 37.6991e-3, 5e-8);
  EXPECT_TRUE(load.uses(0));
  EXPECT_FALSE(load.uses(1));
  EXPECT_EQ(load.admittance_s(1, 50.0), Phasor{});
}

TEST(RlcLoad, TakesNothingWhileOffAndRefusesWhatIsNotPositive) {
  RlcLoad load = on_l1(resonant_rlc(1000.0, 1.0, 230.0, 50.0));
  load.set_on(false);
  EXPECT_EQ(load.admittance_s(0, 50.0), Phasor{});
  EXPECT_THROW(on_l1({.resistance_ohm = 0.0, .inductance_h = {}, .capacitance_f = {}}), InvalidParameter);
  EXPECT_THROW(on_l1({.resistance_ohm = {}, .inductance_h = {}, .capacitance_f = std::nan("")}), InvalidParameter);
  EXPECT_THROW(resonant_rlc(1000.0, 0.0, 230.0, 50.0), InvalidParameter);
  EXPECT_THROW(resonance_hz({}), InvalidParameter);
}

}  // namespace
}  // namespace hil::models
