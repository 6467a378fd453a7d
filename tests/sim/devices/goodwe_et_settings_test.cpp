// What a master writes into the settings of an ET acts on its lane: grid protection, curves, backup port, load contact,
// serial port (goodwe-et-modbus 6.1 to 6.4). All writes are requests through the shipped map of platform 205.
#include <gtest/gtest.h>

#include <cmath>

#include "models/grid_code/grid_codes.h"
#include "tests/sim/devices/asked_et.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using models::all_phases;
using test::AskedEt;

models::Site::Parameters site_with_code(const char* code) {
  models::Site::Parameters site = one_inverter_site();
  site.inverters[0].lane.grid_code = *models::find_grid_code(code);
  return site;
}

/// VDE-AR-N 4105 of physics-and-standards 3.2: over voltage 1.25 pu in 0.1 s, under voltage 0.80 pu in 3 s and 0.45 pu
/// in 0.3 s, 47.5 and 51.5 Hz in 0.1 s, ten-minute mean 1.10 pu, back after 60 s with 10 % a minute.
class EtUnderVde : public testing::Test {
 protected:
  void standby() { ASSERT_EQ(et_.write(47511, 8), 0); }
  void voltage(double pu) { et_.et.site.grid_source().ramp_voltage_pu(all_phases, pu, 0.0); }
  void frequency(double hz) { et_.et.site.grid_source().ramp_frequency_hz(hz, 0.0); }
  bool tripped() const { return et_.lane().operation == models::Operation::tripped; }
  double injection_w() const { return et_.lane().power.ac_injection_w; }
  double injection_var() const { return et_.lane().power.ac_injection_var; }

  AskedEt et_{site_with_code("vde_ar_n_4105")};
};

TEST_F(EtUnderVde, ShowsItsGridCodeOnTheRegisters) {
  EXPECT_EQ(et_.read(45400), 2875);  // 1.25 pu of 230 V, in 0.1 V
  EXPECT_EQ(et_.read(45401), 5);     // 0.1 s in 20 ms
  EXPECT_EQ(et_.read(45402), 1840);
  EXPECT_EQ(et_.read(45403), 150);
  EXPECT_EQ(et_.read(45406), 1035);  // stage 2: 0.45 pu
  EXPECT_EQ(et_.read(45408), 2530);  // ten-minute mean
  EXPECT_EQ(et_.read(45409), 5150);
  EXPECT_EQ(et_.read(45411), 4750);
  EXPECT_EQ(et_.read(45413), 8000);  // no second stage: the end of its range
  EXPECT_EQ(et_.read(45421), 60);
  EXPECT_EQ(et_.read(45429), 600);  // 10 % a minute
  EXPECT_EQ(et_.read(45433), 1);    // cos phi (P) with 0.90 at the rating
  EXPECT_EQ(et_.read(45436), 1000);
  EXPECT_EQ(et_.read(45437), 90);
  EXPECT_EQ(et_.read(45444), 5020);
  EXPECT_EQ(et_.read(45453), 400);  // 40 % of a hertz
}

// 1.03 pu is 237 V, inside the code's 287 V; with 235 V in 1 s written it trips a second later and not before.
TEST_F(EtUnderVde, TripsAtTheOverVoltageThatIsWritten) {
  standby();
  voltage(1.03);
  et_.run(2s);
  EXPECT_FALSE(tripped());
  ASSERT_EQ(et_.write(45401, 50), 0);
  ASSERT_EQ(et_.write(45400, 2350), 0);
  et_.run(980ms);
  EXPECT_FALSE(tripped());
  et_.run(40ms);
  EXPECT_TRUE(tripped());
  EXPECT_EQ(et_.lane().trip_cause->kind, models::TripKind::overvoltage);
  EXPECT_EQ(et_.read(45400), 2350);
}

// A second stage that the code does not have is added by its first write: 49.6 Hz in 0.2 s, its time as it stands.
TEST_F(EtUnderVde, TakesAFrequencyStageThatItsCodeDoesNotHave) {
  standby();
  frequency(49.55);
  et_.run(2s);
  EXPECT_FALSE(tripped());
  ASSERT_EQ(et_.write(45415, 4960), 0);
  et_.run(150ms);
  EXPECT_FALSE(tripped());
  et_.run(100ms);
  EXPECT_TRUE(tripped());
  EXPECT_EQ(et_.lane().trip_cause->kind, models::TripKind::underfrequency);
}

TEST_F(EtUnderVde, ReturnsAfterTheWaitAndOnTheRampThatAreWritten) {
  standby();
  ASSERT_EQ(et_.write(45421, 5), 0);
  ASSERT_EQ(et_.write(45429, 20), 0);
  frequency(52.0);
  et_.run(1s);
  ASSERT_TRUE(tripped());
  frequency(50.0);
  et_.run(4900ms);  // of the measurement 0.1 s more
  EXPECT_TRUE(tripped());
  et_.run(400ms);
  EXPECT_EQ(et_.lane().operation, models::Operation::ramping);
  et_.run(4s);  // about 4.2 s of 20 s to the rating
  EXPECT_NEAR(injection_w(), 10000.0 * 4.2 / 20.0, 150.0);
}

// Points A (10 %, 1.00) and B (50 %, 0.90): at 6 kW of 10 kW the power factor is 0.90, absorbing, 90 % of it after 23
// s.
TEST_F(EtUnderVde, FollowsThePowerFactorCurveThatIsWritten) {
  standby();
  for (const auto& [address, value] : {std::pair{45434, 100}, {45435, 100}, {45436, 500}, {45437, 90}}) {
    ASSERT_EQ(et_.write(address, value), 0) << address;
  }
  et_.run(90s);
  EXPECT_NEAR(injection_var(), -injection_w() * std::tan(std::acos(0.90)), 20.0);
  ASSERT_EQ(et_.write(45433, 0), 0);
  et_.run(90s);
  EXPECT_NEAR(injection_var(), 0.0, 20.0);
}

// -20 % from 225 V on: 2 kvar absorbed, in the place of cos phi (P).
TEST_F(EtUnderVde, FollowsTheVoltVarCurveThatIsWritten) {
  standby();
  ASSERT_EQ(et_.ask(test::bytes("10 B1 93 00 08 10 08 34 00 C8 08 98 00 00 08 CA FF 38 0A 28 FF 38")).at(0), 0x10);
  ASSERT_EQ(et_.write(45456, 1), 0);
  et_.run(90s);
  EXPECT_NEAR(injection_var(), -2000.0, 20.0);
  EXPECT_EQ(et_.read(45433), 0);
  ASSERT_EQ(et_.write(45491, 1), 0);  // all curves off
  et_.run(90s);
  EXPECT_NEAR(injection_var(), 0.0, 20.0);
}

// 30 % of the rating from 225 V on, within one second as written.
TEST_F(EtUnderVde, FollowsTheVoltWattCurveThatIsWritten) {
  standby();
  for (const auto& [address, value] :
       {std::pair{45473, 1}, {45474, 2200}, {45475, 1000}, {45476, 2250}, {45477, 300}, {45478, 0}, {45480, 0}}) {
    ASSERT_EQ(et_.write(address, value), 0) << address;
  }
  ASSERT_EQ(et_.write(45472, 1), 0);
  et_.run(5s);
  EXPECT_NEAR(injection_w(), 3000.0, 10.0);
  ASSERT_EQ(et_.write(45472, 0), 0);
  et_.run(5s);
  EXPECT_GT(injection_w(), 5900.0);
}

// By slope: 0.4 Hz above 50.1 Hz at 50 % a hertz take 20 % of the power before. To the end point 51.1 Hz: 40 %.
TEST_F(EtUnderVde, FollowsTheFrequencyCurveThatIsWritten) {
  standby();
  et_.run(5s);
  const double before_w = injection_w();
  for (const auto& [address, value] : {std::pair{45444, 5010}, {45446, 5110}, {45453, 500}}) {
    ASSERT_EQ(et_.write(address, value), 0) << address;
  }
  frequency(50.5);
  et_.run(10s);
  EXPECT_NEAR(injection_w(), 0.80 * before_w, 30.0);
  ASSERT_EQ(et_.write(45443, 3), 0);
  et_.run(10s);
  EXPECT_NEAR(injection_w(), 0.60 * before_w, 30.0);
  ASSERT_EQ(et_.write(45443, 0), 0);
  et_.run(10s);
  EXPECT_NEAR(injection_w(), before_w, 30.0);
}

TEST_F(EtUnderVde, RefusesWhatNoGridProtectionHas) {
  EXPECT_EQ(et_.write(45400, 599), 3);   // 59.9 V
  EXPECT_EQ(et_.write(45400, 3001), 3);  // 300.1 V
  EXPECT_EQ(et_.write(45401, 0), 3);     // no time at all
  EXPECT_EQ(et_.write(45409, 2999), 3);  // 29.99 Hz
  EXPECT_EQ(et_.write(45443, 4), 3);
  EXPECT_EQ(et_.write(45459, 100), 3);  // 10 V; 0 V would be unset
  EXPECT_EQ(et_.read(45400), 2875);
}

// IEEE 1547 refers to the rating; to the end point it is the power before, and by the slope the rating again. Below
// nominal its wanted power is a ceiling too, which switching off and on does not change.
TEST(EtUnderIeee1547, GetsItsOwnReferenceBackWithTheSlope) {
  AskedEt et{site_with_code("ieee1547_cat3")};
  const models::GridSupport::Parameters& support = et.et.site.grid_code(0)->support;
  ASSERT_EQ(support.over_frequency.reference, models::FrequencyReference::rated);
  ASSERT_TRUE(support.under_frequency.caps);
  ASSERT_EQ(et.write(45443, 3), 0);
  EXPECT_EQ(support.over_frequency.reference, models::FrequencyReference::pre_disturbance);
  ASSERT_EQ(et.write(45443, 0), 0);
  ASSERT_EQ(et.write(45443, 1), 0);
  EXPECT_EQ(support.over_frequency.reference, models::FrequencyReference::rated);
  EXPECT_TRUE(support.under_frequency.enabled);
  EXPECT_TRUE(support.under_frequency.caps);
}

// G98 has over frequency alone: a write on that side leaves the battery's charge alone at 49.5 Hz, one on the other
// side (49.8 Hz, 40 % a hertz) takes 0.3 Hz x 0.4 x 10 kW = 1200 W off it.
TEST(EtUnderG98, AnswersLowFrequencyOnlyWhenThatIsWritten) {
  AskedEt et{site_with_code("uk_g98")};
  et.et.site.set_irradiance(0, 0.0);
  ASSERT_EQ(et.ask(test::bytes("10 B9 97 00 02 04 00 0B 0F A0")).at(0), 0x10);  // charge 4000 W
  ASSERT_EQ(et.write(45444, 5030), 0);
  et.et.site.grid_source().ramp_frequency_hz(49.5, 0.0);
  et.run(10s);
  EXPECT_NEAR(et.lane().power.battery_discharge_w, -4000.0, 10.0);
  EXPECT_DOUBLE_EQ(et.et.site.grid_code(0)->support.over_frequency.start_hz, 50.3);
  ASSERT_EQ(et.write(45445, 4980), 0);
  et.run(10s);
  EXPECT_NEAR(et.lane().power.battery_discharge_w, -2800.0, 10.0);
}

// Four stages of over voltage leave no room for the ten-minute mean, nor for a second stage three means.
TEST(EtUnderALongCode, RefusesAStageForWhichThereIsNoRoom) {
  const auto with_overvoltage = [](const models::InterfaceProtection::Stages& stages) {
    models::Site::Parameters site = site_with_code("vde_ar_n_4105");
    site.inverters[0].lane.grid_code->protection.overvoltage = stages;
    return site;
  };
  const models::TripStage plain{.threshold = 1.2, .delay = 1s};
  const models::TripStage mean{.threshold = 1.1, .delay = 1s, .on_ten_minute_mean = true};
  AskedEt stages{with_overvoltage({plain, plain, plain, plain})};
  EXPECT_EQ(stages.write(45408, 2500), 3);
  EXPECT_EQ(stages.read(45408), 3000);
  EXPECT_EQ(stages.write(45404, 2800), 0);
  AskedEt means{with_overvoltage({plain, mean, mean, mean})};
  EXPECT_EQ(means.write(45404, 2800), 3);
  EXPECT_EQ(means.write(45405, 50), 3);
  EXPECT_EQ(means.write(45408, 2500), 0);
}

TEST(EtWithoutGridCode, KeepsItsProtectionSettingsWithoutEffect) {
  AskedEt et;
  EXPECT_EQ(et.write(45400, 2000), 0);
  EXPECT_EQ(et.write(45456, 1), 0);
  et.run(5s);
  EXPECT_EQ(et.read(45400), 2000);
  EXPECT_EQ(et.lane().operation, models::Operation::running);
}

TEST(EtBackupPort, HasTheVoltageThatIsWritten) {
  AskedEt et{site_with_backup()};
  EXPECT_EQ(et.read(45257), 3);  // 230 V
  ASSERT_EQ(et.write(45257, 1), 0);
  ASSERT_EQ(et.write(47511, 7), 0);
  et.run(2s);
  EXPECT_NEAR(et.read(35145), 2200, 5);  // 0.05 ohm behind it carry 1.4 A
}

// An overloaded port is dropped and tried again: after 10 s as built, after 2 s once 45256 holds 100 times 20 ms.
TEST(EtBackupPort, StartsAgainAfterTheDelayThatIsWritten) {
  models::Site::Parameters parameters = site_with_backup();
  parameters.loads[1].zip->nominal_w = {4500.0, 4500.0, 4500.0};
  AskedEt et{parameters};
  et.et.site.set_irradiance(0, 0.0);
  EXPECT_EQ(et.read(45256), 500);
  ASSERT_EQ(et.write(45256, 100), 0);
  et.run(1s);
  ASSERT_EQ(et.write(47511, 7), 0);
  et.run(9s);
  EXPECT_GE(et.lane().overload_trips, 3);
}

// 45358: with 60 % to keep and 50 % in the battery an outage is not bridged without sun.
TEST(EtBackupPort, KeepsTheFloorOffGridThatIsWritten) {
  AskedEt et{site_with_backup(0.5)};
  et.et.site.set_irradiance(0, 0.0);
  ASSERT_EQ(et.write(47511, 8), 0);
  et.run(1s);
  ASSERT_EQ(et.write(45358, 60), 0);
  et.et.site.grid_source().set_outage(true);
  et.run(3s);
  EXPECT_EQ(et.lane().island_stop, models::InverterLane::IslandStop::battery_empty);
  ASSERT_EQ(et.write(45358, 20), 0);
  et.run(15s);
  EXPECT_EQ(et.lane().island_stop, models::InverterLane::IslandStop::none);
  EXPECT_NEAR(et.lane().backup_w, 900.0, 5.0);
}

// Mode 1 follows the switch, mode 2 the time groups of type FE (dry contact), mode 0 nothing; SOC is 50 %.
TEST(EtLoadControl, ClosesItsContactBySwitchTimeAndStateOfCharge) {
  AskedEt et;
  const double& contact = et.et.et.load_contact();
  ASSERT_EQ(et.write(47596, 1), 0);
  et.run(100ms);
  EXPECT_EQ(contact, 0.0);
  ASSERT_EQ(et.write(47595, 1), 0);
  et.run(100ms);
  EXPECT_EQ(contact, 1.0);
  ASSERT_EQ(et.write(47597, 60), 0);
  et.run(100ms);
  EXPECT_EQ(contact, 0.0);
  ASSERT_EQ(et.write(47597, 0), 0);
  ASSERT_EQ(et.write(47595, 2), 0);
  et.run(100ms);
  EXPECT_EQ(contact, 0.0);
  // Group 1, second form: 00:00 to 23:59, type FE on all days.
  ASSERT_EQ(et.ask(test::bytes("10 B9 BB 00 06 0C 00 00 17 3B FE 7F 00 00 00 00 00 00")).at(0), 0x10);
  et.run(100ms);
  EXPECT_EQ(contact, 1.0);
  EXPECT_EQ(et.write(47595, 3), 3);
}

// 45127 and 45132: half a second after the write, so that the reply still goes out as it was asked for.
TEST(EtSerialPort, TakesAddressAndBaudAfterTheReply) {
  AskedEt et;
  EXPECT_EQ(et.et.et.serial_port(), (GoodweEt::SerialPort{247.0, 9600.0}));
  ASSERT_EQ(et.write(45127, 12), 0);
  ASSERT_EQ(et.ask(test::bytes("10 B0 4C 00 02 04 00 00 4B 00")).at(0), 0x10);  // 19200
  et.run(400ms);
  EXPECT_EQ(et.et.et.serial_port(), (GoodweEt::SerialPort{247.0, 9600.0}));
  et.run(200ms);
  EXPECT_EQ(et.et.et.serial_port(), (GoodweEt::SerialPort{12.0, 19200.0}));
  EXPECT_EQ(et.ask(test::bytes("10 B0 4C 00 02 04 00 00 00 01")), test::bytes("90 03"));  // 1 baud
  EXPECT_EQ(et.write(45127, 248), 3);
}

TEST(EtSerialPort, WaitsForARestartWhereTheFirmwareDoes) {
  GoodweEt::Quirks quirks;
  quirks.serial_settings_need_restart = true;
  AskedEt et{one_inverter_site(), {}, quirks};
  ASSERT_EQ(et.write(45127, 12), 0);
  et.run(5s);
  EXPECT_EQ(et.et.et.serial_port().address, 247.0);
  ASSERT_EQ(et.write(45221, 1), 0);
  et.run(GoodweEt::restart_time + 100ms);
  EXPECT_EQ(et.et.et.serial_port().address, 12.0);
}

// The DSP moves the power, its link is gone: orders no longer arrive and readings stand still. Error bit 28 (7.1).
TEST(EtDspLink, KeepsOrdersAndReadingsWhileItIsLost) {
  AskedEt et;
  ASSERT_EQ(et.ask(test::bytes("10 B9 97 00 02 04 00 0C 03 E8")).at(0), 0x10);  // discharge 1000 W
  et.run(1s);
  EXPECT_NEAR(et.lane().power.battery_discharge_w, 1000.0, 1.0);
  et.et.et.set_dsp_link(false);
  ASSERT_EQ(et.write(47512, 3000), 0);
  et.run(5s);
  EXPECT_NEAR(et.lane().power.battery_discharge_w, 1000.0, 1.0);
  EXPECT_TRUE(et.et.shows_bit("errors", 28));
  et.et.et.set_dsp_link(true);
  et.run(1s);
  EXPECT_NEAR(et.lane().power.battery_discharge_w, 3000.0, 1.0);
  EXPECT_FALSE(et.et.shows_bit("errors", 28));
}

// Wh count on by no frozen power: 1000 W for 36 s are 10 Wh, the minute without the link adds nothing.
TEST(EtDspLink, LetsEnergiesStandStillWhileItIsLost) {
  AskedEt et;
  ASSERT_EQ(et.ask(test::bytes("10 B9 97 00 02 04 00 0C 03 E8")).at(0), 0x10);  // discharge 1000 W
  et.run(2s);
  const double at_first_wh = et.et.shown("battery_discharge_wh");
  et.run(36s);
  const double before_wh = et.et.shown("battery_discharge_wh");
  EXPECT_NEAR(before_wh - at_first_wh, 10.0, 0.1);
  et.et.et.set_dsp_link(false);
  et.run(60s);
  EXPECT_EQ(et.et.shown("battery_discharge_wh"), before_wh);
  et.et.et.set_dsp_link(true);
  et.run(36s);
  EXPECT_NEAR(et.et.shown("battery_discharge_wh") - before_wh, 10.0, 0.1);
}

// 45256 and 45257 are orders to the DSP as all others.
TEST(EtDspLink, HoldsTheSettingsOfTheBackupPortUntilItIsBack) {
  AskedEt et{site_with_backup()};
  const models::GridForming::Parameters& forming = et.et.site.backup(0)->forming;
  et.et.et.set_dsp_link(false);
  ASSERT_EQ(et.write(45256, 100), 0);
  ASSERT_EQ(et.write(45257, 1), 0);
  et.run(1s);
  EXPECT_EQ(forming.nominal_ln_v, 230.0);
  EXPECT_EQ(forming.restart_delay, 10s);
  et.et.et.set_dsp_link(true);
  et.run(100ms);
  EXPECT_EQ(forming.nominal_ln_v, 220.0);
  EXPECT_EQ(forming.restart_delay, 2s);
}

}  // namespace
}  // namespace hil::sim
