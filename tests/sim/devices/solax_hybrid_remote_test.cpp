// Remote control of a SolaX hybrid inverter by the blocks 0x7C and 0xA0 (solax-parallel 10), on the site of
// one_inverter_site(): some 6 kW of PV, 400 W of load, no losses.
#include <gtest/gtest.h>

#include <vector>

#include "tests/sim/devices/running_solax.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using test::RunningSolax;

struct Block {
  int mode = 0;
  int set = 1;
  int active_w = 0;
  int reactive_var = 0;
  int duration_s = 0;
  int target_percent = 0;
  int target_wh = 0;
  int charge_w = 0;
  int timeout_s = 0;
  int push_w = 0;
};

/// 13 registers for modes 1 to 3, 15 for 4 to 7.
std::vector<int> words_of(const Block& block) {
  std::vector<int> words{block.mode, block.set};
  const auto add = [&words](int value) {
    for (const int word : RunningSolax::two_words(value)) words.push_back(word);
  };
  add(block.active_w);
  add(block.reactive_var);
  words.push_back(block.duration_s);
  words.push_back(block.target_percent);
  add(block.target_wh);
  add(block.charge_w);
  words.push_back(block.timeout_s);
  if (block.mode >= 4) add(block.push_w);
  return words;
}

class SolaxRemote : public testing::Test {
 protected:
  SolaxRemote() { device_.run(5s); }
  int order(const Block& block) { return device_.write_block(0x7C, words_of(block)); }
  double pv_w() const { return device_.lane().pv_available_w; }

  RunningSolax device_;
};

// 0 makes the house run from the grid, +P draws P for charging, -P feeds P (solax-parallel 10.1).
TEST_F(SolaxRemote, PowerIsBatteryChargeLessPv) {
  ASSERT_EQ(order({.mode = 1, .active_w = 0, .duration_s = 20}), 0);
  device_.run(3s);
  EXPECT_EQ(device_.input(0x09), 20);
  EXPECT_EQ(device_.input(0x100), 1);
  EXPECT_NEAR(device_.ac_w(), 0.0, 10.0);
  EXPECT_NEAR(device_.export_w(), -400.0, 15.0);
  EXPECT_NEAR(device_.battery_w(), -pv_w(), 10.0);
  ASSERT_EQ(order({.mode = 1, .active_w = 1000, .duration_s = 20}), 0);
  device_.run(3s);
  EXPECT_NEAR(device_.ac_w(), -1000.0, 10.0);
  EXPECT_EQ(device_.input_long(0x102), 1000);
  EXPECT_NEAR(device_.input_long(0x106), 1000, 10);
  ASSERT_EQ(order({.mode = 1, .active_w = -2000, .duration_s = 20}), 0);
  device_.run(3s);
  EXPECT_NEAR(device_.ac_w(), 2000.0, 10.0);
}

TEST_F(SolaxRemote, PositiveReactivePowerIsTaken) {
  ASSERT_EQ(order({.mode = 1, .reactive_var = 1000, .duration_s = 20}), 0);
  device_.run(3s);
  EXPECT_NEAR(device_.lane().power.ac_injection_var, -1000.0, 10.0);
}

TEST_F(SolaxRemote, EndsWithItsDuration) {
  ASSERT_EQ(order({.mode = 1, .duration_s = 20}), 0);
  device_.run(19900ms);
  EXPECT_EQ(device_.input(0x100), 1);
  device_.run(500ms);
  EXPECT_EQ(device_.input(0x100), 0);
  EXPECT_EQ(device_.input(0x09), 2);
  device_.run(10s);
  EXPECT_NEAR(device_.export_w(), 0.0, 20.0);  // self use again
}

TEST_F(SolaxRemote, EachWriteBeginsItsTimeoutAnew) {
  const Block block{.mode = 4, .timeout_s = 10, .push_w = 500};
  for (int repetition = 0; repetition < 3; ++repetition) {
    ASSERT_EQ(order(block), 0);
    device_.run(9s);
    EXPECT_EQ(device_.input(0x100), 4) << repetition;
  }
  device_.run(1500ms);
  EXPECT_EQ(device_.input(0x100), 0);
}

TEST_F(SolaxRemote, StopsByASingleRegister) {
  ASSERT_EQ(order({.mode = 1, .active_w = -3000}), 0);
  device_.run(1s);
  ASSERT_EQ(device_.write_block(0x7C, {0}), 0);
  device_.run(1s);
  EXPECT_EQ(device_.input(0x100), 0);
}

TEST_F(SolaxRemote, RefusesWhatIsInvalidAndChangesNothing) {
  ASSERT_EQ(order({.mode = 1, .active_w = -3000}), 0);
  EXPECT_EQ(order({.mode = 8, .active_w = -1000}), 3);
  EXPECT_EQ(order({.mode = 1, .set = 3, .active_w = -1000}), 3);
  EXPECT_EQ(order({.mode = 3, .target_percent = 101}), 3);
  EXPECT_EQ(order({.mode = 1, .active_w = -1000, .timeout_s = 3}), 3);
  device_.run(3s);
  EXPECT_EQ(device_.input(0x100), 1);
  EXPECT_NEAR(device_.ac_w(), 3000.0, 10.0);
}

TEST_F(SolaxRemote, AnUpdateWaitsForTheRunningOrder) {
  ASSERT_EQ(order({.mode = 1, .active_w = -1000, .duration_s = 10}), 0);
  device_.run(1s);
  ASSERT_EQ(order({.mode = 1, .set = 2, .active_w = -2500, .duration_s = 10}), 0);
  device_.run(8s);
  EXPECT_NEAR(device_.ac_w(), 1000.0, 10.0);
  device_.run(3s);
  EXPECT_NEAR(device_.ac_w(), 2500.0, 10.0);
  device_.run(9s);
  EXPECT_EQ(device_.input(0x100), 0);
}

// 3600 W for 100 Wh take 100 s.
TEST_F(SolaxRemote, AnAmountOfEnergyIsReached) {
  ASSERT_EQ(order({.mode = 2, .target_wh = 100, .charge_w = 3600}), 0);
  device_.run(98s);
  EXPECT_EQ(device_.input(0x101), 0);
  EXPECT_NEAR(device_.battery_w(), -3600.0, 10.0);
  device_.run(4s);
  EXPECT_EQ(device_.input(0x101), 1);
  EXPECT_NEAR(device_.battery_w(), 0.0, 1.0);
}

// 25 Ah: 1 % are 0.25 Ah, at some 10 A 90 s.
TEST_F(SolaxRemote, AStateOfChargeIsReached) {
  ASSERT_EQ(order({.mode = 3, .target_percent = 51, .charge_w = 4000}), 0);
  device_.run(60s);
  EXPECT_EQ(device_.input(0x101), 0);
  EXPECT_NEAR(device_.battery_w(), -4000.0, 10.0);
  device_.run(40s);
  EXPECT_EQ(device_.input(0x101), 1);
  EXPECT_NEAR(device_.lane().battery_soc, 0.51, 0.002);
}

TEST_F(SolaxRemote, PushPowerMovesTheBattery) {
  ASSERT_EQ(order({.mode = 4, .push_w = 3000}), 0);
  device_.run(2s);
  EXPECT_NEAR(device_.battery_w(), 3000.0, 10.0);
  ASSERT_EQ(order({.mode = 4, .push_w = -1500}), 0);
  device_.run(2s);
  EXPECT_NEAR(device_.battery_w(), -1500.0, 10.0);
  ASSERT_EQ(order({.mode = 5}), 0);
  device_.run(2s);
  EXPECT_NEAR(device_.battery_w(), 0.0, 1.0);
}

TEST_F(SolaxRemote, SelfConsumptionWithAndWithoutDischarge) {
  device_.night();
  ASSERT_EQ(order({.mode = 6}), 0);
  device_.run(10s);
  EXPECT_NEAR(device_.battery_w(), 400.0, 20.0);
  ASSERT_EQ(order({.mode = 7}), 0);
  device_.run(5s);
  EXPECT_NEAR(device_.battery_w(), 0.0, 1.0);
}

// V3.36: PV limit, push power, then duration and timeout.
TEST_F(SolaxRemote, PvAndBatteryApart) {
  ASSERT_EQ(device_.write_block(0xA0, {8, 1, 2000, 0, 1000, 0, 10, 0}), 0);
  device_.run(2s);
  EXPECT_EQ(device_.input(0x100), 8);
  EXPECT_NEAR(device_.lane().power.pv_w, 2000.0, 10.0);
  EXPECT_NEAR(device_.battery_w(), 1000.0, 10.0);
  EXPECT_EQ(device_.holding(0x1A2), 2000);
  device_.run(9s);
  EXPECT_EQ(device_.input(0x100), 0);
  EXPECT_EQ(device_.write_block(0xA0, {7, 1, 2000, 0, 1000, 0, 10, 0}), 3);
}

// The same until 51 %: -4000 W as two words.
TEST_F(SolaxRemote, PvAndBatteryApartUntilATarget) {
  ASSERT_EQ(device_.write_block(0xA0, {9, 1, 0x4000, 0, 0xF060, 0xFFFF, 51, 0}), 0);
  device_.run(60s);
  EXPECT_NEAR(device_.battery_w(), -4000.0, 10.0);
  EXPECT_EQ(device_.input(0x11B), 51);
  device_.run(40s);
  EXPECT_EQ(device_.input(0x101), 1);
  EXPECT_NEAR(device_.battery_w(), 0.0, 1.0);
}

// From protocol version 100 on: timeout, then what follows it.
TEST(SolaxRemoteOfNewFirmware, HasAnotherLayoutOfTheSecondBlock) {
  SolaxHybrid::Identity identity = test::ten_kilowatt_solax();
  identity.protocol_version = 104.0;
  RunningSolax device{{}, one_inverter_site(), identity};
  device.run(2s);
  EXPECT_EQ(device.holding(0x82), 104);
  EXPECT_EQ(device.write_block(0xA0, {8, 1, 2000, 0, 1000, 0, 10, 0}), 3);
  ASSERT_EQ(device.write_block(0xA0, {8, 1, 2000, 0, 1000, 0, 10, 160}), 0);
  device.run(9s);
  EXPECT_EQ(device.input(0x100), 8);
  ASSERT_EQ(device.write_block(0xA0, {8, 1, 2000, 0, 1000, 0, 10, 161}), 0);
  device.run(9s);
  EXPECT_EQ(device.input(0x100), 8);
  device.run(2s);
  EXPECT_EQ(device.input(0x100), 0);
}

TEST_F(SolaxRemote, ASlaveAnswersAndDoesNothing) {
  device_.solax.set_parallel({.role = SolaxParallel::Role::slave, .units = 2});
  device_.run(1s);
  EXPECT_EQ(order({.mode = 1, .active_w = -3000}), 0);
  EXPECT_EQ(device_.write_block(0xA0, {8, 1, 2000, 0, 1000, 0, 10, 0}), 0);
  device_.run(2s);
  EXPECT_EQ(device_.input(0x100), 0);
  EXPECT_NEAR(device_.ac_w(), 0.0, 10.0);
}

// The export limit stands above remote control.
TEST_F(SolaxRemote, KeepsTheExportLimit) {
  device_.unlock();
  ASSERT_EQ(device_.write(0x42, 100), 0);
  ASSERT_EQ(order({.mode = 1, .active_w = -5000}), 0);
  device_.run(10s);
  EXPECT_NEAR(device_.export_w(), 1000.0, 20.0);
}

// solax-parallel 10.4: at the master sums of the units. 10 kW each, of which 60 % reactive.
TEST_F(SolaxRemote, AMasterShowsWhatTheWholeSystemDoesAndMayDo) {
  SolaxParallel parallel;
  parallel.role = SolaxParallel::Role::master;
  parallel.units = 3;
  parallel.order = SolaxParallel::Order{2000.0, -600.0};
  device_.solax.set_parallel(parallel);
  SolaxUnitValues other;
  other.injection_w = {400.0, 300.0, 300.0};
  other.reactive_var = {-200.0, -200.0, -200.0};
  other.max_charge_w = 1500.0;
  device_.solax.tell_slave(0, other);
  device_.solax.tell_slave(1, other);
  device_.run(5s);
  EXPECT_NEAR(device_.input_long(0x106), -4000, 20);
  EXPECT_NEAR(device_.input_long(0x108), 1800, 20);
  EXPECT_EQ(device_.input_long(0x10E), 18000);
  EXPECT_EQ(device_.input_long(0x110), -18000);
  const int with_others_w = device_.input_long(0x10A);
  device_.solax.tell_slave(1, std::nullopt);
  device_.run(1s);
  EXPECT_NEAR(device_.input_long(0x10A), with_others_w - 1500, 20);
  parallel.role = SolaxParallel::Role::slave;
  device_.solax.set_parallel(parallel);
  device_.run(1s);
  EXPECT_EQ(device_.input_long(0x10E), 6000) << "its own";
  EXPECT_NEAR(device_.input_long(0x108), 600, 20);
}

}  // namespace
}  // namespace hil::sim
