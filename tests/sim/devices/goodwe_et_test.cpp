#include "sim/devices/goodwe_et.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "tests/sim/devices/running_et.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;

// The laws of goodwe-et-modbus 6.5, read on the lane. Without losses, AC = PV + battery discharge. 0.1 W: the power
// stage follows orders at once, only the network's solution and rounding are left.
constexpr double tolerance_w = 0.1;

class EtModes : public testing::Test {
 protected:
  void order(int mode, double power_w) {
    et_.run(100ms);
    et_.set("ems_mode", mode);
    et_.set("ems_power_w", power_w);
    et_.run(1s);
  }
  void limit_export(double limit_w) {
    et_.set("export_limit_w", limit_w);
    et_.set("export_limit_enabled", 1.0);
  }
  const models::HybridInverter::Outputs& power() const { return et_.lane().power; }
  double pv_w() const { return et_.pv_available_w(); }

  RunningEt et_;
};

TEST_F(EtModes, AutoWithoutAMeterLeavesTheBatteryAlone) {
  order(1, 5000.0);
  EXPECT_NEAR(power().battery_discharge_w, 0.0, tolerance_w);
  EXPECT_NEAR(power().ac_injection_w, pv_w(), tolerance_w);
}

TEST_F(EtModes, StandbyLeavesTheBatteryAlone) {
  order(8, 5000.0);
  EXPECT_NEAR(power().battery_discharge_w, 0.0, tolerance_w);
  EXPECT_NEAR(power().ac_injection_w, pv_w(), tolerance_w);
}

TEST_F(EtModes, ChargeFromPvTakesAllPvAndUpToXFromTheGrid) {
  et_.site.set_irradiance(0, 400.0);  // some 2.4 kW, so that 1 kW more stays below the battery's 25 A
  order(2, 1000.0);
  EXPECT_NEAR(power().battery_discharge_w, -(pv_w() + 1000.0), tolerance_w);
  EXPECT_NEAR(power().ac_injection_w, -1000.0, tolerance_w);
}

TEST_F(EtModes, DischargeAndPvAddsXToPv) {
  order(3, 2000.0);
  EXPECT_NEAR(power().ac_injection_w, pv_w() + 2000.0, tolerance_w);
}

// PV 6 kW under a limit of 7 kW leaves 1 kW for a battery that was allowed 2 kW; under 5 kW it leaves nothing.
TEST_F(EtModes, DischargeAndPvUsesPvFirstUnderAnExportLimit) {
  limit_export(7000.0);
  order(3, 2000.0);
  EXPECT_NEAR(power().pv_w, pv_w(), tolerance_w);
  EXPECT_NEAR(power().battery_discharge_w, 7000.0 - pv_w(), tolerance_w);
  limit_export(5000.0);
  et_.run(1s);
  EXPECT_NEAR(power().pv_w, 5000.0, tolerance_w);
  EXPECT_NEAR(power().battery_discharge_w, 0.0, tolerance_w);
}

TEST_F(EtModes, ExportAcTopsPvUpToXFromTheBattery) {
  order(5, 8000.0);
  EXPECT_NEAR(power().ac_injection_w, 8000.0, tolerance_w);
  EXPECT_NEAR(power().battery_discharge_w, 8000.0 - pv_w(), tolerance_w);
}

TEST_F(EtModes, ExportAcCurtailsPvAboveXAndStoresNothing) {
  order(5, 1500.0);
  EXPECT_NEAR(power().ac_injection_w, 1500.0, tolerance_w);
  EXPECT_NEAR(power().pv_w, 1500.0, tolerance_w);
  EXPECT_NEAR(power().battery_discharge_w, 0.0, tolerance_w);
}

TEST_F(EtModes, ConserveChargesFromPvOnly) {
  et_.site.set_irradiance(0, 400.0);
  order(6, 5000.0);
  EXPECT_NEAR(power().battery_discharge_w, -pv_w(), tolerance_w);
  EXPECT_NEAR(power().ac_injection_w, 0.0, tolerance_w);
}

TEST_F(EtModes, ChargeBatteryTakesPvFirstAndBuysTheRest) {
  order(11, 2500.0);
  EXPECT_NEAR(power().battery_discharge_w, -2500.0, tolerance_w);
  EXPECT_NEAR(power().ac_injection_w, pv_w() - 2500.0, tolerance_w);
  et_.site.set_irradiance(0, 0.0);
  et_.run(1s);
  EXPECT_NEAR(power().ac_injection_w, -2500.0, tolerance_w);
}

TEST_F(EtModes, DischargeBatteryCurtailsPvWhenTheAcSideIsFull) {
  order(12, 2500.0);
  EXPECT_NEAR(power().ac_injection_w, pv_w() + 2500.0, tolerance_w);
  limit_export(3000.0);
  et_.run(1s);
  EXPECT_NEAR(power().ac_injection_w, 3000.0, tolerance_w);
  EXPECT_NEAR(power().battery_discharge_w, 2500.0, tolerance_w);
  EXPECT_NEAR(power().pv_w, 500.0, tolerance_w);
}

TEST_F(EtModes, StoppedDisconnectsAndWaits) {
  order(255, 5000.0);
  EXPECT_EQ(power().ac_injection_w, 0.0);
  EXPECT_EQ(power().pv_w, 0.0);
  EXPECT_EQ(et_.shown("work_mode"), 0.0);
  EXPECT_EQ(et_.shown("grid_mode"), 0.0);
}

TEST_F(EtModes, TheExportLimitActsOnlyWhileEnabled) {
  limit_export(1000.0);
  order(8, 0.0);
  EXPECT_NEAR(power().ac_injection_w, 1000.0, tolerance_w);
  et_.set("export_limit_enabled", 0.0);
  et_.run(1s);
  EXPECT_NEAR(power().ac_injection_w, pv_w(), tolerance_w);
}

TEST_F(EtModes, TheActivePowerLimitIsAShareOfTheRating) {
  et_.set("active_power_limit", 0.3);
  order(8, 0.0);
  EXPECT_NEAR(power().ac_injection_w, 3000.0, tolerance_w);
}

// 5 A at the terminal voltage of the step before; in 10 ms that voltage moves by far less than 0.1 %.
TEST_F(EtModes, TheCurrentSettingsBoundChargeAndDischarge) {
  et_.set("battery_max_charge_a", 5.0);
  et_.set("battery_max_discharge_a", 4.0);
  order(11, 10000.0);
  EXPECT_NEAR(et_.lane().battery.discharge_a, -5.0, 0.005);
  order(12, 10000.0);
  EXPECT_NEAR(et_.lane().battery.discharge_a, 4.0, 0.004);
}

TEST_F(EtModes, TheBmsBoundsWhatTheSettingsAllow) {
  et_.set("battery_max_discharge_a", 100.0);
  order(12, 10000.0);
  EXPECT_LE(et_.lane().battery.discharge_a, 25.0 * 1.001);  // the pack's own limit
  EXPECT_GE(et_.lane().battery.discharge_a, 25.0 * 0.98);   // a little voltage sag between limit and step
}

TEST_F(EtModes, AtTheSocFloorTheBatteryOnlyCharges) {
  et_.set("soc_floor", 0.5);  // the state of charge at the start
  order(12, 3000.0);
  EXPECT_EQ(power().battery_discharge_w, 0.0);
  order(11, 3000.0);
  EXPECT_NEAR(power().battery_discharge_w, -3000.0, tolerance_w);
}

// Phases carry a third each; whole watts; load = max(0, total - backup - active) as in goodwe-et-modbus 3.
TEST_F(EtModes, ThePublishedPowersKeepTheMakersIdentities) {
  order(12, 1234.0);
  const double total_w = et_.shown("ac_injection_w");
  EXPECT_EQ(et_.shown("l1_injection_w") + et_.shown("l2_injection_w") + et_.shown("l3_injection_w"), total_w);
  EXPECT_EQ(et_.shown("on_grid_load_w"), std::max(0.0, total_w - et_.shown("backup_w") - et_.shown("ac_export_w")));
  EXPECT_NEAR(total_w, pv_w() + 1234.0, 1.5);  // three roundings of half a watt
}

// 20 steps of 10 ms: half of them before the order, so the mean is half of it.
TEST_F(EtModes, PublishesMeansOver200Milliseconds) {
  et_.set("ems_mode", 8.0);
  et_.run(310ms);  // ten steps of the window 210..400 ms are done
  et_.set("ems_mode", 12.0);
  et_.set("ems_power_w", 1000.0);
  et_.run(100ms);  // 310..400 ms
  EXPECT_NEAR(et_.shown("battery_discharge_w"), 500.0, 1e-6);
  et_.run(200ms);
  EXPECT_NEAR(et_.shown("battery_discharge_w"), 1000.0, 1e-6);
}

// 36 s at 1 kW are 10 Wh; the last publication is up to 200 ms old, 0.056 Wh, and the first step knows no voltage yet.
TEST_F(EtModes, CountsEnergyByDirection) {
  et_.site.set_irradiance(0, 0.0);
  et_.set("ems_mode", 11.0);
  et_.set("ems_power_w", 1000.0);
  et_.run(36s);
  EXPECT_NEAR(et_.shown("battery_charge_wh"), 10.0, 0.06);
  EXPECT_NEAR(et_.shown("imported_wh"), 10.0, 0.06);
  EXPECT_EQ(et_.shown("battery_discharge_wh"), 0.0);
  EXPECT_EQ(et_.shown("battery_charge_today_wh"), et_.shown("battery_charge_wh"));
}

TEST_F(EtModes, RegistersSignalsOfThePresentStep) {
  SignalRegistry registry;
  et_.et.register_signals(registry);
  et_.run(50ms);  // between two publications
  et_.set("ems_mode", 12.0);
  et_.set("ems_power_w", 700.0);
  et_.step();
  ASSERT_NE(registry.find("et1.battery_discharge_w"), nullptr);
  EXPECT_NEAR(*registry.find("et1.battery_discharge_w")->value, 700.0, tolerance_w);
  EXPECT_EQ(*registry.find("et1.ems_mode")->value, 12.0);
  EXPECT_NEAR(*registry.find("et1.l2_voltage_ln_rms_v")->value, 230.0, 3.0);
  for (const char* name : {"pv_w", "pv_available_w", "battery_soc", "battery_v", "ac_injection_w", "export_limit_w",
                           "export_limit_enabled", "ems_power_w", "freeze_state"}) {
    EXPECT_NE(registry.find(std::string("et1.") + name), nullptr) << name;
  }
}

// Also while the pack does not let its age act: what is counted is what it says.
TEST(GoodweEt, ShowsTheStateOfHealthOfAnAgedPack) {
  for (const bool acts : {false, true}) {
    models::Site::Parameters parameters = one_inverter_site();
    parameters.inverters[0].lane.battery.ageing = {.acts = acts, .initial_days = 3650.0, .initial_cycles = 4000.0};
    RunningEt aged{parameters};
    aged.run(1s);
    const double factor = aged.site.battery(0).ageing().capacity_factor();
    EXPECT_LT(factor, 0.95) << acts;
    EXPECT_DOUBLE_EQ(aged.shown("battery_soh"), factor) << acts;
  }
}

TEST(GoodweEt, RefusesAnIdentityThatDoesNotFitItsRegisters) {
  models::Site site{one_inverter_site()};
  GoodweEt::Identity short_serial = ten_kilowatts();
  short_serial.serial = "9010";
  try {
    const GoodweEt et{"et1", site, 0, short_serial, {}, {}};
    FAIL() << "accepted";
  } catch (const std::invalid_argument& bad) {
    EXPECT_STREQ(bad.what(), "et1: serial is \"9010\", must be 16 characters");
  }
}

}  // namespace
}  // namespace hil::sim
