// Several strings with batteries of their own, trips by the grid, supply, and operation off the grid.
#include <gtest/gtest.h>

#include <cmath>

#include "sim/signals/signal_registry.h"
#include "tests/sim/devices/running_pcs.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using State = PcsState::State;
using Phase = PcsState::Phase;
using models::all_phases;
using test::pcs_site;
using test::RunningPcs;

TEST(PcsStrings, ShareTheTotalEqually) {
  RunningPcs pcs{3};
  pcs.write(53622, RunningPcs::tenths_kw(150e3));
  pcs.start();
  for (std::size_t n = 1; n <= 3; ++n) EXPECT_NEAR(pcs.ac_w(n), 50e3, 1.0) << n;
}

// The maker's word: one string charges while another discharges.
TEST(PcsStrings, ChargeOneAndDischargeAnother) {
  RunningPcs pcs{2};
  for (const auto& [address, value] :
       {std::pair{53601, 2}, {55600, RunningPcs::tenths_kw(60e3)}, {55601, RunningPcs::tenths_kw(-40e3)}, {53900, 1}}) {
    EXPECT_EQ(pcs.write(address, value), 0);
  }
  pcs.run(9500ms);
  EXPECT_EQ(pcs.pcs.state(), State::grid_string);
  EXPECT_NEAR(pcs.ac_w(1), 60e3, 1.0);
  EXPECT_NEAR(pcs.ac_w(2), -40e3, 1.0);
  EXPECT_NEAR(pcs.site.grid().import_w, 400.0 - 20e3, 50.0);  // base load, losses of the cable
}

TEST(PcsStrings, StartAndStopOneByOne) {
  RunningPcs pcs{2};
  pcs.write(53601, 2);
  pcs.write(55600, 300);
  pcs.write(55601, 200);
  pcs.write(53930, 1);  // string 2
  pcs.run(9500ms);
  EXPECT_NEAR(pcs.ac_w(1), 0.0, 1.0);
  EXPECT_NEAR(pcs.ac_w(2), 20e3, 1.0);
  EXPECT_TRUE(pcs.runs());
  pcs.write(53920, 1);
  pcs.run(9500ms);
  EXPECT_NEAR(pcs.ac_w(1), 30e3, 1.0);
  pcs.write(53931, 1);
  pcs.run(1500ms);
  EXPECT_NEAR(pcs.ac_w(2), 0.0, 1.0);
  EXPECT_NEAR(pcs.ac_w(1), 30e3, 1.0);
  EXPECT_TRUE(pcs.runs());
  pcs.write(53921, 1);
  pcs.run(1500ms);
  EXPECT_FALSE(pcs.runs());
}

// A string with a fault leaves the others running, with n/8 of the rating: two of three strings of 100 kW.
TEST(PcsStrings, FaultOneByOne) {
  RunningPcs pcs{3};
  pcs.write(53622, RunningPcs::tenths_kw(270e3));
  pcs.start();
  EXPECT_NEAR(pcs.ac_w(2), 90e3, 1.0);
  pcs.pcs.set_fault(PcsFault::overtemperature, 2, true);
  pcs.run(1s);
  EXPECT_EQ(pcs.pcs.state(), State::grid_ac);
  EXPECT_TRUE(pcs.runs());
  EXPECT_TRUE(pcs.fault_latched());
  EXPECT_NEAR(pcs.ac_w(2), 0.0, 1.0);
  EXPECT_NEAR(pcs.ac_w(1) + pcs.ac_w(3), 200e3, 2.0);
  EXPECT_EQ(pcs.read(53053) >> 10 & 1, 1);
  EXPECT_EQ(pcs.read(53013) >> 15 & 1, 1);
  pcs.write(53930, 1);
  pcs.write(53933, 1);
  pcs.run(20ms);
  EXPECT_TRUE(pcs.fault_latched()) << "the cause is still there";
  pcs.pcs.set_fault(PcsFault::overtemperature, 2, false);
  pcs.write(53933, 1);
  pcs.run(20ms);
  EXPECT_FALSE(pcs.fault_latched());
  pcs.write(53930, 1);
  pcs.run(9500ms);
  EXPECT_NEAR(pcs.ac_w(2), 90e3, 1.0);
}

// Three of eight inputs are used: 300 kW, and of Volt-VAr at 0.92 pu 30 % of each string's 100 kW.
TEST(PcsStrings, HaveTheirShareOfTheRatingWhetherOrNotTheOtherInputsAreUsed) {
  RunningPcs pcs{pcs_site(3), {}, "", 5};
  pcs.write(53622, RunningPcs::tenths_kw(800e3));
  pcs.start();
  EXPECT_NEAR(pcs.ac_w(1) + pcs.ac_w(2) + pcs.ac_w(3), 300e3, 1.0);
  pcs.write(53622, 0);
  pcs.write(53620, 2);
  pcs.site.grid_source().ramp_voltage_pu(all_phases, 0.90, 0.0);
  pcs.run(60s);
  EXPECT_NEAR(pcs.ac_var(2), 30e3, 50.0);
}

// 10 %/s: what a stopped string was last told would never come down.
TEST(PcsStrings, ThatAreStoppedHoldUpNoChangeOfDispatch) {
  RunningPcs pcs{2};
  pcs.write(53625, 1000);
  pcs.write(53601, 2);
  pcs.run(1s);
  pcs.write(55600, RunningPcs::tenths_kw(50e3));
  pcs.start();
  pcs.run(10s);
  ASSERT_NEAR(pcs.ac_w(1), 50e3, 1.0);
  pcs.write(53921, 1);
  pcs.run(3s);
  ASSERT_NEAR(pcs.ac_w(1), 0.0, 1.0);
  pcs.write(53601, 0);
  pcs.run(1s);
  EXPECT_EQ(pcs.pcs.state(), State::grid_ac);
  pcs.write(53622, RunningPcs::tenths_kw(20e3));
  pcs.run(10s);
  EXPECT_NEAR(pcs.ac_w(2), 20e3, 1.0);
}

TEST(PcsStrings, WithALatchStartOnlyWithTheirOwnCommand) {
  RunningPcs pcs{2};
  pcs.pcs.set_fault(PcsFault::fan, 1, true);
  pcs.run(20ms);
  pcs.write(53900, 1);
  pcs.run(20ms);
  EXPECT_EQ(pcs.pcs.state(), State::fault) << "regular commands need 53011 bit 10 = 0";
  pcs.write(53930, 1);
  pcs.run(9500ms);
  EXPECT_EQ(pcs.pcs.state(), State::grid_ac) << "string 2 has no fault";
}

TEST(PcsStrings, OfPlacesWithoutABatteryTakeNoOrder) {
  RunningPcs pcs{2};
  EXPECT_EQ(pcs.write(53990, 1), 0);
  pcs.run(9s);
  EXPECT_FALSE(pcs.runs());
  EXPECT_EQ(pcs.write(55607, 100), 0);
  EXPECT_EQ(pcs.read(55607), 100);
  EXPECT_EQ(pcs.read(53110), 0);
}

// Full strings leave the charge to those that are not.
TEST(PcsStrings, ThatAreFullLeaveTheChargeToTheOthers) {
  models::Site::Parameters site = pcs_site(2);
  SinexcelPcs::StringLimits low = test::lfp_limits();
  low.topping_v = 750.0;  // the battery stands above
  low.float_v = 750.0;
  SinexcelPcs::Settings settings;
  settings.strings = {low, test::lfp_limits()};
  RunningPcs pcs{site, settings};
  pcs.write(53622, RunningPcs::tenths_kw(-60e3));
  pcs.start();
  EXPECT_NEAR(pcs.ac_w(1), 0.0, 1.0);
  EXPECT_NEAR(pcs.ac_w(2), -60e3, 1.0);
}

models::Site::Parameters with_grid_code(std::size_t strings = 1) {
  models::Site::Parameters site = pcs_site(strings);
  for (models::Site::Inverter& inverter : site.inverters) {
    models::GridCode code = *models::find_grid_code("none");
    code.protection.undervoltage = {{.threshold = 0.8, .delay = 300ms}};
    code.protection.overfrequency = {{.threshold = 51.5, .delay = 100ms}};
    code.protection.after_trip = {0.85, 1.10, 47.5, 50.5, 35s, 0.0016};
    code.protection.first_start = code.protection.after_trip;
    inverter.lane.grid_code = code;
  }
  return site;
}

// The delays that the maker's tables give (10, row 786); the firmware counts them, not the lane.
TEST(PcsTrips, TakeTheReconnectDelayOfTheGridCode) {
  for (const auto& [name, delay_s] : {std::pair{"sinexcel_1741sa", 50},
                                      {"sinexcel_vde", 35},
                                      {"sinexcel_au", 35},
                                      {"sinexcel_g99", 50},
                                      {"sinexcel_hawaii", 300},
                                      {"sinexcel_en50549", 35},
                                      {"sinexcel_austria_a", 300}}) {
    models::Site::Parameters site = pcs_site();
    const models::GridCode* code = models::find_grid_code(name);
    ASSERT_NE(code, nullptr) << name;
    site.inverters[0].lane.grid_code = *code;
    RunningPcs pcs{site};
    EXPECT_EQ(pcs.read(53624), delay_s) << name;
    EXPECT_EQ(pcs.site.grid_code(0)->protection.after_trip.delay, 0ns) << name;
  }
}

// Trip and reconnect: nothing latches; power is back 35 s after the grid, by the soft start.
TEST(PcsTrips, ReconnectByThemselvesAfterTheDelay) {
  RunningPcs pcs{with_grid_code()};
  EXPECT_EQ(pcs.read(53624), 35);
  pcs.write(53622, RunningPcs::tenths_kw(60e3));
  pcs.start();
  EXPECT_NEAR(pcs.ac_w(), 60e3, 1.0);
  pcs.site.grid_source().ramp_voltage_pu(all_phases, 0.7, 0.0);
  pcs.run(200ms);
  EXPECT_EQ(pcs.pcs.state(), State::grid_ac);
  pcs.run(300ms);
  EXPECT_EQ(pcs.pcs.state(), State::starting);
  EXPECT_NEAR(pcs.ac_w(), 0.0, 1.0);
  EXPECT_TRUE(pcs.runs());
  EXPECT_TRUE(pcs.warns());
  EXPECT_FALSE(pcs.fault_latched());
  pcs.site.grid_source().return_to_nominal(0.0);
  pcs.run(34500ms);
  EXPECT_TRUE(pcs.warns());
  EXPECT_NEAR(pcs.ac_w(), 0.0, 1.0);
  pcs.run(1s);
  EXPECT_EQ(pcs.pcs.state(), State::grid_ac);
  EXPECT_FALSE(pcs.warns());
  EXPECT_LT(pcs.ac_w(), 59e3);
  pcs.run(1s);
  EXPECT_NEAR(pcs.ac_w(), 60e3, 1.0);
}

// Some codes trip at a voltage at which they may connect (UL 1741 SA at 0.87 pu): the delay of 35 s holds all the same.
TEST(PcsTrips, WithinTheWindowWaitForTheDelayToo) {
  models::Site::Parameters site = with_grid_code();
  models::InterfaceProtection::Parameters& protection = site.inverters[0].lane.grid_code->protection;
  protection.first_start.lowest_pu = protection.after_trip.lowest_pu = 0.6;
  RunningPcs pcs{site};
  pcs.write(53622, RunningPcs::tenths_kw(60e3));
  pcs.start();
  pcs.site.grid_source().ramp_voltage_pu(all_phases, 0.7, 0.0);
  while (pcs.pcs.state() == State::grid_ac && pcs.now < 60s) pcs.run(10ms);
  ASSERT_EQ(pcs.pcs.state(), State::starting);
  pcs.run(34s);
  EXPECT_EQ(pcs.pcs.state(), State::starting);
  EXPECT_NEAR(pcs.ac_w(), 0.0, 1.0);
  EXPECT_TRUE(pcs.warns());
  pcs.run(1200ms);
  EXPECT_EQ(pcs.pcs.state(), State::grid_ac);
}

TEST(PcsTrips, ThatWaitCanBeStopped) {
  RunningPcs pcs{with_grid_code()};
  pcs.start();
  pcs.site.grid_source().ramp_frequency_hz(52.0, 0.0);
  pcs.run(1s);
  EXPECT_EQ(pcs.pcs.state(), State::starting);
  pcs.write(53901, 1);
  pcs.site.grid_source().return_to_nominal(0.0);
  pcs.run(60s);
  EXPECT_EQ(pcs.pcs.state(), State::stopped);
}

TEST(PcsTrips, LatchWithTheSwitch) {
  SinexcelPcs::Settings settings;
  settings.latch_grid_faults = true;
  RunningPcs pcs{with_grid_code(), settings};
  pcs.start();
  pcs.site.grid_source().ramp_frequency_hz(52.0, 0.0);
  pcs.run(1s);
  EXPECT_EQ(pcs.pcs.state(), State::fault);
  EXPECT_EQ(pcs.read(53012), 1 << 2);  // over-frequency
  pcs.write(53903, 1);
  pcs.run(20ms);
  EXPECT_TRUE(pcs.fault_latched());
  pcs.site.grid_source().return_to_nominal(0.0);
  pcs.run(1s);
  EXPECT_TRUE(pcs.fault_latched());
  pcs.write(53903, 1);
  pcs.run(20ms);
  EXPECT_EQ(pcs.pcs.state(), State::stopped);
  EXPECT_FALSE(pcs.fault_latched());
}

TEST(PcsTrips, LetAStartWaitForTheGrid) {
  SinexcelPcs::Settings settings;
  settings.reconnect_delay_s = 20.0;
  RunningPcs pcs{with_grid_code(), settings};
  pcs.site.grid_source().ramp_voltage_pu(all_phases, 0.7, 0.0);
  pcs.run(1s);
  pcs.write(53900, 1);
  pcs.run(30s);
  EXPECT_EQ(pcs.pcs.state(), State::starting);
  EXPECT_TRUE(pcs.warns());
  pcs.site.grid_source().return_to_nominal(0.0);
  pcs.run(19500ms);
  EXPECT_EQ(pcs.pcs.state(), State::starting);
  pcs.run(1s);
  EXPECT_EQ(pcs.pcs.state(), State::grid_ac);
}

TEST(PcsSupply, ThatComesBackTakesTheSelfTestFirst) {
  RunningPcs pcs;
  pcs.write(53622, 600);
  pcs.start();
  pcs.pcs.set_supply(false);
  pcs.run(1s);
  EXPECT_FALSE(pcs.pcs.answers());
  EXPECT_NEAR(pcs.ac_w(), 0.0, 1.0);
  pcs.pcs.set_supply(true);
  pcs.run(9900ms);
  EXPECT_EQ(pcs.pcs.state(), State::init);
  pcs.write(53900, 1);
  pcs.run(200ms);
  EXPECT_EQ(pcs.pcs.state(), State::stopped) << "no order during init";
  EXPECT_EQ(pcs.read(53622), 600);
}

TEST(PcsSupply, StartsByItselfWithTheSetting) {
  SinexcelPcs::Settings settings;
  settings.starts_by_itself = true;
  RunningPcs pcs{1, settings};
  pcs.run(9s);
  EXPECT_EQ(pcs.pcs.state(), State::grid_ac);
  pcs.write(53901, 1);
  pcs.run(20s);
  EXPECT_EQ(pcs.pcs.state(), State::stopped) << "once after power-up";
  pcs.pcs.set_supply(false);
  pcs.run(1s);
  pcs.pcs.set_supply(true);
  pcs.run(19s);
  EXPECT_EQ(pcs.pcs.state(), State::grid_ac);
}

TEST(PcsSupply, ThatIsGoneLeavesNothingRunning) {
  RunningPcs pcs;
  pcs.start();
  pcs.pcs.set_supply(false);
  pcs.run(20ms);
  SignalRegistry signals;
  pcs.pcs.register_signals(signals);
  EXPECT_EQ(*signals.find("pcs1.running")->value, 0.0);
  EXPECT_EQ(*signals.find("pcs1.string1.state")->value, 0.0);
}

// A fault kept it from starting after power-up: its end is no order to start.
TEST(PcsSupply, StartsByItselfAfterPowerUpOrNotAtAll) {
  SinexcelPcs::Settings settings;
  settings.starts_by_itself = true;
  RunningPcs pcs{1, settings};
  pcs.pcs.set_supply(false);
  pcs.run(1s);
  pcs.pcs.set_fault(PcsFault::fan, 0, true);
  pcs.pcs.set_supply(true);
  pcs.run(20s);
  ASSERT_EQ(pcs.pcs.state(), State::fault);
  pcs.pcs.set_fault(PcsFault::fan, 0, false);
  pcs.write(53903, 1);
  pcs.run(20s);
  EXPECT_EQ(pcs.pcs.state(), State::stopped);
}

// What the firmware orders; what becomes of it is the plant's matter.
TEST(PcsOffGrid, OrdersVoltageAndFrequencyAndNoPower) {
  SinexcelPcs::Settings settings;
  settings.frequency_bias_hz = 0.3;
  RunningPcs pcs{1, settings};
  const models::Site::LaneCommand& command = pcs.site.command(0);
  pcs.write(53622, 600);
  pcs.write(53635, 1);
  pcs.write(53628, 1050);
  pcs.start();
  EXPECT_FALSE(command.form_site);
  pcs.write(53901, 1);
  pcs.run(2s);
  pcs.write(53600, 1);
  pcs.start();
  EXPECT_EQ(pcs.pcs.state(), State::off_grid);
  EXPECT_TRUE(command.form_site);
  EXPECT_TRUE(command.forming_soft_start);
  EXPECT_DOUBLE_EQ(command.forming_voltage_pu, 1.05);
  EXPECT_DOUBLE_EQ(command.forming_frequency_bias_hz, 0.3);
  EXPECT_EQ(command.battery_discharge_request_w, 0.0);
  EXPECT_EQ(command.reactive_injection_request_var, 0.0);
  pcs.write(53628, 950);
  pcs.pcs.set_frequency_bias_hz(-0.2);
  pcs.run(20ms);
  EXPECT_DOUBLE_EQ(command.forming_voltage_pu, 0.95);
  EXPECT_DOUBLE_EQ(command.forming_frequency_bias_hz, -0.2);
  pcs.write(53901, 1);
  pcs.run(2s);
  EXPECT_FALSE(command.form_site);
}

/// The string can form the bus "main"; there are 9 kW of loads, as an impedance. Slow starts take 5 s.
models::Site::Parameters forming_site(std::size_t strings = 1) {
  models::Site::Parameters site = pcs_site(strings);
  for (models::Site::Inverter& inverter : site.inverters) {
    models::GridForming::Parameters forming;
    forming.nominal_ln_v = 230.0;
    forming.nominal_hz = 50.0;
    forming.max_phase_a = 200.0;
    forming.frequency_droop_hz_per_w = strings > 1 ? 1e-6 : 0.0;
    forming.soft_start = 5s;
    inverter.lane.site_forming = forming;
  }
  site.loads[0].zip->nominal_w = {3000.0, 3000.0, 3000.0};
  site.loads[0].zip->share_z = 1.0;
  site.loads[0].zip->share_p = 0.0;
  return site;
}

double bus_ln_v(const RunningPcs& pcs) {
  return pcs.site.bus_voltage(pcs.site.site_bus()).ln_v[0];
}

// Behind 0.05 + 0.05i ohm, 13 A to 14 A move the voltage by less than 1 V.
TEST(PcsOffGrid, HoldsTheVoltageAndFrequencyOfItsBus) {
  SinexcelPcs::Settings settings;
  settings.frequency_bias_hz = 0.3;
  RunningPcs pcs{forming_site(), settings};
  pcs.site.set_cable_closed(0, false);
  pcs.write(53600, 1);
  pcs.write(53628, 1050);
  pcs.write(53622, 600);
  pcs.start();
  EXPECT_EQ(pcs.pcs.state(), State::off_grid);
  EXPECT_NEAR(bus_ln_v(pcs), 241.5, 1.0);
  EXPECT_NEAR(pcs.lane().frequency_hz, 50.3, 1e-6);
  EXPECT_NEAR(pcs.ac_w(), 9e3 * 1.05 * 1.05, 100.0);
  EXPECT_NEAR(pcs.lane().battery.discharge_w, pcs.ac_w(), 1.0);
  pcs.write(53628, 950);
  pcs.run(1s);
  EXPECT_NEAR(bus_ln_v(pcs), 218.5, 1.0);
  pcs.write(53901, 1);
  pcs.run(2s);
  EXPECT_NEAR(bus_ln_v(pcs), 0.0, 0.1);
  EXPECT_EQ(pcs.pcs.state(), State::stopped);
}

TEST(PcsOffGrid, RaisesTheVoltageSlowlyOrAtOnce) {
  for (const int slow : {0, 1}) {
    RunningPcs pcs{forming_site()};
    pcs.site.set_cable_closed(0, false);
    pcs.write(53600, 1);
    pcs.write(53635, slow);
    pcs.write(53900, 1);
    while (pcs.pcs.state() != State::off_grid) pcs.run(10ms);
    pcs.run(2500ms);
    EXPECT_NEAR(bus_ln_v(pcs), slow == 1 ? 115.0 : 230.0, 3.0);
    pcs.run(2600ms);
    EXPECT_NEAR(bus_ln_v(pcs), 230.0, 1.0);
  }
}

// The transfer switch is still closed: the start waits, and begins when the bus is free.
TEST(PcsOffGrid, WaitsWhileItsBusHasTheGridsVoltage) {
  RunningPcs pcs{forming_site()};
  pcs.write(53600, 1);
  pcs.start();
  EXPECT_EQ(pcs.pcs.state(), State::starting);
  EXPECT_TRUE(pcs.warns());
  pcs.site.set_cable_closed(0, false);
  pcs.run(100ms);
  EXPECT_EQ(pcs.pcs.state(), State::off_grid);
  EXPECT_FALSE(pcs.warns());
  EXPECT_NEAR(bus_ln_v(pcs), 230.0, 1.0);
}

// What it may not feed goes dark, and it says so until it holds the voltage again by itself.
TEST(PcsOffGrid, WarnsWhileItsBusIsDead) {
  models::Site::Parameters site = forming_site();
  models::Site::Load works = site.loads[0];
  works.name = "works";
  works.zip->nominal_w = {90e3, 90e3, 90e3};
  site.loads.push_back(works);
  RunningPcs pcs{site};
  const std::size_t index = site.loads.size() - 1;
  pcs.site.set_load_on(index, false);
  pcs.site.set_cable_closed(0, false);
  pcs.write(53600, 1);
  pcs.start();
  ASSERT_EQ(pcs.pcs.state(), State::off_grid);
  pcs.site.set_load_on(index, true);
  pcs.run(8s);
  EXPECT_NEAR(bus_ln_v(pcs), 0.0, 30.0);
  EXPECT_EQ(pcs.pcs.state(), State::starting);
  EXPECT_TRUE(pcs.warns());
  pcs.site.set_load_on(index, false);
  pcs.run(60s);
  EXPECT_EQ(pcs.pcs.state(), State::off_grid);
  EXPECT_FALSE(pcs.warns());
  EXPECT_NEAR(bus_ln_v(pcs), 230.0, 1.0);
}

TEST(PcsOffGrid, SharesItsLoadAmongStrings) {
  RunningPcs pcs{forming_site(3)};
  pcs.site.set_cable_closed(0, false);
  pcs.write(53600, 1);
  pcs.start();
  pcs.run(5s);
  EXPECT_EQ(pcs.pcs.state(), State::off_grid);
  for (std::size_t n = 1; n <= 3; ++n) EXPECT_NEAR(pcs.ac_w(n), 3e3, 60.0) << n;
}

// The sequence of 4.2: stop, 53010 bit 0 = 0, mode, start; and back.
TEST(PcsOffGrid, ChangesToTheGridAndBack) {
  RunningPcs pcs{forming_site()};
  pcs.write(53622, 200);
  pcs.start();
  EXPECT_NEAR(pcs.ac_w(), 20e3, 1.0);
  pcs.write(53901, 1);
  while (pcs.runs()) pcs.run(10ms);
  pcs.site.set_cable_closed(0, false);
  pcs.write(53600, 1);
  pcs.start();
  EXPECT_EQ(pcs.pcs.state(), State::off_grid);
  EXPECT_NEAR(pcs.ac_w(), 9e3, 100.0);
  pcs.write(53901, 1);
  while (pcs.runs()) pcs.run(10ms);
  pcs.site.set_cable_closed(0, true);
  pcs.run(60s);
  pcs.write(53600, 0);
  pcs.start();
  EXPECT_EQ(pcs.pcs.state(), State::grid_ac);
  EXPECT_NEAR(pcs.ac_w(), 20e3, 1.0);
}

TEST(PcsOffGrid, EndsWithAFaultAtTheEndOfDischarge) {
  RunningPcs pcs;
  pcs.write(53600, 1);
  pcs.start();
  EXPECT_EQ(pcs.pcs.state(), State::off_grid);
  pcs.write(53660, 9000);
  pcs.write(53659, 9000);
  pcs.write(53655, 8000);  // the battery stands below
  pcs.run(20ms);
  EXPECT_EQ(pcs.pcs.state(), State::fault);
  EXPECT_EQ(pcs.read(53013) >> 9 & 1, 1);
  EXPECT_FALSE(pcs.site.command(0).form_site);
  pcs.write(53903, 1);
  pcs.write(53600, 0);
  pcs.write(53622, RunningPcs::tenths_kw(-20e3));
  pcs.start();
  EXPECT_NEAR(pcs.ac_w(), -20e3, 1.0) << "it may be charged on the grid";
}

TEST(PcsSignals, StandUnderTheirNames) {
  RunningPcs pcs{2};
  pcs.write(53601, 2);
  pcs.write(55600, 300);
  SignalRegistry registry;
  pcs.pcs.register_signals(registry);
  pcs.pcs.register_details(registry);
  pcs.start();
  const auto value = [&](const char* name) {
    const Signal* signal = registry.find(name);
    return signal == nullptr ? std::nan("") : *signal->value;
  };
  EXPECT_EQ(value("pcs1.state"), 5.0);
  EXPECT_EQ(value("pcs1.running"), 1.0);
  EXPECT_EQ(value("pcs1.fault_latched"), 0.0);
  EXPECT_EQ(value("pcs1.warning"), 0.0);
  EXPECT_NEAR(value("pcs1.ac_injection_w"), 30e3, 1.0);
  EXPECT_NEAR(value("pcs1.ac_injection_var"), 0.0, 1.0);
  EXPECT_NEAR(value("pcs1.battery_discharge_w"), 30e3, 1.0);
  EXPECT_EQ(value("pcs1.string1.state"), 1.0);
  EXPECT_EQ(value("pcs1.string1.full"), 0.0);
  EXPECT_NEAR(value("pcs1.string1.ac_injection_w"), 30e3, 1.0);
  EXPECT_NEAR(value("pcs1.string1.battery_discharge_w"), 30e3, 1.0);
  EXPECT_NEAR(value("pcs1.string1.battery_discharge_a") * value("pcs1.string1.battery_v"), 30e3, 1.0);
  EXPECT_NEAR(value("pcs1.string2.battery_soc"), 0.5, 1e-6);
  EXPECT_EQ(value("pcs1.ignored_writes"), 0.0);
  pcs.write(53622, 100);
  EXPECT_EQ(value("pcs1.ignored_writes"), 1.0);
}

}  // namespace
}  // namespace hil::sim
