#include "controller/solax/solax_ems.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>

#include "tests/controller/solax/small_system.h"

namespace hil::controller {
namespace {

using namespace std::chrono_literals;
using test::SmallSystem;

constexpr double near_zero_w = 60.0;  // the 30 W that are imported by design, and rounding

TEST(SolaxEms, RestsUntilItHasReadTheMeter) {
  SmallSystem system{{}, 3};
  system.load_w = 4000.0;
  system.meter_answers = false;
  system.run(3s);
  EXPECT_EQ(system.ems.state(), SolaxEms::State::starting);
  EXPECT_EQ(system.sum_w(), 0.0);
  system.meter_answers = true;
  system.run(3s);
  EXPECT_EQ(system.ems.state(), SolaxEms::State::regulating);
  EXPECT_EQ(system.ems.members(), 3U);
  EXPECT_NEAR(system.import_w(), 0.0, near_zero_w);
}

TEST(SolaxEms, SharesAStepOfTheLoadAlikeAmongBatteriesThatAreAlike) {
  SmallSystem system{{}, 4};
  system.load_w = 800.0;
  system.run(10s);
  system.load_w = 9000.0;
  system.run(3s);
  EXPECT_NEAR(system.import_w(), 0.0, near_zero_w);
  for (const SmallSystem::Unit& unit : system.units) EXPECT_NEAR(unit.ac_w, 9000.0 / 4.0, 0.05 * 9000.0 / 4.0);
}

// Discharge in proportion to what is above the floor: 0.9, 0.6, 0.5, 0.3 over 0.1 are 8 : 5 : 4 : 2.
TEST(SolaxEms, LetsBatteriesReachTheirFloorTogether) {
  SmallSystem system{{}, 4};
  const std::array<double, 4> socs{0.9, 0.6, 0.5, 0.3};
  for (std::size_t k = 0; k < socs.size(); ++k) system.units[k].soc = socs[k];
  system.load_w = 9500.0;
  system.run(20s);
  EXPECT_NEAR(system.units[0].ac_w / system.units[3].ac_w, 4.0, 0.1);
  system.run(7000s);  // 19 kWh at 9.5 kW are 7200 s
  for (const SmallSystem::Unit& unit : system.units) EXPECT_NEAR(unit.soc, system.units[0].soc, 0.02);
  EXPECT_LT(system.units[0].soc, 0.2);
}

TEST(SolaxEms, ChargesThemByFreeRoom) {
  SmallSystem system{{}, 4};
  const std::array<double, 4> socs{0.9, 0.6, 0.5, 0.3};
  for (std::size_t k = 0; k < socs.size(); ++k) {
    system.units[k].soc = socs[k];
    system.units[k].pv_w = 3000.0;
  }
  system.load_w = 2000.0;
  system.run(5900s);  // 17 kWh of room at 10 kW are 6120 s
  for (const SmallSystem::Unit& unit : system.units) EXPECT_NEAR(unit.soc, system.units[0].soc, 0.02);
  EXPECT_GT(system.units[0].soc, 0.9);
}

struct Skew {
  std::size_t meter = 0;
  std::size_t status = 0;
};
class SolaxEmsSkew : public testing::TestWithParam<Skew> {};

// Whatever is older: a step up, a step down, and no swing afterwards.
TEST_P(SolaxEmsSkew, FollowsStepsWithoutSwinging) {
  SmallSystem system{{}, 3};
  system.meter_older = GetParam().meter;
  system.status_older = GetParam().status;
  system.load_w = 1000.0;
  system.run(10s);
  system.load_w = 9000.0;
  system.run(5s);
  EXPECT_NEAR(system.import_w(), 0.0, 2.0 * near_zero_w);
  system.most_export_w = 0.0;
  system.run(20s);
  EXPECT_LT(system.most_export_w, near_zero_w);
  system.load_w = 1000.0;
  system.run(4s);
  EXPECT_NEAR(system.import_w(), 0.0, 2.0 * near_zero_w);
  system.most_export_w = 0.0;
  system.run(20s);
  EXPECT_LT(system.most_export_w, near_zero_w);
  EXPECT_NEAR(system.import_w(), 0.0, near_zero_w);
}
INSTANTIATE_TEST_SUITE_P(Ages, SolaxEmsSkew,
                         testing::Values(Skew{0, 0}, Skew{1, 0}, Skew{0, 1}, Skew{0, 2}, Skew{1, 1}));

TEST(SolaxEms, HoldsTheExportLimitWithFullBatteriesWhenALoadFalls) {
  SolaxEmsSettings settings;
  settings.export_limit_w = 1000.0;
  SmallSystem system{settings, 4};
  for (SmallSystem::Unit& unit : system.units) {
    unit.soc = 1.0;
    unit.pv_w = 4000.0;
  }
  system.load_w = 8000.0;
  system.run(30s);
  EXPECT_NEAR(system.import_w(), -1000.0, 2.0 * near_zero_w);
  system.load_w = 500.0;
  system.run(2s);
  system.most_export_w = 0.0;
  system.run(20s);
  EXPECT_LT(system.most_export_w, 1000.0) << "inside the limit within 2 s, and for good";
  EXPECT_NEAR(system.sum_w(), 1500.0, 2.0 * near_zero_w);
}

TEST(SolaxEms, CountsTheLegWithTheLowestImportWhereTheLimitIsOfEach) {
  SolaxEms ems{{.export_limit_w = 500.0, .phase_mode = PhaseMode::each}};
  SolaxReadings own{.pv_w = 3000.0,
                    .pv_offered_w = 7000.0,
                    .max_discharge_w = 0.0,
                    .capacity_wh = 10'000.0,
                    .rated_w = 7600.0,
                    .soc = 1.0,
                    .soc_floor = 0.1,
                    .run_mode = 2};
  const std::array<double, 2> import_w{2000.0, 100.0};
  for (Time now{0}; now < 2s; now += SolaxEms::cycle) {
    ems.own_readings(own, now);
    ems.meter_read(import_w, now);
    ems.woken(now);
  }
  // It gives nothing yet; the leg with 100 W may turn to 500 W of export, and each leg gets half.
  EXPECT_NEAR(ems.output().own_ac_w, 2.0 * (100.0 + 500.0) - SystemShare::margin_w, 1.0);
}

TEST(SolaxEms, HandsTheShareOfADarkUnitToTheRest) {
  SmallSystem system{{}, 4};
  system.load_w = 8000.0;
  system.run(10s);
  system.units[2].dark = true;
  system.run(3s);
  EXPECT_NEAR(system.import_w(), 0.0, near_zero_w);
  EXPECT_EQ(system.ems.members(), 3U);
  EXPECT_NEAR(system.units[0].ac_w, 8000.0 / 3.0, 100.0);
}

// The unit that hears nobody goes on for 3 s: the meter shows that, and nobody takes over what it still gives.
TEST(SolaxEms, DoesNotTakeOverWhatACutOffUnitStillGives) {
  SmallSystem system{{}, 4};
  system.load_w = 8000.0;
  system.run(10s);
  system.units[2].linked = false;
  system.most_export_w = 0.0;
  system.run(2s);
  EXPECT_EQ(system.ems.members(), 3U);
  EXPECT_NEAR(system.units[2].ac_w, 2000.0, 100.0);
  EXPECT_NEAR(system.ems.unheard_w(system.now), 2000.0, 100.0);
  EXPECT_NEAR(system.import_w(), 0.0, near_zero_w);
  system.run(4s);
  EXPECT_NEAR(system.units[2].ac_w, 0.0, 10.0) << "it has fallen back";
  EXPECT_EQ(system.ems.unheard_w(system.now), 0.0);
  EXPECT_NEAR(system.import_w(), 0.0, near_zero_w);
  EXPECT_LT(system.most_export_w, near_zero_w);
}

TEST(SolaxEms, AbsorbsWhatACutOffUnitFeedsWhenTheLoadIsGone) {
  SmallSystem system{{}, 4};
  system.load_w = 8000.0;
  system.run(10s);
  system.units[2].linked = false;
  system.run(1s);
  system.load_w = 0.0;
  system.run(1s);
  system.most_export_w = 0.0;
  system.run(900ms);
  EXPECT_LT(system.most_export_w, near_zero_w) << "the others store what it goes on to feed";
  EXPECT_LT(system.units[0].ac_w, -400.0);
}

TEST(SolaxEms, TakesAUnitThatComesBackInStepByStep) {
  SmallSystem system{{}, 3};
  system.load_w = 6000.0;
  system.units[1].linked = false;
  system.run(20s);
  EXPECT_NEAR(system.units[1].ac_w, 0.0, 10.0);
  system.units[1].linked = true;
  system.run(2s);
  EXPECT_LT(system.units[1].ac_w, 0.3 * SmallSystem::rated_w);
  EXPECT_GT(system.units[1].ac_w, 100.0);
  system.run(15s);
  EXPECT_NEAR(system.units[1].ac_w, 2000.0, 100.0);
  EXPECT_NEAR(system.import_w(), 0.0, near_zero_w);
}

TEST(SolaxEms, RestsWithoutItsMeterAndGoesOnWithIt) {
  SmallSystem system{{}, 3};
  system.load_w = 6000.0;
  system.run(10s);
  system.meter_answers = false;
  system.run(4s);
  EXPECT_EQ(system.ems.state(), SolaxEms::State::meter_lost);
  EXPECT_NEAR(system.sum_w(), 0.0, 20.0);
  system.meter_answers = true;
  system.run(3s);
  EXPECT_NEAR(system.import_w(), 0.0, near_zero_w);
}

TEST(SolaxEms, CarriesOutOtherGoals) {
  SolaxEmsSettings settings;
  settings.export_limit_w = 50'000.0;
  settings.goal = SolaxGoal::total;
  settings.total_ac_w = 9000.0;
  SmallSystem system{settings, 3};
  system.load_w = 1000.0;
  system.run(5s);
  EXPECT_NEAR(system.sum_w(), 9000.0, 50.0);
  settings.goal = SolaxGoal::battery;
  settings.battery_discharge_w = -6000.0;
  system.ems.set(settings);
  system.run(5s);
  EXPECT_NEAR(system.sum_w(), -6000.0, 50.0);
  settings.goal = SolaxGoal::shave;
  settings.import_limit_w = 700.0;
  system.ems.set(settings);
  system.run(5s);
  EXPECT_NEAR(system.import_w(), 700.0, near_zero_w);
  settings.goal = SolaxGoal::charge_only;
  system.ems.set(settings);
  system.run(5s);
  EXPECT_NEAR(system.sum_w(), 0.0, 20.0);
}

TEST(SolaxEms, FeedsInUpToTheLimitBeforeItCharges) {
  SolaxEmsSettings settings;
  settings.export_limit_w = 3000.0;
  settings.goal = SolaxGoal::feed_in;
  SmallSystem system{settings, 2};
  for (SmallSystem::Unit& unit : system.units) unit.pv_w = 4000.0;
  system.load_w = 1000.0;
  system.run(10s);
  EXPECT_NEAR(system.import_w(), -3000.0, near_zero_w);
  EXPECT_GT(system.units[0].soc, 0.5);
}

TEST(SolaxEms, KeepsItsReserve) {
  SolaxEmsSettings settings;
  settings.reserve_soc = 0.5;
  SmallSystem system{settings, 2};
  system.units[0].soc = 0.4;
  system.units[1].soc = 0.8;
  system.load_w = 3000.0;
  system.run(10s);
  EXPECT_NEAR(system.units[0].ac_w, 0.0, 20.0);
  EXPECT_NEAR(system.units[1].ac_w, 3000.0, near_zero_w);
}

CanMessage interface_says(bool good, bool closed) {
  CanMessage message;
  message.id = 0x1858'0000;
  message.length = 1;
  message.data[0] = static_cast<std::uint8_t>((good ? 1 : 0) + (closed ? 2 : 0));
  return message;
}

TEST(SolaxEms, TellsTheInterfaceToConnectOnceTheGridHasBeenGood) {
  SmallSystem system{{.reconnection = 10s}, 2};
  const auto with_interface = [&system](bool good, bool closed, Time duration) {
    for (const Time end = system.now + duration; system.now < end;) {
      system.ems.frame_arrived(interface_says(good, closed), system.now);
      system.run(100ms);
    }
  };
  system.load_w = 1000.0;
  with_interface(true, true, 5s);
  EXPECT_EQ(system.ems.interface_order(), std::optional{true});
  with_interface(false, true, 1s);
  EXPECT_EQ(system.ems.interface_order(), std::optional{true}) << "it opens by itself when it has to";
  with_interface(false, false, 1s);
  EXPECT_EQ(system.ems.state(), SolaxEms::State::off_grid);
  with_interface(true, false, 9s);
  EXPECT_EQ(system.ems.interface_order(), std::optional{false}) << "not long enough";
  with_interface(true, false, 2s);
  EXPECT_EQ(system.ems.interface_order(), std::optional{true});
  system.run(3s);
  EXPECT_EQ(system.ems.interface_order(), std::nullopt) << "it is silent";
}

// Nobody knows what the grid was while the interface said nothing.
TEST(SolaxEms, CountsTheReconnectionTimeAnewAfterTheInterfaceWasSilent) {
  SmallSystem system{{.reconnection = 10s}, 2};
  const auto with_interface = [&system](bool good, Time duration) {
    for (const Time end = system.now + duration; system.now < end;) {
      system.ems.frame_arrived(interface_says(good, false), system.now);
      system.run(100ms);
    }
  };
  with_interface(false, 1s);
  with_interface(true, 4s);
  system.run(8s);
  with_interface(true, 9s);
  EXPECT_EQ(system.ems.interface_order(), std::optional{false});
  with_interface(true, 2s);
  EXPECT_EQ(system.ems.interface_order(), std::optional{true});
}

TEST(SolaxEms, TellsTheInterfaceToOpenWhenItsOwnInverterHasLostTheGrid) {
  SolaxEms ems{{}};
  const auto runs_in = [&ems](std::uint8_t mode, Time from, Time until) {
    for (Time now = from; now < until; now += SolaxEms::cycle) {
      ems.frame_arrived(interface_says(true, true), now);
      ems.own_readings({.rated_w = 7600.0, .run_mode = mode}, now);
      ems.woken(now);
    }
  };
  runs_in(2, 0s, 1s);
  EXPECT_EQ(ems.interface_order(), std::optional{true});
  runs_in(6, 1s, 1100ms);
  EXPECT_EQ(ems.interface_order(), std::optional{true});
  runs_in(6, 1100ms, 1300ms);
  EXPECT_EQ(ems.interface_order(), std::optional{false});
}

TEST(SolaxEms, IgnoresWhatItCannotUse) {
  SolaxEms ems{{.number = 99}};
  CanMessage message;
  message.id = 0x1850'000F;
  message.length = 8;
  ems.frame_arrived(message, 0s);
  ems.meter_read({}, 0s);
  SolaxEmsSettings settings;
  settings.export_limit_w = std::nan("");
  ems.set(settings);
  ems.woken(0s);
  EXPECT_EQ(ems.settings().export_limit_w, 0.0);
  EXPECT_EQ(ems.output().own_ac_w, 0.0);
}

double sum_var(const SmallSystem& system) {
  double sum = 0.0;
  for (const SmallSystem::Unit& unit : system.units) sum += unit.ordered_var;
  return sum;
}

TEST(SolaxEms, SharesReactivePowerByWhatPowerLeavesOfTheRating) {
  SolaxEmsSettings settings;
  settings.injection_var = -3000.0;
  SmallSystem system{settings, 3};
  system.load_w = 3000.0;
  system.run(10s);
  for (const SmallSystem::Unit& unit : system.units) EXPECT_NEAR(unit.ordered_var, -1000.0, 2.0);
  system.units[2].dark = true;
  system.run(5s);
  EXPECT_NEAR(system.units[0].ordered_var, -1500.0, 2.0);
  EXPECT_NEAR(system.units[1].ordered_var, -1500.0, 2.0);
  settings.injection_var = 0.0;
  system.ems.set(settings);
  system.run(1s);
  EXPECT_EQ(sum_var(system) - system.units[2].ordered_var, 0.0);
}

// Rated 7600 VA each: beside 7600 W there is no room, beside 4560 W there are 6080 var.
TEST(SolaxEms, OrdersNoMoreReactivePowerThanThereIsRoomFor) {
  const SolaxReadings readings{.rated_w = 7600.0};
  SystemShare::Members members{};
  members[0].readings = &readings;
  members[3].readings = &readings;
  const SystemShare::Powers orders_w{7600.0, 0.0, 0.0, 4560.0};
  EXPECT_NEAR(SystemShare::orders_var(members, orders_w, 2000.0)[3], 2000.0, 1e-6);
  const SystemShare::Powers most_var = SystemShare::orders_var(members, orders_w, 9000.0);
  EXPECT_NEAR(most_var[0], 0.0, 1e-6);
  EXPECT_NEAR(most_var[3], 6080.0, 1e-6);
}

TEST(SolaxEms, GivesUpReactivePowerWithTheMeter) {
  SolaxEmsSettings settings;
  settings.injection_var = 2000.0;
  SmallSystem system{settings, 2};
  system.load_w = 3000.0;
  system.run(5s);
  EXPECT_NEAR(sum_var(system), 2000.0, 2.0);
  system.meter_answers = false;
  system.run(3s);
  EXPECT_EQ(sum_var(system), 0.0);
}

}  // namespace
}  // namespace hil::controller
