// What the controller writes beside its everyday orders: what others changed, reactive power, contacts.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "controller/controller.h"
#include "tests/controller/small_bench.h"

namespace hil::controller {
namespace {

using namespace std::chrono_literals;
using tests::SmallBench;
using tests::SmallInverter;

void sunny_site(SmallBench& bench) {
  for (SmallInverter& unit : bench.site.inverters) {
    unit.pv_available_w = 6000.0;
    unit.max_charge_w = 1000.0;
    unit.max_discharge_w = 10000.0;
  }
  bench.site.load_w = 800.0;
}
std::size_t reactive_writes(const SmallBench& bench) {
  return static_cast<std::size_t>(std::count_if(bench.writes.begin(), bench.writes.end(),
                                                [](const SmallBench::Write& write) { return write.first == 45482; }));
}

TEST(ControllerOrders, AModeAndALimitChangedByItsAppArePutBack) {
  SmallBench bench{{0, 0}, 0.0};
  sunny_site(bench);
  bench.run_until(60s);
  bench.write_by_app(0, 47511, 1);
  bench.run_until(63s);
  EXPECT_EQ(bench.word(0, 47511), 11);
  bench.write_by_app(1, 47509, 0);
  bench.run_until(66s);
  EXPECT_EQ(bench.word(1, 47509), 1);
  bench.run_until(90s);
  EXPECT_NEAR(bench.site.grid_import_w, 20.0, 60.0);
}

// By night with empty batteries no power shows the change: it is read back once in 2 n rounds of 0.42 s. Two units and
// a write: 1.8 s. Without, the repetition would take up to 10 s.
TEST(ControllerOrders, AChangeThatMovesNothingIsSeenWithinThreeRoundsForEachUnitAndCounted) {
  SmallBench bench{{0, 0}, 0.0};
  sunny_site(bench);
  for (SmallInverter& unit : bench.site.inverters) {
    unit.pv_available_w = 0.0;
    unit.soc = 0.1;
  }
  bench.run_until(60s);
  std::uint32_t changes = 0;
  for (Time at = 61s; at < 100s; at += 4s) {
    const std::size_t unit = changes % 2;
    bench.run_until(at);
    bench.write_by_app(unit, 47511, 1);
    bench.write_by_app(unit, 47510, 5000);
    bench.run_until(at + 3200ms);  // six rounds of 440 ms, the order back
    EXPECT_EQ(bench.word(unit, 47511), 3) << changes;
    EXPECT_LT(bench.word(unit, 47510), 1000) << changes;
    ++changes;
  }
  const std::uint32_t seen = bench.foreign_orders(0) + bench.foreign_orders(1);
  EXPECT_GE(seen, changes - 4);  // a repetition every 10 s may come first
  EXPECT_LE(seen, changes);
}

TEST(ControllerOrders, ReactivePowerIsWrittenOnceToEveryUnitAndLeftAloneWithoutAMode) {
  SmallBench untouched{{0, 1}, 0.0};
  sunny_site(untouched);
  untouched.run_until(30s);
  EXPECT_EQ(reactive_writes(untouched), 0U);

  SmallBench bench{{0, 1}, 0.0, [](Settings& settings) {
                     settings.reactive_mode = ReactiveMode::reactive_power;
                     settings.reactive_power_var = 4000.0;
                   }};
  sunny_site(bench);
  bench.run_until(30s);
  EXPECT_EQ(reactive_writes(bench), 2U);
  for (std::size_t unit = 0; unit < 2; ++unit) {
    EXPECT_EQ(bench.word(unit, 45482), 100);
    EXPECT_EQ(bench.word(unit, 45483), 200);  // 4 kvar of 20 kW
  }
}

// A firmware that does not know the register may say nothing at all. What stands in the same place of the round, BMS
// and settings, must come round for both units all the same.
TEST(ControllerOrders, ReactivePowerThatNobodyAcknowledgesIsNotOrderedEachRound) {
  SmallBench bench{{0, 0}, 0.0, [](Settings& settings) {
                     settings.reactive_mode = ReactiveMode::reactive_power;
                     settings.reactive_power_var = 4000.0;
                   }};
  sunny_site(bench);
  std::array<int, 2> bms_reads{};
  bench.on_reply = [&](std::size_t unit, const std::vector<std::uint8_t>& request, std::vector<std::uint8_t>& reply) {
    const int first = request[2] << 8 | request[3];
    if (first == 45482) reply.clear();
    if (request[1] == 3 && first == 37002) ++bms_reads.at(unit);
  };
  bench.run_until(60s);
  for (const int reads : bms_reads) EXPECT_GE(reads, 6);
  EXPECT_LE(reactive_writes(bench), 2U * 2U * 7U) << "two units, each twice, each 10 s";
  EXPECT_GE(reactive_writes(bench), 2U * 2U * 5U) << "it is not given up";
}

TEST(ControllerOrders, AContactActsWithinTwoSecondsAndTheStopIsTakenBack) {
  SmallBench bench{{0, 0}, 0.0, [](Settings& settings) {
                     settings.control_mode = ControlMode::dred;
                     settings.dred_modes = {5, 0, 6, 7};
                   }};
  sunny_site(bench);
  bench.run_until(30s);
  EXPECT_GT(bench.site.ac_w(), 9000.0);
  bench.set_input(Input::dred1, true);
  bench.run_until(32s);
  EXPECT_LE(bench.site.ac_w(), 200.0);  // 1 % of the capacity
  bench.set_input(Input::dred1, false);
  bench.set_input(Input::dred2, true);
  bench.run_until(34s);
  for (std::size_t unit = 0; unit < 2; ++unit) EXPECT_EQ(bench.word(unit, 47511), 255);
  EXPECT_DOUBLE_EQ(bench.site.ac_w(), 0.0);
  bench.set_input(Input::dred2, false);
  bench.run_until(60s);
  EXPECT_GT(bench.site.ac_w(), 9000.0);
}

TEST(ControllerOrders, ALimitForEachPhaseIsReadFromTheMetersPhases) {
  SmallBench bench{{0, 0}, 0.0, [](Settings& settings) { settings.phase_mode = PhaseMode::each; }};
  sunny_site(bench);
  bench.site.load_w = 0.0;
  bench.site.phase_load_w = {3000.0, 1200.0, 400.0};
  bench.run_until(60s);
  EXPECT_GE(bench.site.lowest_phase_import_w(), 0.0);
  EXPECT_LE(bench.site.lowest_phase_import_w(), 35.0);
  EXPECT_NEAR(bench.site.ac_w(), 1200.0, 100.0);
}

}  // namespace
}  // namespace hil::controller
