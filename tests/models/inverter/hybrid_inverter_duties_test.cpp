#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "models/inverter/hybrid_inverter.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;
using Duty = HybridInverter::Duty;

// Losses with round numbers: 3 kW cost 9 + 30 + 20 = 59 W, 6 kW 36 + 60 + 20 = 116 W. No delays.
HybridInverter::Parameters by_hand() {
  const LossCurve curve{10000.0, 100.0, 100.0, 20.0};
  return {.rated_ac_w = 10000.0,
          .max_ac_va = 11000.0,
          .max_phase_a = 20.0,
          .max_battery_charge_w = 10000.0,
          .max_battery_discharge_w = 10000.0,
          .losses = {curve, curve, curve, curve},
          .command_dead_time = 0ns,
          .command_time_constant = 0ns};
}

HybridInverter::Inputs at_nominal_voltage() {
  HybridInverter::Inputs inputs;
  inputs.terminal_ln_v = balanced(230.0);
  inputs.pv_ceiling_w = inputs.ac_ceiling_w = 1e9;
  inputs.battery_max_charge_w = inputs.battery_max_discharge_w = 10000.0;
  return inputs;
}

PhasePhasors thirds(double w) {
  return {w / 3.0, w / 3.0, w / 3.0};
}

// 6116 W of DC for 6 kW of AC are planned (PV 4116, battery 2000); 3 kW flow: PV gives 3059 - 2000 W.
TEST(HybridInverterSettle, HoldsPvBackFirstWhenTheNetworkTakesLess) {
  HybridInverter inverter{by_hand(), 10ms};
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.pv_offered_w = 4116.0;
  inputs.battery_discharge_request_w = 2000.0;
  EXPECT_NEAR(inverter.plan(inputs).ac_injection_w, 6000.0, 1e-9);
  HybridInverter::Outputs o = inverter.settle(thirds(3000.0));
  EXPECT_NEAR(o.pv_w, 1059.0, 1e-6);
  EXPECT_EQ(o.battery_discharge_w, 2000.0);
  EXPECT_TRUE(o.pv_curtailed);
  EXPECT_FALSE(o.overloaded);
  // Nothing flows: 20 W feed the inverter itself and PV is at zero, the battery gives the 20 W.
  inverter.plan(inputs);
  o = inverter.settle({});
  EXPECT_EQ(o.pv_w, 0.0);
  EXPECT_NEAR(o.battery_discharge_w, 20.0, 1e-6);
  EXPECT_NEAR(o.loss_w, 20.0, 1e-6);
}

// 3059 W planned from AC into the battery; of 3 kW only 1 kW flows: 1 + 10 + 20 W lost, 969 W stored.
TEST(HybridInverterSettle, GivesTheBatteryLessWhenLessComesIn) {
  HybridInverter inverter{by_hand(), 10ms};
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.battery_discharge_request_w = -2941.0;
  EXPECT_NEAR(inverter.plan(inputs).ac_injection_w, -3000.0, 1e-9);
  EXPECT_NEAR(inverter.settle(thirds(-1000.0)).battery_discharge_w, -969.0, 1e-6);
}

// 2 kW of load in the island, 2000 / 1e4: 4 + 20 + 20 = 44 W lost.
TEST(HybridInverterIsland, FeedsLoadsFromPvThenBatteryAndChargesWithTheRest) {
  HybridInverter inverter{by_hand(), 10ms};
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.duty = Duty::forming;
  inputs.pv_offered_w = 1044.0;
  inputs.battery_discharge_request_w = -5000.0;  // the island rules, not the order
  inverter.plan(inputs);
  EXPECT_NEAR(inverter.serve(thirds(2000.0)).battery_discharge_w, 1000.0, 1e-6);
  EXPECT_EQ(inverter.outputs().pv_w, 1044.0);

  // 5044 W of PV leave 3000 W for the battery, less what they lose on their way there (9 + 30 W).
  inputs.pv_offered_w = 5044.0;
  inverter.plan(inputs);
  const HybridInverter::Outputs& charging = inverter.serve(thirds(2000.0));
  EXPECT_NEAR(charging.battery_discharge_w, -2961.0, 1.0);  // 3 kW count PV before, the curve's argument, the loss
  EXPECT_EQ(charging.pv_w, 5044.0);

  // A battery that takes 500 W: PV is held back to the loads, their 44 W, and what 500 W cost (.25 + 5 W).
  inputs.battery_max_charge_w = 500.0;
  inverter.plan(inputs);
  const HybridInverter::Outputs& curtailed = inverter.serve(thirds(2000.0));
  EXPECT_EQ(curtailed.battery_discharge_w, -500.0);
  EXPECT_NEAR(curtailed.pv_w, 2044.0 + 505.25, 0.1);
  EXPECT_TRUE(curtailed.pv_curtailed);
}

TEST(HybridInverterIsland, SaysWhenPvAndBatteryCannotGiveWhatIsDrawn) {
  HybridInverter inverter{by_hand(), 10ms};
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.duty = Duty::forming;
  inputs.pv_offered_w = 1044.0;
  inputs.battery_max_discharge_w = 999.0;
  inverter.plan(inputs);
  EXPECT_TRUE(inverter.serve(thirds(2000.0)).overloaded);
  inputs.battery_max_discharge_w = 1001.0;
  inverter.plan(inputs);
  EXPECT_FALSE(inverter.serve(thirds(2000.0)).overloaded);
}

// Others feed 3 kW: the battery takes them less the loss, with PV held back whole. Where it may take 500 W only, it
// takes them still, and that is said.
TEST(HybridInverterIsland, SaysWhenOthersFeedMoreThanTheBatteryMayTake) {
  HybridInverter inverter{by_hand(), 10ms};
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.duty = Duty::forming;
  inverter.plan(inputs);
  const HybridInverter::Outputs& fed = inverter.serve(thirds(-3000.0));
  const double taken_w = -fed.battery_discharge_w;
  EXPECT_FALSE(fed.overloaded);
  EXPECT_GT(taken_w, 2800.0);
  EXPECT_NEAR(fed.loss_w, 3000.0 - taken_w, 1e-9);

  inputs.pv_offered_w = 1044.0;
  inputs.battery_max_charge_w = taken_w + 1.0;
  inverter.plan(inputs);
  inverter.serve(thirds(-3000.0));
  EXPECT_FALSE(fed.overloaded);
  EXPECT_NEAR(fed.pv_w, 1.0, 0.1);
  inputs.battery_max_charge_w = 500.0;
  inverter.plan(inputs);
  inverter.serve(thirds(-3000.0));
  EXPECT_TRUE(fed.overloaded);
  EXPECT_EQ(fed.pv_w, 0.0);
  EXPECT_NEAR(fed.battery_discharge_w, -taken_w, 1e-6);
}

// 3 kW and offsets of +600, 0, -600 W about their mean.
TEST(HybridInverterPhases, TakeTheirThirdAndTheirPartOfTheUnbalance) {
  HybridInverter inverter{by_hand(), 10ms};
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.battery_discharge_request_w = 3059.0;
  inputs.unbalance_w = {1600.0, 1000.0, 400.0};
  const HybridInverter::Outputs o = inverter.advance(inputs);
  EXPECT_NEAR(o.phase_injection_va[0].real(), 1600.0, 1e-6);
  EXPECT_NEAR(o.phase_injection_va[1].real(), 1000.0, 1e-6);
  EXPECT_NEAR(o.phase_injection_va[2].real(), 400.0, 1e-6);
  EXPECT_NEAR(o.ac_injection_w, 3000.0, 1e-6);
}

// 6 kW of unbalance on L1: 20 A x 230 V = 4600 W are the end; the 400 W beyond go to the others, 200 W each.
TEST(HybridInverterPhases, StopAtTheirCurrentAndTheOthersTakeTheRest) {
  HybridInverter inverter{by_hand(), 10ms};
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.battery_discharge_request_w = 3059.0;
  inputs.unbalance_w = {6000.0, 0.0, 0.0};
  const HybridInverter::Outputs o = inverter.advance(inputs);
  EXPECT_NEAR(o.phase_injection_va[0].real(), 4600.0, 1e-6);
  EXPECT_NEAR(o.phase_injection_va[1].real(), -800.0, 1e-6);
  EXPECT_NEAR(o.phase_injection_va[2].real(), -800.0, 1e-6);
}

// 8.8 kvar of 11 kVA leave 6.6 kW (3-4-5), where active power first would leave the reactive part.
TEST(HybridInverterPriority, LetsReactivePowerTakeItsRoomFirst) {
  HybridInverter inverter{by_hand(), 10ms};
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.pv_offered_w = 9000.0;
  inputs.reactive_injection_request_var = -8800.0;
  inputs.reactive_first = true;
  HybridInverter::Outputs o = inverter.advance(inputs);
  EXPECT_NEAR(o.ac_injection_var, -8800.0, 1e-6);
  EXPECT_NEAR(o.ac_injection_w, 6600.0, 1e-6);
  inputs.reactive_first = false;
  o = inverter.advance(inputs);
  EXPECT_GT(o.ac_injection_w, 8700.0);
  EXPECT_NEAR(std::hypot(o.ac_injection_w, o.ac_injection_var), 11000.0, 1e-6);
}

// 2 kW/s: 20 W in each step of 10 ms, both directions.
TEST(HybridInverterOrders, MoveNoFasterThanTheRamp) {
  HybridInverter::Parameters parameters = by_hand();
  parameters.max_ramp_w_per_s = 2000.0;
  HybridInverter inverter{parameters, 10ms};
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.battery_discharge_request_w = 1000.0;
  for (int i = 1; i <= 50; ++i) EXPECT_NEAR(inverter.advance(inputs).battery_discharge_w, 20.0 * i, 1e-9);
  inputs.battery_discharge_request_w = -1000.0;
  for (int i = 1; i <= 100; ++i) EXPECT_NEAR(inverter.advance(inputs).battery_discharge_w, 1000.0 - 20.0 * i, 1e-9);
  // The ceiling starts at 11 kW: at 5 kW after 3 s. A ceiling of the grid code does not wait.
  inputs.battery_discharge_request_w = 0.0;
  inputs.pv_offered_w = 9000.0;
  inputs.ac_ceiling_w = 5000.0;
  for (int i = 0; i < 299; ++i) inverter.advance(inputs);
  EXPECT_NEAR(inverter.outputs().ac_injection_w, 5020.0, 1e-6);
  inputs.ac_ceiling_now_w = 1000.0;
  EXPECT_NEAR(inverter.advance(inputs).ac_injection_w, 1000.0, 1e-6);
}

TEST(HybridInverterOrders, CarryTheStationaryErrorOfTheirDirection) {
  HybridInverter::Parameters parameters = by_hand();
  parameters.charge_error_w = -10.0;
  parameters.discharge_error_w = 3.0;
  HybridInverter inverter{parameters, 10ms};
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.battery_discharge_request_w = 1000.0;
  EXPECT_EQ(inverter.advance(inputs).battery_discharge_w, 1003.0);
  inputs.battery_discharge_request_w = -1000.0;
  EXPECT_EQ(inverter.advance(inputs).battery_discharge_w, -1010.0);
  inputs.battery_discharge_request_w = 0.0;
  EXPECT_EQ(inverter.advance(inputs).battery_discharge_w, 0.0);
}

// 5 kW of charge would draw some 5.1 kW; 3 kW are allowed: 2941 W reach the battery.
TEST(HybridInverterOrders, DrawNoMoreFromAcThanAllowed) {
  HybridInverter inverter{by_hand(), 10ms};
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.battery_discharge_request_w = -5000.0;
  inputs.lowest_ac_w = -3000.0;
  const HybridInverter::Outputs o = inverter.advance(inputs);
  EXPECT_NEAR(o.ac_injection_w, -3000.0, 1e-6);
  EXPECT_NEAR(o.battery_discharge_w, -2941.0, 1e-6);
}

TEST(HybridInverterOff, DrawsItsStandbyFromTheGridThatIsThere) {
  HybridInverter::Parameters parameters = by_hand();
  parameters.standby_w = 12.0;
  HybridInverter inverter{parameters, 10ms};
  HybridInverter::Inputs inputs = at_nominal_voltage();
  inputs.duty = Duty::off;
  inputs.pv_offered_w = 4000.0;
  EXPECT_EQ(inverter.advance(inputs).ac_injection_w, -12.0);
  EXPECT_EQ(inverter.outputs().loss_w, 12.0);
  inputs.supplied = false;
  EXPECT_EQ(inverter.advance(inputs).ac_injection_w, 0.0);
  inputs.supplied = true;
  inputs.terminal_ln_v = {};
  EXPECT_EQ(inverter.advance(inputs).ac_injection_w, 0.0);
}

}  // namespace
}  // namespace hil::models
