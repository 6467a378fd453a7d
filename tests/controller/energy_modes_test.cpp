// Modes, limits and demands of the law; its everyday work is in energy_controller_test.cpp.
#include <gtest/gtest.h>

#include <array>

#include "controller/core/energy_controller.h"
#include "tests/controller/law_bench.h"

namespace hil::controller {
namespace {

using namespace std::chrono_literals;
using tests::LawBench;
using tests::SmallInverter;
using tests::sunny_site;

/// Least and most of the grid import between two instants.
struct Range {
  double least_w = 1e9;
  double most_w = -1e9;
};
template <typename Value>
Range range_of(LawBench& bench, double until_s, Value value) {
  Range range;
  const auto before = bench.before_step;
  bench.before_step = [&](double now_s) {
    if (before) before(now_s);
    range.least_w = std::min(range.least_w, value());
    range.most_w = std::max(range.most_w, value());
  };
  bench.run_until(until_s);
  bench.before_step = before;
  return range;
}
Range import_range(LawBench& bench, double until_s) {
  return range_of(bench, until_s, [&bench] { return bench.site.grid_import_w; });
}

void night(LawBench& bench) {
  for (SmallInverter& unit : bench.site.inverters) {
    unit.pv_available_w = 0.0;
    unit.max_charge_w = 5000.0;
  }
}
void full_batteries(LawBench& bench) {
  for (SmallInverter& unit : bench.site.inverters) {
    unit.soc = 1.0;
    unit.max_charge_w = 0.0;
  }
}

// Demanded import of 3 kW above a load of 1 kW: the batteries draw what is missing. Target 50 W above the demand; dead
// band 20 W for each unit.
TEST(EnergyModes, AnImportDemandedBeyondTheLoadIsDrawnByTheBatteries) {
  LawBench bench{2, -3000.0};
  sunny_site(bench);
  night(bench);
  bench.site.load_w = 1000.0;
  bench.run_until(10.0);
  const Range import = import_range(bench, 60.0);
  EXPECT_GE(import.least_w, 3000.0);
  EXPECT_LE(import.most_w, 3100.0);
  EXPECT_LT(bench.site.battery_discharge_w(), -1800.0);
}

TEST(EnergyModes, AnImportDemandedBelowTheLoadLeavesTheRestToTheBatteries) {
  LawBench bench{2, -3000.0};
  sunny_site(bench);
  night(bench);
  bench.site.load_w = 6000.0;
  bench.run_until(10.0);
  const Range import = import_range(bench, 60.0);
  EXPECT_GE(import.least_w, 3000.0);
  EXPECT_LE(import.most_w, 3100.0);
  EXPECT_GT(bench.site.battery_discharge_w(), 2900.0);
}

TEST(EnergyModes, AnImportIsDemandedAgainstTheSunToo) {
  LawBench bench{2, -2000.0};
  sunny_site(bench);  // 12 kW of PV, 1 kW of charging each
  bench.run_until(10.0);
  const Range import = import_range(bench, 60.0);
  EXPECT_GE(import.least_w, 2000.0);
  EXPECT_LE(import.most_w, 2100.0);
}

TEST(EnergyModes, AnImportIsDemandedThroughLoadStepsOnBothSidesOfIt) {
  LawBench bench{2, -3000.0};
  sunny_site(bench);
  night(bench);
  bench.site.load_w = 1000.0;
  bench.run_until(30.0);
  for (const double load_w : {7000.0, 1000.0, 2900.0, 3100.0, 3000.0, 500.0}) {
    const double from_s = bench.now_s();
    bench.site.load_w = load_w;
    bench.run_until(from_s + 8.0);
    const Range import = import_range(bench, from_s + 30.0);
    EXPECT_GE(import.least_w, 2950.0) << load_w;  // 50 W: the dead zone between drawing and giving
    EXPECT_LE(import.most_w, 3160.0) << load_w;
  }
}

// Full batteries, sun: what is granted is exported to within the margin of 10 W and the dead band, never exceeded.
TEST(EnergyModes, SmallAndOddLimitsAreUsedAndKept) {
  for (const double limit_w : {50.0, 7250.0}) {
    LawBench bench{2, limit_w};
    sunny_site(bench);
    full_batteries(bench);
    bench.run_until(40.0);
    const Range import = import_range(bench, 80.0);
    EXPECT_GE(import.least_w, -limit_w) << limit_w;
    EXPECT_LE(import.most_w, -limit_w + 50.0) << limit_w;
  }
}

TEST(EnergyModes, WithoutLimitAllOfTheSunIsFedInAndTheLimitIsBackWithinTwoSeconds) {
  LawBench bench{2, 0.0};
  sunny_site(bench);
  full_batteries(bench);
  bench.run_until(30.0);
  bench.settings.control_mode = ControlMode::off;
  bench.configure();
  bench.run_until(40.0);
  EXPECT_FALSE(bench.commands().limit_enabled);
  EXPECT_NEAR(bench.site.pv_w(), 12000.0, 1.0);
  EXPECT_NEAR(bench.site.grid_import_w, -10910.0, 60.0);  // 800 + losses of 2 x (25 + 2 % of 5.85 kW) - 12000
  bench.settings.control_mode = ControlMode::value;
  bench.configure();
  bench.run_until(42.0);
  bench.watch = {};
  bench.run_until(70.0);
  EXPECT_EQ(bench.watch.longest_export_s, 0.0);
  EXPECT_NEAR(bench.site.grid_import_w, 20.0, 40.0);
}

// Loads of 3.0, 1.2 and 0.3 kW on the phases: with a limit for each of them the third governs, 3 x 0.3 kW may be fed.
TEST(EnergyModes, WithALimitForEachPhaseTheWorstOneGoverns) {
  LawBench bench{2, 0.0};
  sunny_site(bench);
  full_batteries(bench);
  bench.site.load_w = 0.0;
  bench.site.phase_load_w = {3000.0, 1200.0, 300.0};
  bench.run_until(30.0);
  EXPECT_NEAR(bench.site.grid_import_w, 10.0, 40.0);  // sum: L3 exports what L1 lacks
  EXPECT_LT(bench.site.lowest_phase_import_w(), -1100.0);
  bench.settings.phase_mode = PhaseMode::each;
  bench.configure();
  bench.run_until(33.0);
  const Range lowest = range_of(bench, 60.0, [&bench] { return bench.site.lowest_phase_import_w(); });
  EXPECT_GE(lowest.least_w, 0.0);
  EXPECT_LE(lowest.most_w, 20.0);  // a third of target and dead bands
  EXPECT_NEAR(bench.site.ac_w(), 900.0, 60.0);
  // 500 W for each phase: all together 1.5 kW more.
  bench.settings.export_limit_w = 500.0;
  bench.configure();
  bench.run_until(70.0);
  EXPECT_NEAR(bench.site.lowest_phase_import_w(), -497.0, 20.0);
  EXPECT_NEAR(bench.site.ac_w(), 2400.0, 60.0);
  bench.settings.phase_mode = PhaseMode::sum;
  bench.settings.export_limit_w = 0.0;
  bench.configure();
  bench.run_until(100.0);
  EXPECT_NEAR(bench.site.grid_import_w, 10.0, 40.0);
}

// 30 % of 20 kW. The load of 9 kW would take more; the batteries do not add to it, PV has the first claim.
TEST(EnergyModes, ActivePowerRegulationBoundsWhatTheInvertersGiveWithOrWithoutExportLimit) {
  for (const ControlMode mode : {ControlMode::off, ControlMode::value}) {
    LawBench bench{2, 0.0};
    sunny_site(bench);
    bench.settings.control_mode = mode;
    bench.settings.active_power_share = 0.3;
    bench.configure();
    bench.site.load_w = 9000.0;
    bench.run_until(40.0);
    const Range ac = range_of(bench, 80.0, [&bench] { return bench.site.ac_w(); });
    EXPECT_LE(ac.most_w, 6000.0);
    EXPECT_GE(ac.least_w, 5850.0);
    EXPECT_LE(bench.site.battery_discharge_w(), 1.0);
    if (mode == ControlMode::off) continue;
    bench.settings.active_power_share = 1.0;
    bench.configure();
    bench.run_until(100.0);
    EXPECT_NEAR(bench.site.grid_import_w, 50.0, 100.0);
  }
}

TEST(EnergyModes, Drm5StopsGenerationAndTheSunGoesIntoTheBatteries) {
  LawBench bench{2, 0.0};
  sunny_site(bench);
  bench.settings.control_mode = ControlMode::dred;
  bench.configure();
  bench.run_until(20.0);
  EXPECT_NEAR(bench.site.pv_w(), 12000.0, 1.0);  // no demand: no limit
  GridDemand demand;
  demand.generation_share = 0.0;
  bench.law.set_demand(demand);
  bench.run_until(22.0);
  EXPECT_LE(bench.site.ac_w(), 200.0);  // physics-and-standards 3.4: within 2 s; 1 % of the capacity
  bench.run_until(40.0);
  EXPECT_LE(bench.site.ac_w(), 0.0);
  EXPECT_NEAR(bench.site.battery_discharge_w(), -2000.0, 60.0);
}

TEST(EnergyModes, Drm6HalvesWhatIsGenerated) {
  LawBench bench{2, 0.0};
  sunny_site(bench);
  full_batteries(bench);
  bench.settings.control_mode = ControlMode::dred;
  bench.configure();
  GridDemand demand;
  demand.generation_share = 0.5;
  bench.law.set_demand(demand);
  bench.run_until(30.0);
  EXPECT_LE(bench.site.ac_w(), 10000.0);
  EXPECT_GE(bench.site.ac_w(), 9900.0);
}

TEST(EnergyModes, Drm4DrawsItsShareAndDrm8GivesIt) {
  LawBench bench{2, 0.0};
  sunny_site(bench);
  night(bench);
  bench.settings.control_mode = ControlMode::dred;
  bench.settings.dred_increase_share = 0.3;  // of 20 kW
  bench.configure();
  bench.run_until(10.0);
  GridDemand demand;
  demand.increase_import = true;
  bench.law.set_demand(demand);
  bench.run_until(30.0);
  EXPECT_NEAR(bench.site.ac_w(), -6000.0, 40.0);
  demand = {};
  demand.increase_generation = true;
  bench.law.set_demand(demand);
  bench.run_until(50.0);
  EXPECT_NEAR(bench.site.battery_discharge_w(), 6000.0, 40.0);
  bench.law.set_demand({});
  bench.run_until(70.0);
  EXPECT_NEAR(bench.site.grid_import_w, 50.0, 60.0);
}

TEST(EnergyModes, Drm0StopsEveryInverterUntilItIsTakenBack) {
  LawBench bench{2, 0.0};
  sunny_site(bench);
  bench.settings.control_mode = ControlMode::dred;
  bench.configure();
  bench.run_until(20.0);
  GridDemand demand;
  demand.disconnect = true;
  bench.law.set_demand(demand);
  bench.run_until(22.0);
  EXPECT_EQ(bench.law.state(), EnergyController::State::stopped);
  for (const SmallInverter& unit : bench.site.inverters) EXPECT_TRUE(unit.stopped);
  EXPECT_DOUBLE_EQ(bench.site.ac_w(), 0.0);
  bench.law.set_demand({});
  bench.run_until(40.0);
  EXPECT_EQ(bench.law.state(), EnergyController::State::regulating);
  EXPECT_NEAR(bench.site.pv_w(), 12000.0, 1.0);
}

// physics-and-standards 3.2: 20 kW, RCR 60 %, load 5 kW: on the feed-in basis 12 kW leave and 17 kW are made, on that
// of generation 12 kW are made.
TEST(EnergyModes, AShareOfTheRippleReceiverBoundsFeedInOrGeneration) {
  for (const RcrBasis basis : {RcrBasis::feed_in, RcrBasis::generation}) {
    LawBench bench{2, 0.0};
    sunny_site(bench);
    full_batteries(bench);
    for (SmallInverter& unit : bench.site.inverters) unit.pv_available_w = 10000.0;
    bench.site.load_w = 5000.0;
    bench.settings.control_mode = ControlMode::rcr;
    bench.configure();
    GridDemand demand;
    if (basis == RcrBasis::feed_in) {
      demand.feed_in_share = 0.6;
    } else {
      demand.generation_share = 0.6;
    }
    bench.law.set_demand(demand);
    bench.run_until(40.0);
    const double made_w = basis == RcrBasis::feed_in ? 17000.0 : 12000.0;
    EXPECT_LE(bench.site.ac_w(), made_w);
    EXPECT_GE(bench.site.ac_w(), made_w - 60.0);
  }
}

TEST(EnergyModes, ReactivePowerIsOrderedAsAShareOfTheRatingsAndOnlyWhenItIsSet) {
  LawBench bench{2, 0.0};
  sunny_site(bench);
  bench.run_until(1.0);
  EXPECT_FALSE(bench.commands().reactive.has_value());
  bench.settings.reactive_mode = ReactiveMode::reactive_power;
  bench.settings.reactive_power_var = -5000.0;
  bench.configure();
  bench.run_until(2.0);
  EXPECT_EQ(bench.commands().reactive, (ReactiveOrder{1.0, -0.25}));
  bench.settings.reactive_mode = ReactiveMode::power_factor;
  bench.settings.power_factor = -0.95;
  bench.configure();
  bench.run_until(3.0);
  EXPECT_EQ(bench.commands().reactive, (ReactiveOrder{-0.95, 0.0}));
}

// 4 kW of backup load behind the first unit, whose own battery is at its floor: the second one carries it through the
// port on the grid.
TEST(EnergyModes, ABackupLoadBeyondItsOwnSourcesIsCarriedByTheOthers) {
  LawBench bench{2, 0.0};
  sunny_site(bench);
  night(bench);
  bench.site.inverters[0].backup_w = 4000.0;
  bench.site.inverters[0].max_discharge_w = 0.0;
  bench.site.load_w = 500.0;
  bench.run_until(30.0);
  EXPECT_LT(bench.site.inverters[0].port_w(), -3900.0);
  EXPECT_NEAR(bench.site.inverters[1].ac_w, 4500.0, 100.0);
  const Range import = import_range(bench, 60.0);
  EXPECT_GE(import.least_w, 0.0);
  EXPECT_LE(import.most_w, 100.0);
}

// Both carry 2 kW of backup load as islands, and come back 20 s apart into full sun with a base load of 0.8 kW.
TEST(EnergyModes, IslandsAreLeftAloneAndTheirStaggeredReturnKeepsTheLimit) {
  LawBench bench{2, 0.0};
  sunny_site(bench);
  full_batteries(bench);
  for (SmallInverter& unit : bench.site.inverters) unit.backup_w = 2000.0;
  bench.run_until(30.0);
  for (SmallInverter& unit : bench.site.inverters) unit.islanded = true;
  bench.run_until(40.0);
  for (std::size_t k = 0; k < 2; ++k) {
    EXPECT_DOUBLE_EQ(bench.commands().inverters[k].ac_limit_w, 0.0);
    EXPECT_DOUBLE_EQ(bench.commands().inverters[k].battery_discharge_w.value(), 0.0);
  }
  bench.watch = {};
  bench.site.inverters[0].islanded = false;
  bench.run_until(60.0);
  EXPECT_EQ(bench.watch.longest_export_s, 0.0);
  EXPECT_NEAR(bench.site.grid_import_w, 10.0, 40.0);  // the one that is back serves the site
  bench.site.inverters[1].islanded = false;
  bench.run_until(90.0);
  EXPECT_EQ(bench.watch.longest_export_s, 0.0);
  EXPECT_NEAR(bench.site.grid_import_w, 10.0, 40.0);
}

// 12, 6 and 3 kWh at 0.9, 0.7 and 0.5 with floors of 0.1, 0.2 and 0.3: usable 9.6, 3.0 and 0.6 kWh. Alike they would be
// empty at very different times; SOC is known in whole percent only.
TEST(EnergyModes, UnequalBatteriesReachTheirOwnFloorsTogether) {
  LawBench bench{3, 0.0};
  sunny_site(bench);
  night(bench);
  constexpr std::array capacity_wh{12000.0, 6000.0, 3000.0};
  constexpr std::array soc{0.9, 0.7, 0.5};
  constexpr std::array floors{0.1, 0.2, 0.3};
  for (std::size_t k = 0; k < 3; ++k) {
    SmallInverter& unit = bench.site.inverters[k];
    unit.capacity_wh = capacity_wh[k];
    unit.soc = soc[k];
    unit.soc_floor = floors[k];
    bench.settings.inverter_lines[0].capacity_wh[k] = capacity_wh[k];
  }
  bench.configure();
  bench.site.load_w = 8000.0;
  std::array<double, 3> empty_at_s{};
  bench.before_step = [&](double now_s) {
    for (std::size_t k = 0; k < 3; ++k) {
      const SmallInverter& unit = bench.site.inverters[k];
      if (empty_at_s[k] == 0.0 && unit.soc <= unit.soc_floor + 0.005) empty_at_s[k] = now_s;
    }
  };
  bench.run_until(7000.0);
  const auto [first, last] = std::minmax_element(empty_at_s.begin(), empty_at_s.end());
  EXPECT_GT(*first, 0.0);
  EXPECT_LT((*last - *first) / *last, 0.02);
  for (const SmallInverter& unit : bench.site.inverters) EXPECT_GE(unit.soc, unit.soc_floor - 1e-4);
}

}  // namespace
}  // namespace hil::controller
