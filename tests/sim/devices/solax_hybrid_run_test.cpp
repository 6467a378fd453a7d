// Run mode of a SolaX hybrid inverter: countdown, loss and return of the grid, faults, LED (solax-parallel 11.1, 1.4,
// 2).
#include <gtest/gtest.h>

#include "sim/signals/signal_registry.h"
#include "tests/sim/devices/running_solax.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using Mode = SolaxRunState::Mode;
using test::RunningSolax;

SolaxHybrid::Settings from_power_up() {
  SolaxHybrid::Settings settings;
  settings.starts_in_service = false;
  return settings;
}

// 60 s of checking as delivered; the register counts in milliseconds and is up to 0.2 s old.
TEST(SolaxRun, CountsDownBeforeItEntersTheGrid) {
  RunningSolax device{from_power_up()};
  device.run(30s);
  EXPECT_EQ(device.mode(), Mode::checking);
  EXPECT_EQ(device.input(0x09), 1);
  EXPECT_NEAR(device.input(0x13), 30000, 250);
  EXPECT_NEAR(device.ac_w(), 0.0, 1.0);
  device.run(29900ms);
  EXPECT_EQ(device.mode(), Mode::checking);
  device.run(200ms);
  EXPECT_EQ(device.mode(), Mode::normal);
  device.run(5s);
  EXPECT_EQ(device.input(0x09), 2);
  EXPECT_EQ(device.input(0x13), 0);
  EXPECT_GT(device.lane().power.pv_w, 1000.0);
}

TEST(SolaxRun, ShowsTheStateOfHealthOfAnAgedPack) {
  models::Site::Parameters parameters = one_inverter_site();
  parameters.inverters[0].lane.battery.ageing = {.initial_days = 3650.0, .initial_cycles = 4000.0};
  RunningSolax aged{{}, parameters};
  aged.run(1s);
  const double factor = aged.site.battery(0).ageing().capacity_factor();
  EXPECT_LT(factor, 0.95);
  EXPECT_DOUBLE_EQ(*aged.solax.face().find("battery_soh")->value, factor);
}

TEST(SolaxRun, TheCheckingTimeIsASetting) {
  RunningSolax device{from_power_up()};
  device.run(1s);
  device.unlock();
  ASSERT_EQ(device.write(0x02, 5), 0);
  device.run(3900ms);
  EXPECT_EQ(device.mode(), Mode::checking);
  device.run(200ms);
  EXPECT_EQ(device.mode(), Mode::normal);
}

// 0.8 pu is below the window of 0.85..1.10 pu: the countdown waits and begins anew.
TEST(SolaxRun, AGridThatIsNotGoodBeginsTheCountdownAnew) {
  RunningSolax device{from_power_up()};
  device.run(40s);
  device.voltage(0.8);
  device.run(1s);
  EXPECT_EQ(device.mode(), Mode::waiting);
  device.voltage(1.0);
  device.run(59s);
  EXPECT_EQ(device.mode(), Mode::checking);
  device.run(1500ms);
  EXPECT_EQ(device.mode(), Mode::normal);
}

// Without backup: fault with the bit "grid lost", then the reconnection time.
TEST(SolaxRun, ALostGridIsAFaultWithoutBackup) {
  RunningSolax device;
  device.run(2s);
  ASSERT_EQ(device.mode(), Mode::normal);
  device.unlock();
  ASSERT_EQ(device.write(0x01, 20), 0);  // reconnection time
  device.voltage(0.2);
  device.run(1s);
  EXPECT_EQ(device.mode(), Mode::fault);
  EXPECT_TRUE(device.solax.has_own_fault());
  EXPECT_EQ(device.input_long(0x40), 1 << 1);
  EXPECT_GT(device.input(0x0D), 1000);  // PV voltage at the fault, 0.1 V
  device.voltage(1.0);
  device.run(1s);
  EXPECT_EQ(device.mode(), Mode::checking);
  EXPECT_EQ(device.input_long(0x40), 0);
  EXPECT_NEAR(device.input(0x13), 19000, 300);
  device.run(20s);
  EXPECT_EQ(device.mode(), Mode::normal);
}

// VDE-AR-N 4105 trips above 51.5 Hz in 0.1 s; its own 60 s are those of the setting here.
TEST(SolaxRun, ATripOfTheGridCodeIsAFaultOfTheGrid) {
  models::Site::Parameters parameters = one_inverter_site();
  parameters.inverters[0].lane.grid_code = *models::find_grid_code("vde_ar_n_4105");
  RunningSolax device{{}, parameters};
  device.run(2s);
  ASSERT_EQ(device.mode(), Mode::normal);
  device.unlock();
  ASSERT_EQ(device.write(0x01, 15), 0);
  device.site.grid_source().ramp_frequency_hz(52.0, 0.0);
  device.run(1s);
  EXPECT_EQ(device.mode(), Mode::fault);
  EXPECT_EQ(device.input_long(0x40), 1 << 3);
  device.site.grid_source().ramp_frequency_hz(50.0, 0.0);
  device.run(14s);
  EXPECT_EQ(device.mode(), Mode::checking);
  device.run(2s);
  EXPECT_EQ(device.mode(), Mode::normal);
}

// 900 W on the backup port; the way back takes the reconnection time, and the loads stay fed.
TEST(SolaxRun, FeedsItsBackupLoadsWhileTheGridIsGone) {
  RunningSolax device{{}, test::solax_site_with_backup()};
  device.run(2s);
  device.voltage(0.2);
  device.run(1s);
  EXPECT_EQ(device.mode(), Mode::off_grid);
  EXPECT_EQ(device.input(0x09), 7);
  EXPECT_EQ(device.input(0x1A), 1);
  EXPECT_NEAR(device.lane().backup_w, 900.0, 5.0);
  EXPECT_NEAR(device.input(0x78), 300, 3);
  device.voltage(1.0);
  device.run(59s);
  EXPECT_EQ(device.mode(), Mode::off_grid);
  EXPECT_NEAR(device.lane().backup_w, 900.0, 5.0);
  device.run(2s);
  EXPECT_EQ(device.mode(), Mode::normal);
  EXPECT_FALSE(device.lane().islanded);
  EXPECT_NEAR(device.lane().backup_w, 900.0, 5.0);
}

TEST(SolaxRun, AParallelFaultStopsItAndShowsBitTwentyOne) {
  RunningSolax device;
  device.run(2s);
  device.solax.set_parallel({.fault = true});
  device.run(1s);
  EXPECT_EQ(device.mode(), Mode::fault);
  EXPECT_EQ(device.input_long(0x40), 1 << 21);
  EXPECT_FALSE(device.solax.has_own_fault());
  EXPECT_NEAR(device.ac_w(), 0.0, 1.0);
  device.solax.set_parallel({});
  device.run(1s);
  EXPECT_EQ(device.mode(), Mode::checking);
  device.run(60s);
  EXPECT_EQ(device.mode(), Mode::normal);
}

TEST(SolaxRun, AFaultThatNeedsAPersonStaysUntilARestart) {
  RunningSolax device;
  device.run(1s);
  device.solax.set_fault(SolaxHybrid::FaultWord::inverter, 12, true, true);  // isolation
  device.run(1s);
  EXPECT_EQ(device.mode(), Mode::permanent_fault);
  EXPECT_EQ(device.input_long(0x40), 1 << 12);
  device.solax.set_fault(SolaxHybrid::FaultWord::inverter, 12, false);
  device.run(10s);
  EXPECT_EQ(device.mode(), Mode::permanent_fault);
  device.unlock();
  ASSERT_EQ(device.write(0xDF, 1), 0);
  device.run(9s);
  EXPECT_FALSE(device.solax.answers());
  device.run(2s);
  EXPECT_TRUE(device.solax.answers());
  EXPECT_EQ(device.mode(), Mode::checking);
  EXPECT_EQ(device.write(0x1F, 1), 4);  // the lock is closed again
}

TEST(SolaxRun, StandsByWhileItsSystemSwitchIsOff) {
  RunningSolax device;
  device.run(1s);
  device.unlock();
  ASSERT_EQ(device.write(0x1C, 0), 0);
  device.run(1s);
  EXPECT_EQ(device.input(0x09), 10);
  EXPECT_NEAR(device.ac_w(), 0.0, 1.0);
  ASSERT_EQ(device.write(0x1C, 1), 0);
  device.run(1s);
  EXPECT_EQ(device.mode(), Mode::checking);
}

// At night with a battery at its minimum there is nothing to give.
TEST(SolaxRun, IdlesWhenThereIsNothingToGive) {
  SolaxHybrid::Settings settings;
  settings.delivered.self_use_min_soc = 0.6;
  RunningSolax device{settings};
  device.night();
  device.run(9s);
  EXPECT_EQ(device.mode(), Mode::normal);
  device.run(2s);
  EXPECT_EQ(device.mode(), Mode::idle);
  device.site.set_irradiance(0, 800.0);
  device.run(1s);
  EXPECT_EQ(device.mode(), Mode::normal);
}

// A role that is written counts once it has passed through waiting (solax-parallel 7.1).
TEST(SolaxRun, TakesANewRoleWhenItWaits) {
  RunningSolax device;
  device.run(1s);
  device.unlock();
  EXPECT_EQ(device.write(0xC6, 2), 3);
  ASSERT_EQ(device.write(0xC6, 1), 0);
  device.run(1s);
  EXPECT_EQ(device.holding(0x130), 0);
  ASSERT_EQ(device.write(0xDF, 1), 0);
  device.run(1s);
  EXPECT_EQ(device.holding(0x130), 1);
}

// The operation LED: 200 ms lit, 200 ms dark, green; red with any fault; dark without supply.
TEST(SolaxRun, ItsLedTellsWhetherAllIsWell) {
  RunningSolax device;
  SignalRegistry registry;
  device.solax.register_signals(registry);
  device.solax.register_details(registry);
  const auto value = [&](const char* name) { return *registry.find(name)->value; };
  device.run(10ms);
  EXPECT_EQ(value("a1.led_on"), 1.0);
  EXPECT_EQ(value("a1.led_colour"), 1.0);
  device.run(200ms);
  EXPECT_EQ(value("a1.led_on"), 0.0);
  device.run(200ms);
  EXPECT_EQ(value("a1.led_on"), 1.0);
  device.solax.set_fault(SolaxHybrid::FaultWord::manager, 11, true);
  device.run(10ms);
  EXPECT_EQ(value("a1.led_colour"), 2.0);
  device.solax.set_supply(false);
  device.run(10ms);
  EXPECT_EQ(value("a1.led_colour"), 0.0);
  EXPECT_EQ(value("a1.led_on"), 0.0);
}

}  // namespace
}  // namespace hil::sim
