#include "models/inverter/hybrid_inverter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "models/invalid_parameter.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;

constexpr double no_limit_w = 1e9;

ConversionLoss::Parameters same_on_all_paths(const LossCurve& curve) {
  return {curve, curve, curve, curve};
}

// Losses with round numbers: 3 kW cost 9 + 30 + 20 = 59 W, 8 kW cost 64 + 80 + 20 = 164 W. No delays.
HybridInverter::Parameters by_hand() {
  return {.rated_ac_w = 10000.0,
          .max_ac_va = 11000.0,
          .max_phase_a = 20.0,
          .max_battery_charge_w = 10000.0,
          .max_battery_discharge_w = 10000.0,
          .losses = same_on_all_paths({10000.0, 100.0, 100.0, 20.0}),
          .command_dead_time = 0ns,
          .command_time_constant = 0ns};
}

HybridInverter::Inputs at_nominal_voltage() {
  HybridInverter::Inputs inputs;
  inputs.terminal_ln_v = balanced(230.0);
  inputs.pv_ceiling_w = no_limit_w;
  inputs.ac_ceiling_w = no_limit_w;
  inputs.battery_max_charge_w = 10000.0;
  inputs.battery_max_discharge_w = 10000.0;
  return inputs;
}

HybridInverter::Outputs settled(const HybridInverter::Parameters& parameters, const HybridInverter::Inputs& inputs) {
  HybridInverter inverter{parameters, 100ms};
  for (int i = 0; i < 600; ++i) inverter.advance(inputs);
  return inverter.outputs();
}

double residual_w(const HybridInverter::Outputs& o) {
  return o.pv_w + o.battery_discharge_w - o.ac_injection_w - o.loss_w;
}

// Fronius GEN24 10, PV to AC (physics-and-standards 2.2, bslib).
HybridInverter::Parameters gen24() {
  HybridInverter::Parameters p = by_hand();
  p.rated_ac_w = 10042.4;
  p.losses = same_on_all_paths({10042.4, 96.18, 94.44, 25.52});
  return p;
}

/// AC over PV with the ceiling at this share of the rating and more than enough PV.
double efficiency_at(double share) {
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.pv_offered_w = 20000.0;
  inputs.ac_ceiling_w = share * gen24().rated_ac_w;
  const HybridInverter::Outputs outputs = settled(gen24(), inputs);
  return outputs.ac_injection_w / outputs.pv_w;
}

// D3: Euro 97.784 %, CEC 97.96 %, within 0.01 %; points of the same table as printed, two decimals of a percent.
TEST(HybridInverter, ReproducesTheEuroAndCecEfficiencyOfAMeasuredInverter) {
  double euro = 0.0;
  for (const auto& [share, weight] :
       {std::pair{0.05, 0.03}, {0.10, 0.06}, {0.20, 0.13}, {0.30, 0.10}, {0.50, 0.48}, {1.00, 0.20}}) {
    euro += weight * efficiency_at(share);
  }
  double cec = 0.0;
  for (const auto& [share, weight] :
       {std::pair{0.10, 0.04}, {0.20, 0.05}, {0.30, 0.12}, {0.50, 0.21}, {0.75, 0.53}, {1.00, 0.05}}) {
    cec += weight * efficiency_at(share);
  }
  EXPECT_NEAR(euro, 0.97784, 0.0001);
  EXPECT_NEAR(cec, 0.9796, 0.0001);
}

TEST(HybridInverter, ReproducesThePublishedEfficiencyPoints) {
  for (const auto& [share, percent] :
       {std::pair{0.05, 94.28}, {0.10, 96.55}, {0.20, 97.65}, {0.30, 97.97}, {0.50, 98.11}, {1.00, 97.89}}) {
    EXPECT_NEAR(100.0 * efficiency_at(share), percent, 0.0051) << "at " << share;
  }
}

// 8164 W of DC: 8000 W of AC and 164 W lost. 1e-9: rounding only.
TEST(HybridInverter, FindsTheAcPowerThatLeavesRoomForItsOwnLoss) {
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.pv_offered_w = 5164.0;
  inputs.battery_discharge_request_w = 3000.0;
  const HybridInverter::Outputs outputs = settled(by_hand(), inputs);
  EXPECT_NEAR(outputs.ac_injection_w, 8000.0, 1e-9);
  EXPECT_NEAR(outputs.loss_w, 164.0, 1e-9);
  EXPECT_FALSE(outputs.pv_curtailed);
}

// 2000 W of PV lose 4 + 20 W on their way into the battery, 3000 W of import lose 59 W: 4917 W of charge.
TEST(HybridInverter, DrawsFromAcWhatChargingNeedsBeyondPv) {
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.pv_offered_w = 2000.0;
  inputs.battery_discharge_request_w = -4917.0;
  const HybridInverter::Outputs outputs = settled(by_hand(), inputs);
  EXPECT_EQ(outputs.battery_discharge_w, -4917.0);
  EXPECT_NEAR(outputs.ac_injection_w, -3000.0, 1e-9);
  EXPECT_NEAR(outputs.loss_w, 83.0, 1e-9);
}

// At night the 20 W come from AC: x - 1e-6 x^2 - 0.01 x = 20, so x = 20.20202 + 1e-6 * 20.2^2 / 0.99 = 20.20243 W.
TEST(HybridInverter, FeedsItselfFromAcWhenNothingElseIsThere) {
  const HybridInverter::Outputs outputs = settled(by_hand(), at_nominal_voltage());
  EXPECT_NEAR(outputs.ac_injection_w, -20.20243, 1e-5);
  EXPECT_NEAR(outputs.loss_w, 20.20243, 1e-5);
}

// Ceiling 3000 W lets 3059 W of DC pass: 2000 W from the battery, the rest from PV.
TEST(HybridInverter, LetsPvGiveWayFirstWhenTheCeilingBinds) {
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.pv_offered_w = 5000.0;
  inputs.battery_discharge_request_w = 2000.0;
  inputs.ac_ceiling_w = 3000.0;
  const HybridInverter::Outputs outputs = settled(by_hand(), inputs);
  EXPECT_NEAR(outputs.pv_w, 1059.0, 1e-9);
  EXPECT_EQ(outputs.battery_discharge_w, 2000.0);
  EXPECT_NEAR(outputs.ac_injection_w, 3000.0, 1e-9);
  EXPECT_TRUE(outputs.pv_curtailed);
}

// As above, the other way round: 2500 W from PV, and 559 W are left for the battery; with more PV than passes, none.
TEST(HybridInverter, LetsTheDischargeGiveWayBeforePvWhenPvIsFirst) {
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.pv_first = true;
  inputs.pv_offered_w = 2500.0;
  inputs.battery_discharge_request_w = 2000.0;
  inputs.ac_ceiling_w = 3000.0;
  HybridInverter::Outputs outputs = settled(by_hand(), inputs);
  EXPECT_EQ(outputs.pv_w, 2500.0);
  EXPECT_NEAR(outputs.battery_discharge_w, 559.0, 1e-9);
  EXPECT_NEAR(outputs.ac_injection_w, 3000.0, 1e-9);
  EXPECT_FALSE(outputs.pv_curtailed);

  inputs.pv_offered_w = 5000.0;
  outputs = settled(by_hand(), inputs);
  EXPECT_NEAR(outputs.pv_w, 3059.0, 1e-9);
  EXPECT_EQ(outputs.battery_discharge_w, 0.0);
  EXPECT_TRUE(outputs.pv_curtailed);

  inputs.battery_discharge_request_w = -1000.0;  // a charge stays as it is
  outputs = settled(by_hand(), inputs);
  EXPECT_EQ(outputs.battery_discharge_w, -1000.0);
  EXPECT_NEAR(outputs.ac_injection_w, 3000.0, 1e-9);
}

TEST(HybridInverter, LetsTheBatteryGiveWayOncePvIsAtZero) {
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.pv_offered_w = 5000.0;
  inputs.battery_discharge_request_w = 4000.0;
  inputs.ac_ceiling_w = 3000.0;
  const HybridInverter::Outputs outputs = settled(by_hand(), inputs);
  EXPECT_EQ(outputs.pv_w, 0.0);
  EXPECT_NEAR(outputs.battery_discharge_w, 3059.0, 1e-9);
}

// Nothing may go out: 20 W feed the inverter, and x - 1e-6 x^2 - 0.01 x = 2000 leaves 2000 W after the loss on the way
// into the battery: x = (0.99 - sqrt(0.9801 - 0.008)) / 2e-6 = 2024.34137 W.
TEST(HybridInverter, GoesOnChargingFromPvUnderAZeroCeiling) {
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.pv_offered_w = 6000.0;
  inputs.battery_discharge_request_w = -2000.0;
  inputs.ac_ceiling_w = 0.0;
  const HybridInverter::Outputs outputs = settled(by_hand(), inputs);
  EXPECT_NEAR(outputs.pv_w, 2044.34137, 1e-4);
  EXPECT_NEAR(outputs.ac_injection_w, 0.0, 1e-9);
}

TEST(HybridInverter, ChargesFromAcWhenTheCeilingDemandsImport) {
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.pv_offered_w = 1000.0;
  inputs.ac_ceiling_w = -3000.0;
  HybridInverter::Outputs outputs = settled(by_hand(), inputs);
  EXPECT_EQ(outputs.pv_w, 0.0);
  EXPECT_NEAR(outputs.battery_discharge_w, -2941.0, 1e-9);
  EXPECT_NEAR(outputs.ac_injection_w, -3000.0, 1e-9);

  inputs.battery_max_charge_w = 500.0;  // it cannot take that much: the demand stays unmet, the balance holds
  outputs = settled(by_hand(), inputs);
  EXPECT_EQ(outputs.battery_discharge_w, -500.0);
  EXPECT_GT(outputs.ac_injection_w, -3000.0);
  EXPECT_NEAR(residual_w(outputs), 0.0, 1e-9);
}

TEST(HybridInverter, ObeysTheLimitsThatTheBatteryReports) {
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.battery_max_charge_w = 700.0;
  inputs.battery_max_discharge_w = 300.0;
  inputs.battery_discharge_request_w = 5000.0;
  EXPECT_EQ(settled(by_hand(), inputs).battery_discharge_w, 300.0);
  inputs.battery_discharge_request_w = -5000.0;
  EXPECT_EQ(settled(by_hand(), inputs).battery_discharge_w, -700.0);
}

// Dead time 0.2 s, then 0.2 s first order from the wide-open 11000 W down to 1000 W: the ceiling at t is
// 1000 + 10000 exp(-(t - 0.2 s) / 0.2 s). PV is cut in the very step in which that passes its 4.9 kW.
TEST(HybridInverter, LetsAFallingCeilingActThroughTheCommandPathOnly) {
  HybridInverter::Parameters parameters = by_hand();
  parameters.command_dead_time = 200ms;
  parameters.command_time_constant = 200ms;
  HybridInverter inverter{parameters, 10ms};
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.pv_offered_w = 5000.0;
  for (int i = 0; i < 1000; ++i) inverter.advance(inputs);
  const double free_w = inverter.outputs().ac_injection_w;
  EXPECT_GT(free_w, 4900.0);

  inputs.ac_ceiling_w = 1000.0;
  for (int i = 1; i <= 150; ++i) {
    const double since_arrival_s = 0.01 * i - 0.2;
    const double ceiling_w = since_arrival_s <= 0.0 ? 11000.0 : 1000.0 + 10000.0 * std::exp(-since_arrival_s / 0.2);
    EXPECT_NEAR(inverter.advance(inputs).ac_injection_w, std::min(free_w, ceiling_w), 1e-6) << "step " << i;
  }
}

TEST(HybridInverter, LetsTheBatteryRequestPassTheCommandPath) {
  HybridInverter::Parameters parameters = by_hand();
  parameters.command_dead_time = 200ms;
  parameters.command_time_constant = 200ms;
  HybridInverter inverter{parameters, 10ms};
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.battery_discharge_request_w = 5000.0;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(inverter.advance(inputs).battery_discharge_w, 0.0);
  for (int i = 0; i < 20; ++i) inverter.advance(inputs);
  EXPECT_NEAR(inverter.outputs().battery_discharge_w, 5000.0 * (1.0 - std::exp(-1.0)), 1e-8);
}

// 20 A at 100 V are 2 kW a phase.
TEST(HybridInverter, KeepsEveryPhaseWithinItsCurrentAtLowVoltage) {
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.terminal_ln_v = balanced(100.0);
  inputs.battery_discharge_request_w = 9000.0;
  EXPECT_NEAR(settled(by_hand(), inputs).ac_injection_w, 6000.0, 1e-9);
  inputs.battery_discharge_request_w = -9000.0;
  EXPECT_NEAR(settled(by_hand(), inputs).ac_injection_w, -6000.0, 1e-9);
}

// L1 at 50 V carries 1 kW; of 4.6 kW the other two, at 2 kW each at most, take 1.8 kW each.
TEST(HybridInverter, MovesWhatASaggedPhaseCannotCarryToTheOthers) {
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.terminal_ln_v = {Phasor{50.0}, Phasor{-50.0, -86.6025403784}, Phasor{-50.0, 86.6025403784}};
  inputs.pv_offered_w = 9000.0;
  inputs.ac_ceiling_w = 4600.0;
  const HybridInverter::Outputs outputs = settled(by_hand(), inputs);
  EXPECT_NEAR(outputs.phase_injection_va[0].real(), 1000.0, 1e-6);
  EXPECT_NEAR(outputs.phase_injection_va[1].real(), 1800.0, 1e-6);
  EXPECT_NEAR(outputs.phase_injection_va[2].real(), 1800.0, 1e-6);
}

// 11 kVA and 6.6 kW leave 8.8 kvar (3-4-5).
TEST(HybridInverter, GivesActivePowerPriorityOverReactivePower) {
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.pv_offered_w = 9000.0;
  inputs.ac_ceiling_w = 6600.0;
  inputs.reactive_injection_request_var = -10000.0;
  const HybridInverter::Outputs outputs = settled(by_hand(), inputs);
  EXPECT_NEAR(outputs.ac_injection_w, 6600.0, 1e-9);
  EXPECT_NEAR(outputs.ac_injection_var, -8800.0, 1e-6);
  inputs.reactive_injection_request_var = 1500.0;
  EXPECT_NEAR(settled(by_hand(), inputs).ac_injection_var, 1500.0, 1e-9);
}

TEST(HybridInverter, ChargesFromPvOnlyWhenOffTheGrid) {
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.duty = HybridInverter::Duty::off;
  inputs.pv_offered_w = 4000.0;
  inputs.battery_discharge_request_w = -1500.0;
  inputs.reactive_injection_request_var = 500.0;
  HybridInverter::Outputs outputs = settled(by_hand(), inputs);
  EXPECT_EQ(outputs.pv_w, 1500.0);
  EXPECT_EQ(outputs.battery_discharge_w, -1500.0);
  EXPECT_EQ(outputs.ac_injection_w, 0.0);
  EXPECT_EQ(outputs.ac_injection_var, 0.0);
  EXPECT_TRUE(outputs.pv_curtailed);
  inputs.battery_discharge_request_w = 3000.0;  // nowhere to go
  outputs = settled(by_hand(), inputs);
  EXPECT_EQ(outputs.pv_w, 0.0);
  EXPECT_EQ(outputs.battery_discharge_w, 0.0);
}

TEST(HybridInverter, StopsWithoutVoltageAsIfTheRelayWereOpen) {
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.terminal_ln_v = {};
  inputs.pv_offered_w = 4000.0;
  inputs.battery_discharge_request_w = 3000.0;
  const HybridInverter::Outputs outputs = settled(by_hand(), inputs);
  EXPECT_EQ(outputs.ac_injection_w, 0.0);
  EXPECT_EQ(outputs.pv_w, 0.0);
  EXPECT_EQ(residual_w(outputs), 0.0);
}

TEST(HybridInverter, TakesAnInfiniteCeilingAsNoLimitAndNeverGivesNotANumber) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.pv_offered_w = 3059.0;
  inputs.pv_ceiling_w = infinity;
  inputs.ac_ceiling_w = infinity;
  EXPECT_NEAR(settled(gen24(), inputs).pv_w, 3059.0, 1e-9);
  HybridInverter inverter{gen24(), 10ms};
  for (double HybridInverter::Inputs::*field :
       {&HybridInverter::Inputs::pv_offered_w, &HybridInverter::Inputs::pv_ceiling_w,
        &HybridInverter::Inputs::battery_discharge_request_w, &HybridInverter::Inputs::battery_max_charge_w,
        &HybridInverter::Inputs::ac_ceiling_w, &HybridInverter::Inputs::reactive_injection_request_var}) {
    HybridInverter::Inputs broken = inputs;
    broken.*field = nan;
    const HybridInverter::Outputs& outputs = inverter.advance(broken);
    EXPECT_LT(std::abs(residual_w(outputs)), 1e-6);
    EXPECT_TRUE(std::isfinite(outputs.ac_injection_var));
    EXPECT_FALSE(outputs.inputs_finite);
  }
}

TEST(HybridInverter, RefusesParametersOutOfRangeByName) {
  const auto refused_field = [](auto spoil) -> std::string {
    HybridInverter::Parameters parameters = by_hand();
    spoil(parameters);
    try {
      HybridInverter inverter{parameters, 10ms};
    } catch (const InvalidParameter& fault) {
      return fault.field();
    }
    return "";
  };
  using Parameters = HybridInverter::Parameters;
  EXPECT_EQ(refused_field([](Parameters&) {}), "");
  EXPECT_EQ(refused_field([](Parameters& p) { p = {}; }), "rated_ac_w");
  EXPECT_EQ(refused_field([](Parameters& p) { p.max_ac_va = 9999.0; }), "max_ac_va");
  EXPECT_EQ(refused_field([](Parameters& p) { p.max_phase_a = 0.0; }), "max_phase_a");
  EXPECT_EQ(refused_field([](Parameters& p) { p.max_battery_charge_w = -1.0; }), "max_battery_charge_w");
  EXPECT_EQ(refused_field([](Parameters& p) { p.losses.pv_to_ac.linear_w = std::nan(""); }), "pv_to_ac loss_linear_w");
  EXPECT_EQ(refused_field([](Parameters& p) { p.losses.battery_to_ac.square_w = 6000.0; }),
            "battery_to_ac loss_square_w");
  EXPECT_EQ(refused_field([](Parameters& p) { p.losses.pv_to_battery.constant_w = 10900.0; }),
            "pv_to_battery loss_constant_w");
  EXPECT_EQ(refused_field([](Parameters& p) { p.command_dead_time = -1ns; }), "command_dead_time_s");
}

}  // namespace
}  // namespace hil::models
