// Dispatch, ramps and smart-inverter functions of a storage converter (sinexcel-pcs-modbus 5 and 6) by hand. One string
// of 100 kW without losses on a stiff grid: 1 W of rounding; where the own current moves the voltage, 20 mV of 230 V.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/sim/devices/running_pcs.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using models::all_phases;
using test::RunningPcs;

int hundredths(double value) {
  return static_cast<int>(std::lround(value * 100.0)) & 0xFFFF;
}
void voltage(RunningPcs& pcs, double pu) {
  pcs.site.grid_source().ramp_voltage_pu(all_phases, pu, 0.0);
}
void frequency(RunningPcs& pcs, double hz) {
  pcs.site.grid_source().ramp_frequency_hz(hz, 0.0);
}

/// Runs at `kw` with power changes at once.
RunningPcs& running_at(RunningPcs& pcs, double kw) {
  pcs.write(53629, 0);
  pcs.write(53622, RunningPcs::tenths_kw(kw * 1e3));
  pcs.start();
  return pcs;
}

TEST(PcsReactive, OfAConstantPowerFactorFollowsThePower) {
  RunningPcs pcs;
  running_at(pcs, 60.0);
  pcs.write(53621, hundredths(0.9));
  pcs.run(100ms);
  EXPECT_NEAR(pcs.ac_var(), 60e3 * std::tan(std::acos(0.9)), 1.0);  // 29.06 kvar, + capacitive
  pcs.write(53621, hundredths(-0.9));
  pcs.write(53622, RunningPcs::tenths_kw(-30e3));
  pcs.run(100ms);
  EXPECT_NEAR(pcs.ac_var(), -30e3 * std::tan(std::acos(0.9)), 1.0);
}

TEST(PcsReactive, GivesWayToActivePower) {
  RunningPcs pcs;
  running_at(pcs, 80.0);
  pcs.write(53620, 1);
  pcs.write(53623, RunningPcs::tenths_kw(90e3));
  pcs.run(100ms);
  EXPECT_NEAR(pcs.ac_w(), 80e3, 1.0);
  EXPECT_NEAR(pcs.ac_var(), 60e3, 2.0);  // 100^2 - 80^2 = 60^2
  pcs.write(53622, RunningPcs::tenths_kw(100e3));
  pcs.run(100ms);
  EXPECT_NEAR(pcs.ac_var(), 0.0, 2.0);
}

// 0.30 over 0.06 pu: 5 kvar for each 0.01 pu of 100 kW. 20 mV are 0.09e-3 pu: 45 var.
TEST(PcsReactive, OfVoltVarFollowsItsCurve) {
  RunningPcs pcs;
  running_at(pcs, 0.0);
  pcs.write(53620, 2);
  for (const auto& [pu, kvar] : {std::pair{0.90, 30.0},
                                 {0.92, 30.0},
                                 {0.95, 15.0},
                                 {0.98, 0.0},
                                 {1.0, 0.0},
                                 {1.02, 0.0},
                                 {1.04, -15.0},
                                 {1.05, -22.5},
                                 {1.06, -30.0},
                                 {1.08, -30.0}}) {
    voltage(pcs, pu);
    pcs.run(60s);
    EXPECT_NEAR(pcs.ac_var(), kvar * 1e3, 60.0) << pu;
  }
}

// 90 % of the way in 10 s, and PF and Q set points are not looked at.
TEST(PcsReactive, OfVoltVarTakesItsResponseTime) {
  RunningPcs pcs;
  running_at(pcs, 0.0);
  pcs.write(53620, 1);
  pcs.write(53623, RunningPcs::tenths_kw(20e3));
  pcs.run(100ms);
  EXPECT_NEAR(pcs.ac_var(), 20e3, 1.0);
  pcs.write(53620, 2);
  pcs.run(60s);
  EXPECT_NEAR(pcs.ac_var(), 0.0, 1.0);
  voltage(pcs, 0.95);
  pcs.run(10s);
  EXPECT_NEAR(pcs.ac_var(), 0.9 * 15e3, 60.0);
}

// Half way between 1.06 and 1.10: half the set point, 90 % of that within 10 s. Back after 60 s, at RR.
TEST(PcsActive, OfVoltWattFallsAboveItsStartAndComesBackLate) {
  RunningPcs pcs;
  running_at(pcs, 80.0);
  pcs.write(53636, 1);
  pcs.write(53625, 1000);  // 0.1 of rated a second
  voltage(pcs, 1.05);
  pcs.run(30s);
  EXPECT_NEAR(pcs.ac_w(), 80e3, 1.0);
  voltage(pcs, 1.08);
  pcs.run(10s);
  EXPECT_NEAR(pcs.ac_w(), 80e3 * (1.0 - 0.9 * 0.5), 400.0);
  pcs.run(60s);
  EXPECT_NEAR(pcs.ac_w(), 40e3, 400.0);
  const double reduced_w = pcs.ac_w();
  voltage(pcs, 1.0);
  pcs.run(59s);
  EXPECT_NEAR(pcs.ac_w(), reduced_w, 1.0);
  pcs.run(3s);
  EXPECT_NEAR(pcs.ac_w(), reduced_w + 20e3, 1.5e3);
  pcs.run(4s);
  EXPECT_NEAR(pcs.ac_w(), 80e3, 1.0);
  pcs.write(53622, RunningPcs::tenths_kw(20e3));
  pcs.run(20ms);
  EXPECT_NEAR(pcs.ac_w(), 20e3, 1.0) << "a new set point is no return";
}

TEST(PcsActive, OfVoltWattLeavesAChargeAlone) {
  RunningPcs pcs;
  running_at(pcs, -50.0);
  pcs.write(53636, 1);
  voltage(pcs, 1.09);
  pcs.run(60s);
  EXPECT_NEAR(pcs.ac_w(), -50e3, 1.0);
}

SinexcelPcs::Settings makers_example() {
  SinexcelPcs::Settings settings;
  settings.support.freq_watt.start_hz = 2.0;
  settings.support.freq_watt.slope_per_hz = 0.5;
  return settings;
}

// The maker's example, moved to 50 Hz: start 2 Hz above nominal, 0.5 a hertz; 3 Hz above, 10 kW becomes 5 kW.
TEST(PcsActive, OfFreqWattHalvesTenKilowattsInTheMakersExample) {
  RunningPcs pcs{1, makers_example()};
  running_at(pcs, 10.0);
  pcs.write(53636, 2);
  frequency(pcs, 52.0);
  pcs.run(1s);
  EXPECT_NEAR(pcs.ac_w(), 10e3, 1.0);
  frequency(pcs, 53.0);
  pcs.run(1s);
  EXPECT_NEAR(pcs.ac_w(), 5e3, 1.0);
}

TEST(PcsActive, OfFreqWattHoldsItsLowestUntilTheFrequencyIsBack) {
  RunningPcs pcs{1, makers_example()};
  running_at(pcs, 10.0);
  pcs.write(53636, 2);
  frequency(pcs, 53.0);
  pcs.run(1s);
  frequency(pcs, 52.2);
  pcs.run(100s);
  EXPECT_NEAR(pcs.ac_w(), 5e3, 1.0);
  frequency(pcs, 55.0);  // -50 % more than all of it
  pcs.run(1s);
  EXPECT_NEAR(pcs.ac_w(), 0.0, 1.0);
  frequency(pcs, 50.0);
  pcs.run(59s);
  EXPECT_NEAR(pcs.ac_w(), 0.0, 1.0);
  pcs.run(2s);
  EXPECT_NEAR(pcs.ac_w(), 10e3, 1.0);
}

// 0.4 of 100 kW a hertz from 49.8 Hz down: 20 kW at 49.3 Hz, to discharge and to charge alike, at most all of the
// rating.
TEST(PcsActive, OfFreqWattRaisesDischargeAndLessensChargeBelowItsLowStart) {
  SinexcelPcs::Settings settings;
  settings.support.freq_watt.low_slope_per_hz = 0.4;
  RunningPcs pcs{1, settings};
  running_at(pcs, 10.0);
  frequency(pcs, 49.3);
  pcs.run(1s);
  EXPECT_NEAR(pcs.ac_w(), 10e3, 1.0) << "the mode is not on";
  pcs.write(53636, 2);
  for (const auto& [set_kw, kw] : {std::pair{10.0, 30.0}, {-50.0, -30.0}, {0.0, 20.0}, {90.0, 100.0}}) {
    pcs.write(53622, RunningPcs::tenths_kw(set_kw * 1e3));
    pcs.run(1s);
    EXPECT_NEAR(pcs.ac_w(), kw * 1e3, 1.0) << set_kw;
  }
  frequency(pcs, 49.9);
  pcs.run(1s);
  EXPECT_NEAR(pcs.ac_w(), 90e3, 1.0);
}

TEST(PcsActive, OfFreqWattLeavesTheLowSideAloneWithoutASlopeForIt) {
  RunningPcs pcs;
  running_at(pcs, 10.0);
  pcs.write(53636, 2);
  frequency(pcs, 48.0);
  pcs.run(1s);
  EXPECT_NEAR(pcs.ac_w(), 10e3, 1.0);
}

// 2.5 kvar for each 0.01 pu on either side of nominal, without a dead band.
TEST(PcsReactive, OfVoltVarMayHaveTwoPointsAtOneVoltage) {
  SinexcelPcs::Settings settings;
  settings.support.volt_var = {{0.90, 1.0, 1.0, 1.10}, {0.25, 0.0, 0.0, -0.25}, 10.0};
  RunningPcs pcs{1, settings};
  running_at(pcs, 0.0);
  pcs.write(53620, 2);
  for (const auto& [pu, kvar] : {std::pair{0.98, 5.0}, {1.0, 0.0}, {1.02, -5.0}}) {
    voltage(pcs, pu);
    pcs.run(60s);
    EXPECT_NEAR(pcs.ac_var(), kvar * 1e3, 60.0) << pu;
  }
}

// Above 50.2 Hz that code takes 40 %/Hz: 28 kW at 50.9 Hz. The firmware's own Freq-Watt is switched off.
TEST(PcsActive, KnowsNoSupportOfAGridCodeButItsTrips) {
  models::Site::Parameters site = test::pcs_site();
  site.inverters[0].lane.grid_code = *models::find_grid_code("en50549_1");
  RunningPcs pcs{site};
  running_at(pcs, 100.0);
  frequency(pcs, 50.9);
  pcs.run(30s);
  EXPECT_NEAR(pcs.ac_w(), 100e3, 1.0);
}

// Frequency leaves half of the set point, voltage half of that.
TEST(PcsActive, OfBothModesTakesTheFrequencyFirst) {
  RunningPcs pcs{1, makers_example()};
  running_at(pcs, 80.0);
  pcs.write(53636, 3);
  frequency(pcs, 53.0);
  voltage(pcs, 1.08);
  pcs.run(60s);
  EXPECT_NEAR(pcs.ac_w(), 20e3, 200.0);
  pcs.write(53636, 0);
  pcs.run(1s);
  EXPECT_NEAR(pcs.ac_w(), 80e3, 1.0);
}

TEST(PcsActive, IsReducedByNothingInDcAndStringDispatch) {
  for (const int dispatch : {1, 2}) {
    RunningPcs pcs{1, makers_example()};
    pcs.write(53636, 3);
    pcs.write(53620, 2);
    pcs.write(53601, dispatch);
    pcs.write(53650, 1);
    pcs.write(53652, 300);
    pcs.write(55600, 300);
    pcs.start();
    frequency(pcs, 53.0);
    voltage(pcs, 1.08);
    pcs.run(30s);
    EXPECT_NEAR(pcs.ac_w(), 30e3, 1.0) << dispatch;
    EXPECT_NEAR(pcs.ac_var(), 0.0, 1.0) << dispatch;
  }
}

// RR of 0.2: 20 kW a second either way.
TEST(PcsRamps, FollowANewSetPointAtTheNormalRampRate) {
  RunningPcs pcs;
  pcs.start();
  pcs.write(53625, 2000);
  pcs.write(53622, RunningPcs::tenths_kw(60e3));
  pcs.run(1s);
  EXPECT_NEAR(pcs.ac_w(), 20e3, 210.0);
  pcs.run(2100ms);
  EXPECT_NEAR(pcs.ac_w(), 60e3, 1.0);
  pcs.write(53622, RunningPcs::tenths_kw(-60e3));
  pcs.run(4s);
  EXPECT_NEAR(pcs.ac_w(), -20e3, 210.0);
}

TEST(PcsRamps, AreSkippedWithThePowerChangeModeStep) {
  RunningPcs pcs;
  running_at(pcs, 60.0);
  pcs.write(53625, 100);
  pcs.write(53622, RunningPcs::tenths_kw(-60e3));
  pcs.run(20ms);
  EXPECT_NEAR(pcs.ac_w(), -60e3, 1.0);
}

// SS of 0.1: half of the rating 5 s after it has connected, whatever the power change mode.
TEST(PcsRamps, BringPowerUpAtTheSoftStartRateAfterAStart) {
  for (const int mode : {0, 1}) {
    RunningPcs pcs;
    pcs.write(53629, mode);
    pcs.write(53626, 1000);
    pcs.write(53622, RunningPcs::tenths_kw(90e3));
    pcs.write(53900, 1);
    pcs.run(13s);
    EXPECT_NEAR(pcs.ac_w(), 50e3, 500.0);
    pcs.run(5s);
    EXPECT_NEAR(pcs.ac_w(), 90e3, 1.0);
  }
}

// Another dispatch begins at zero, by the ramp: 60 kW at 20 kW/s.
TEST(PcsDispatch, ChangesThroughZero) {
  RunningPcs pcs;
  running_at(pcs, 60.0);
  pcs.write(53625, 2000);
  pcs.write(53601, 2);
  pcs.run(1500ms);
  EXPECT_EQ(pcs.pcs.state(), PcsState::State::grid_ac);
  EXPECT_NEAR(pcs.ac_w(), 30e3, 300.0);
  pcs.run(1600ms);
  EXPECT_EQ(pcs.pcs.state(), PcsState::State::grid_string);
  EXPECT_NEAR(pcs.ac_w(), 0.0, 1.0);
  pcs.write(55600, RunningPcs::tenths_kw(-20e3));
  pcs.run(100ms);
  EXPECT_NEAR(pcs.ac_w(), -20e3, 1.0);
}

TEST(PcsDispatch, OfDcHoldsTheCurrent) {
  RunningPcs pcs;
  pcs.write(53601, 1);
  pcs.write(53651, 400);
  pcs.start();
  EXPECT_NEAR(pcs.lane().battery.discharge_a, 40.0, 0.05);
  pcs.write(53651, 0xFFFF - 599);
  pcs.run(5s);
  EXPECT_NEAR(pcs.lane().battery.discharge_a, -60.0, 0.05);
}

TEST(PcsDispatch, OfDcHoldsThePowerOfTheBattery) {
  RunningPcs pcs;
  pcs.write(53601, 1);
  pcs.write(53650, 1);
  pcs.write(53651, 400);
  pcs.write(53652, 300);
  pcs.start();
  EXPECT_NEAR(pcs.lane().battery.discharge_w, 30e3, 1.0);
}

// With losses AC power is what is asked for: the battery makes them good.
TEST(PcsDispatch, OfAcHoldsThePowerAtTheGrid) {
  models::Site::Parameters site = test::pcs_site();
  const models::LossCurve lossy{100e3, 500.0, 0.01, 1e-7};
  site.inverters[0].lane.power_stage.losses = {lossy, lossy, lossy, lossy};
  RunningPcs pcs{site};
  running_at(pcs, 50.0);
  EXPECT_NEAR(pcs.ac_w(), 50e3, 1.0);
  EXPECT_GT(pcs.lane().power.loss_w, 100.0);
  EXPECT_NEAR(pcs.lane().battery.discharge_w, pcs.ac_w() + pcs.lane().power.loss_w, 1.0);
  pcs.write(53622, RunningPcs::tenths_kw(-50e3));
  pcs.run(100ms);
  EXPECT_NEAR(pcs.ac_w(), -50e3, 1.0);
  EXPECT_NEAR(pcs.lane().battery.discharge_w, pcs.ac_w() + pcs.lane().power.loss_w, 1.0);
}

models::Site::Parameters site_with_pv() {
  models::Site::Parameters site = test::pcs_site();
  site.inverters[0].lane.pv = one_inverter_site().inverters[0].lane.pv;
  return site;
}

// Two stages: 6 kW of PV and the battery make up the set point together; what neither takes is held back.
TEST(Pwg2, FeedsTheSetPointFromPvFirst) {
  RunningPcs pcs{site_with_pv(), {}, "sinexcel_pwg2"};
  running_at(pcs, 20.0);
  pcs.run(2s);
  const double pv_w = pcs.lane().power.pv_w;
  EXPECT_GT(pv_w, 5.5e3);
  EXPECT_NEAR(pcs.ac_w(), 20e3, 5.0);
  EXPECT_NEAR(pcs.lane().battery.discharge_w, 20e3 - pv_w, 5.0);
  pcs.write(53622, 0);
  pcs.run(2s);
  EXPECT_NEAR(pcs.ac_w(), 0.0, 5.0);
  EXPECT_NEAR(pcs.lane().battery.discharge_w, -pcs.lane().power.pv_w, 5.0);
  pcs.write(53663, 0);  // no charge
  pcs.run(2s);
  EXPECT_NEAR(pcs.ac_w(), 0.0, 5.0);
  EXPECT_NEAR(pcs.lane().power.pv_w, 0.0, 5.0);
}

// The DC bus of the two-stage model is free of its battery's voltage: neither AC nor PV power knows whether 120 or 240
// cells stand behind it, about 400 or 790 V. The line's peak is 563 V.
TEST(Pwg2, WorksTheSameWithABatteryOfAnyVoltage) {
  std::vector<double> pv_w;
  for (const int cells : {120, 240}) {
    models::Site::Parameters site = site_with_pv();
    site.inverters[0].lane.battery.cells_in_series = cells;
    SinexcelPcs::StringLimits limits = test::lfp_limits();
    const double scale = cells / 240.0;
    for (double* v : {&limits.lower_limit_v, &limits.end_of_discharge_v, &limits.float_v, &limits.topping_v})
      *v *= scale;
    SinexcelPcs::Settings settings;
    settings.strings = {limits};
    RunningPcs pcs{site, settings, "sinexcel_pwg2"};
    running_at(pcs, 40.0);
    pcs.run(2s);
    EXPECT_NEAR(pcs.lane().battery.terminal_v, 790.0 * scale, 10.0);
    EXPECT_NEAR(pcs.ac_w(), 40e3, 5.0);
    pv_w.push_back(pcs.lane().power.pv_w);
    pcs.write(53622, RunningPcs::tenths_kw(-20e3));
    pcs.run(2s);
    EXPECT_NEAR(pcs.ac_w(), -20e3, 5.0);
  }
  EXPECT_NEAR(pv_w[0], pv_w[1], 5.0);
}

}  // namespace
}  // namespace hil::sim
