// Battery limits of one string (sinexcel-pcs-modbus 7), by hand. 240 LFP cells of 20 Ah: some 790 V.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/sim/devices/running_pcs.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using State = PcsState::State;
using test::RunningPcs;

models::Site::Parameters small_battery(double soc) {
  models::Site::Parameters site = test::pcs_site(1, soc);
  site.inverters[0].lane.battery = {20.0, 240, 200.0, 200.0, 1.0};
  return site;
}

SinexcelPcs::Settings with_limits(const SinexcelPcs::StringLimits& limits) {
  SinexcelPcs::Settings settings;
  settings.strings = {limits};
  return settings;
}

/// What each dispatch is told to let this power flow; without losses at the battery as at the grid.
void ask_for(RunningPcs& pcs, double w) {
  for (const int address : {53622, 53652, 55600}) pcs.write(address, RunningPcs::tenths_kw(w));
}

/// By 53601.
class PcsInEachDispatch : public testing::TestWithParam<int> {};

// Constant power until 840 V, then that voltage while the current falls to 2 A; then no charge until 820 V.
TEST_P(PcsInEachDispatch, EndsAChargeAtToppingVoltageAndEndOfChargeCurrent) {
  SinexcelPcs::StringLimits limits = test::lfp_limits();
  limits.end_of_charge_a = 2.0;
  RunningPcs pcs{small_battery(0.9), with_limits(limits)};
  pcs.write(53601, GetParam());
  pcs.write(53650, 1);
  ask_for(pcs, -16e3);
  pcs.start();
  EXPECT_NEAR(pcs.ac_w(), -16e3, 1.0);
  double highest_v = 0.0;
  double held_for_s = 0.0;
  double last_a = 0.0;
  for (int i = 0; i < 1200 * 100 && pcs.lane().battery.discharge_a < -0.01; ++i) {
    pcs.run(10ms);
    highest_v = std::max(highest_v, pcs.lane().battery.terminal_v);
    if (pcs.lane().battery.terminal_v > 839.8) held_for_s += 0.01;
    if (pcs.lane().battery.discharge_a < -0.01) last_a = -pcs.lane().battery.discharge_a;
  }
  EXPECT_LT(highest_v, 840.15);
  EXPECT_GT(held_for_s, 10.0);
  EXPECT_NEAR(last_a, 2.0, 0.05);
  EXPECT_NEAR(pcs.lane().battery.discharge_a, 0.0, 0.01);
  pcs.run(10s);
  EXPECT_LT(pcs.lane().battery.terminal_v, 840.0);
  EXPECT_GT(pcs.lane().battery.terminal_v, 820.0);
  EXPECT_NEAR(pcs.lane().battery.discharge_a, 0.0, 0.01) << "full";
  EXPECT_FALSE(pcs.warns());
  EXPECT_TRUE(pcs.runs());
  ask_for(pcs, 20e3);
  pcs.run(1s);
  EXPECT_NEAR(pcs.ac_w(), 20e3, 1.0) << "a full string discharges";
  pcs.run(60s);
  EXPECT_LT(pcs.lane().battery.terminal_v, 820.0);
  ask_for(pcs, -5e3);
  pcs.run(1s);
  EXPECT_NEAR(pcs.ac_w(), -5e3, 1.0) << "charged again below topping minus hysteresis";
}

TEST_P(PcsInEachDispatch, DischargesToItsEndAndNoFurther) {
  SinexcelPcs::StringLimits limits = test::lfp_limits();
  limits.end_of_discharge_v = 740.0;
  limits.lower_limit_v = 732.0;
  RunningPcs pcs{small_battery(0.15), with_limits(limits)};
  pcs.write(53601, GetParam());
  pcs.write(53650, 1);
  ask_for(pcs, 5e3);  // a third of its capacity an hour: it recovers by less than 20 V
  pcs.start();
  EXPECT_NEAR(pcs.ac_w(), 5e3, 1.0);
  for (int i = 0; i < 2000 && pcs.ac_w() > 1.0; ++i) pcs.run(1s);
  EXPECT_NEAR(pcs.ac_w(), 0.0, 1.0);
  EXPECT_LT(pcs.lane().battery_soc, 0.15);
  EXPECT_FALSE(pcs.warns()) << "the lower limit was not reached";
  EXPECT_FALSE(pcs.fault_latched());
  const double soc = pcs.lane().battery_soc;
  pcs.run(30s);
  EXPECT_EQ(pcs.lane().battery_soc, soc) << "refused from there";
  ask_for(pcs, -10e3);
  pcs.run(1s);
  EXPECT_NEAR(pcs.ac_w(), -10e3, 1.0);
}

INSTANTIATE_TEST_SUITE_P(Dispatch, PcsInEachDispatch, testing::Values(0, 1, 2));

// The pack stands at some 790 V: limits above that are those of an empty one.
TEST(PcsBattery, BelowItsLowerLimitWarnsAndMayOnlyBeCharged) {
  SinexcelPcs::StringLimits limits = test::lfp_limits();
  limits.end_of_discharge_v = 810.0;
  limits.lower_limit_v = 803.0;
  RunningPcs pcs{small_battery(0.5), with_limits(limits)};
  pcs.write(53622, RunningPcs::tenths_kw(30e3));
  pcs.run(50ms);
  EXPECT_TRUE(pcs.warns());
  EXPECT_FALSE(pcs.fault_latched());
  pcs.start();
  EXPECT_EQ(pcs.pcs.state(), State::grid_ac);
  EXPECT_NEAR(pcs.ac_w(), 0.0, 1.0);
  pcs.write(53622, RunningPcs::tenths_kw(-5e3));
  pcs.run(1s);
  EXPECT_NEAR(pcs.ac_w(), -5e3, 1.0);
  pcs.write(53653, 7000);
  pcs.write(53655, 7100);
  pcs.run(20ms);
  EXPECT_FALSE(pcs.warns());
}

// Of what is set, not more flows at any moment, from the first step on.
TEST(PcsBattery, CurrentNeverExceedsItsMaximum) {
  for (const int kw : {80, -80}) {
    RunningPcs pcs;
    pcs.write(53629, 0);
    pcs.write(53663, 500);
    pcs.write(53664, 400);
    pcs.write(53622, RunningPcs::tenths_kw(kw * 1e3));
    pcs.write(53900, 1);
    double highest_a = 0.0;
    for (int i = 0; i < 2000; ++i) {
      pcs.run(10ms);
      highest_a = std::max(highest_a, std::abs(pcs.lane().battery.discharge_a));
    }
    const double set_a = kw > 0 ? 40.0 : 50.0;
    EXPECT_LT(highest_a, set_a + 0.05);
    EXPECT_NEAR(std::abs(pcs.lane().battery.discharge_a), set_a, 0.05);
  }
}

// A source behind a resistance, 50 Ah for 60 V of its own voltage, in steps of a second: the law alone, without a
// plant. The first current may come as one jump.
TEST(PcsBattery, HoldsToppingVoltageWhateverTheResistanceAndTheStep) {
  for (const double series_ohm : {0.005, 0.05, 0.3, 0.8}) {
    const PcsBattery::Limits limits = test::lfp_limits();
    PcsBattery battery{limits};
    double source_v = 800.0;
    double charge_a = 0.0;
    double highest_v = 0.0;
    int seconds = 0;
    battery.observe(source_v, 0.0);
    for (; seconds < 100000 && !battery.full(); ++seconds) {
      const double charge_w = battery.max_charge_w();
      // (source_v + series_ohm charge_a) charge_a = charge_w
      charge_a = (std::sqrt(source_v * source_v + 4.0 * series_ohm * charge_w) - source_v) / (2.0 * series_ohm);
      EXPECT_LE(charge_a, limits.max_charge_a + 1e-6);
      const double terminal_v = source_v + series_ohm * charge_a;
      highest_v = std::max(highest_v, terminal_v);
      battery.observe(terminal_v, -charge_a);
      source_v += charge_a / 3600.0 / 50.0 * 60.0;
    }
    EXPECT_LT(highest_v, 840.2) << series_ohm;
    EXPECT_TRUE(battery.full()) << series_ohm;
    EXPECT_LE(charge_a, limits.end_of_charge_a) << series_ohm;
    EXPECT_GT(battery.terminal_v(), 839.8) << series_ohm;
  }
}

TEST(PcsBattery, ThatIsNotThereIsAFaultOfTheStart) {
  RunningPcs pcs;
  pcs.run(20ms);
  pcs.site.battery(0).open_contactor();
  pcs.run(1s);
  EXPECT_EQ(pcs.pcs.state(), State::stopped);
  pcs.write(53900, 1);
  pcs.run(20ms);
  EXPECT_EQ(pcs.pcs.state(), State::fault);
  pcs.write(53903, 1);
  pcs.run(20ms);
  EXPECT_EQ(pcs.pcs.state(), State::fault);
  ASSERT_TRUE(pcs.site.battery(0).close_contactor());
  pcs.run(20ms);
  pcs.write(53903, 1);
  pcs.run(20ms);
  EXPECT_EQ(pcs.pcs.state(), State::stopped);
}

// Orders of section 7; 840 V topping and float, 672 V end of discharge, 665 V lower limit.
TEST(PcsBattery, LimitsOutOfOrderAreException03) {
  RunningPcs pcs;
  EXPECT_EQ(pcs.write(53659, 8401), 3) << "float above topping";
  EXPECT_EQ(pcs.write(53660, 8399), 3) << "topping below float";
  EXPECT_EQ(pcs.write(53655, 6650), 3) << "end of discharge at the lower limit";
  EXPECT_EQ(pcs.write(53653, 6720), 3) << "lower limit at the end of discharge";
  EXPECT_EQ(pcs.write(53660, 8500), 0);
  EXPECT_EQ(pcs.write(53659, 8500), 0);
  EXPECT_EQ(pcs.read(53659), 8500);
}

TEST(PcsBattery, RefusesLimitsOutOfOrderAtConstruction) {
  SinexcelPcs::StringLimits limits = test::lfp_limits();
  limits.float_v = 841.0;
  EXPECT_THROW((RunningPcs{test::pcs_site(), with_limits(limits)}), std::invalid_argument);
  limits = test::lfp_limits();
  limits.lower_limit_v = 680.0;
  EXPECT_THROW((RunningPcs{test::pcs_site(), with_limits(limits)}), std::invalid_argument);
  limits = test::lfp_limits();
  limits.max_charge_a = 201.0;
  EXPECT_THROW((RunningPcs{test::pcs_site(), with_limits(limits)}), std::invalid_argument);
}

TEST(PcsBattery, PrechargeIsKeptWithoutEffect) {
  RunningPcs pcs;
  pcs.write(53622, RunningPcs::tenths_kw(-40e3));
  pcs.write(53656, 9000);  // the battery stands below
  pcs.write(53665, 10);
  pcs.start();
  EXPECT_NEAR(pcs.ac_w(), -40e3, 1.0);
  EXPECT_EQ(pcs.read(53656), 9000);
}

}  // namespace
}  // namespace hil::sim
