#include "controller/core/commissioning.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "controller/core/commissioning_text.h"
#include "tests/controller/small_bench.h"

namespace hil::controller {
namespace {

using namespace std::chrono_literals;
using tests::SmallBench;

/// Inverters 11, 12, ... on the ports, as many on each as given; everything else is entered too.
Settings ports(std::size_t com1, std::size_t com2, std::size_t com3) {
  std::vector<std::size_t> line_of;
  for (std::size_t k = 0; k < com1; ++k) line_of.push_back(0);
  for (std::size_t k = 0; k < com2; ++k) line_of.push_back(1);
  for (std::size_t k = 0; k < com3; ++k) line_of.push_back(2);
  return SmallBench::settings_for(line_of, 0.0);
}

TEST(Setup, OfTenInvertersSpreadEvenlyIsSound) {
  EXPECT_FALSE(check_setup(ports(4, 3, 3)).any());
  EXPECT_FALSE(check_setup(ports(3, 0, 0)).any());  // up to three may share one port
}

TEST(Setup, OfTheFactoryMissesCountsCapacityRatioAndLimitAllAtOnce) {
  SetupFaults expected;
  expected.add(SetupFault::no_inverters);
  expected.add(SetupFault::no_capacity);
  expected.add(SetupFault::no_ct_ratio);
  expected.add(SetupFault::no_export_limit);
  EXPECT_EQ(check_setup(factory_settings()), expected);
  EXPECT_TRUE(expected.unsafe());
}

TEST(Setup, TakesAtMostFourOnAPortAndTenInAll) {
  EXPECT_TRUE(check_setup(ports(5, 4, 1)).has(SetupFault::too_many_on_a_port));
  EXPECT_FALSE(check_setup(ports(5, 4, 1)).has(SetupFault::too_many_inverters));
  EXPECT_TRUE(check_setup(ports(4, 4, 3)).has(SetupFault::too_many_inverters));
}

TEST(Setup, WarnsOfAnUnevenSplitAboveThreeAndStaysInOperation) {
  const SetupFaults faults = check_setup(ports(4, 0, 0));
  EXPECT_TRUE(faults.has(SetupFault::uneven_split));
  EXPECT_FALSE(faults.unsafe());
  EXPECT_FALSE(check_setup(ports(2, 1, 1)).any());
}

TEST(Setup, WantsAddressesThatDifferOnTheWholeSystem) {
  Settings settings = ports(1, 1, 0);
  settings.inverter_lines[1].addresses[0] = 11;
  EXPECT_TRUE(check_setup(settings).has(SetupFault::address_twice));
  EXPECT_TRUE(check_setup(settings).unsafe());
}

TEST(Setup, WantsAddressesInsideTen) {
  Settings settings = ports(1, 1, 0);
  settings.inverter_lines[1].addresses[0] = 20;  // 11..20 are ten
  EXPECT_FALSE(check_setup(settings).any());
  settings.inverter_lines[1].addresses[0] = 21;
  EXPECT_TRUE(check_setup(settings).has(SetupFault::addresses_too_far));
}

TEST(Setup, WantsAddressesThatModbusHas) {
  Settings settings = ports(1, 0, 0);
  for (const std::uint8_t address : {std::uint8_t{0}, std::uint8_t{248}}) {
    settings.inverter_lines[0].addresses[0] = address;
    EXPECT_TRUE(check_setup(settings).has(SetupFault::address_out_of_range));
    EXPECT_EQ(operable(settings).inverter_lines[0].count, 0U);  // nobody is spoken to at it
  }
}

TEST(Setup, WarnsOfTheFactoryAddressAmongSeveral) {
  Settings settings = ports(1, 0, 0);
  settings.inverter_lines[0].addresses[0] = 247;
  EXPECT_FALSE(check_setup(settings).any());
  settings.inverter_lines[0] = {{246, 247}, 2};
  EXPECT_TRUE(check_setup(settings).has(SetupFault::factory_address_used));
  EXPECT_FALSE(check_setup(settings).unsafe());
}

TEST(Setup, RefusesNumbersThatNoSiteHas) {
  Settings settings = ports(1, 0, 0);
  settings.total_capacity_w = 300001.0;
  settings.ct_ratio = 0.5;
  settings.export_limit_w = -100001.0;
  settings.inverter_lines[0].baud = 0;
  const SetupFaults faults = check_setup(settings);
  EXPECT_TRUE(faults.has(SetupFault::capacity_out_of_range));
  EXPECT_TRUE(faults.has(SetupFault::ct_ratio_out_of_range));
  EXPECT_TRUE(faults.has(SetupFault::limit_out_of_range));
  EXPECT_TRUE(faults.has(SetupFault::bad_line_format));
  settings.total_capacity_w = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(check_setup(settings).has(SetupFault::no_capacity));
}

TEST(Setup, NeedsNoLimitWhereNothingIsLimited) {
  Settings settings = ports(1, 0, 0);
  settings.export_limit_w = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(check_setup(settings).has(SetupFault::no_export_limit));
  settings.control_mode = ControlMode::off;
  EXPECT_FALSE(check_setup(settings).any());
}

TEST(Setup, EveryFaultHasATextOfItsOwn) {
  for (std::size_t k = 0; k < setup_fault_count; ++k) {
    EXPECT_FALSE(text_of(static_cast<SetupFault>(k)).empty());
    for (std::size_t j = 0; j < k; ++j)
      EXPECT_NE(text_of(static_cast<SetupFault>(k)), text_of(static_cast<SetupFault>(j)));
  }
}

/// PV of 6 kW each and no load: whatever they give is exported.
void free_running(SmallBench& bench) {
  bench.site.load_w = 0.0;
  for (tests::SmallInverter& unit : bench.site.inverters) {
    unit.pv_available_w = 6000.0;
    unit.max_charge_w = 2000.0;
    unit.ordered_limit_w = 10000.0;
  }
}

TEST(SafeState, HoldsEveryEnteredInverterAtLimitZeroWhenTheCtRatioIsMissing) {
  Settings settings = SmallBench::settings_for({0, 1}, 5000.0);
  settings.ct_ratio = 0.0;
  SmallBench bench{{0, 1}, settings};
  free_running(bench);
  bench.site.load_w = 3000.0;
  bench.run_until(20s);
  EXPECT_TRUE(bench.controller().report().safe_state);
  for (std::size_t unit = 0; unit < 2; ++unit) {
    EXPECT_EQ(bench.word(unit, 47509), 1);
    EXPECT_EQ(bench.word(unit, 47510), 0);
    EXPECT_EQ(bench.word(unit, 47511), 8);  // battery stands by
  }
  EXPECT_GE(bench.site.grid_import_w, 3000.0);
}

TEST(SafeState, HoldsWhileAnInverterHasASmartMeterOfItsOwn) {
  SmallBench bench{{0, 1}, 5000.0};
  free_running(bench);
  bench.word(1, 36004) = 1;
  bench.run_until(40s);
  EXPECT_TRUE(bench.controller().report().setup.has(SetupFault::meter_at_inverter));
  EXPECT_TRUE(bench.controller().report().safe_state);
  EXPECT_EQ(bench.word(0, 47510), 0);
  bench.word(1, 36004) = 0;
  bench.controller().scan(40s);
  bench.run_until(80s);
  EXPECT_FALSE(bench.controller().report().safe_state);
  EXPECT_GT(bench.word(0, 47510), 1000);
}

TEST(SafeState, StopsInvertersThatNobodyEntered) {
  SmallBench bench{{0, 1}, factory_settings()};
  free_running(bench);
  bench.word(0, 47510) = 10000;
  // Without any address the range is 1..10, and the two at 11 and 12 would not be met.
  Settings settings = factory_settings();
  settings.inverter_lines[2] = {{10}, 1};  // range 10..19
  bench.restart(settings);
  bench.run_until(40s);
  EXPECT_EQ(bench.word(0, 47510), 0);
  EXPECT_EQ(bench.word(1, 47510), 0);
  EXPECT_LE(bench.site.ac_w(), 0.0);
}

TEST(SafeState, LeavesStrangersAloneInOperation) {
  Settings settings = SmallBench::settings_for({0}, 0.0);
  SmallBench bench{{0, 1}, settings};  // 12 on COM2 is not entered
  bench.word(1, 47510) = 4321;
  bench.run_until(90s);
  EXPECT_TRUE(bench.controller().report().has(FindingKind::unexpected));
  EXPECT_EQ(bench.word(1, 47510), 4321);
}

TEST(SafeState, EndsWhenWhatWasMissingIsEntered) {
  Settings settings = SmallBench::settings_for({0}, 0.0);
  const double ratio = settings.ct_ratio;
  settings.ct_ratio = 0.0;
  SmallBench bench{{0}, settings};
  free_running(bench);
  bench.site.load_w = 3000.0;
  bench.run_until(10s);
  EXPECT_GT(bench.site.grid_import_w, 2900.0);
  settings.ct_ratio = ratio;
  bench.restart(settings);
  bench.run_until(40s);
  EXPECT_FALSE(bench.controller().report().safe_state);
  EXPECT_LT(bench.site.grid_import_w, 200.0);
}

}  // namespace
}  // namespace hil::controller
