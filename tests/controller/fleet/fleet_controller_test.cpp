#include "controller/fleet/fleet_controller.h"

#include <gtest/gtest.h>

#include "tests/controller/fleet/fake_pcs.h"

namespace hil::controller::tests {
namespace {

using Phase = PcsUnit::Phase;

FleetSettings with_meter(double load_holds_w = 0.0) {
  FleetSettings settings;
  settings.meter_address = 1;
  settings.grid_import_w = load_holds_w;
  return settings;
}

TEST(FleetController, StartsConvertersOneAfterAnotherAndSharesThePower) {
  FleetBench bench(3);
  bench.order(FleetMode::power, 150000.0);
  bench.run_for(6s);
  EXPECT_EQ(bench.leader().unit(0).phase(), Phase::running) << "so its state bit says";
  EXPECT_FALSE(bench.leader().unit(0).connected(bench.now()));
  EXPECT_EQ(bench.leader().unit(1).phase(), Phase::stopped) << "the second waits for the first";
  bench.run_for(45s);
  for (const FakePcs& each : bench.pcs) EXPECT_TRUE(each.running());
  EXPECT_NEAR(bench.fleet_w(), 150000.0, 150.0) << "half a count of each";
  EXPECT_LT(bench.pcs[0].power_w, bench.pcs[2].power_w) << "it has given energy for longer";
  for (const FakePcs& each : bench.pcs) EXPECT_NEAR(each.power_w, 50000.0, 1000.0);
}

TEST(FleetController, LeavesTheLoadToTheOthersUntilAConverterIsConnected) {
  FleetBench bench(2);
  bench.order(FleetMode::power, 60000.0);
  bench.run_for(40s);
  bench.pcs[1].power_cycle();
  Time running_at = Time::max();
  int short_of_power = 0;  // tenths of a second
  while (bench.now() < 80s) {
    bench.run_for(100ms);
    if (bench.pcs[1].running()) running_at = std::min(running_at, bench.now());
    // The first has taken over by then, and gives nothing away before the second can take it.
    if (running_at != Time::max() && bench.fleet_w() < 55000.0) ++short_of_power;
  }
  EXPECT_LT(running_at, 60s);
  EXPECT_LT(short_of_power, 10) << "while one is told less and the other more; connecting takes 8 s";
  EXPECT_NEAR(bench.pcs[1].power_w, 30000.0, 1000.0);
}

TEST(FleetController, WritesSettingsInTheManualsOrderAndReadsThemBackBeforeTheStart) {
  FleetBench bench(1);
  bench.pcs[0].words[53600] = 1;
  bench.pcs[0].words[53601] = 2;
  bench.pcs[0].words[53620] = 2;
  bench.order(FleetMode::power, 10000.0);
  bench.run_for(3s);
  const std::vector<int> expected{53600, 53601, 53636, 53620, 53622, 53623, 53900};
  EXPECT_EQ(bench.pcs[0].written, expected);
  EXPECT_EQ(bench.pcs[0].words[53600], 0);
  EXPECT_EQ(bench.pcs[0].words[53601], 0);
  EXPECT_EQ(bench.pcs[0].words[53620], 1);
}

TEST(FleetController, StopsTheLastFirstAndAtNoPower) {
  FleetBench bench(2);
  bench.order(FleetMode::power, 80000.0);
  bench.run_for(30s);
  ASSERT_NEAR(bench.fleet_w(), 80000.0, 100.0);
  bench.order(FleetMode::stop);
  double power_at_stop_w = 1e9;
  bool second_before_first = false;
  for (int k = 0; k < 2000 && bench.pcs[0].running(); ++k) {
    const bool ran = bench.pcs[1].running();
    const double before_w = bench.pcs[1].power_w;
    bench.run_for(10ms);
    if (ran && !bench.pcs[1].running()) {
      power_at_stop_w = before_w;
      second_before_first = bench.pcs[0].running();
    }
  }
  EXPECT_TRUE(second_before_first);
  EXPECT_LT(std::abs(power_at_stop_w), 1000.0) << "told 0 W first";
  EXPECT_FALSE(bench.pcs[0].running());
  bench.run_for(1s);
  EXPECT_EQ(bench.leader().unit(0).phase(), Phase::stopped);
}

TEST(FleetController, SharesDischargeByUsableEnergy) {
  FleetSettings settings;
  settings.lines[0].capacity_wh = {100000.0, 50000.0};
  settings.lowest_soc = 0.0;
  FleetBench bench(2, settings);
  bench.order(FleetMode::power, 60000.0);
  bench.run_for(30s);
  EXPECT_NEAR(bench.pcs[0].power_w, 40000.0, 300.0) << "two thirds of the energy";
  EXPECT_NEAR(bench.pcs[1].power_w, 20000.0, 300.0);
}

TEST(FleetController, HoldsTheImportAtTheMeter) {
  FleetBench bench(2, with_meter());
  bench.load_w = 70000.0;
  bench.order(FleetMode::self_consumption);
  bench.run_for(40s);
  EXPECT_NEAR(bench.import_w(), 0.0, 200.0);
  bench.load_w = -50000.0;  // PV behind the same meter
  bench.run_for(15s);
  EXPECT_NEAR(bench.import_w(), 0.0, 200.0);
  EXPECT_LT(bench.pcs[0].power_w, 0.0);
}

TEST(FleetController, RestsWhenTheMeterIsSilentAndGoesOnWhenItIsBack) {
  FleetBench bench(1, with_meter());
  bench.load_w = 30000.0;
  bench.order(FleetMode::self_consumption);
  bench.run_for(30s);
  ASSERT_NEAR(bench.import_w(), 0.0, 200.0);
  bench.meter_silent = true;
  bench.run_for(6s);
  EXPECT_TRUE(bench.leader().meter_lost(bench.now()));
  EXPECT_NEAR(bench.fleet_w(), 0.0, 100.0);
  bench.meter_silent = false;
  bench.run_for(10s);
  EXPECT_NEAR(bench.import_w(), 0.0, 200.0);
}

TEST(FleetController, ClearsALatchedFaultOnceItsCauseIsGoneAndStartsAgain) {
  FleetBench bench(2);
  bench.order(FleetMode::power, 60000.0);
  bench.run_for(30s);
  bench.pcs[0].fault();
  bench.run_for(2s);
  EXPECT_EQ(bench.leader().unit(0).phase(), Phase::faulted);
  EXPECT_NEAR(bench.pcs[1].power_w, 60000.0, 100.0) << "the other carries all";
  bench.pcs[0].fault_cause = false;
  bench.run_for(30s);
  EXPECT_TRUE(bench.pcs[0].running());
  EXPECT_NEAR(bench.fleet_w(), 60000.0, 100.0);
}

TEST(FleetController, AConverterThatWaitsForTheGridIsNeitherEmptyNorCountedOn) {
  FleetBench bench(2);
  bench.order(FleetMode::power, 60000.0);
  bench.run_for(30s);
  bench.pcs[0].waits = true;
  bench.run_for(3s);
  EXPECT_NEAR(bench.pcs[1].power_w, 60000.0, 100.0);
  bench.run_for(40s);
  EXPECT_FALSE(bench.leader().energy(0).empty());
  bench.pcs[0].waits = false;
  bench.run_for(5s);
  EXPECT_NEAR(bench.pcs[0].power_w, 30000.0, 1000.0);
  EXPECT_NEAR(bench.fleet_w(), 60000.0, 100.0);
}

TEST(FleetController, LeavesAConverterAloneWhoseFaultStays) {
  FleetBench bench(1);
  bench.order(FleetMode::power, 10000.0);
  bench.pcs[0].fault();
  bench.run_for(60s);
  EXPECT_EQ(bench.leader().unit(0).phase(), Phase::left_alone);
  EXPECT_EQ(std::count(bench.pcs[0].written.begin(), bench.pcs[0].written.end(), 53903), 3);
  bench.pcs[0].fault_cause = false;
  bench.run_for(60s);
  EXPECT_EQ(bench.leader().unit(0).phase(), Phase::left_alone) << "until somebody says that it was mended";
  bench.leader().release();
  bench.run_for(30s);
  EXPECT_TRUE(bench.pcs[0].running());
}

// Two clears in vain, and the third helps: until its effect can be seen nobody says that the converter is given up.
TEST(FleetController, GivesTheLastClearTimeToShow) {
  FleetBench bench(1);
  bench.order(FleetMode::power, 10000.0);
  bench.run_for(30s);
  bench.pcs[0].fault();
  bench.run_for(12s);
  bench.pcs[0].fault_cause = false;
  for (int i = 0; i < 100; ++i) {
    bench.run_for(100ms);
    EXPECT_NE(bench.leader().unit(0).phase(), Phase::left_alone) << bench.now().count();
  }
  EXPECT_EQ(std::count(bench.pcs[0].written.begin(), bench.pcs[0].written.end(), 53903), 3);
  bench.run_for(20s);
  EXPECT_TRUE(bench.pcs[0].running());
}

TEST(FleetController, OthersGoOnWithoutAConverterThatIsLost) {
  FleetBench bench(2, with_meter());
  bench.load_w = 60000.0;
  bench.order(FleetMode::self_consumption);
  bench.run_for(30s);
  ASSERT_NEAR(bench.pcs[0].power_w, 30000.0, 400.0);
  bench.pcs[0].silent = true;  // goes on as it was told
  bench.load_w = 90000.0;
  bench.run_for(20s);
  EXPECT_EQ(bench.leader().unit(0).health().state(), UnitHealth::State::lost);
  EXPECT_NEAR(bench.import_w(), 0.0, 200.0);
  EXPECT_NEAR(bench.pcs[0].power_w, 30000.0, 400.0);
}

TEST(FleetController, ALostConvertersOrderIsChargedAgainstTheTotal) {
  FleetBench bench(2);
  bench.order(FleetMode::power, 60000.0);
  bench.run_for(30s);
  bench.pcs[0].silent = true;
  bench.run_for(10s);
  EXPECT_NEAR(bench.fleet_w(), 60000.0, 300.0) << "it still gives its half";
}

TEST(FleetController, AConverterThatWasWithoutPowerIsSetUpAnew) {
  FleetBench bench(1);
  bench.order(FleetMode::power, 20000.0);
  bench.run_for(20s);
  ASSERT_TRUE(bench.pcs[0].running());
  bench.pcs[0].silent = true;
  bench.run_for(5s);
  bench.pcs[0].power_cycle();
  bench.pcs[0].words[53601] = 1;
  bench.run_for(5s);
  bench.pcs[0].silent = false;
  bench.run_for(30s);
  EXPECT_TRUE(bench.pcs[0].running());
  EXPECT_EQ(bench.pcs[0].words[53601], 0);
  EXPECT_NEAR(bench.fleet_w(), 20000.0, 100.0);
}

TEST(FleetController, AnEchoIsNotTakenForTheDeed) {
  FleetBench bench(1);
  bench.pcs[0].words[53600] = 1;
  bench.pcs[0].words[53010] = 1;  // somebody started it off the grid
  bench.order(FleetMode::power, 20000.0);
  bench.run_for(40s);
  EXPECT_EQ(bench.pcs[0].words[53600], 0) << "stopped, changed and started anew";
  EXPECT_TRUE(bench.pcs[0].running());
  EXPECT_NEAR(bench.fleet_w(), 20000.0, 100.0);
}

TEST(FleetController, DoesNotStartWhatHasNotTakenItsSettings) {
  FleetBench bench(1);
  bench.pcs[0].words[53601] = 2;
  bench.pcs[0].deaf_to = 53601;
  bench.order(FleetMode::power, 20000.0);
  bench.run_for(30s);
  EXPECT_EQ(std::count(bench.pcs[0].written.begin(), bench.pcs[0].written.end(), 53900), 0);
  EXPECT_GT(bench.leader().unit(0).ignored_writes(), 1U);
  bench.pcs[0].deaf_to = 0;
  bench.run_for(15s);
  EXPECT_NEAR(bench.fleet_w(), 20000.0, 100.0);
}

TEST(FleetController, ALoadStepIsAnsweredOnce) {
  FleetBench bench(2, with_meter());
  bench.order(FleetMode::self_consumption);
  bench.run_for(30s);
  for (const double load_w : {60000.0, 20000.0, -30000.0}) {
    bench.load_w = load_w;
    bench.run_for(2s);
    double worst_w = 0.0;
    for (int k = 0; k < 800; ++k) {
      bench.run_for(10ms);
      worst_w = std::max(worst_w, std::abs(bench.import_w()));
    }
    EXPECT_LT(worst_w, 300.0) << "what is on its way must not be ordered again; load " << load_w;
  }
}

TEST(FleetController, AnEmptyBatteryLeavesItsPowerToTheOther) {
  FleetSettings settings;
  settings.lowest_soc = 0.0;
  FleetBench bench(2, settings);
  bench.pcs[0].energy_wh = 100.0;
  bench.order(FleetMode::power, 60000.0);
  bench.run_for(90s);
  EXPECT_TRUE(bench.leader().energy(0).empty());
  EXPECT_NEAR(bench.pcs[1].power_w, 60000.0, 100.0);
}

TEST(FleetController, ChargesABatteryAtItsLowerLimit) {
  FleetBench bench(2);
  for (FakePcs& each : bench.pcs) {
    each.words[53653] = 6000;  // 600 V, EOD 608, float and topping 750
    each.words[53655] = 6080;
    each.words[53659] = each.words[53660] = 7500;
    each.words[53040] = 7000;
  }
  bench.order(FleetMode::power, 40000.0);
  bench.run_for(40s);
  ASSERT_NEAR(bench.fleet_w(), 40000.0, 100.0);
  bench.pcs[0].words[53040] = 5995;
  bench.run_for(15s);
  EXPECT_NEAR(bench.pcs[0].power_w, -5000.0, 100.0);
  EXPECT_NEAR(bench.pcs[1].power_w, 45000.0, 100.0) << "pays for it, so that the total stays";
  bench.pcs[0].words[53040] = 6100;
  bench.run_for(15s);
  EXPECT_GT(bench.pcs[0].power_w, 10000.0);
}

TEST(FleetController, NamesLimitsThatDoNotSuitLithium) {
  using Finding = PcsUnit::LimitFinding;
  FleetSettings settings;
  settings.strings_per_unit = 2;
  FleetBench bench(1, settings);
  FakePcs& pcs = bench.pcs[0];
  for (const int offset : {0, 30}) {
    pcs.words[53653 + offset] = 6000;
    pcs.words[53655 + offset] = 6050;
    pcs.words[53659 + offset] = pcs.words[53660 + offset] = 7500;
  }
  const auto findings_after = [&bench](Time span) {
    bench.run_for(span);
    return bench.leader().unit(0).limit_findings();
  };
  EXPECT_EQ(findings_after(12s), 0);
  pcs.words[53653 + 30] = 5949;  // 10.1 V below
  EXPECT_EQ(findings_after(12s), static_cast<std::uint8_t>(Finding::lower_limit_too_far));
  pcs.words[53653 + 30] = 6001;
  EXPECT_EQ(findings_after(12s), static_cast<std::uint8_t>(Finding::lower_limit_too_near));
  pcs.words[53653 + 30] = 6000;
  pcs.words[53659] = 7490;
  EXPECT_EQ(findings_after(12s), static_cast<std::uint8_t>(Finding::float_is_not_topping));
}

FleetSettings with_switch() {
  FleetSettings settings = with_meter();
  settings.has_transfer_switch = true;
  return settings;
}

TEST(FleetController, LeavesTheGridWithNobodyRunningAndComesBack) {
  FleetBench bench(2, with_switch());
  bench.order(FleetMode::power, 50000.0);
  bench.run_for(30s);
  ASSERT_NEAR(bench.fleet_w(), 50000.0, 100.0);
  bench.order(FleetMode::off_grid);
  bench.run_for(40s);
  EXPECT_FALSE(bench.switch_closed);
  for (const FakePcs& each : bench.pcs) {
    EXPECT_TRUE(each.running());
    EXPECT_EQ(each.words.at(53600), 1);
  }
  bench.order(FleetMode::power, 50000.0);
  bench.run_for(40s);
  EXPECT_TRUE(bench.switch_closed);
  for (const FakePcs& each : bench.pcs) EXPECT_EQ(each.words.at(53600), 0);
  EXPECT_NEAR(bench.fleet_w(), 50000.0, 100.0);
  EXPECT_FALSE(bench.out_of_phase);
}

TEST(FleetController, IslandsByItselfWhenTheGridIsLostAndReturnsAMinuteAfterIt) {
  FleetSettings settings = with_switch();
  settings.islands_by_itself = true;
  FleetBench bench(1, settings);
  bench.order(FleetMode::power, 20000.0);
  bench.run_for(20s);
  bench.grid_ln_v = 0.0;
  bench.pcs[0].words[53010] = 0;  // its own protection
  bench.run_for(20s);
  EXPECT_TRUE(bench.leader().grid_lost());
  EXPECT_FALSE(bench.switch_closed);
  EXPECT_TRUE(bench.pcs[0].running());
  EXPECT_EQ(bench.pcs[0].words.at(53600), 1);
  bench.grid_ln_v = 228.0;
  bench.run_for(55s);
  EXPECT_FALSE(bench.switch_closed) << "not yet a minute";
  bench.run_for(30s);
  EXPECT_TRUE(bench.switch_closed);
  EXPECT_NEAR(bench.fleet_w(), 20000.0, 100.0);
  EXPECT_FALSE(bench.out_of_phase);
}

/// When each of them was first seen to run off the grid.
std::vector<Time> island_starts(FleetBench& bench, Time span) {
  std::vector<Time> starts(bench.pcs.size(), Time::max());
  for (const Time end = bench.now() + span; bench.now() < end; bench.run_for(10ms)) {
    for (std::size_t k = 0; k < starts.size(); ++k) {
      const bool feeds = bench.pcs[k].running() && bench.pcs[k].words[53600] == 1;
      if (feeds) starts[k] = std::min(starts[k], bench.now());
    }
  }
  return starts;
}

// One alone may not carry the loads: all are set up first, and are told to start within a round of their line.
TEST(FleetController, StartsAnIslandWithAllConvertersTogether) {
  FleetBench bench(4, with_switch());
  bench.order(FleetMode::power, 60000.0);
  bench.run_for(80s);
  bench.order(FleetMode::off_grid);
  const std::vector<Time> starts = island_starts(bench, 60s);
  const auto [first, last] = std::minmax_element(starts.begin(), starts.end());
  EXPECT_LT(*last, Time::max());
  EXPECT_LT(*last - *first, 1500ms);
  EXPECT_FALSE(bench.out_of_phase);
}

TEST(FleetController, StartsAnIslandWithoutAConverterThatDoesNotTakeItsSettings) {
  FleetBench bench(3, with_switch());
  bench.order(FleetMode::power, 60000.0);
  bench.run_for(60s);
  bench.pcs[1].deaf_to = 53600;
  const Time ordered = bench.now();
  bench.order(FleetMode::off_grid);
  const std::vector<Time> starts = island_starts(bench, 90s);
  EXPECT_GT(starts[0], ordered + PcsUnit::start_patience);
  EXPECT_LT(starts[0], ordered + 60s);
  EXPECT_LT(starts[2], ordered + 60s);
  EXPECT_EQ(starts[1], Time::max());
  EXPECT_FALSE(bench.pcs[1].running());
}

TEST(FleetController, RestsWhenItIsToLeaveAGridThatNoSwitchCanOpen) {
  FleetBench bench(1, with_meter());
  bench.load_w = 30000.0;
  bench.order(FleetMode::off_grid);
  bench.run_for(30s);
  EXPECT_FALSE(bench.pcs[0].running());
  EXPECT_TRUE(bench.switch_closed);
}

TEST(FleetController, AnIslandsSmallLoadDoesNotEmptyABattery) {
  FleetBench bench(2, with_switch());
  bench.order(FleetMode::power, 50000.0);
  bench.run_for(30s);
  bench.order(FleetMode::off_grid);
  bench.run_for(120s);
  for (std::size_t k = 0; k < 2; ++k) {
    EXPECT_FALSE(bench.leader().energy(k).empty());
    EXPECT_GT(bench.leader().energy(k).soc(), 0.45);
  }
  bench.order(FleetMode::power, 50000.0);
  bench.run_for(60s);
  EXPECT_NEAR(bench.fleet_w(), 50000.0, 100.0);
  EXPECT_EQ(bench.pcs[0].ignored + bench.pcs[1].ignored, 0);
}

TEST(FleetController, LeavesTheGridAtNoPowerTheLastConverterFirst) {
  FleetBench bench(2, with_switch());
  bench.order(FleetMode::power, 50000.0);
  bench.run_for(30s);
  bench.order(FleetMode::off_grid);
  bool first_ran_alone = false;
  while (bench.pcs[0].running() && bench.now() < 60s) {
    bench.run_for(50ms);
    for (std::size_t k = 0; k < 2; ++k) {
      // The step in which it opens is the one in which its power has gone.
      if (!bench.pcs[k].written.empty() && bench.pcs[k].written.back() == 53901) {
        EXPECT_LT(std::abs(bench.pcs[k].power_w), PcsUnit::rest_w) << k;
      }
    }
    first_ran_alone = first_ran_alone || (bench.pcs[0].running() && !bench.pcs[1].running());
  }
  EXPECT_TRUE(first_ran_alone);
}

TEST(FleetController, ClosesTheSwitchWhenTheFleetIsToRest) {
  FleetBench bench(1, with_switch());
  bench.order(FleetMode::off_grid);
  bench.run_for(40s);
  ASSERT_FALSE(bench.switch_closed);
  bench.order(FleetMode::stop);
  bench.run_for(20s);
  EXPECT_TRUE(bench.switch_closed);
  EXPECT_FALSE(bench.pcs[0].running());
  EXPECT_FALSE(bench.out_of_phase);
}

TEST(FleetController, LeavesTheSwitchAloneUntilItKnowsWhoRuns) {
  FleetBench bench(1, with_switch());
  bench.pcs[0].silent = true;
  bench.order(FleetMode::off_grid);
  bench.run_for(500ms);
  EXPECT_TRUE(bench.switch_closed);
  bench.run_for(60s);
  EXPECT_FALSE(bench.switch_closed) << "it is lost, and was never seen to run";
}

TEST(FleetController, AConverterLostBetweenItsStartAndTheNextStatusMayFormAnIsland) {
  FleetBench bench(1, with_switch());
  bench.order(FleetMode::off_grid);
  while (bench.now() < 60s && (bench.pcs[0].written.empty() || bench.pcs[0].written.back() != 53900)) {
    bench.run_for(10ms);
  }
  ASSERT_FALSE(bench.switch_closed);
  bench.pcs[0].silent = true;
  bench.run_for(30s);
  ASSERT_TRUE(bench.pcs[0].running());
  bench.order(FleetMode::power, 10000.0);
  bench.run_for(30s);
  EXPECT_FALSE(bench.switch_closed);
  EXPECT_FALSE(bench.out_of_phase);
}

TEST(FleetController, LeadsAConverterOnThatRunsWithAFaultAtOneString) {
  FleetBench bench(1);
  bench.order(FleetMode::power, 30000.0);
  bench.run_for(20s);
  bench.pcs[0].fault_cause = true;
  bench.pcs[0].string_fault();
  bench.order(FleetMode::power, 20000.0);
  bench.run_for(90s);
  EXPECT_NEAR(bench.fleet_w(), 20000.0, 100.0);
  EXPECT_EQ(std::count(bench.pcs[0].written.begin(), bench.pcs[0].written.end(), 53903), PcsUnit::most_clears);
  bench.order(FleetMode::stop);
  bench.run_for(10s);
  EXPECT_FALSE(bench.pcs[0].running());
  EXPECT_EQ(bench.leader().unit(0).phase(), PcsUnit::Phase::left_alone);
}

FleetSettings with_strings(std::size_t strings) {
  FleetSettings settings = with_meter();
  settings.strings_per_unit = strings;
  return settings;
}

// By hand: 160 kW from two converters of 100 kW; one has two strings of three left, 66.7 kW. Their energies are then as
// 2 to 3, so that they share 64 kW and 96 kW.
TEST(FleetController, TheOtherMakesUpForAStringThatIsFaulted) {
  FleetBench bench(2, with_strings(3));
  for (FakePcs& each : bench.pcs) each.strings = 3;
  bench.load_w = 160000.0;
  bench.order(FleetMode::self_consumption);
  bench.run_for(40s);
  ASSERT_NEAR(bench.import_w(), 0.0, 300.0);
  ASSERT_NEAR(bench.pcs[0].power_w, 80000.0, 1000.0);
  bench.pcs[0].fault_cause = true;
  bench.pcs[0].string_fault(2);
  bench.run_for(8s);
  EXPECT_NEAR(bench.import_w(), 0.0, 300.0) << "13 kW without it: told 80 kW, it gives 66.7 kW";
  EXPECT_NEAR(bench.pcs[0].power_w, 64000.0, 1000.0);
  EXPECT_NEAR(bench.pcs[1].power_w, 96000.0, 1000.0);
  bench.run_for(60s);
  EXPECT_NEAR(bench.import_w(), 0.0, 300.0) << "the cause stays";
}

TEST(FleetController, AStringIsLeftOutOfAWantedTotalToo) {
  FleetBench bench(2, with_strings(2));
  for (FakePcs& each : bench.pcs) each.strings = 2;
  bench.order(FleetMode::power, 140000.0);
  bench.run_for(40s);
  ASSERT_NEAR(bench.fleet_w(), 140000.0, 300.0);
  bench.pcs[1].fault_cause = true;
  bench.pcs[1].string_fault(1);  // 50 kW are left
  bench.run_for(8s);
  EXPECT_NEAR(bench.fleet_w(), 140000.0, 300.0);
  EXPECT_LT(bench.pcs[1].power_w, 50100.0);
  bench.order(FleetMode::power, -140000.0);
  bench.run_for(8s);
  EXPECT_NEAR(bench.fleet_w(), -140000.0, 300.0) << "charging alike";
}

TEST(FleetController, StartsAStringAgainOnceNothingIsLatchedAtIt) {
  FleetBench bench(2, with_strings(3));
  for (FakePcs& each : bench.pcs) each.strings = 3;
  bench.load_w = 160000.0;
  bench.order(FleetMode::self_consumption);
  bench.run_for(40s);
  bench.pcs[0].string_fault(2);
  bench.run_for(60s);
  EXPECT_TRUE(bench.pcs[0].string_runs(2, bench.now()));
  EXPECT_EQ(std::count(bench.pcs[0].written.begin(), bench.pcs[0].written.end(), 53930), 1);
  EXPECT_EQ(bench.pcs[0].ignored, 0);
  EXPECT_NEAR(bench.import_w(), 0.0, 300.0);
  EXPECT_NEAR(bench.pcs[0].power_w, 80000.0, 1500.0) << "it has given less for a while";
}

TEST(FleetController, AnEmptyConverterIsFoundOutInSpiteOfAFaultedString) {
  FleetSettings settings = with_strings(2);
  settings.lowest_soc = 0.0;
  FleetBench bench(2, settings);
  for (FakePcs& each : bench.pcs) each.strings = 2;
  bench.order(FleetMode::power, 60000.0);
  bench.run_for(40s);
  bench.pcs[0].fault_cause = true;
  bench.pcs[0].string_fault(1);
  bench.run_for(10s);
  ASSERT_NEAR(bench.pcs[0].power_w, 20000.0, 1000.0) << "a third: half of its energy is left";
  bench.pcs[0].energy_wh = 0.0;
  bench.run_for(40s);
  EXPECT_TRUE(bench.leader().energy(0).empty());
  EXPECT_NEAR(bench.pcs[1].power_w, 60000.0, 100.0);
}

TEST(FleetController, AFaultedStringsLowBatteryIsNoReasonToCharge) {
  FleetBench bench(1, with_strings(2));
  FakePcs& pcs = bench.pcs[0];
  pcs.strings = 2;
  for (const int offset : {0, 30}) pcs.words[53653 + offset] = 6000;
  bench.order(FleetMode::power, 20000.0);
  bench.run_for(30s);
  pcs.string_decivolts[1] = 5995;
  bench.run_for(15s);
  ASSERT_NEAR(pcs.power_w, -5000.0, 100.0) << "rescued";
  pcs.fault_cause = true;
  pcs.string_fault(2);
  bench.run_for(15s);
  EXPECT_NEAR(pcs.power_w, 20000.0, 100.0) << "the other goes on";
}

TEST(FleetController, AConverterThatTellsNothingOfItsStringsHasAll) {
  FleetBench bench(1, with_strings(3));
  bench.order(FleetMode::power, 90000.0);
  bench.run_for(60s);
  EXPECT_NEAR(bench.fleet_w(), 90000.0, 100.0);
  EXPECT_EQ(bench.leader().unit(0).able_share(bench.now()), 1.0);
}

TEST(FleetController, ForgetsClearsAfterTenMinutesWithoutAFault) {
  FleetBench bench(1);
  bench.order(FleetMode::power, 10000.0);
  bench.run_for(20s);
  for (int fault = 0; fault < PcsUnit::most_clears; ++fault) {
    bench.pcs[0].fault();
    bench.pcs[0].fault_cause = false;
    bench.run_for(30s);
    ASSERT_TRUE(bench.pcs[0].running()) << fault;
  }
  bench.run_for(600s);
  bench.pcs[0].fault();
  bench.pcs[0].fault_cause = false;
  bench.run_for(30s);
  EXPECT_TRUE(bench.pcs[0].running());
}

TEST(FleetController, ALostConverterOfAnIslandKeepsTheSwitchOpen) {
  FleetBench bench(2, with_switch());
  bench.order(FleetMode::off_grid);
  bench.run_for(40s);
  ASSERT_TRUE(bench.pcs[1].running());
  bench.pcs[1].silent = true;
  bench.run_for(10s);
  bench.order(FleetMode::power, 10000.0);
  bench.run_for(60s);
  EXPECT_FALSE(bench.switch_closed) << "it may still feed the site, out of phase with the grid";
  bench.pcs[1].silent = false;
  bench.run_for(60s);
  EXPECT_TRUE(bench.switch_closed);
  EXPECT_FALSE(bench.out_of_phase);
}

TEST(EnergyCount, CountsWhatTheBatteryGives) {
  // 10 kWh, 4.85 kW at the port for an hour: 5 kWh out of the battery at 0.97.
  EnergyCount energy(10000.0, 0.8);
  for (int s = 0; s <= 3600; s += 60) energy.see(4850.0, 4850.0, true, std::chrono::seconds{s});
  EXPECT_NEAR(energy.soc(), 0.3, 1e-9);
}

// Half of 10 kWh stands at 0.5: 1.94 kW for an hour takes 2 kWh out of the 5 that run, 0.4 of them. Together again they
// have half of 0.1 and half of 0.5.
TEST(EnergyCount, WhatStandsKeepsItsCharge) {
  EnergyCount energy(10000.0, 0.5);
  energy.set_running_share(0.5);
  energy.see(1940.0, 1940.0, true, 0s);
  energy.see(1940.0, 1940.0, true, 3600s);
  EXPECT_NEAR(energy.soc(), 0.1, 1e-12);
  energy.see(0.0, 1940.0, true, 3601s);
  energy.see(0.0, 1940.0, true, 3631s);
  EXPECT_TRUE(energy.empty());
  energy.set_running_share(1.0);
  EXPECT_FALSE(energy.empty());
  EXPECT_NEAR(energy.soc(), 0.25, 1e-12);
  energy.set_running_share(0.0);
  EXPECT_NEAR(energy.soc(), 0.25, 1e-12);
}

TEST(EnergyCount, ARefusalOfHalfAMinuteSaysFullOrEmpty) {
  EnergyCount energy(10000.0, 0.5);
  for (int s = 0; s <= 29; ++s) energy.see(0.0, 5000.0, true, std::chrono::seconds{s});
  EXPECT_FALSE(energy.empty());
  energy.see(0.0, 5000.0, true, 30s);
  EXPECT_TRUE(energy.empty());
  EXPECT_EQ(energy.soc(), 0.0);
  EnergyCount rests(10000.0, 0.5);
  for (int s = 0; s <= 60; ++s) rests.see(0.0, 5000.0, false, std::chrono::seconds{s});
  EXPECT_FALSE(rests.empty()) << "it does not run";
}

}  // namespace
}  // namespace hil::controller::tests
