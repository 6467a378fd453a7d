// State machine, faults, watchdogs and laws of a PWS2-30K (sinexcel-pcs-modbus 10, 12, 13), by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "tests/models/site/allocation_count.h"
#include "tests/sim/devices/running_pws2.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using models::all_phases;
using test::pws2_settings;
using test::pws2_site;
using test::RunningPws2;

TEST(Pws2State, StartsAfterItsCheckAndStops) {
  RunningPws2 pws2;
  pws2.write(327, 0);
  pws2.run(1s);
  EXPECT_EQ(pws2.read(32) & 0xBF, 0);
  EXPECT_EQ(pws2.write(650, 1), 0);
  pws2.run(4900ms);
  EXPECT_FALSE(pws2.runs());
  pws2.run(200ms);
  EXPECT_TRUE(pws2.runs());
  EXPECT_TRUE(pws2.bit(32, 3));
  EXPECT_FALSE(pws2.bit(32, 4));
  pws2.write(651, 1);
  pws2.run(1100ms);
  EXPECT_FALSE(pws2.runs());
  EXPECT_EQ(pws2.read(32) & 0xBF, 0);
}

TEST(Pws2State, KeepsTheModesAsAPairThatExcludesItself) {
  RunningPws2 pws2;
  const auto pair = [&] { return std::pair{pws2.read(653), pws2.read(654)}; };
  EXPECT_EQ(pair(), std::pair(1, 0));
  EXPECT_EQ(pws2.write(654, 1), 0);
  EXPECT_EQ(pair(), std::pair(0, 1)) << "at once, without a step in between";
  EXPECT_EQ(pws2.write(654, 0), 0);
  EXPECT_EQ(pair(), std::pair(0, 1)) << "a 0 means nothing";
  EXPECT_EQ(pws2.write(653, 1), 0);
  EXPECT_EQ(pair(), std::pair(1, 0));
  pws2.start();
  ASSERT_TRUE(pws2.runs());
  EXPECT_EQ(pws2.write(654, 1), 0);
  EXPECT_EQ(pair(), std::pair(1, 0)) << "only while it is stopped";
  EXPECT_EQ(pws2.write(653, 2), 3);
}

TEST(Pws2State, FollowsItsSetPoints) {
  RunningPws2 pws2;
  pws2.write(135, RunningPws2::tenths_kw(12.3e3));
  pws2.write(136, RunningPws2::tenths_kw(-4e3));
  pws2.start();
  EXPECT_NEAR(pws2.ac_w(), 12.3e3, 1.0);
  EXPECT_NEAR(pws2.ac_var(), -4e3, 1.0);
  EXPECT_NEAR(pws2.read_signed(122), 1230, 1);
  EXPECT_NEAR(pws2.read_signed(123), -400, 1);
  EXPECT_TRUE(pws2.bit(40, 1));
  pws2.write(135, RunningPws2::tenths_kw(-20e3));
  pws2.run(100ms);
  EXPECT_NEAR(pws2.ac_w(), -20e3, 1.0);
  EXPECT_TRUE(pws2.bit(40, 0));
  EXPECT_EQ(pws2.write(135, 301), 3);
  EXPECT_EQ(pws2.write(136, 0xFFFF - 300), 3);
}

TEST(Pws2State, StandsByWithItsRelayClosed) {
  RunningPws2 pws2;
  pws2.write(135, 100);
  pws2.start();
  pws2.write(655, 1);
  pws2.run(100ms);
  EXPECT_TRUE(pws2.bit(32, 7));
  EXPECT_TRUE(pws2.runs());
  EXPECT_NEAR(pws2.ac_w(), 0.0, 1.0);
  EXPECT_EQ(pws2.read(608), 8);
  pws2.write(655, 0);
  pws2.run(1s);
  EXPECT_FALSE(pws2.bit(32, 7));
  EXPECT_NEAR(pws2.ac_w(), 10e3, 1.0);
}

// 30 ms from the order (sinexcel-pcs-modbus 13); a soft start at 0.0016 of rated a second would take minutes.
TEST(Pws2State, IsBackFromStandby30MsAfterItsEnd) {
  RunningPws2 pws2;
  pws2.write(135, 100);
  pws2.start();
  pws2.write(876, 16);
  pws2.write(655, 1);
  pws2.run(100ms);
  EXPECT_NEAR(pws2.ac_w(), 0.0, 1.0);
  pws2.write(655, 0);
  pws2.run(30ms);
  EXPECT_NEAR(pws2.ac_w(), 0.0, 1.0);
  pws2.run(20ms);
  EXPECT_NEAR(pws2.ac_w(), 10e3, 1.0);
}

TEST(Pws2State, FeedsNothingMoreWhenItStopsOutOfStandby) {
  RunningPws2 pws2;
  pws2.write(135, 100);
  pws2.write(136, 50);
  pws2.start();
  pws2.write(655, 1);
  pws2.run(100ms);
  pws2.write(651, 1);
  for (int i = 0; i < 200; ++i) {
    pws2.step();
    ASSERT_NEAR(std::hypot(pws2.ac_w(), pws2.ac_var()), 0.0, 1.0) << "step " << i;
  }
  EXPECT_FALSE(pws2.runs());
  pws2.write(650, 1);
  pws2.run(3s);
  EXPECT_NEAR(pws2.ac_w(), 10e3, 1.0);
}

TEST(Pws2Faults, LetNoStartHappenUntilTheyAreGoneAndCleared) {
  RunningPws2 pws2;
  pws2.start();
  pws2.pws2.set_fault(PcsFault::fan, 0, true);
  pws2.run(100ms);
  EXPECT_TRUE(pws2.faulty());
  EXPECT_TRUE(pws2.bit(37, 7));
  EXPECT_FALSE(pws2.runs());
  pws2.write(652, 1);
  pws2.run(100ms);
  EXPECT_TRUE(pws2.faulty()) << "its cause is there";
  pws2.pws2.set_fault(PcsFault::fan, 0, false);
  pws2.run(100ms);
  EXPECT_TRUE(pws2.faulty()) << "nobody cleared it";
  pws2.write(650, 1);
  pws2.run(3s);
  EXPECT_FALSE(pws2.runs());
  pws2.write(652, 1);
  pws2.run(100ms);
  EXPECT_FALSE(pws2.faulty());
  pws2.run(3s);
  EXPECT_FALSE(pws2.runs()) << "it does not restart by itself";
  pws2.write(650, 1);
  pws2.run(3s);
  EXPECT_TRUE(pws2.runs());
}

TEST(Pws2Faults, OfTheEmergencyStopGo20SecondsAfterItsRelease) {
  RunningPws2 pws2;
  pws2.start();
  pws2.pws2.set_fault(PcsFault::emergency_stop, 0, true);
  pws2.run(1s);
  EXPECT_TRUE(pws2.bit(37, 0));
  pws2.pws2.set_fault(PcsFault::emergency_stop, 0, false);
  pws2.write(652, 1);
  pws2.run(19900ms);
  EXPECT_TRUE(pws2.faulty());
  pws2.run(200ms);
  EXPECT_FALSE(pws2.faulty());
  EXPECT_FALSE(pws2.runs());
  pws2.write(328, 0);
  pws2.pws2.set_fault(PcsFault::emergency_stop, 0, true);
  pws2.run(100ms);
  EXPECT_FALSE(pws2.faulty()) << "no input of that kind is chosen";
}

TEST(Pws2Faults, OfSettingsStayUntilAPowerUp) {
  RunningPws2 pws2;
  pws2.write(327, 0);
  pws2.pws2.set_condition(38, 8, true);
  pws2.run(100ms);
  pws2.pws2.set_condition(38, 8, false);
  pws2.write(652, 1);
  pws2.run(100ms);
  EXPECT_TRUE(pws2.bit(38, 8));
  pws2.pws2.set_supply(false);
  pws2.run(1s);
  EXPECT_FALSE(pws2.pws2.answers());
  pws2.pws2.set_supply(true);
  pws2.run(1s);
  EXPECT_FALSE(pws2.faulty());
  EXPECT_TRUE(pws2.bit(33, 2));
  pws2.run(10s);
  EXPECT_FALSE(pws2.bit(33, 2));
}

TEST(Pws2Faults, OfTheBmsGoWithTheirCause) {
  RunningPws2 pws2;
  pws2.start();
  pws2.pws2.set_condition(44, 3, true);
  pws2.run(100ms);
  EXPECT_TRUE(pws2.faulty());
  EXPECT_TRUE(pws2.bit(40, 4));
  pws2.pws2.set_condition(44, 3, false);
  pws2.run(100ms);
  EXPECT_FALSE(pws2.faulty());
  EXPECT_FALSE(pws2.runs());
}

TEST(Pws2Faults, OfTheDcVoltageRestartByThemselves) {
  RunningPws2 pws2;
  pws2.start();
  pws2.pws2.set_condition(44, 0, true);
  pws2.run(5s);
  EXPECT_TRUE(pws2.faulty());
  EXPECT_FALSE(pws2.runs());
  pws2.pws2.set_condition(44, 0, false);
  pws2.run(2s);
  EXPECT_FALSE(pws2.faulty());
  EXPECT_TRUE(pws2.runs());
}

// VDE: below 0.45 for 100 ms it trips; window from 0.85, delay 35 s.
TEST(Pws2Faults, OfTheGridRestartAfterTheReconnectDelay) {
  RunningPws2 pws2;
  pws2.start();
  ASSERT_TRUE(pws2.runs());
  pws2.site.grid_source().ramp_voltage_pu(all_phases, 0.3, 0.0);
  pws2.run(500ms);
  EXPECT_TRUE(pws2.bit(36, 1));
  EXPECT_FALSE(pws2.runs());
  pws2.site.grid_source().ramp_voltage_pu(all_phases, 1.0, 0.0);
  pws2.run(1500ms);
  EXPECT_TRUE(pws2.bit(36, 1)) << "for who reads it once a second";
  pws2.run(1s);
  EXPECT_FALSE(pws2.faulty());
  EXPECT_FALSE(pws2.bit(32, 6));
  pws2.run(32s);
  EXPECT_FALSE(pws2.runs());
  pws2.run(1s);
  EXPECT_TRUE(pws2.runs());
  EXPECT_TRUE(pws2.bit(32, 6));
}

// Without the check of a start (797), which takes 1 s then: a stop and a start do not shorten the 35 s.
TEST(Pws2Faults, OfTheGridHoldUpANewStartToo) {
  RunningPws2 pws2;
  pws2.write(327, 0);
  pws2.write(797, 0);
  pws2.start();
  ASSERT_TRUE(pws2.runs());
  pws2.site.grid_source().ramp_voltage_pu(all_phases, 0.3, 0.0);
  pws2.run(500ms);
  pws2.write(651, 1);
  pws2.site.grid_source().ramp_voltage_pu(all_phases, 1.0, 0.0);
  pws2.run(5s);
  pws2.write(650, 1);
  pws2.run(29s);
  EXPECT_FALSE(pws2.runs());
  pws2.run(2s);
  EXPECT_TRUE(pws2.runs());
}

TEST(Pws2Watchdog, OfTheEmsIsClearedByTheFirstRequestAfterTheSilence) {
  RunningPws2 pws2;
  pws2.read(327);
  pws2.run(6s);
  ASSERT_EQ(pws2.pws2.state(), Pws2State::State::fault);
  pws2.write(652, 1);
  pws2.run(20ms);
  EXPECT_FALSE(pws2.faulty());
}

TEST(Pws2Watchdog, OfTheEmsIsFedByAnyRequest) {
  RunningPws2 pws2;
  pws2.run(20s);
  EXPECT_FALSE(pws2.pws2.state() == Pws2State::State::fault) << "nobody ever asked";
  EXPECT_EQ(pws2.read(327), 5);
  for (int i = 0; i < 4; ++i) {
    pws2.run(4900ms);
    EXPECT_EQ(pws2.read(9999), -1) << "even one that is refused";
  }
  EXPECT_NE(pws2.pws2.state(), Pws2State::State::fault);
  pws2.run(5100ms);
  EXPECT_EQ(pws2.pws2.state(), Pws2State::State::fault);
  EXPECT_TRUE(pws2.bit(44, 5));
  pws2.run(100ms);
  EXPECT_TRUE(pws2.bit(44, 5)) << "it waits to be cleared";
  pws2.write(652, 1);
  pws2.run(100ms);
  EXPECT_FALSE(pws2.faulty());
  pws2.write(327, 0);
  pws2.run(100s);
  EXPECT_FALSE(pws2.faulty());
}

TEST(Pws2Watchdog, OfTheBmsCountsItsSilence) {
  RunningPws2 pws2;
  pws2.write(327, 0);
  pws2.pws2.set_condition(44, 4, true);
  pws2.run(20s);
  EXPECT_FALSE(pws2.faulty()) << "0: off";
  pws2.pws2.set_condition(44, 4, false);
  pws2.write(329, 10);
  pws2.pws2.set_condition(44, 4, true);
  pws2.run(9900ms);
  EXPECT_FALSE(pws2.faulty());
  pws2.run(300ms);
  EXPECT_TRUE(pws2.bit(44, 4));
}

// Upper limit >= topping >= float >= lower limit: 814 >= 809 >= 808 >= 813; 130..830 V, 0..90 A, 5..80 V.
TEST(Pws2Battery, KeepsTheOrderOfItsLimits) {
  RunningPws2 pws2;
  pws2.run(20ms);
  EXPECT_EQ(pws2.read(808), 8250);
  EXPECT_EQ(pws2.write(808, 8251), 3);
  EXPECT_EQ(pws2.write(809, 8249), 3);
  EXPECT_EQ(pws2.write(814, 8249), 3);
  EXPECT_EQ(pws2.write(813, 8251), 3);
  EXPECT_EQ(pws2.write(808, 8000), 0);
  EXPECT_EQ(pws2.write(813, 8001), 3);
  EXPECT_EQ(pws2.write(809, 8000), 0);
  EXPECT_EQ(pws2.write(814, 8100), 0);
  EXPECT_EQ(pws2.write(813, 1299), 3);
  EXPECT_EQ(pws2.write(814, 8301), 3);
  EXPECT_EQ(pws2.write(811, 901), 3);
  EXPECT_EQ(pws2.write(812, 0xFFFF), 3);
  EXPECT_EQ(pws2.write(815, 49), 3);
  EXPECT_EQ(pws2.write(815, 801), 3);
  for (const auto& [address, value] : {std::pair{808, 8000}, {809, 8000}, {813, 6650}, {814, 8100}}) {
    EXPECT_EQ(pws2.read(address), value) << address;
  }
}

// 10 A at about 790 V are 7.9 kW.
TEST(Pws2Battery, GetsAndGivesNoMoreThanItsCurrents) {
  RunningPws2 pws2;
  pws2.write(811, 100);
  pws2.write(812, 200);
  pws2.write(135, RunningPws2::tenths_kw(-30e3));
  pws2.start();
  EXPECT_NEAR(pws2.read_signed(143), -100, 2);
  EXPECT_TRUE(pws2.bit(32, 5)) << "derating";
  EXPECT_EQ(pws2.read(225), 100);
  pws2.write(135, RunningPws2::tenths_kw(30e3));
  pws2.run(5s);
  EXPECT_NEAR(pws2.read_signed(143), 200, 4);
}

TEST(Pws2GridCode, SetsItsTripsAndKeepsWhatIsWrittenSince) {
  RunningPws2 pws2;
  pws2.run(20ms);
  EXPECT_EQ(pws2.read(800), 1);
  EXPECT_EQ(pws2.read(768, 4), (std::vector<int>{125, 10, 125, 10}));
  EXPECT_EQ(pws2.write(793, 0), 0);
  EXPECT_EQ(pws2.write(800, 1), 0);
  EXPECT_EQ(pws2.read(793), 0) << "the same choice changes nothing";
  EXPECT_EQ(pws2.write(800, 3), 0);
  EXPECT_EQ(pws2.read(768, 19), (std::vector<int>{114, 100, 119, 50, 87, 250, 80, 50, 80, 50, 150, 900, 200, 5,
                                                  0x10000 - 250, 200, 0x10000 - 300, 5, 50}));
  EXPECT_EQ(pws2.read(876), 30000);
  EXPECT_EQ(pws2.read(890, 4), (std::vector<int>{1123, 870, 100, 0x10000 - 240}));
  EXPECT_EQ(pws2.write(800, 7), 3);
  EXPECT_EQ(pws2.write(768, 120), 3) << "above the second level";
}

// 1.12 pu: VDE stays, its first level being 1.25; with 1.10 and 200 ms it trips.
TEST(Pws2GridCode, TripsByTheLevelsThatAreWritten) {
  RunningPws2 pws2;
  pws2.start();
  pws2.site.grid_source().ramp_voltage_pu(all_phases, 1.12, 0.0);
  pws2.run(2s);
  EXPECT_TRUE(pws2.runs());
  EXPECT_EQ(pws2.write(769, 20), 0);
  EXPECT_EQ(pws2.write(768, 110), 0);
  pws2.run(150ms);
  EXPECT_TRUE(pws2.runs());
  pws2.run(150ms);
  EXPECT_FALSE(pws2.runs());
  EXPECT_TRUE(pws2.bit(36, 0));
}

// 0.44 for 50 ms from 30 kW: 0.0016/s (VDE) gives 48 W in a second.
TEST(Pws2Power, RisesBySoftStartAndFollowsByRamp) {
  RunningPws2 pws2;
  pws2.write(327, 0);
  pws2.write(797, 0);
  pws2.write(793, 0);
  pws2.write(135, RunningPws2::tenths_kw(30e3));
  pws2.write(650, 1);
  while (!pws2.runs()) pws2.step();
  pws2.run(20s);
  EXPECT_NEAR(pws2.ac_w(), 20.0 * 48.0, 5.0);
  pws2.write(876, 30000);
  pws2.run(1s);
  EXPECT_NEAR(pws2.ac_w(), 30e3, 1.0);
  pws2.write(877, 1000);
  pws2.write(793, 1);
  pws2.write(135, 0);
  pws2.run(5s);
  EXPECT_NEAR(pws2.ac_w(), 15e3, 50.0);  // 0.1 of 30 kW a second
}

TEST(Pws2Curves, ActFromTheRegistersThatAMasterWrites) {
  RunningPws2 pws2;
  pws2.start();
  pws2.write(857, 0);  // Volt-VAr without a response time
  pws2.write(792, 1);
  pws2.site.grid_source().ramp_voltage_pu(all_phases, 0.95, 0.0);
  pws2.run(2s);
  EXPECT_NEAR(pws2.ac_var(), 0.15 * 30e3, 60.0);  // half-way from 0.98 to 0.92, Q1 0.30
  EXPECT_EQ(pws2.write(853, 40), 0);
  pws2.run(2s);
  EXPECT_NEAR(pws2.ac_var(), 0.20 * 30e3, 60.0);
  EXPECT_EQ(pws2.write(850, 920), 3) << "V2 must lie above V1";
  pws2.write(792, 2);
  pws2.write(878, 90);
  pws2.write(135, 100);
  pws2.run(100ms);
  EXPECT_NEAR(pws2.ac_var(), 10e3 * std::tan(std::acos(0.9)), 5.0);
  pws2.write(792, 3);
  pws2.write(135, 300);
  pws2.site.grid_source().ramp_voltage_pu(all_phases, 1.0, 0.0);
  pws2.write(135, 225);
  pws2.run(1s);
  EXPECT_NEAR(pws2.ac_var(), -22.5e3 * std::tan(std::acos(0.95)), 20.0);  // half-way from 1 to -0.9
  pws2.write(794, 2);
  pws2.write(868, 30);
  pws2.write(869, 50);
  pws2.site.grid_source().ramp_frequency_hz(50.7, 0.0);
  pws2.run(1s);
  EXPECT_NEAR(pws2.ac_w(), 22.5e3 - 0.5 * 0.4 * 30e3, 100.0);
}

// Register 869 is in Pn/Hz (X30): 0.4 of 30 kW for each hertz beyond 50.2 Hz are 6 kW at 50.7 Hz, whatever the set
// point. Volt-Watt has its share of what that leaves: half-way from 1.06 to 1.10.
TEST(Pws2Curves, TakeOfRatedPowerByFrequencyAndThenAShareByVoltage) {
  RunningPws2 pws2;
  pws2.write(868, 20);
  pws2.write(869, 40);
  pws2.write(867, 0);
  pws2.write(877, 30000);  // else the way back takes minutes
  pws2.write(794, 2);
  pws2.start();
  pws2.site.grid_source().ramp_frequency_hz(50.7, 0.0);
  for (const auto& [set_w, left_w] : {std::pair{15e3, 9e3}, {30e3, 24e3}, {5e3, 0.0}, {-15e3, -15e3}}) {
    pws2.write(135, RunningPws2::tenths_kw(set_w));
    pws2.run(1s);
    EXPECT_NEAR(pws2.ac_w(), left_w, 60.0) << set_w;
  }
  EXPECT_FALSE(pws2.bit(32, 5)) << "charge is not held back";
  pws2.write(794, 3);
  pws2.site.grid_source().ramp_voltage_pu(all_phases, 1.08, 0.0);
  pws2.write(135, RunningPws2::tenths_kw(15e3));
  pws2.run(1s);
  EXPECT_NEAR(pws2.ac_w(), 4.5e3, 60.0);
  EXPECT_TRUE(pws2.bit(32, 5));
}

TEST(Pws2Curves, AreRefusedWhereNoRegisterCanShowThem) {
  SinexcelPws2::Settings settings = pws2_settings();
  settings.support.volt_watt.return_delay_s = 327.67;
  settings.support.volt_var.response_s = 327.67;
  RunningPws2 longest{settings};
  longest.run(20ms);
  EXPECT_EQ(longest.read(857), 0x7FFF);
  EXPECT_EQ(longest.read(866), 0x7FFF);
  settings.support.volt_watt.return_delay_s = 327.68;
  try {
    const RunningPws2 longer{settings};
    ADD_FAILURE() << "it would read 327.67";
  } catch (const std::invalid_argument& refused) {
    EXPECT_STREQ(refused.what(),
                 "storage converter: volt_watt: return_delay_s is 327.68, a PWS2 has at most 327.67 s (register 866)");
  }
}

TEST(Pws2Step, DoesNotAllocate) {
  if (!models::allocations_are_counted()) GTEST_SKIP() << "a sanitizer owns the allocator";
  RunningPws2 pws2;
  pws2.write(135, 100);
  pws2.start();
  const std::uint64_t before = models::allocations_so_far();
  for (int i = 0; i < 200; ++i) pws2.step();
  EXPECT_EQ(models::allocations_so_far() - before, 0U);
}

}  // namespace
}  // namespace hil::sim
