#include "controller/core/energy_controller.h"

#include <gtest/gtest.h>

#include "tests/controller/law_bench.h"

namespace hil::controller {
namespace {

using namespace std::chrono_literals;
using tests::LawBench;
using tests::SmallInverter;
using tests::sunny_site;

TEST(EnergyController, WithSurplusTheLoadIsServedBatteriesChargeAtTheirLimitAndPvIsHeldBack) {
  LawBench bench{2};
  sunny_site(bench);
  bench.run_until(40.0);
  EXPECT_NEAR(bench.site.grid_import_w, 0.0, 100.0);  // between margin (10 W) and target (50 W), dead band 20 W each
  EXPECT_GE(bench.site.grid_import_w, 0.0);           // never rests on the export side
  EXPECT_NEAR(bench.site.battery_discharge_w(), -2000.0, 60.0);  // two dead bands of 20 W and the last probe's rest
  EXPECT_LT(bench.site.pv_w(), 3100.0);                          // 800 + 2000 + 66 W of losses; 12 kW are there
}

TEST(EnergyController, AHeaterIsTakenOverByPvWithinTenSecondsAndWithoutExport) {
  LawBench bench{2};
  sunny_site(bench);
  bench.run_until(40.0);
  bench.watch = {};
  bench.site.load_w = 6800.0;
  bench.run_until(60.0);
  EXPECT_LT(bench.watch.last_outside_s, 50.0);
  EXPECT_LT(bench.watch.longest_export_s, 0.5);
  EXPECT_LT(bench.site.battery_discharge_w(), -1900.0);  // PV carries it, the batteries go on charging
}

TEST(EnergyController, AHeaterSwitchedOffExportsForLessThanThreeSeconds) {
  LawBench bench{2};
  sunny_site(bench);
  bench.site.load_w = 6800.0;
  bench.run_until(60.0);
  bench.watch = {};
  bench.site.load_w = 800.0;
  bench.run_until(90.0);
  EXPECT_GT(bench.watch.longest_export_s, 0.2);  // the dead time alone: a sign that the step was felt
  EXPECT_LT(bench.watch.longest_export_s, 3.0);
  EXPECT_LT(bench.watch.last_outside_s, 70.0);
}

TEST(EnergyController, AtNightTheBatteriesServeTheLoadByUsableEnergy) {
  LawBench bench{2};
  sunny_site(bench);
  for (SmallInverter& unit : bench.site.inverters) unit.pv_available_w = 0.0;
  bench.site.inverters[0].soc = 0.70;
  bench.site.inverters[1].soc = 0.40;
  bench.site.load_w = 4500.0;
  bench.run_until(30.0);
  EXPECT_NEAR(bench.site.grid_import_w, 50.0, 60.0);  // target 50 W; dead bands 2 x 20 W
  // Usable 0.60 to 0.30 (floor 0.10): two to one. 2 %: dead band of 20 W on 1.5 kW.
  EXPECT_NEAR(bench.site.inverters[0].battery_discharge_w / bench.site.inverters[1].battery_discharge_w, 2.0, 0.04);
}

TEST(EnergyController, AFullBatteryGetsNoChargeAndPvIsHeldBackInstead) {
  LawBench bench{2};
  sunny_site(bench);
  for (SmallInverter& unit : bench.site.inverters) {
    unit.soc = 1.0;
    unit.max_charge_w = 0.0;
  }
  bench.run_until(30.0);
  bench.watch = {};
  bench.run_until(60.0);
  EXPECT_NEAR(bench.site.battery_discharge_w(), 0.0, 30.0);
  EXPECT_EQ(bench.watch.longest_export_s, 0.0);
  EXPECT_LT(bench.watch.last_outside_s, 30.0);
}

TEST(EnergyController, AnEmptyBatteryGivesNothingAndTheGridServesTheLoad) {
  LawBench bench{2};
  sunny_site(bench);
  for (SmallInverter& unit : bench.site.inverters) {
    unit.pv_available_w = 0.0;
    unit.soc = 0.10;
    unit.max_discharge_w = 0.0;
  }
  bench.run_until(20.0);
  // Load 800 W and the standby losses, 25.5 W each.
  EXPECT_NEAR(bench.site.grid_import_w, 851.0, 1.0);
  for (std::size_t k = 0; k < 2; ++k) EXPECT_DOUBLE_EQ(bench.commands().inverters[k].battery_discharge_w.value(), 0.0);
}

TEST(EnergyController, PvThatCollapsesIsCoveredByTheBatteriesWithinTenSeconds) {
  LawBench bench{2};
  sunny_site(bench);
  bench.site.load_w = 6800.0;
  bench.run_until(60.0);
  for (SmallInverter& unit : bench.site.inverters) unit.pv_available_w = 600.0;
  bench.watch = {};
  bench.run_until(70.0);
  EXPECT_NEAR(bench.site.grid_import_w, 0.0, 150.0);
  EXPECT_GT(bench.site.battery_discharge_w(), 5000.0);
}

TEST(EnergyController, AGrantedExportIsUsedOnlyOnceTheBatteriesTakeNoMore) {
  LawBench bench{2, 3000.0};
  sunny_site(bench);
  bench.run_until(60.0);
  EXPECT_NEAR(bench.site.battery_discharge_w(), -2000.0, 60.0);
  EXPECT_NEAR(bench.site.grid_import_w, -3000.0, 50.0);  // margin 10 W, dead band
  EXPECT_GE(bench.site.grid_import_w, -3000.0);
}

TEST(EnergyController, ALostMeterMeansNoLimitBeyondTheGrantedExportAndBatteriesStandBy) {
  LawBench bench{2, 1000.0};
  sunny_site(bench);
  bench.run_until(30.0);
  EXPECT_EQ(bench.law.state(), EnergyController::State::regulating);
  bench.meter_alive = false;
  bench.run_until(32.2);  // 2 s and one cycle
  EXPECT_EQ(bench.law.state(), EnergyController::State::meter_lost);
  for (std::size_t k = 0; k < 2; ++k) {
    EXPECT_DOUBLE_EQ(bench.commands().inverters[k].ac_limit_w, 500.0);  // half of 1000 W, no credit for the load
    EXPECT_FALSE(bench.commands().inverters[k].battery_discharge_w.has_value());
  }
  bench.meter_alive = true;
  bench.run_until(40.0);
  EXPECT_EQ(bench.law.state(), EnergyController::State::regulating);
}

TEST(EnergyController, AMeterNeverHeardIsALostMeter) {
  LawBench bench{1};
  sunny_site(bench);
  bench.meter_alive = false;
  bench.run_until(3.0);
  EXPECT_EQ(bench.law.state(), EnergyController::State::meter_lost);
  EXPECT_DOUBLE_EQ(bench.commands().inverters[0].ac_limit_w, 0.0);
}

// Doc case of physics-and-standards 10 (fail-safe), zero export: the lost unit goes on at its limit, the load falls to
// nothing, and the other may not add to it.
TEST(EnergyController, ALostInvertersLimitIsChargedAgainstTheOthers) {
  LawBench bench{2};
  sunny_site(bench);
  for (SmallInverter& unit : bench.site.inverters) unit.max_charge_w = 0.0;
  bench.site.load_w = 8000.0;
  bench.run_until(40.0);
  const double lost_limit_w = bench.site.inverters[1].ordered_limit_w;
  ASSERT_GT(lost_limit_w, 3000.0);
  bench.measurements.inverters[1].answering = false;
  bench.run_until(45.0);
  // The load is still served by both; together they stay inside.
  EXPECT_LE(bench.commands().inverters[0].ac_limit_w + lost_limit_w, 8000.0 + 1.0);
  bench.site.load_w = 500.0;
  bench.run_until(50.0);
  EXPECT_DOUBLE_EQ(bench.commands().inverters[0].ac_limit_w, 0.0);
  EXPECT_NEAR(bench.commands().inverters[1].ac_limit_w, 500.0, 21.0);  // in case it still hears; dead band 20 W
}

// The lost unit gave 500 W of its 3 kW when last heard: the other 2.5 kW stay reserved for it.
TEST(EnergyController, WhatALostInverterMayStillRiseToStaysReserved) {
  LawBench bench{2};
  sunny_site(bench);
  bench.site.inverters[1].pv_available_w = 500.0;
  bench.site.inverters[1].max_discharge_w = 0.0;
  bench.site.load_w = 8000.0;
  bench.run_until(30.0);
  bench.measurements.inverters[1].answering = false;
  bench.measurements.inverters[1].limit_in_force_w = 3000.0;
  bench.run_until(40.0);
  const double given_w = bench.measurements.inverters[1].ac_injection->value_w;
  const double load_for_others_w = 8000.0 - given_w;
  // 10 W margin below, dead bands of 20 W.
  EXPECT_NEAR(bench.commands().inverters[0].ac_limit_w, load_for_others_w - (3000.0 - given_w) - 10.0, 41.0);
}

TEST(EnergyController, SetPointsRestWhenNothingChanges) {
  LawBench bench{2};
  sunny_site(bench);
  bench.run_until(60.0);
  const Commands before = bench.commands();
  int changes = 0;
  for (int second = 60; second < 90; ++second) {
    bench.run_until(second + 1.0);
    for (std::size_t k = 0; k < 2; ++k) {
      if (std::abs(bench.commands().inverters[k].ac_limit_w - before.inverters[k].ac_limit_w) > 20.0) ++changes;
    }
  }
  EXPECT_EQ(changes, 0);
}

// Usable at 0.20: 0.095, at 0.19: 0.085, so the share of 6 kW and losses falls from a half to 0.085 / 0.18, by 170 W.
// 26 W: the step of 25 W and what the sum moves by.
TEST(EnergyController, AStepOfTheRoundedSocMovesTheSharesAtNightLittleByLittle) {
  LawBench bench{2};
  for (SmallInverter& unit : bench.site.inverters) {
    unit.max_discharge_w = 10000.0;
    unit.soc = 0.20;
  }
  bench.site.load_w = 6000.0;
  bench.run_until(40.0);
  const double before_w = bench.site.inverters[0].ordered_discharge_w;
  bench.site.inverters[0].soc = 0.19;
  double ordered_w = before_w;
  double largest_move_w = 0.0;
  bench.before_step = [&](double) {
    const double now_w = bench.site.inverters[0].ordered_discharge_w;
    largest_move_w = std::max(largest_move_w, std::abs(now_w - ordered_w));
    ordered_w = now_w;
  };
  bench.run_until(70.0);
  EXPECT_LE(largest_move_w, 26.0);
  EXPECT_NEAR(before_w - ordered_w, 170.0, 30.0) << "the dead band, and losses";
}

}  // namespace
}  // namespace hil::controller
