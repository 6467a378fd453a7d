#include <gtest/gtest.h>

#include <cmath>

#include "models/storage/battery_pack.h"
#include "tests/models/storage/battery_examples.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;

void run(BatteryPack& pack, int steps, double discharge_w) {
  for (int step = 0; step < steps; ++step) pack.advance(discharge_w);
}

// The published case moves 25 Ah at 50 A. The pack takes power, so its own current is summed beside it, and each end
// is taken back to exactly 25 Ah with what the sum says.
TEST(BatteryPackEffects, LosesAndStoresChargeAsCounted) {
  tests::ValidationCase expected{"storage/soc_integrates_charge"};
  BatteryPack::Parameters parameters = pack_160s();
  parameters.coulombic_efficiency = 0.99;
  BatteryPack pack{parameters, {.soc = 0.8}, 100ms};
  double moved_ah = 0.0;
  const auto move = [&](double discharge_a) {
    moved_ah = 0.0;
    for (int step = 0; step < 18000; ++step) {
      moved_ah += std::abs(pack.advance(discharge_a * pack.outputs().terminal_v).discharge_a) * 0.1 / 3600.0;
    }
  };
  move(50.0);
  const double after_discharge = pack.state().soc + (moved_ah - 25.0) / 100.0;
  expected.check("after_discharge", after_discharge);
  const double before_charge = pack.state().soc;
  move(-50.0);
  expected.check("after_charge", after_discharge + pack.state().soc - before_charge - 0.99 * (moved_ah - 25.0) / 100.0);
}

// +1 after a charge; 5 % of soc later it has gone to -1, half way at 2.5 %. At rest at .5 +-18.71 mV a cell.
TEST(BatteryPackEffects, FlipsItsHysteresisOverFivePercentOfSoc) {
  BatteryPack::Parameters parameters = pack_160s();
  parameters.hysteresis = true;
  BatteryPack pack{parameters, {.soc = 0.55, .hysteresis = 1.0}, 100ms};
  while (pack.state().soc > 0.525) pack.advance(10000.0);
  EXPECT_NEAR(pack.state().hysteresis, 0.0, 1e-3);
  while (pack.state().soc > 0.5) pack.advance(10000.0);
  EXPECT_NEAR(pack.state().hysteresis, -1.0, 1e-3);
  BatteryPack rested{parameters, {.soc = 0.5, .hysteresis = -1.0}, 100ms};
  EXPECT_NEAR(rested.advance(0.0).terminal_v, 160.0 * (3.29948 - 0.01871), 1e-9);
}

// 3 % a month of 100 Ah is 3 Ah in 30.4375 days: 4.107 mA. 15 W from 527.9 V: 28.41 mA. A day of both: .7805 Ah.
TEST(BatteryPackEffects, DrainsByItselfAndByItsManagement) {
  BatteryPack::Parameters parameters = pack_160s();
  parameters.self_discharge_per_month = 0.03;
  parameters.management_w = 15.0;
  BatteryPack pack{parameters, {.soc = 0.5}, 1s};
  run(pack, 86400, 0.0);
  EXPECT_NEAR(0.5 - pack.state().soc, (3.0 / 30.4375 + 24.0 * 15.0 / 527.9) / 100.0, 1e-5);
  EXPECT_NEAR(pack.outputs().loss_w, 15.0 + 0.004107 * 527.9, 0.01);
  EXPECT_EQ(pack.outputs().discharge_w, 0.0);
  BatteryPack empty{parameters, {.soc = 0.0}, 1s};
  run(empty, 100, 0.0);
  EXPECT_EQ(empty.state().soc, 0.0);
  EXPECT_EQ(empty.outputs().drain_a, 0.0);
}

// 85 A at about 80 A of limit: above the margin of .5 A + 2 %, below the overcurrent of 100 A.
TEST(BatteryPackEffects, OpensWhenItsLimitIsIgnoredForTenSecondsAndThenCarriesNothing) {
  BatteryPack::Parameters parameters = pack_160s();
  parameters.management.supervises = true;
  BatteryPack pack{parameters, {.soc = 0.6}, 10ms};
  const double ignoring_w = 85.0 * 520.0;
  run(pack, 990, ignoring_w);
  EXPECT_TRUE(pack.management().contactor_closed());
  EXPECT_GT(pack.outputs().discharge_a, 82.2);
  run(pack, 20, ignoring_w);
  EXPECT_FALSE(pack.management().contactor_closed());
  EXPECT_TRUE(has(pack.management().opened_by(), BatteryAlarm::limit_ignored));
  EXPECT_EQ(pack.outputs().discharge_a, 0.0);
  EXPECT_EQ(pack.limits().charge_w + pack.limits().discharge_w, 0.0);
  const double soc = pack.state().soc;
  run(pack, 100, -ignoring_w);
  EXPECT_EQ(pack.state().soc, soc);
  EXPECT_TRUE(pack.close_contactor());
  EXPECT_NEAR(pack.advance(5000.0).discharge_w, 5000.0, 1e-6);
}

// Half an hour of 25 kW: C dT = heat - the little that leaves; heat summed apart, with T dU/dT of the passed socs left
// to a bound: |T dU/dT| <= 298 K * .15 mV/K = 44 mV a cell of up to 50 A.
TEST(BatteryPackEffects, WarmsByItsLosses) {
  BatteryPack::Parameters parameters = pack_160s();
  parameters.thermal = {.enabled = true, .time_constant_s = 1e9};
  BatteryPack pack{parameters, {.soc = 0.7}, 100ms};
  double loss_j = 0.0;
  double reversible_j = 0.0;
  for (int step = 0; step < 18000; ++step) {
    const auto& outputs = pack.advance(25000.0);
    loss_j += 0.1 * outputs.loss_w;
    reversible_j += 0.1 * outputs.discharge_a * 160.0 * 298.0 * 0.00015;
  }
  const double capacity_j_per_k = 9.0 * 52279.7328;
  const double rise_j = (pack.state().temperature_c - 25.0) * capacity_j_per_k;
  EXPECT_LT(rise_j, loss_j);  // discharging above soc .33 cools: dU/dT > 0
  EXPECT_GT(rise_j, loss_j - reversible_j);
  EXPECT_GT(pack.state().temperature_c, 25.3);
}

// At .2 C with published resistances the same charge costs more in the cold: R(10)/R(25) = .069390/.047828 at .5.
TEST(BatteryPackEffects, HasMoreResistanceInTheColdAndLessOpenCircuitVoltageByItsEntropy) {
  BatteryPack cold{pack_160s(), {.soc = 0.5, .temperature_c = 10.0}, 10ms};
  const double source_v = 160.0 * (3.29948 - 15.0 * 0.00011027);
  EXPECT_NEAR(cold.outputs().terminal_v, source_v, 1e-9);
  const double drop_v = 20.0 * 0.069390 * 3.0 * 1.6 / 3.0;
  EXPECT_NEAR(cold.advance(20.0 * (source_v - drop_v)).terminal_v, source_v - drop_v, 1e-9);
}

// B8 as an initial age: 6.770 % less charge, 5.309 % more resistance than the same pack when new.
TEST(BatteryPackEffects, StartsOldWhenToldSo) {
  BatteryPack::Parameters parameters = pack_160s();
  parameters.ageing = {.acts = true, .initial_days = 730.0, .initial_soc = 0.6, .initial_c = 30.0};
  BatteryPack old{parameters, {.soc = 0.5}, 10ms};
  EXPECT_NEAR(old.capacity_ah(), 93.23, 0.00677);
  EXPECT_NEAR(old.capacity_wh(), 52279.7328 * 0.9323, 5.0);
  const double drop_v = 20.0 * 0.0765248 * 1.05309;
  EXPECT_NEAR(old.advance(20.0 * (527.9168 - drop_v)).terminal_v, 527.9168 - drop_v, 1e-4);
  parameters.ageing.acts = false;
  EXPECT_EQ((BatteryPack{parameters, {.soc = 0.5}, 10ms}.capacity_ah()), 100.0);
}

// Full by .01 of the mean: the strong offset of +.01 stands at 1.0 and rests at 3.53049 V, the weak one at .98.
TEST(BatteryPackEffects, StopsChargingByItsHighestCell) {
  BatteryPack::Parameters parameters = pack_160s();
  parameters.cells.start_spread_soc = 0.02;
  parameters.management.supervises = true;
  BatteryPack pack{parameters, {.soc = 0.97}, 100ms};
  while (pack.limits().charge_w > 0.0) pack.advance(-pack.limits().charge_w);
  EXPECT_TRUE(has(pack.management().warnings(), BatteryWarning::cell_voltage_high));
  EXPECT_TRUE(pack.management().contactor_closed());
  EXPECT_NEAR(pack.cells().cell_max_v, 3.60, 0.02);
  EXPECT_LT(pack.cells().cell_min_v, 3.45);
  EXPECT_LT(pack.state().soc, 0.999);
}

TEST(BatteryPackEffects, ReportsItsLimitsLateWhenAskedTo) {
  BatteryPack::Parameters parameters = pack_160s();
  parameters.management.report_period_s = 1.0;
  parameters.management.report_lag_s = 2.0;
  BatteryPack pack{parameters, {.soc = 0.5}, 100ms};
  pack.open_contactor();
  run(pack, 29, 0.0);  // sampled at 1 s, seen at 3 s
  EXPECT_EQ(pack.limits().charge_a, 50.0);
  run(pack, 1, 0.0);
  EXPECT_EQ(pack.limits().charge_a, 0.0);
}

// Everything happens in the same steps, whatever the step: an hour at 0.2 C in 10 ms and in 1 s.
TEST(BatteryPackEffects, AgreesWithItselfOverTheStepWithEverythingOn) {
  BatteryPack fine{with_everything_on(pack_160s()), {.soc = 0.6, .hysteresis = 1.0}, 10ms};
  BatteryPack coarse{with_everything_on(pack_160s()), {.soc = 0.6, .hysteresis = 1.0}, 1s};
  run(fine, 360000, 10000.0);
  run(coarse, 3600, 10000.0);
  EXPECT_NEAR(fine.state().soc, coarse.state().soc, 1e-4);
  EXPECT_NEAR(fine.outputs().terminal_v, coarse.outputs().terminal_v, 0.05);
  EXPECT_NEAR(fine.state().temperature_c, coarse.state().temperature_c, 1e-3);
  EXPECT_NEAR(fine.reported_soc(), coarse.reported_soc(), 1e-4);
}

}  // namespace
}  // namespace hil::models
