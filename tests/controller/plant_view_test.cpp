#include "controller/core/plant_view.h"

#include <gtest/gtest.h>

#include "controller/devices/goodwe_et_monitoring.h"
#include "tests/controller/small_bench.h"

namespace hil::controller {
namespace {

using namespace std::chrono_literals;
using tests::SmallBench;
using tests::SmallInverter;

/// Sets what small_bench does not: PV input 1 and 2 of an inverter, energies, words.
void fill_registers(SmallBench& bench, std::size_t unit) {
  auto& words = bench.registers(unit);
  words[35103] = 4705;  // 470.5 V
  words[35104] = 64;    // 6.4 A
  words[35106] = 3011;
  words[35107] = 4602;
  words[35108] = 20;
  words[35110] = 920;
  words[35111] = 0xFFFF;  // not available
  words[35112] = 0xFFFF;
  words[35113] = words[35114] = 0xFFFF;
  words[35189] = 0x0002;
  words[35190] = 0x0200;
  words[35194] = 123;  // 12.3 kWh
  words[35199] = 45;
  words[35202] = 6;
  words[35205] = 78;
  words[35208] = 9;
  words[35211] = 10;
  words[37006] = 0x0004;
  words[37010] = 0x0040;
  words[37012] = 0x0001;
}

TEST(PlantView, ShowsWhatPhasesDevicesAndTotalsAre) {
  SmallBench bench{{0, 2}, 0.0};
  for (SmallInverter& unit : bench.site.inverters) {
    unit.pv_available_w = 4000.0;
    unit.max_charge_w = unit.max_discharge_w = 5000.0;
  }
  bench.site.inverters[0].soc = 0.6;
  bench.site.inverters[1].soc = 0.4;
  bench.site.load_w = 3000.0;
  fill_registers(bench, 0);
  fill_registers(bench, 1);
  bench.run_until(90s);
  const PlantView& view = bench.controller().view();
  ASSERT_EQ(view.device_count, 2U);
  EXPECT_TRUE(view.meter_answering);
  EXPECT_DOUBLE_EQ(view.phases[1].voltage_ln_rms_v.value(), 231.0);
  EXPECT_DOUBLE_EQ(view.phases[2].current_a.value(), 3.0);
  EXPECT_NEAR(view.grid_export_w.value(), -bench.site.grid_import_w, 20.0);
  EXPECT_NEAR(view.phases[0].grid_export_w.value() * 3.0, view.grid_export_w.value(), 3.0);
  EXPECT_NEAR(view.inverters_w.value(), bench.site.ac_w(), 50.0);
  EXPECT_NEAR(view.load_w.value(), 3000.0, 60.0);
  EXPECT_NEAR(view.battery_discharge_w.value(), bench.site.battery_discharge_w(), 60.0);
  EXPECT_DOUBLE_EQ(view.pv_w.value(), 2.0 * (3011.0 + 920.0));
  EXPECT_DOUBLE_EQ(view.mean_soc.value(), 0.5);

  const DeviceView& second = view.devices[1];
  EXPECT_EQ(second.line, 2U);
  EXPECT_EQ(second.address, 12);
  EXPECT_EQ(second.state, UnitHealth::State::answering);
  EXPECT_DOUBLE_EQ(second.pv_inputs[0].voltage_v.value(), 470.5);
  EXPECT_DOUBLE_EQ(second.pv_inputs[0].current_a.value(), 6.4);
  EXPECT_DOUBLE_EQ(second.pv_inputs[1].power_w.value(), 920.0);
  EXPECT_FALSE(second.pv_inputs[2].voltage_v.has_value());
  EXPECT_FALSE(second.pv_inputs[2].power_w.has_value());
  EXPECT_DOUBLE_EQ(second.work_mode.value(), 1.0);
  EXPECT_DOUBLE_EQ(second.soc.value(), 0.4);
  EXPECT_EQ(second.errors, 0x00020200U);
  EXPECT_EQ(second.battery_alarms, 0x00010004U);
  EXPECT_EQ(second.battery_warnings, 0x00000040U);
  EXPECT_DOUBLE_EQ(second.pv_today_wh.value(), 12300.0);
  EXPECT_DOUBLE_EQ(second.exported_today_wh.value(), 4500.0);
  EXPECT_DOUBLE_EQ(second.imported_today_wh.value(), 600.0);
  EXPECT_DOUBLE_EQ(second.load_today_wh.value(), 7800.0);
  EXPECT_DOUBLE_EQ(second.battery_charge_today_wh.value(), 900.0);
  EXPECT_DOUBLE_EQ(second.battery_discharge_today_wh.value(), 1000.0);
}

// By hand: 0.6 at 400 V and 0.4 at 200 V are (240 + 80) / 600.
TEST(PlantView, TheWeightOfASocIsTheVoltageOfItsBattery) {
  Settings settings;
  settings.inverter_lines[0] = {{11, 12}, 2, 9600};
  PlantWatch watch{settings};
  const std::array<std::uint8_t, 16> at_400_v{0x0F, 0xA0};
  const std::array<std::uint8_t, 16> at_200_v{0x07, 0xD0};
  const std::array<std::uint8_t, 12> at_60{0, 1, 0, 250, 0, 25, 0, 25, 0, 0, 0, 60};
  const std::array<std::uint8_t, 12> at_40{0, 1, 0, 250, 0, 25, 0, 25, 0, 0, 0, 40};
  watch.device(0, EtBlock::battery_power, at_400_v);
  watch.device(1, EtBlock::battery_power, at_200_v);
  watch.device(0, EtBlock::bms, at_60);
  watch.device(1, EtBlock::bms, at_40);
  watch.health(0, UnitHealth::State::answering);
  watch.health(1, UnitHealth::State::answering);
  watch.step(1s);
  EXPECT_DOUBLE_EQ(watch.view().mean_soc.value(), 0.5);
  EXPECT_NEAR(watch.view().weighted_soc.value(), 320.0 / 600.0, 1e-12);
  // A lost one no longer counts, and what it last said stays.
  watch.health(1, UnitHealth::State::lost);
  watch.step(2s);
  EXPECT_DOUBLE_EQ(watch.view().mean_soc.value(), 0.6);
  EXPECT_DOUBLE_EQ(watch.view().devices[1].soc.value(), 0.4);
}

// 35137: 1000 W and 500 W. The first alone would pass for the plant.
TEST(PlantView, TotalsWaitForEveryInverterThatAnswers) {
  Settings settings;
  settings.inverter_lines[0] = {{11, 12}, 2, 9600};
  PlantWatch watch{settings};
  watch.health(0, UnitHealth::State::answering);
  watch.health(1, UnitHealth::State::answering);
  watch.device(0, EtBlock::ac_power, std::array<std::uint8_t, 4>{0, 0, 0x03, 0xE8});
  watch.step(1s);
  EXPECT_FALSE(watch.view().inverters_w.has_value());
  watch.device(1, EtBlock::ac_power, std::array<std::uint8_t, 4>{0, 0, 0x01, 0xF4});
  watch.step(2s);
  EXPECT_DOUBLE_EQ(watch.view().inverters_w.value(), 1500.0);
  watch.health(1, UnitHealth::State::lost);
  watch.step(3s);
  EXPECT_DOUBLE_EQ(watch.view().inverters_w.value(), 1000.0);
}

TEST(PlantView, TellsOfAMeterThatAnswersOtherwise) {
  SmallBench bench{{0}, 0.0};
  bench.site.load_w = 1000.0;
  bench.run_until(5s);
  EXPECT_FALSE(bench.controller().view().meter_refuses);
  bench.meter_view = [](double) { return std::array{1e12, 1e12, 1e12, 0.0}; };
  bench.run_until(6s);
  EXPECT_TRUE(bench.controller().view().meter_refuses);
  bench.meter_view = nullptr;
  bench.run_until(7s);
  EXPECT_FALSE(bench.controller().view().meter_refuses);
}

TEST(PlantView, NothingReadIsNothingShown) {
  PlantWatch watch{Settings{}};
  watch.step(10s);
  EXPECT_EQ(watch.view().device_count, 0U);
  EXPECT_FALSE(watch.view().meter_answering);
  EXPECT_FALSE(watch.view().inverters_w || watch.view().pv_w || watch.view().mean_soc || watch.view().weighted_soc ||
               watch.view().load_w);
  DeviceView device;
  decode_monitoring(EtBlock::pv, std::array<std::uint8_t, 4>{1, 2, 3, 4}, device);  // not the block's length
  EXPECT_FALSE(device.pv_inputs[0].voltage_v.has_value());
}

// One timeout is 8 + 29 characters, t3.5 and 200 ms: 242 ms; it comes each 10 s and not each second.
TEST(PlantView, AMeterWithoutVoltagesIsAskedForThemSeldom) {
  SmallBench bench{{0, 0}, 0.0};
  bench.meter_knows_powers_only = true;
  bench.site.load_w = 1000.0;
  double longest_s = 0.0;
  bench.on_step = [&](double now_s) {
    if (now_s > 5.0 && bench.controller().view().meter_answering) longest_s = now_s;
  };
  bench.run_until(60s);
  EXPECT_NEAR(longest_s, 60.0, 0.1);
  EXPECT_FALSE(bench.controller().view().phases[0].voltage_ln_rms_v.has_value());
  EXPECT_TRUE(bench.controller().view().phases[0].grid_export_w.has_value());
  std::size_t asked = 0;
  for (std::size_t k = 0; k + 5 < bench.sent_bytes.size(); ++k) {
    const std::uint8_t* at = &bench.sent_bytes[k];
    asked += at[0] == 1 && at[1] == 4 && at[2] == 0 && at[3] == 0 && at[4] == 0 && at[5] == 12 ? 1 : 0;
  }
  EXPECT_EQ(asked, 6U);  // at 1, 11, 21 .. 51 s
}

}  // namespace
}  // namespace hil::controller
