#include "models/load/motor.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/invalid_parameter.h"
#include "models/load/zip_load.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;

LoadConditions at(double voltage_pu) {
  return {.switched_on = true, .voltage_pu = voltage_pu, .frequency_hz = 50.0, .ambient_c = 20.0};
}

/// 4 kW, 3 kvar, constant power while it runs.
ZipLoad four_kilowatts(const Demand& demand) {
  constexpr double third = 1.0 / 3.0;
  ZipLoad load({.nominal_w = {4000.0 * third, 4000.0 * third, 4000.0 * third},
                .nominal_var = {3000.0 * third, 3000.0 * third, 3000.0 * third},
                .nominal_ln_v = 230.0,
                .share_z = 0.0,
                .share_i = 0.0,
                .share_p = 1.0,
                .on = true});
  load.set_demand(demand);
  return load;
}

Phasor taken_va(const Demand& demand, double voltage_pu) {
  const ZipLoad load = four_kilowatts(demand);
  const double v = 230.0 * voltage_pu;
  return 3.0 * (std::conj(load.admittance_s(0, 50.0)) * v * v - load.power_injection_va(0, 50.0));
}

double run_up_s(Motor& motor, double voltage_pu) {
  int steps = 0;
  while (motor.advance(at(voltage_pu)).as_impedance) ++steps;
  return steps * 0.02;
}

TEST(Motor, StartsAsItsLockedRotor) {
  tests::ValidationCase expected("load/motor_start");
  Motor::Parameters parameters = Motor::typical();
  Motor motor(parameters, 20ms);
  const Phasor direct_va = taken_va(motor.advance(at(1.0)), 1.0);
  expected.check("direct_w", direct_va.real());
  expected.check("direct_var", direct_va.imag());
  expected.check("direct_a", std::abs(direct_va) / (3.0 * 230.0));
  expected.check("run_up", run_up_s(motor, 1.0) + 0.02);
  const Phasor running_va = taken_va(motor.advance(at(1.0)), 0.9);
  expected.check("running_w", running_va.real());
  expected.check("running_var", running_va.imag());

  Motor weak(parameters, 20ms);
  const Phasor weak_va = taken_va(weak.advance(at(0.9)), 0.9);
  expected.check("direct_at_90_percent_w", weak_va.real());
  expected.check("direct_at_90_percent_var", weak_va.imag());
  expected.check("direct_at_90_percent_a", std::abs(weak_va) / (3.0 * 207.0));
  expected.check("run_up_at_90_percent", run_up_s(weak, 0.9) + 0.02);

  parameters.star_delta = true;
  expected.check("star_w", taken_va(Motor(parameters, 20ms).advance(at(1.0)), 1.0).real());
}

TEST(Motor, RidesThroughASagThatItsContactorHoldsAndStartsAgainAfterADeeperOne) {
  Motor motor(Motor::typical(), 20ms);
  run_up_s(motor, 1.0);
  motor.advance(at(0.6));
  EXPECT_EQ(motor.phase(), Motor::Phase::running);
  EXPECT_EQ(motor.advance(at(0.3)).active_scale, 0.0);
  EXPECT_EQ(motor.advance(at(0.8)).active_scale, 0.0);  // above drop-out, below pick-up
  EXPECT_EQ(motor.phase(), Motor::Phase::stopped);
  EXPECT_TRUE(motor.advance(at(0.95)).as_impedance);
  EXPECT_EQ(motor.phase(), Motor::Phase::starting);
}

TEST(Motor, RefusesPowerFactorsThatHaveNoReactivePower) {
  Motor::Parameters parameters = Motor::typical();
  parameters.running_power_factor = 1.0;
  EXPECT_THROW(Motor(parameters, 20ms), InvalidParameter);
  EXPECT_THROW(Motor({}, 20ms), InvalidParameter);
}

// By hand: 8 In decaying with 0.2 s: the mean over the first 20 ms is 1 + 7 (1 - e^-0.1) / 0.1 = 7.66138; over the
// eleventh, 0.2 s later, 1 + 6.66138 / e = 3.45058. The sum of what is above 1 is 7 x 0.2 s. It ends after
// ln(7000) x 0.2 s = 1.77 s, where 0.1 % is left.
TEST(InrushLoad, DecaysToTheLoad) {
  InrushLoad load(InrushLoad::typical(), 20ms);
  double extra_s = 0.0;
  for (int i = 0; i < 100; ++i) {
    const Demand demand = load.advance(at(1.0));
    if (i == 0) {
      EXPECT_NEAR(demand.active_scale, 7.66138, 1e-5);
    }
    if (i == 10) {
      EXPECT_NEAR(demand.active_scale, 3.45058, 1e-5);
    }
    EXPECT_EQ(demand.as_impedance, i * 0.02 < 1.77);
    extra_s += (demand.active_scale - 1.0) * 0.02;
  }
  EXPECT_NEAR(extra_s, 7.0 * 0.2, 0.001 * 0.2);
  load.advance(at(0.0));
  EXPECT_NEAR(load.advance(at(1.0)).active_scale, 7.66138, 1e-5);  // the voltage returns: it comes again
  EXPECT_THROW(InrushLoad({.peak_multiple = 0.5, .time_constant_s = 0.2}, 20ms), InvalidParameter);
}

}  // namespace
}  // namespace hil::models
