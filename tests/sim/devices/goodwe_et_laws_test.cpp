// What an ET with a meter of its own makes of its modes and settings, in closed loop with its lane of the plant.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "tests/sim/devices/running_et.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;

// Without losses, AC = PV + battery discharge. 0.1 W: orders act at once, only the network's solution is left.
constexpr double tolerance_w = 0.1;
// What is held at the meter: its three phases and the inverter's own three are each rounded to a watt.
constexpr double meter_tolerance_w = 3.0;

GoodweEt::Settings with_meter() {
  GoodweEt::Settings settings;
  settings.own_meter = true;
  return settings;
}

/// Base load 400 W, PV some 6 kW, battery 25 A of some 400 V either way.
class EtWithMeter : public testing::Test {
 protected:
  explicit EtWithMeter(const models::Site::Parameters& site = one_inverter_site()) : et_{site, with_meter()} {
    et_.run(1s);
  }
  void order(int mode, double power_w, Time settling = 6s) {
    et_.set("ems_mode", mode);
    et_.set("ems_power_w", power_w);
    et_.run(settling);
  }
  void darken() { et_.site.set_irradiance(0, 0.0); }
  double pv_w() const { return et_.pv_available_w(); }
  double battery_w() const { return et_.power().battery_discharge_w; }

  RunningEt et_;
};

class EtWithBackup : public EtWithMeter {
 protected:
  EtWithBackup() : EtWithMeter(site_with_backup()) {}
};

// 6.5, mode 1: Pb = Pinv - Pm - Ppv settles at Pm = 0.
TEST_F(EtWithMeter, AutoHoldsTheMeterAtZeroByCharging) {
  order(1, 0.0);
  EXPECT_NEAR(et_.export_w(), 0.0, meter_tolerance_w);
  EXPECT_NEAR(battery_w(), 400.0 - pv_w(), meter_tolerance_w + 1.0);  // 1 W in the cable
}

TEST_F(EtWithMeter, AutoHoldsTheMeterAtZeroByDischarging) {
  darken();
  order(1, 0.0);
  EXPECT_NEAR(et_.export_w(), 0.0, meter_tolerance_w);
  EXPECT_NEAR(battery_w(), 400.0, meter_tolerance_w);
}

// Mode 4: the port draws X whatever the site needs; PV yields when the battery cannot take X and PV.
TEST_F(EtWithMeter, ImportAcDrawsXAndChargesIt) {
  order(4, 1000.0);
  EXPECT_NEAR(et_.power().ac_injection_w, -1000.0, tolerance_w);
  EXPECT_NEAR(battery_w(), -1000.0 - pv_w(), tolerance_w);
  et_.set("battery_max_charge_a", 10.0);
  et_.run(2s);
  EXPECT_NEAR(et_.power().ac_injection_w, -1000.0, tolerance_w);
  EXPECT_NEAR(et_.power().pv_w, 10.0 * et_.lane().battery.terminal_v - 1000.0, 2.0);  // volts of the step before
}

TEST_F(EtWithMeter, ImportAcExportsPvWhenTheBatteryTakesNothing) {
  et_.set("battery_max_charge_a", 0.0);
  order(4, 1000.0);
  EXPECT_NEAR(et_.power().ac_injection_w, pv_w(), tolerance_w);
}

// Mode 9: Pm = -X, by the battery both ways; what it cannot take of PV is curtailed.
TEST_F(EtWithMeter, BuyPowerHoldsTheImportAtTheMeter) {
  order(9, 2000.0);
  EXPECT_NEAR(et_.export_w(), -2000.0, meter_tolerance_w);
  EXPECT_NEAR(battery_w(), 400.0 - 2000.0 - pv_w(), meter_tolerance_w + 2.0);
  et_.set("battery_max_charge_a", 10.0);
  et_.run(6s);
  EXPECT_NEAR(et_.export_w(), -2000.0, meter_tolerance_w);
  EXPECT_LT(et_.power().pv_w, pv_w() - 1000.0);
}

// Mode 10: Pm = +X; the battery helps when PV is short, PV is limited by X.
TEST_F(EtWithMeter, SellPowerHoldsTheExportAtTheMeter) {
  darken();
  order(10, 3000.0);
  EXPECT_NEAR(et_.export_w(), 3000.0, meter_tolerance_w);
  EXPECT_NEAR(battery_w(), 3400.0, meter_tolerance_w + 2.0);
}

TEST_F(EtWithMeter, SellPowerCurtailsPvBeyondX) {
  et_.set("battery_max_charge_a", 0.0);
  order(10, 3000.0);
  EXPECT_NEAR(et_.export_w(), 3000.0, meter_tolerance_w);
  EXPECT_NEAR(battery_w(), 0.0, tolerance_w);
}

TEST_F(EtWithMeter, MeterModesRestWhenTheMeterFallsSilent) {
  et_.et.set_meter_link(false);
  order(10, 3000.0);
  EXPECT_NEAR(battery_w(), 0.0, tolerance_w);
  EXPECT_EQ(et_.shown("meter_ok"), 0.0);
  EXPECT_TRUE(et_.shows_bit("diagnostics", 9));
}

// The limit counts at the meter: the house takes 400 W of what leaves the inverter.
TEST_F(EtWithMeter, TheExportLimitCountsAtTheMeter) {
  et_.set("export_limit_enabled", 1.0);
  et_.set("export_limit_w", 1500.0);
  order(8, 0.0);
  EXPECT_NEAR(et_.export_w(), 1500.0, meter_tolerance_w);
}

// 6.5, mode 7: the relay opens; Pb = Pbk - Ppv with 900 W behind the backup port.
TEST_F(EtWithBackup, OffGridFeedsTheBackupLoadsAlone) {
  order(7, 0.0, 2s);
  EXPECT_TRUE(et_.lane().islanded);
  EXPECT_NEAR(et_.export_w(), -400.0, 1.0);
  EXPECT_NEAR(battery_w(), et_.lane().backup_w - et_.power().pv_w, 1.0);
  EXPECT_NEAR(et_.lane().backup_w, 900.0, 1.0);
  EXPECT_EQ(et_.shown("work_mode"), 2.0);
  EXPECT_EQ(et_.shown("grid_mode"), 0.0);
  EXPECT_EQ(et_.shown("backup_l1_consumed_w"), 300.0);
  order(8, 0.0, 1s);
  EXPECT_FALSE(et_.lane().islanded);
  EXPECT_EQ(et_.shown("work_mode"), 1.0);
}

// Section 3: 35171 = max(0, 35137 - 35169 - 35139), with the meter and a backup load.
TEST_F(EtWithBackup, TheIdentitiesHoldWithMeterAndBackupLoad) {
  for (const double power_w : {0.0, 700.0, 2345.0}) {
    order(12, power_w, 500ms);
    const double total_w = et_.shown("ac_injection_w");
    EXPECT_EQ(et_.shown("l1_injection_w") + et_.shown("l2_injection_w") + et_.shown("l3_injection_w"), total_w);
    EXPECT_EQ(et_.shown("on_grid_load_w"), std::max(0.0, total_w - et_.shown("backup_w") - et_.shown("ac_export_w")));
    EXPECT_NEAR(et_.shown("on_grid_load_w"), 400.0, 8.0);  // 9 A in 0.02 ohm of each phase, and six roundings
    EXPECT_EQ(et_.shown("backup_w"), 900.0);
  }
}

TEST_F(EtWithBackup, WithTheBackupOutputOffAnOutageTakesItsLoadsToo) {
  et_.set("backup_enabled", 0.0);
  order(7, 0.0, 1s);
  EXPECT_FALSE(et_.lane().islanded);
}

// 45358: below its floor off the grid the battery gives nothing; without sun the island cannot live.
TEST(GoodweEtOffGrid, StopsAtItsOwnFloor) {
  RunningEt et{site_with_backup(0.3)};
  et.set("soc_floor_off_grid", 0.35);
  et.site.set_irradiance(0, 0.0);
  et.run(1s);
  EXPECT_FALSE(et.shows_bit("diagnostics", 1));  // 30 % is above the floor on the grid
  et.set("ems_mode", 7.0);
  et.run(1s);
  EXPECT_TRUE(et.shows_bit("diagnostics", 22));
  EXPECT_TRUE(et.shows_bit("diagnostics_high", 30));
  EXPECT_GT(et.lane().battery_empty_stops, 0);
}

TEST_F(EtWithBackup, WithoutAutostartAnOutageIsNotBridged) {
  darken();
  order(8, 0.0, 1s);  // nothing that could keep an island on the site's side alive
  et_.set("backup_autostart", 0.0);
  et_.site.grid_source().set_outage(true);
  et_.run(1s);
  EXPECT_FALSE(et_.lane().islanded);
  et_.set("backup_autostart", 1.0);
  et_.run(1s);
  EXPECT_TRUE(et_.lane().islanded);
}

// 36003: 0x0111 all right, 2 a reversed transformer, 4 one of another phase.
TEST_F(EtWithMeter, TellsHowItsTransformersAreWired) {
  EXPECT_EQ(et_.shown("meter_wiring"), 0x0111);
  et_.site.metering().set_reversed(1, true);
  et_.run(1s);
  EXPECT_EQ(et_.shown("meter_wiring"), 0x0121);
  EXPECT_TRUE(et_.shows_bit("diagnostics", 10));
}

// Work modes act in EMS mode 1 only.
TEST_F(EtWithMeter, WorkModeBackupChargesFromPvAndDoesNotDischarge) {
  et_.set("work_mode_setting", 2.0);
  et_.run(2s);
  EXPECT_NEAR(battery_w(), -pv_w(), tolerance_w);
  darken();
  et_.run(6s);
  EXPECT_NEAR(battery_w(), 0.0, tolerance_w);
  et_.set("backup_from_grid", 1.0);
  et_.set("backup_grid_share", 0.1);
  et_.run(2s);
  EXPECT_NEAR(battery_w(), -1000.0, tolerance_w);
}

// Base load 400 W, threshold 150 W: the battery gives 250 W; at its SOC it gives nothing; PV surplus is stored.
TEST_F(EtWithMeter, PeakShavingGivesWhatExceedsTheThreshold) {
  et_.set("work_mode_setting", 4.0);
  et_.set("peak_shaving_import_w", 150.0);
  et_.set("peak_shaving_soc", 0.3);
  darken();
  et_.run(6s);
  EXPECT_NEAR(et_.export_w(), -150.0, meter_tolerance_w);
  EXPECT_NEAR(battery_w(), 250.0, meter_tolerance_w);
  et_.set("peak_shaving_soc", 0.6);
  et_.run(2s);
  EXPECT_NEAR(battery_w(), 0.0, tolerance_w);
}

TEST_F(EtWithMeter, TheSetPointShiftMovesSelfUseTowardExport) {
  et_.set("work_mode_setting", 5.0);
  et_.set("self_use_shift_export_w", 200.0);
  et_.run(6s);
  EXPECT_NEAR(et_.export_w(), 200.0, meter_tolerance_w);
}

// AS/NZS 4755: DRM5 generates nothing, DRM6 half, DRM7 three quarters of 10 kW; the lowest wins; DRM0 disconnects.
TEST_F(EtWithMeter, DemandResponseBoundsWhatLeavesThePort) {
  et_.set("demand_response_enabled", 1.0);
  et_.set("demand_response_command", 0x20);
  order(12, 4000.0, 1s);
  EXPECT_NEAR(et_.power().ac_injection_w, 5000.0, tolerance_w);
  EXPECT_EQ(et_.shown("demand_response_state"), 0x8000 | 1 << 6);
  et_.set("demand_response_command", 0x20 | 0x10);
  order(8, 0.0, 1s);
  EXPECT_NEAR(et_.power().ac_injection_w, 0.0, tolerance_w);
  et_.set("demand_response_command", 0xFF);
  et_.run(1s);
  EXPECT_EQ(et_.shown("work_mode"), 0.0);
  EXPECT_TRUE(et_.shows_bit("diagnostics_high", 29));
  EXPECT_EQ(et_.shown("demand_response_state"), 0x8001);
}

// DRM2: the port may draw half of 10 kW; 6 kW of charge without sun give way to 5 kW. DRM1: nothing.
TEST_F(EtWithMeter, DemandResponseBoundsWhatThePortDraws) {
  darken();
  order(11, 6000.0, 2s);
  EXPECT_NEAR(battery_w(), -6000.0, tolerance_w);
  et_.set("demand_response_enabled", 1.0);
  et_.set("demand_response_command", 0x02);
  et_.run(1s);
  EXPECT_NEAR(battery_w(), -5000.0, tolerance_w);
  et_.set("demand_response_command", 0x01);
  et_.run(1s);
  EXPECT_NEAR(battery_w(), 0.0, tolerance_w);
}

TEST(GoodweEtRipple, ARippleReceiverTakesTheFourDredForStepsOfPower) {
  GoodweEt::Settings settings;
  settings.ripple_control = true;
  RunningEt et{one_inverter_site(), settings};
  et.set("demand_response_enabled", 1.0);
  for (const auto& [command, limit_w] : {std::pair{0x01, 0.0}, {0x02, 3000.0}}) {
    et.set("demand_response_command", command);
    et.run(1s);
    EXPECT_NEAR(et.power().ac_injection_w, limit_w, tolerance_w);
  }
}

// Code 10 is 0.90 lagging: Q = P tan(acos 0.9) = 0.48432 P; code 95 is 0.95 leading: -0.32868 P.
TEST_F(EtWithMeter, ThePowerFactorFollowsActivePower) {
  order(8, 0.0, 1s);
  et_.set("power_factor_code", 10.0);
  et_.run(1s);
  EXPECT_NEAR(et_.power().ac_injection_var, 0.48432 * pv_w(), 1.0);
  EXPECT_TRUE(et_.shows_bit("diagnostics", 25));
  et_.set("power_factor_code", 95.0);
  et_.run(1s);
  EXPECT_NEAR(et_.power().ac_injection_var, -0.32868 * pv_w(), 1.0);
  et_.set("reactive_share", 0.3);
  et_.run(1s);
  EXPECT_NEAR(et_.power().ac_injection_var, 3000.0, 1.0);
}

// 47531, 47532: 1 kW from 5 % to 10 %, whatever the mode.
TEST(GoodweEtCharge, IsForcedAtALowStateOfCharge) {
  RunningEt et{one_inverter_site(0.04)};
  et.set("ems_mode", 12.0);
  et.set("ems_power_w", 2000.0);
  et.run(1s);
  EXPECT_NEAR(et.power().battery_discharge_w, -1000.0, tolerance_w);
  EXPECT_TRUE(et.shows_bit("diagnostics", 30));
  EXPECT_TRUE(et.shows_bit("diagnostics", 1));
  et.set("floor_protection_off", 1.0);
  et.run(1s);
  EXPECT_GT(et.power().battery_discharge_w, 0.0);  // as far as the BMS lets it near empty
}

TEST(GoodweEtCharge, FastChargeEndsAtItsStateOfCharge) {
  RunningEt et{one_inverter_site(0.5)};
  const DeviceFace::Entry& target = *et.et.face().find("fast_charge_soc");
  EXPECT_FALSE(target.accepts(0.51));  // must exceed the present one by 2 % (1.4)
  EXPECT_TRUE(target.accepts(0.52));
  et.set("fast_charge_soc", 0.5001);
  et.set("fast_charge_share", 0.3);
  et.set("fast_charge", 1.0);
  et.run(1s);
  EXPECT_NEAR(et.power().battery_discharge_w, -3000.0, tolerance_w);
  et.run(10s);  // 0.0001 of 25 Ah at 7.5 A: 1.2 s
  EXPECT_EQ(et.shown("fast_charge"), 0.0);
}

TEST(GoodweEtCharge, StopsAtTheCeilingOfItsStateOfCharge) {
  RunningEt et{one_inverter_site(0.8)};
  et.set("soc_ceiling", 0.75);
  et.set("ems_mode", 11.0);
  et.set("ems_power_w", 2000.0);
  et.run(1s);
  EXPECT_NEAR(et.power().battery_discharge_w, 0.0, tolerance_w);
}

// 47900..: the energy manager plays the BMS; after a minute of silence the battery rests.
TEST(GoodweEtSuppliedBattery, KeepsToItsLimitsAndItsSilence) {
  RunningEt et;
  et.set("battery_protocol", 0x011F);
  et.set("supplied_soc", 0.77);
  et.set("supplied_max_discharge_a", 5.0);
  et.set("supplied_max_charge_a", 3.0);
  et.set("ems_mode", 12.0);
  et.set("ems_power_w", 9000.0);
  et.run(1s);
  EXPECT_NEAR(et.lane().battery.discharge_a, 5.0, 0.01);
  EXPECT_EQ(et.shown("battery_soc"), 0.77);
  EXPECT_EQ(et.shown("bms_max_charge_a"), 3.0);
  et.set("supplied_status", 4.0);  // stop discharge
  et.run(1s);
  EXPECT_NEAR(et.power().battery_discharge_w, 0.0, tolerance_w);
  et.set("supplied_status", 1.0);  // force charge
  et.run(1s);
  EXPECT_NEAR(et.power().battery_discharge_w, -1000.0, tolerance_w);
  et.run(61s);
  EXPECT_NEAR(et.power().battery_discharge_w, 0.0, tolerance_w);
  EXPECT_TRUE(et.shows_bit("bms_alarms", 12));
}

// 745 (47117, 47118): a minute without a write of mode or power, and the inverter decides for itself again.
TEST(GoodweEtCharge, FallsBackWhenRemoteControlIsSilent) {
  RunningEt et;
  et.set("remote_fall_back", 1.0);
  et.set("remote_fall_back_s", 60.0);
  et.set("ems_mode", 11.0);
  et.set("ems_power_w", 500.0);
  et.run(59s);
  EXPECT_NEAR(et.power().battery_discharge_w, -500.0, tolerance_w);
  et.run(2s);
  EXPECT_EQ(et.shown("ems_mode"), 1.0);
}

TEST(GoodweEtQuirks, SetPointsExpire) {
  RunningEt et{one_inverter_site(), {}, {.set_points_expire = 5s}};
  et.set("ems_mode", 12.0);
  et.set("ems_power_w", 1000.0);
  et.run(4s);
  EXPECT_NEAR(et.power().battery_discharge_w, 1000.0, tolerance_w);
  et.set("ems_power_w", 1000.0);
  et.run(4s);
  EXPECT_EQ(et.shown("ems_mode"), 12.0);
  et.run(2s);
  EXPECT_EQ(et.shown("ems_mode"), 1.0);
}

TEST(GoodweEtQuirks, TheExportLimitIsTakenForThatOfThePlant) {
  RunningEt et{one_inverter_site(), {}, {.export_limit_shared_by = 4.0}};
  et.set("export_limit_enabled", 1.0);
  et.set("export_limit_w", 4000.0);
  et.run(1s);
  EXPECT_NEAR(et.power().ac_injection_w, 1000.0, tolerance_w);
}

TEST(GoodweEtQuirks, PvCollapsesAtAFullBattery) {
  RunningEt et{one_inverter_site(0.995), {}, {.pv_collapse = PvCollapse::Parameters{}}};
  et.run(5s);
  EXPECT_NEAR(et.power().pv_w, 0.05 * et.pv_available_w(), 5.0);
}

}  // namespace
}  // namespace hil::sim
