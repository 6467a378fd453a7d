#include <gtest/gtest.h>

#include "models/site/site.h"
#include "tests/models/site/example_sites.h"
#include "tests/models/site/stepping.h"

namespace hil::models {
namespace {

using IslandStop = InverterLane::IslandStop;

/// 3 kW behind the backup port of one inverter at night.
Site::Parameters night_site(double soc) {
  Site::Parameters parameters = backup_site("en50549_1");
  parameters.inverters[0].lane.pv[0].irradiance_w_m2 = 0.0;
  parameters.inverters[0].lane.initial_soc = soc;
  return parameters;
}

// 0.101 - 0.100 of 100 Ah are 360 As. The island draws 2997.16 W and loses 62.46 W (site/backup_island): I = 3059.6 W /
// V, some 8 A, so 45 s. The bridge of 3 s then takes 3 I / 360000 of SOC.
TEST(SiteEmptyBattery, EndsTheIslandAtItsLowestSocOnceAndForAll) {
  Site site(night_site(0.101));
  ASSERT_TRUE(held_for(site, 1.0));
  site.grid_source().set_outage(true);
  ASSERT_TRUE(held_for(site, 2.0));
  const Site::LaneView& lane = site.lane(0);
  EXPECT_GT(site.load_w(critical), 2900.0);
  const double discharge_a = 3059.62 / lane.battery.terminal_v;
  EXPECT_NEAR(lane.battery.discharge_a, discharge_a, 0.01);
  const double left_s = (lane.battery_soc - 0.100) * 360000.0 / discharge_a;
  const double stopped_s = time_until(site, 120.0, [&] { return lane.battery_empty_stops > 0; });
  EXPECT_NEAR(stopped_s, left_s + 3.0, 0.01 * left_s) << "the voltage falls below 1 % on the way";
  EXPECT_NEAR(lane.battery_soc, 0.100 - 3.0 * discharge_a / 360000.0, 1e-6);
  EXPECT_EQ(lane.island_stop, IslandStop::battery_empty);

  const double soc = lane.battery_soc;
  ASSERT_TRUE(held_for(site, 60.0));
  EXPECT_EQ(lane.battery_empty_stops, 1);
  EXPECT_EQ(lane.overload_trips, 0);
  EXPECT_EQ(lane.battery_soc, soc) << "nothing is tried, nothing is drawn";
  EXPECT_EQ(backup_pu(site), 0.0);
  EXPECT_EQ(site.load_w(critical), 0.0);
}

// All 6 kW go into the battery, beyond what the BMS or the conversion would limit. 0.002 of 100 Ah are 720 As, of which
// 99.8 % of the current count.
TEST(SiteEmptyBattery, ChargesFromTheSunAndBeginsTheIslandAgain) {
  Site::Parameters parameters = night_site(0.0999);
  BackupReserve::Parameters& reserve = parameters.inverters[0].lane.backup->reserve;
  reserve.restart_soc_rise = 0.002;
  reserve.restart_pv_w = 1e6;  // not by PV alone
  Site site(parameters);
  ASSERT_TRUE(held_for(site, 1.0));
  site.grid_source().set_outage(true);
  ASSERT_TRUE(held_for(site, 2.0));
  const Site::LaneView& lane = site.lane(0);
  EXPECT_EQ(lane.battery_empty_stops, 1) << "it does not even begin";
  EXPECT_NEAR(lane.battery_soc, 0.0999, 1e-6);

  site.set_irradiance(0, 974.0);
  ASSERT_TRUE(held_for(site, 10.0));  // start-up of the MPPT input, ramp of the command path
  EXPECT_NEAR(lane.power.pv_w, lane.pv_available_w, 0.01 * lane.pv_available_w);
  EXPECT_NEAR(lane.battery.discharge_w, -lane.power.pv_w, 1e-6);
  const double charge_a = -0.998 * lane.battery.discharge_a;
  const double left_s = (0.102 - lane.battery_soc) * 360000.0 / charge_a;
  const double back_s = time_until(site, 120.0, [&] { return lane.island_stop == IslandStop::none; });
  EXPECT_NEAR(back_s, left_s, 0.01 * left_s + 0.02);
  ASSERT_TRUE(held_for(site, 5.0));
  EXPECT_GT(site.load_w(critical), 2900.0);
  EXPECT_EQ(lane.battery_empty_stops, 1);
}

// A battery below its lowest SOC and 6 kW of sun: after 10 s of it by PV alone.
TEST(SiteEmptyBattery, LeavesTheIslandToPvWhereThatIsEnough) {
  Site site(night_site(0.09));
  ASSERT_TRUE(held_for(site, 1.0));
  site.grid_source().set_outage(true);
  ASSERT_TRUE(held_for(site, 1.0));
  ASSERT_EQ(site.lane(0).island_stop, IslandStop::battery_empty);
  site.set_irradiance(0, 974.0);
  ASSERT_TRUE(held_for(site, 14.0));
  EXPECT_GT(site.load_w(critical), 2900.0);
  EXPECT_GT(site.lane(0).power.pv_w, 3000.0);
  EXPECT_LT(site.lane(0).power.battery_discharge_w, 0.0);
  EXPECT_EQ(site.lane(0).battery_empty_stops, 1);
}

// The BMS ends at 0.10 too: not even the bridge, but the first step of the island in which the limit is seen.
TEST(SiteEmptyBattery, AnIslandEndsAtOnceWhenTheBmsAllowsNothing) {
  Site::Parameters parameters = night_site(0.1001);
  parameters.inverters[0].lane.battery.management.minimum_soc = 0.10;
  parameters.inverters[0].lane.backup->reserve.lowest_soc = 0.0;
  Site site(parameters);
  ASSERT_TRUE(held_for(site, 1.0));
  site.grid_source().set_outage(true);
  const Site::LaneView& lane = site.lane(0);
  time_until(site, 60.0, [&] { return lane.battery_empty_stops > 0; });
  // One step of 8 A takes 2e-7, the limit is that of the step before.
  EXPECT_LE(lane.battery_soc, 0.10);
  EXPECT_GE(lane.battery_soc, 0.10 - 1e-6);
  EXPECT_EQ(site.battery(0).discharge_cause(), LimitCause::empty);
  ASSERT_TRUE(held_for(site, 60.0));
  EXPECT_EQ(lane.battery_empty_stops, 1);
  EXPECT_EQ(lane.overload_trips, 0);
}

// Without a lowest SOC the BMS's falling limit ends it: below 0.05 it is 50 A x 0.2 soc / 0.05 = 200 A soc, which meets
// the 8.4 A of the loads at 0.042. One step takes 2e-7 of SOC. Five minutes later it has not been tried again.
TEST(SiteEmptyBattery, ALimitBelowTheLoadsEndsTheIslandAsAnEmptyBattery) {
  Site::Parameters parameters = night_site(0.043);
  parameters.inverters[0].lane.backup->reserve.lowest_soc = 0.0;
  Site site(parameters);
  ASSERT_TRUE(held_for(site, 1.0));
  site.grid_source().set_outage(true);
  const Site::LaneView& lane = site.lane(0);
  time_until(site, 120.0, [&] { return lane.battery_empty_stops > 0; });
  EXPECT_NEAR(lane.battery_soc, lane.battery.discharge_a / 200.0, 1e-5);
  const double soc = lane.battery_soc;
  ASSERT_TRUE(held_for(site, 300.0));
  EXPECT_EQ(lane.battery_empty_stops, 1);
  EXPECT_EQ(lane.overload_trips, 0);
  EXPECT_EQ(lane.battery_soc, soc);
}

// Cells without charge, dark, no lowest SOC: nothing holds the voltage, and nothing is tried.
TEST(SiteEmptyBattery, AFlatPackNeverBeginsAnIsland) {
  Site::Parameters parameters = night_site(0.0);
  parameters.inverters[0].lane.backup->reserve.lowest_soc = 0.0;
  Site site(parameters);
  ASSERT_TRUE(held_for(site, 1.0));
  site.grid_source().set_outage(true);
  ASSERT_TRUE(held_for(site, 30.0));
  EXPECT_EQ(site.lane(0).battery_empty_stops, 1);
  EXPECT_EQ(site.lane(0).overload_trips, 0);
  EXPECT_EQ(backup_pu(site), 0.0);
  EXPECT_EQ(site.lane(0).battery_soc, 0.0);
}

// EN 50549-1: 60 s of good grid. The next outage finds everything as the first did.
TEST(SiteEmptyBattery, TheReturnOfTheGridEndsTheWaiting) {
  Site site(night_site(0.09));
  ASSERT_TRUE(held_for(site, 1.0));
  site.grid_source().set_outage(true);
  ASSERT_TRUE(held_for(site, 5.0));
  ASSERT_EQ(site.lane(0).island_stop, IslandStop::battery_empty);
  site.grid_source().set_outage(false);
  ASSERT_TRUE(held_for(site, 62.0));
  EXPECT_FALSE(site.lane(0).islanded);
  EXPECT_EQ(site.lane(0).island_stop, IslandStop::none);
  EXPECT_NEAR(backup_pu(site), 1.0, 0.02);
  site.grid_source().set_outage(true);
  ASSERT_TRUE(held_for(site, 1.0));
  EXPECT_EQ(site.lane(0).battery_empty_stops, 2);
}

// 3 x 7 kW on 16.5 A a phase is too much for 0.5 s; the sun is not idle in the 10 s until the next attempt.
TEST(SiteEmptyBattery, PvChargesWhileAnOverloadedIslandRests) {
  Site::Parameters parameters = backup_site("en50549_1");
  parameters.loads[critical].zip->nominal_w = {7000.0, 7000.0, 7000.0};
  Site site(parameters);
  ASSERT_TRUE(held_for(site, 1.0));
  site.grid_source().set_outage(true);
  ASSERT_TRUE(held_for(site, 8.0));
  const Site::LaneView& lane = site.lane(0);
  EXPECT_EQ(lane.overload_trips, 1);
  EXPECT_EQ(lane.battery_empty_stops, 0);
  EXPECT_EQ(lane.island_stop, IslandStop::overload);
  EXPECT_NEAR(lane.battery.discharge_w, -lane.pv_available_w, 0.01 * lane.pv_available_w);
}

}  // namespace
}  // namespace hil::models
