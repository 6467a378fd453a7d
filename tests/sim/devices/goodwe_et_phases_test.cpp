// Unbalanced output of an ET (45264, goodwe-et-modbus 6.1): each phase by itself, once it has been restarted.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/sim/devices/asked_et.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using models::phase_count;
using test::AskedEt;

// Each phase at the meter and each of the inverter's own is rounded to a watt; a watt is lost in the cable.
constexpr double tolerance_w = 3.0;

/// Night, and 3000, 600 and 0 W on the phases, which the battery of 25 A at some 400 V can carry.
models::Site::Parameters uneven_site() {
  models::Site::Parameters site = one_inverter_site();
  site.loads[0].zip->nominal_w = {3000.0, 600.0, 0.0};
  site.inverters[0].lane.pv[0].irradiance_w_m2 = 0.0;
  return site;
}

GoodweEt::Settings with_meter(bool unbalanced) {
  GoodweEt::Settings settings;
  settings.own_meter = true;
  settings.unbalanced_output = unbalanced;
  return settings;
}

const models::PhaseValues& import_w(const AskedEt& et) {
  return et.et.site.grid().phase_import_w;
}

TEST(EtPhases, AreEqualWithoutUnbalancedOutput) {
  AskedEt et{uneven_site(), with_meter(false)};
  et.run(6s);
  EXPECT_EQ(et.read(45264), 0);
  // A third of 3600 W on each.
  EXPECT_NEAR(import_w(et)[0], 1800.0, 2 * tolerance_w);
  EXPECT_NEAR(import_w(et)[1], -600.0, tolerance_w);
  EXPECT_NEAR(import_w(et)[2], -1200.0, tolerance_w);
}

TEST(EtPhases, HoldEachPhaseAtTheMeterOnceSetAndRestarted) {
  AskedEt et{uneven_site(), with_meter(false)};
  EXPECT_EQ(et.write(45264, 2), 3);
  ASSERT_EQ(et.write(45264, 1), 0);
  EXPECT_EQ(et.read(45264), 1);
  et.run(6s);
  EXPECT_GT(import_w(et)[0], 1700.0) << "not before the restart";
  ASSERT_EQ(et.write(45221, 1), 0);
  et.run(GoodweEt::restart_time + 6s);
  for (std::size_t k = 0; k < phase_count; ++k) EXPECT_NEAR(import_w(et)[k], 0.0, tolerance_w) << "L" << k + 1;
  EXPECT_NEAR(et.lane().power.phase_injection_va[0].real(), 3000.0, 2 * tolerance_w);
  EXPECT_NEAR(et.lane().power.phase_injection_va[2].real(), 0.0, tolerance_w);
}

TEST(EtPhases, CountFromTheNextSupplyOn) {
  AskedEt et{uneven_site(), with_meter(false)};
  et.et.et.set_unbalanced_output(true);
  et.et.et.set_supply(false);
  et.run(1s);
  et.et.et.set_supply(true);
  et.run(GoodweEt::restart_time + 6s);
  for (std::size_t k = 0; k < phase_count; ++k) EXPECT_NEAR(import_w(et)[k], 0.0, tolerance_w) << "L" << k + 1;
}

// 20 A at about 228 V are 4560 W. Of 6000 W on L1 the rest comes from the grid, and goes out again on the others: the
// sum is what EMS mode 1 holds.
TEST(EtPhases, EndAtTheCurrentOfAPhase) {
  models::Site::Parameters site = uneven_site();
  site.loads[0].zip->nominal_w = {6000.0, 600.0, 600.0};
  AskedEt et{site, with_meter(true)};
  et.run(6s);
  EXPECT_NEAR(models::magnitude(et.lane().injection_a[0]), 20.0, 0.01);
  EXPECT_GT(import_w(et)[0], 1200.0);
  EXPECT_NEAR(import_w(et)[1], import_w(et)[2], tolerance_w);
  EXPECT_NEAR(import_w(et)[0] + import_w(et)[1] + import_w(et)[2], 0.0, 2 * tolerance_w);
}

// An export limit of 1500 W for the site: 500 W leave on each phase.
TEST(EtPhases, ShareAnExportLimitAlike) {
  models::Site::Parameters site = uneven_site();
  site.inverters[0].lane.pv[0].irradiance_w_m2 = 974.0;
  AskedEt et{site, with_meter(true)};
  ASSERT_EQ(et.write(47511, 8), 0);
  ASSERT_EQ(et.ask(test::bytes("10 B9 95 00 02 04 00 01 05 DC")).at(0), 0x10);
  et.run(10s);
  for (std::size_t k = 0; k < phase_count; ++k) EXPECT_NEAR(import_w(et)[k], -500.0, tolerance_w) << "L" << k + 1;
}

TEST(EtPhases, AreEqualWithoutAMeterOfItsOwn) {
  GoodweEt::Settings settings = with_meter(true);
  settings.own_meter = false;
  AskedEt et{uneven_site(), settings};
  ASSERT_EQ(et.ask(test::bytes("10 B9 97 00 02 04 00 0C 0B B8")).at(0), 0x10);  // discharge 3000 W
  et.run(6s);
  for (std::size_t k = 0; k < phase_count; ++k) {
    EXPECT_NEAR(et.lane().power.phase_injection_va[k].real(), 1000.0, 1.0) << "L" << k + 1;
  }
}

TEST(EtPhases, AreEqualAgainWhenItsMeterIsLost) {
  AskedEt et{uneven_site(), with_meter(true)};
  et.run(6s);
  et.et.et.set_meter_link(false);
  et.run(1s);
  const models::PhasePhasors& phases = et.lane().power.phase_injection_va;
  EXPECT_NEAR(phases[0].real(), phases[2].real(), 1.0);
}

// 45492: half of a third of the rating on L1, which would carry 2800 W of 3000; the others give what it may not.
TEST(EtPhases, KeepTheirLimitsWhileTheOthersGiveTheRest) {
  AskedEt et{uneven_site(), with_meter(true)};
  ASSERT_EQ(et.write(45492, 500), 0);
  EXPECT_EQ(et.write(45493, 1001), 3) << "beyond 100 %";
  ASSERT_EQ(et.ask(test::bytes("10 B9 97 00 02 04 00 0C 0B B8")).at(0), 0x10);  // discharge 3000 W
  et.run(6s);
  const models::PhasePhasors& phases = et.lane().power.phase_injection_va;
  EXPECT_NEAR(phases[0].real(), 10000.0 / 3.0 / 2.0, tolerance_w);
  EXPECT_NEAR(phases[1].real() - phases[2].real(), 600.0, tolerance_w) << "as their loads differ";
  EXPECT_NEAR(et.lane().power.ac_injection_w, 3000.0, tolerance_w);
}

TEST(EtPhases, BoundTheSumByTheirLimits) {
  AskedEt et{uneven_site(), with_meter(true)};
  for (const int address : {45492, 45493, 45494}) ASSERT_EQ(et.write(address, 200), 0);
  ASSERT_EQ(et.ask(test::bytes("10 B9 97 00 02 04 00 0C 0B B8")).at(0), 0x10);
  et.run(6s);
  for (std::size_t k = 0; k < phase_count; ++k) {
    EXPECT_NEAR(et.lane().power.phase_injection_va[k].real(), 2000.0 / 3.0, tolerance_w) << "L" << k + 1;
  }
}

TEST(EtPhases, KnowNoLimitsWithoutUnbalancedOutput) {
  AskedEt et{uneven_site(), with_meter(false)};
  ASSERT_EQ(et.write(45492, 100), 0);
  EXPECT_EQ(et.read(45492), 100);
  ASSERT_EQ(et.ask(test::bytes("10 B9 97 00 02 04 00 0C 0B B8")).at(0), 0x10);
  et.run(6s);
  EXPECT_NEAR(et.lane().power.phase_injection_va[0].real(), 1000.0, tolerance_w);
}

}  // namespace
}  // namespace hil::sim
