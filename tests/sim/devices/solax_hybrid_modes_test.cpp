// Work modes, limits and orders of a SolaX hybrid inverter on a closed small site: some 6 kW of PV, 400 W of load, no
// losses, a battery of about 400 V and 25 A (solax-parallel 8.1, 8.2, 8.3).
#include <gtest/gtest.h>

#include "tests/sim/devices/running_solax.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using test::RunningSolax;

constexpr double load_w = 400.0;

class SolaxModes : public testing::Test {
 protected:
  SolaxModes() {
    device_.run(1s);
    device_.unlock();
  }
  void set(int address, int value) { ASSERT_EQ(device_.write(address, value), 0) << address; }
  double pv_w() const { return device_.lane().pv_available_w; }

  RunningSolax device_;
};

TEST_F(SolaxModes, SelfUseStoresWhatTheSiteDoesNotWant) {
  device_.run(10s);
  EXPECT_NEAR(device_.export_w(), 0.0, 20.0);
  EXPECT_NEAR(device_.battery_w(), load_w - pv_w(), 20.0);
  device_.night();
  device_.run(10s);
  EXPECT_NEAR(device_.battery_w(), load_w, 20.0);
  EXPECT_NEAR(device_.export_w(), 0.0, 20.0);
}

TEST_F(SolaxModes, SelfUseKeepsItsMinimumCharge) {
  set(0x61, 60);
  device_.night();
  device_.run(10s);
  EXPECT_NEAR(device_.battery_w(), 0.0, 1.0);
  EXPECT_NEAR(device_.export_w(), -load_w, 5.0);
}

TEST_F(SolaxModes, SelfUseDischargesInItsWindowOnly) {
  device_.night();
  set(0x6A, 6 << 8);  // from 06:00; the clock begins at midnight
  device_.run(10s);
  EXPECT_NEAR(device_.battery_w(), 0.0, 1.0);
  ASSERT_EQ(device_.write_block(0, {0, 30, 6, 1, 1, 26}), 0);
  device_.run(10s);
  EXPECT_NEAR(device_.battery_w(), load_w, 20.0);
}

// 10 A at some 400 V, from the grid at night.
TEST_F(SolaxModes, SelfUseChargesFromTheGridWhereThatIsAllowed) {
  device_.night();
  set(0x24, 100);
  set(0x68, 0);
  set(0x69, 5 << 8);
  device_.run(5s);
  EXPECT_NEAR(device_.lane().battery.discharge_a, 1.0, 0.2);  // 400 W: it is not allowed yet
  set(0x62, 1);
  set(0x63, 90);
  device_.run(5s);
  EXPECT_NEAR(device_.lane().battery.discharge_a, -10.0, 0.1);
  EXPECT_LT(device_.export_w(), -4000.0);
  set(0x63, 40);  // below what it has
  device_.run(5s);
  EXPECT_NEAR(device_.lane().battery.discharge_a, 1.0, 0.2);
}

TEST_F(SolaxModes, FeedInPriorityExportsUpToTheLimit) {
  set(0x1F, 1);
  device_.run(10s);
  EXPECT_NEAR(device_.export_w(), pv_w() - load_w, 20.0);
  EXPECT_NEAR(device_.battery_w(), 0.0, 20.0);
  set(0x42, 200);  // 2 kW
  device_.run(10s);
  EXPECT_NEAR(device_.export_w(), 2000.0, 20.0);
  EXPECT_NEAR(device_.battery_w(), 2000.0 + load_w - pv_w(), 20.0);
  device_.night();
  device_.run(10s);
  EXPECT_NEAR(device_.battery_w(), load_w, 20.0);
}

TEST_F(SolaxModes, BackupModeKeepsItsOwnMinimum) {
  set(0x1F, 2);
  set(0x67, 60);
  device_.night();
  device_.run(10s);
  EXPECT_NEAR(device_.battery_w(), 0.0, 1.0);
  set(0x67, 20);
  device_.run(10s);
  EXPECT_NEAR(device_.battery_w(), load_w, 20.0);
}

// Charge 5 A; discharge what the rating of 10 kW leaves beside PV.
TEST_F(SolaxModes, ManualModeChargesDischargesAndStops) {
  set(0x1F, 3);
  device_.run(5s);
  EXPECT_NEAR(device_.battery_w(), 0.0, 1.0);
  set(0x24, 50);
  set(0x20, 1);
  device_.run(5s);
  EXPECT_NEAR(device_.lane().battery.discharge_a, -5.0, 0.05);
  EXPECT_NEAR(device_.input_signed(0x15), 50, 1);
  set(0x20, 2);
  device_.run(5s);
  EXPECT_NEAR(device_.ac_w(), 10000.0, 20.0);
  EXPECT_NEAR(device_.lane().power.pv_w, pv_w(), 20.0);
  set(0x25, 30);
  set(0x20, 2);
  device_.night();
  device_.run(5s);
  EXPECT_NEAR(device_.lane().battery.discharge_a, 3.0, 0.05);
}

TEST_F(SolaxModes, AModeThatIsNotPlayedIsRefused) {
  EXPECT_EQ(device_.write(0x1F, 5), 3);
  EXPECT_EQ(device_.holding(0x8B), 0);
}

// 150 W of the 400 W in the window, at night; outside it charges with 700 W from the grid where that is allowed.
TEST_F(SolaxModes, PeakShavingHoldsTheLimitOfItsWindow) {
  device_.night();
  set(0x1F, 4);
  set(0xEA, 0);
  set(0xEB, 5 << 8);
  set(0xEE, 15);
  device_.run(10s);
  EXPECT_NEAR(device_.export_w(), -150.0, 20.0);
  EXPECT_EQ(device_.holding(0x153), 150);
  set(0xF3, 60);  // reserve above what it has
  device_.run(10s);
  EXPECT_NEAR(device_.battery_w(), 0.0, 1.0);
  set(0xEB, 0);  // no window
  set(0xF3, 10);
  device_.run(10s);
  EXPECT_NEAR(device_.battery_w(), 0.0, 1.0);
  set(0xF1, 700);
  set(0xF2, 80);
  set(0xF0, 1);
  device_.run(10s);
  EXPECT_NEAR(device_.battery_w(), -700.0, 5.0);
  EXPECT_NEAR(device_.export_w(), -1100.0, 20.0);
  set(0xF2, 40);
  device_.run(10s);
  EXPECT_NEAR(device_.battery_w(), 0.0, 1.0);
}

// The battery takes nothing: PV is curtailed to load and limit, also when the load goes.
TEST_F(SolaxModes, HoldsTheExportLimitAtTheMeter) {
  set(0x24, 0);
  set(0x42, 100);
  device_.run(20s);
  EXPECT_NEAR(device_.export_w(), 1000.0, 10.0);
  EXPECT_NEAR(device_.lane().power.pv_w, 1000.0 + load_w, 10.0);
  EXPECT_NEAR(device_.input_long(0x46), 1000, 10);
  device_.site.set_load_on(0, false);
  device_.run(10s);
  EXPECT_NEAR(device_.export_w(), 1000.0, 10.0);
  set(0x42, 0);
  device_.run(10s);
  EXPECT_NEAR(device_.export_w(), 0.0, 10.0);
  EXPECT_EQ(device_.holding(0xB6), 0);
}

// The factory's limit of 500 W is below the user's; without an answering meter it holds at the own port.
TEST_F(SolaxModes, TheLowerLimitHoldsAndWithoutAMeterAtItsOwnPort) {
  set(0x24, 0);
  set(0x42, 100);
  set(0x41, 50);
  device_.run(20s);
  EXPECT_NEAR(device_.export_w(), 500.0, 10.0);
  device_.solax.set_meter_link(false);
  device_.run(10s);
  EXPECT_NEAR(device_.ac_w(), 500.0, 10.0);
}

TEST_F(SolaxModes, TheActivePowerLimitHoldsAtItsPort) {
  set(0x1F, 1);
  set(0x11, 30);
  device_.run(10s);
  EXPECT_NEAR(device_.ac_w(), 3000.0, 10.0);
}

std::optional<SolaxParallel::Order> order(double ac_injection_w, double injection_var) {
  return SolaxParallel::Order{ac_injection_w, injection_var};
}

TEST_F(SolaxModes, ASlaveDoesWhatTheEnergyManagerOrders) {
  device_.solax.set_parallel({.role = SolaxParallel::Role::slave, .units = 2});
  device_.run(5s);
  EXPECT_NEAR(device_.ac_w(), 0.0, 10.0);  // without an order it feeds nothing
  EXPECT_NEAR(device_.battery_w(), -pv_w(), 10.0);
  device_.solax.set_parallel({.role = SolaxParallel::Role::slave, .units = 2, .order = order(2500.0, 800.0)});
  device_.run(5s);
  EXPECT_NEAR(device_.ac_w(), 2500.0, 10.0);
  EXPECT_NEAR(device_.lane().power.ac_injection_var, 800.0, 10.0);
  device_.solax.set_parallel({.role = SolaxParallel::Role::slave, .units = 2, .order = order(-1000.0, 0.0)});
  device_.run(5s);
  EXPECT_NEAR(device_.ac_w(), -1000.0, 10.0);
  EXPECT_NEAR(device_.lane().power.ac_injection_var, 0.0, 10.0);
  EXPECT_EQ(device_.input(0x1DD), 0);
}

// 6 kW for 60 s are 100 Wh, one count of 0.1 kWh; of the grid ten counts of 0.01 kWh less the load's.
TEST_F(SolaxModes, CountsItsOwnEnergies) {
  set(0x1F, 1);
  device_.run(62s);
  EXPECT_EQ(device_.input_long(0x94), 1);
  EXPECT_EQ(device_.input(0x96), 1);
  EXPECT_EQ(device_.input_long(0x52), 1);
  EXPECT_NEAR(device_.input_long(0x48), 9, 1);
  set(0xDC, 1);
  device_.run(1s);
  EXPECT_EQ(device_.input_long(0x94), 0);
}

}  // namespace
}  // namespace hil::sim
