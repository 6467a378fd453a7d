// Clock, time groups, counters, and the words that tell what happened.
#include <gtest/gtest.h>

#include <string>

#include "tests/sim/devices/running_et.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

constexpr double tolerance_w = 0.1;
// A Sunday.
constexpr EtClock::Instant sunday_evening = sys_days{std::chrono::year{2026} / 3 / 29} + 23h + 58min;

constexpr double time_word(int hour, int minute) {
  return hour << 8 | minute;
}
constexpr int sunday = 1 << 0;
constexpr int monday = 1 << 1;
constexpr int march = 1 << 2;

GoodweEt::Settings starting_at(EtClock::Instant instant) {
  GoodweEt::Settings settings;
  settings.clock_start = instant;
  return settings;
}

TEST(EtClock, RunsInVirtualTimeFromItsStart) {
  RunningEt et{one_inverter_site(), starting_at(sunday_evening)};
  et.run(125s);  // 2026-03-30 00:00:05; the last step began at 124.99 s
  EXPECT_EQ(et.shown("clock_year_month"), 26 << 8 | 3);
  EXPECT_EQ(et.shown("clock_day_hour"), 30 << 8 | 0);
  EXPECT_EQ(et.shown("clock_minute_second"), 0 << 8 | 4);
}

TEST(EtClock, GoesOnFromWhatIsWritten) {
  RunningEt et;
  et.run(1s);
  et.set("clock_year_month", 26 << 8 | 2);
  et.set("clock_day_hour", 28 << 8 | 23);
  et.set("clock_minute_second", 59 << 8 | 58);
  et.run(3s);
  EXPECT_EQ(et.shown("clock_year_month"), 26 << 8 | 3);  // 2026 is no leap year
  EXPECT_EQ(et.shown("clock_day_hour"), 1 << 8 | 0);
}

TEST(EtClock, TakesNoTimeThatDoesNotExist) {
  RunningEt et;
  const auto accepts = [&](const char* word, int value) { return et.et.face().find(word)->accepts(value); };
  EXPECT_FALSE(accepts("clock_year_month", 26 << 8 | 13));
  EXPECT_FALSE(accepts("clock_day_hour", 0 << 8 | 5));
  EXPECT_FALSE(accepts("clock_day_hour", 31 << 8 | 24));
  EXPECT_FALSE(accepts("clock_minute_second", 60 << 8));
  EXPECT_TRUE(accepts("clock_minute_second", 59 << 8 | 59));
}

// 6.6, first form: 23:59 to 00:01 on Sunday and Monday, charge 40 % of 10 kW.
TEST(EcoGroups, OfTheFirstFormActByTheClockAndOverMidnight) {
  RunningEt et{one_inverter_site(), starting_at(sunday_evening)};
  et.set("work_mode_setting", 3.0);
  et.set("eco1_start", time_word(23, 59));
  et.set("eco1_end", time_word(0, 1));
  et.set("eco1_power", -40.0);
  et.set("eco1_days", 0xFF00 | sunday | monday);
  et.run(50s);
  EXPECT_NEAR(et.power().battery_discharge_w, 0.0, tolerance_w);
  et.run(20s);  // 23:59:10
  EXPECT_NEAR(et.power().battery_discharge_w, -4000.0, tolerance_w);
  EXPECT_TRUE(et.shows_bit("diagnostics", 5));
  et.run(60s);  // 00:00:10
  EXPECT_NEAR(et.power().battery_discharge_w, -4000.0, tolerance_w);
  et.run(60s);  // 00:01:10
  EXPECT_NEAR(et.power().battery_discharge_w, 0.0, tolerance_w);
}

TEST(EcoGroups, OfTheSecondFormKeepMonthsDaysAndTheirStateOfCharge) {
  RunningEt et{one_inverter_site(), starting_at(sunday_evening - 12h)};
  et.set("work_mode_setting", 3.0);
  et.set("group1_start", time_word(0, 0));
  et.set("group1_end", time_word(23, 59));
  et.set("group1_switch", 0xFF00 | sunday);
  et.set("group1_power", 30.0);
  et.set("group1_months", march);
  et.run(1s);
  EXPECT_NEAR(et.power().battery_discharge_w, 3000.0, tolerance_w);
  EXPECT_TRUE(et.shows_bit("diagnostics", 4));
  et.set("group1_months", march << 1);
  et.run(1s);
  EXPECT_NEAR(et.power().battery_discharge_w, 0.0, tolerance_w);
  et.set("group1_months", 0.0);
  et.set("group1_power", -30.0);
  et.set("group1_soc", 0.6);
  et.run(1s);
  EXPECT_NEAR(et.power().battery_discharge_w, -3000.0, tolerance_w);
  et.set("group1_soc", 0.4);  // half full already
  et.run(1s);
  EXPECT_NEAR(et.power().battery_discharge_w, 0.0, tolerance_w);
  et.set("group1_switch", 0xF900 | sunday);  // eco of 745: 0.1 %
  et.set("group1_power", 250.0);
  et.run(1s);
  EXPECT_NEAR(et.power().battery_discharge_w, 2500.0, tolerance_w);
  et.set("group1_switch", 0x0000 | sunday);
  et.run(1s);
  EXPECT_NEAR(et.power().battery_discharge_w, 0.0, tolerance_w);
}

TEST(EcoGroups, GiveWayToAnEmsModeAndAreClearedByOneWrite) {
  RunningEt et{one_inverter_site(), starting_at(sunday_evening - 12h)};
  et.set("work_mode_setting", 3.0);
  et.set("eco2_start", time_word(0, 0));
  et.set("eco2_end", time_word(23, 59));
  et.set("eco2_power", 20.0);
  et.set("eco2_days", 0xFF7F);
  et.set("ems_mode", 12.0);
  et.set("ems_power_w", 700.0);
  et.run(1s);
  EXPECT_NEAR(et.power().battery_discharge_w, 700.0, tolerance_w);
  et.set("ems_mode", 1.0);
  et.run(1s);
  EXPECT_NEAR(et.power().battery_discharge_w, 2000.0, tolerance_w);
  et.et.face().find("clear_eco_groups")->act(1.0);
  et.run(1s);
  EXPECT_NEAR(et.power().battery_discharge_w, 0.0, tolerance_w);
  EXPECT_EQ(et.shown("work_mode_setting"), 0.0);
  EXPECT_EQ(et.shown("eco2_start"), 0x3000);
}

// 6 kW of PV and 400 W of load: it closes for a load of 5 kW, not for one of 5.7 kW; with the sun gone it stays for its
// minute, then opens.
TEST(EcoGroups, OfASmartDryContactCloseItByWhatPvLeavesOver) {
  GoodweEt::Settings settings = starting_at(sunday_evening - 12h);
  settings.own_meter = true;
  RunningEt et{one_inverter_site(), settings};
  et.run(5s);  // until the meter tells
  et.set("load_control", 2.0);
  et.set("group1_start", time_word(0, 0));
  et.set("group1_end", time_word(23, 59));
  et.set("group1_switch", 0xFD00 | sunday);
  et.set("group1_power", 570.0);  // 10 W
  et.set("group1_soc", 0.01);     // 1 min
  et.run(5s);
  EXPECT_NEAR(et.pv_available_w(), 6000.0, 200.0);
  EXPECT_EQ(et.et.load_contact(), 0.0);
  et.set("group1_power", 500.0);
  et.run(1s);
  EXPECT_EQ(et.et.load_contact(), 1.0);
  et.site.set_irradiance(0, 0.0);
  et.run(50s);
  EXPECT_EQ(et.et.load_contact(), 1.0);
  et.run(15s);
  EXPECT_EQ(et.et.load_contact(), 0.0);
}

// Off, and without a meter that could tell what is left over.
TEST(EcoGroups, OfASmartDryContactNeedTheirSwitchAndAMeter) {
  RunningEt et{one_inverter_site(), starting_at(sunday_evening - 12h)};
  et.set("load_control", 2.0);
  et.set("group1_start", time_word(0, 0));
  et.set("group1_end", time_word(23, 59));
  et.set("group1_switch", 0xFD00 | sunday);
  et.set("group1_power", 100.0);
  et.run(2s);
  EXPECT_EQ(et.et.load_contact(), 0.0);
}

// 36 s at 1 kW are 10 Wh before midnight, then 72 s 20 Wh after it.
TEST(EtCounters, BeginTheDayAtMidnightOfTheirOwnClock) {
  RunningEt et{one_inverter_site(), starting_at(sunday_evening + 84s)};
  et.site.set_irradiance(0, 0.0);
  et.set("ems_mode", 11.0);
  et.set("ems_power_w", 1000.0);
  et.run(108s);
  EXPECT_NEAR(et.shown("battery_charge_wh"), 30.0, 0.06);
  EXPECT_NEAR(et.shown("battery_charge_today_wh"), 20.0, 0.06);
  et.set("pv_wh", 5000.0);
  et.run(1s);
  EXPECT_EQ(et.shown("pv_wh"), 5000.0);
  et.et.face().find("clear_energy")->act(1.0);
  EXPECT_EQ(et.shown("battery_charge_wh"), 0.0);
}

// 35187 with the minute of VDE-AR-N 4105: wait, self check for the last 10 s, on grid; an outage; fault with its cause.
TEST(EtWorkMode, GoesFromWaitThroughSelfCheckToTheGridAndToFault) {
  models::Site::Parameters site = one_inverter_site();
  site.inverters[0].lane.grid_code = *models::find_grid_code("vde_ar_n_4105");
  site.inverters[0].lane.starts_connected = false;
  RunningEt et{site};
  et.run(40s);
  EXPECT_EQ(et.shown("work_mode"), 0.0);
  et.run(15s);
  EXPECT_EQ(et.shown("work_mode"), 5.0);
  et.run(10s);
  EXPECT_EQ(et.shown("work_mode"), 1.0);
  EXPECT_EQ(et.shown("errors"), 0.0);
  et.site.grid_source().set_outage(true);
  et.run(3s);
  EXPECT_TRUE(et.shows_bit("errors", 9));
  EXPECT_EQ(et.shown("work_mode"), 3.0);
  EXPECT_EQ(et.shown("grid_mode"), 2.0);
  et.site.grid_source().set_outage(false);
  et.run(40s);
  EXPECT_EQ(et.shown("work_mode"), 0.0);
  et.run(30s);
  EXPECT_EQ(et.shown("work_mode"), 1.0);
  EXPECT_EQ(et.shown("errors"), 0.0);
}

TEST(EtWorkMode, WaitsWhileItRestartsOrReconnects) {
  RunningEt et;
  et.run(1s);
  et.et.face().find("restart")->act(1.0);
  et.run(29s);
  EXPECT_EQ(et.shown("work_mode"), 0.0);
  EXPECT_EQ(et.power().ac_injection_w, 0.0);
  et.run(3s);
  EXPECT_EQ(et.shown("work_mode"), 1.0);
  et.et.face().find("reconnect")->act(1.0);
  et.run(500ms);
  EXPECT_EQ(et.shown("work_mode"), 0.0);
  et.run(2s);
  EXPECT_EQ(et.shown("work_mode"), 1.0);
}

TEST(EtAlarmWords, TellAnOpenContactorAndAHotBattery) {
  models::Site::Parameters site = one_inverter_site();
  site.inverters[0].lane.battery.management.supervises = true;
  RunningEt et{site};
  et.run(1s);
  EXPECT_EQ(et.shown("bms_alarms"), 0.0);
  et.site.battery(0).open_contactor();
  et.run(1s);
  EXPECT_TRUE(et.shows_bit("diagnostics", 14));
}

// An island that draws more than PV and battery give is dropped, and the word says so for ten seconds.
TEST(EtAlarmWords, TellAnOverloadedBackupPort) {
  models::Site::Parameters parameters = site_with_backup();
  parameters.loads[1].zip->nominal_w = {4500.0, 4500.0, 4500.0};
  RunningEt et{parameters};
  et.site.set_irradiance(0, 0.0);
  et.run(1s);
  et.set("ems_mode", 7.0);
  et.run(2s);
  EXPECT_TRUE(et.shows_bit("errors", 20));
}

}  // namespace
}  // namespace hil::sim
