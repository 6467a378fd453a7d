#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <cstddef>

#include "models/site/site.h"
#include "tests/models/site/example_sites.h"
#include "tests/models/site/stepping.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using hil::tests::ValidationCase;

/// Power of each leg to neutral and between the legs at 120 and 240 V, constant impedance.
ZipLoad::Parameters heating(double l1_w, double l2_w, double between_w) {
  return {.nominal_w = {l1_w, l2_w, 0.0},
          .nominal_ln_v = 120.0,
          .share_z = 1.0,
          .share_i = 0.0,
          .share_p = 0.0,
          .on = true,
          .nominal_ll_w = {between_w, 0.0, 0.0},
          .nominal_ll_v = 240.0};
}

/// 7.6 kW at 120 / 240 V, without losses, delay and sun: what the battery is asked for leaves at the AC port.
Site::Inverter lossless_inverter(const std::string& name) {
  Site::Inverter inverter = example_inverter(name, "board", 0.5);
  const LossCurve lossless{7600.0, 0.0, 0.0, 0.0};
  HybridInverter::Parameters& stage = inverter.lane.power_stage;
  stage.rated_ac_w = 7600.0;
  stage.max_ac_va = 7600.0;
  stage.max_phase_a = 40.0;
  stage.losses = {lossless, lossless, lossless, lossless};
  stage.command_dead_time = stage.command_time_constant = std::chrono::nanoseconds{0};
  inverter.lane.pv[0].irradiance_w_m2 = 0.0;
  return inverter;
}

/// 0.02 ohm of the grid and 0.03 ohm of the service cable in L1, L2 and N; inverters and loads on the board.
Site::Parameters board_with(const ZipLoad::Parameters& load, std::size_t inverters) {
  Site::Parameters site;
  site.step = std::chrono::milliseconds{10};
  site.grid = {.nominal_ln_v = 120.0, .nominal_hz = 60.0, .phase_ohm = 0.02, .neutral_ohm = 0.02, .split_phase = true};
  site.grid_bus = "grid";
  site.cables = {example_cable("service", "grid", "board", 0.03, 1000.0)};
  for (std::size_t i = 0; i < inverters; ++i) site.inverters.push_back(lossless_inverter("a" + std::to_string(i + 1)));
  site.loads = {{.name = "house", .bus = "board", .zip = load}};
  site.metering = example_metering("service");
  return site;
}

double leg_v(const Site& site, std::size_t leg) {
  return site.bus_voltage(site.site_bus()).ln_v[leg];
}

/// What one leg of an inverter gives.
double leg_w(const Site& site, std::size_t inverter, std::size_t leg) {
  const Site::LaneView& lane = site.lane(inverter);
  return (lane.terminal_ln_v[leg] * std::conj(lane.injection_a[leg])).real();
}

// 3600 W on each leg and no load: no current in N, V (V - 120) / 0.05 = 3600, so V = 60 + sqrt(3600 + 180)
// = 121.48170 V and I = 29.63409 A.
TEST(SplitPhaseInverter, FeedsHalfOfItsPowerIntoEachLeg) {
  Site site(board_with(heating(0.0, 0.0, 0.0), 1));
  site.command(0).battery_discharge_request_w = 7200.0;
  ASSERT_TRUE(held_for(site, 1.0));
  ValidationCase by_hand("site/split_phase_feed");
  by_hand.check("l1_voltage_ln_v", leg_v(site, 0));
  by_hand.check("l2_voltage_ln_v", leg_v(site, 1));
  by_hand.check("l1_a", std::abs(site.lane(0).injection_a[0]));
  by_hand.check("export_w", -site.grid().import_w);
  EXPECT_NEAR(leg_w(site, 0, 0), 3600.0, 1e-6);
  EXPECT_NEAR(leg_w(site, 0, 1), 3600.0, 1e-6);
  EXPECT_EQ(std::abs(site.lane(0).injection_a[2]), 0.0);
  EXPECT_NEAR(site.grid().neutral_a, 0.0, 1e-6);
}

TEST(SplitPhaseInverter, CarriesNoMoreThanItsCurrentOnALeg) {
  Site site(board_with(heating(0.0, 0.0, 0.0), 1));
  site.command(0).battery_discharge_request_w = 7600.0;
  site.grid_source().ramp_voltage_pu(all_phases, 0.7, 0.0);
  ASSERT_TRUE(held_for(site, 1.0));
  EXPECT_LE(std::abs(site.lane(0).injection_a[0]), 40.0 + 1e-6);
  EXPECT_GT(std::abs(site.lane(0).injection_a[0]), 39.0);
}

// The legs have loads of their own; the inverter gives both the same all the same.
TEST(SplitPhaseInverter, LeavesTheUnbalanceOfTheLegsToTheGrid) {
  Site site(board_with(heating(3000.0, 500.0, 1000.0), 1));
  site.command(0).battery_discharge_request_w = 4000.0;
  ASSERT_TRUE(held_for(site, 1.0));
  EXPECT_NEAR(leg_w(site, 0, 0), 2000.0, 1e-6);
  EXPECT_NEAR(leg_w(site, 0, 1), 2000.0, 1e-6);
  EXPECT_GT(site.grid().phase_import_w[0], 1200.0);
  EXPECT_LT(site.grid().phase_import_w[1], -800.0);
  EXPECT_EQ(site.grid().phase_import_w[2], 0.0);
}

TEST(SplitPhaseInverter, FeedsFromLegToLegWhereTheNeutralIsLost) {
  Site site(board_with(heating(1000.0, 1000.0, 0.0), 1));
  site.command(0).battery_discharge_request_w = 4000.0;
  ASSERT_TRUE(held_for(site, 0.5));
  site.set_conductor_closed(0, Conductor::n, false);
  ASSERT_TRUE(held_for(site, 0.5));
  const PhasePhasors& current_a = site.lane(0).injection_a;
  EXPECT_GT(std::abs(current_a[0]), 10.0);
  EXPECT_NEAR(std::abs(current_a[0] + current_a[1]), 0.0, 1e-6);
  EXPECT_NEAR(site.lane(0).power.ac_injection_w, 4000.0, 1.0);
}

// Nobody watches the grid here. 3000 W into 28.8 ohm between the legs (2000 W at 240 V): V12 = sqrt(3000 x 28.8)
// = 293.94 V, and half of it on each leg.
TEST(SplitPhaseInverter, HoldsAnUnintendedIslandAtTheVoltageOfItsLoadBetweenTheLegs) {
  Site site(board_with(heating(0.0, 0.0, 2000.0), 1));
  site.command(0).battery_discharge_request_w = 3000.0;
  ASSERT_TRUE(held_for(site, 0.5));
  site.grid_source().set_outage(true);
  ASSERT_TRUE(held_for(site, 0.2));
  ASSERT_TRUE(site.unintended_island());
  EXPECT_NEAR(leg_v(site, 0), 0.5 * std::sqrt(3000.0 * 28.8), 0.01);
  EXPECT_NEAR(leg_v(site, 1), 0.5 * std::sqrt(3000.0 * 28.8), 0.01);
}

TEST(SplitPhaseInverter, IsTrippedByASagOfOneLeg) {
  Site::Parameters parameters = board_with(heating(1000.0, 1000.0, 0.0), 1);
  parameters.inverters[0].lane.grid_code = *find_grid_code("ieee1547_cat2");
  Site site(parameters);
  ASSERT_TRUE(held_for(site, 5.0));
  EXPECT_EQ(site.lane(0).operation, Operation::running);
  site.grid_source().ramp_voltage_pu({false, true, false}, 0.4, 0.0);
  // UV2: below 0.45 pu for 0.16 s.
  const double tripped_s = time_until(site, 2.0, [&] { return site.lane(0).operation == Operation::tripped; });
  EXPECT_GE(tripped_s, 0.15);
  EXPECT_LE(tripped_s, 0.25);
}

Site::Parameters with_backup() {
  Site::Parameters site = board_with(heating(500.0, 500.0, 0.0), 1);
  site.inverters[0].lane.backup = InverterLane::Backup{
      .forming = {.nominal_ln_v = 120.0, .nominal_hz = 60.0, .frequency_droop_hz_per_w = 5e-5, .max_phase_a = 40.0},
      .transfer_time = std::chrono::milliseconds{20}};
  site.loads.push_back({.name = "critical", .bus = "a1.backup", .zip = heating(0.0, 0.0, 3600.0)});
  return site;
}

// 16 ohm from leg to leg behind 0.05 + j0.05 ohm in each: 240 / |16.1 + j0.1| = 14.90654 A, so 16 x 14.90654^2
// = 3555.28 W drawn and 119.2523 V on each leg; supplied 16.1 x 14.90654^2 = 3577.50 W: 60 - 3577.50 x 5e-5
// = 59.82113 Hz.
TEST(SplitPhaseInverter, HasBothLegsOfItsBackupPortInAnOutage) {
  Site site(with_backup());
  ASSERT_TRUE(held_for(site, 1.0));
  site.grid_source().set_outage(true);
  ASSERT_TRUE(held_for(site, 5.0));
  const Site::LaneView& lane = site.lane(0);
  ValidationCase by_hand("site/split_phase_backup");
  by_hand.check("l1_voltage_ln_v", std::abs(lane.backup_ln_v[0]));
  by_hand.check("between_v", std::abs(lane.backup_ln_v[0] - lane.backup_ln_v[1]));
  by_hand.check("load_w", site.load_w(1));
  by_hand.check("supply_frequency_hz", lane.frequency_hz);
  EXPECT_EQ(std::abs(lane.backup_ln_v[2]), 0.0);
  site.grid_source().set_outage(false);
  ASSERT_TRUE(held_for(site, 1.0));
  EXPECT_FALSE(lane.islanded);
  EXPECT_NEAR(site.grid().frequency_hz, 60.0, 1e-9);
}

// Equal ratings on one bus: each gives half, however unlike the legs are.
TEST(SplitPhaseInverter, SharesAnIslandOnTheBoardWithItsEqual) {
  Site::Parameters parameters = board_with(heating(3000.0, 1000.0, 2000.0), 2);
  for (Site::Inverter& inverter : parameters.inverters) {
    inverter.lane.site_forming = GridForming::of_rating(7600.0, 40.0, 120.0, 60.0, true);
  }
  Site site(parameters);
  ASSERT_TRUE(held_for(site, 0.5));
  site.grid_source().set_outage(true);
  site.set_cable_closed(0, false);
  site.command(0).form_site = true;
  ASSERT_TRUE(held_for(site, 1.0));
  EXPECT_NEAR(site.lane(0).power.ac_injection_w, site.total_load_w(), 1.0);
  site.command(1).form_site = true;
  ASSERT_TRUE(held_for(site, 5.0));
  // What its own resistance takes comes on top: 0.003 of 2 x 120^2 / 7600 ohm in each leg, 0.001 ohm in N.
  const PhasePhasors& current_a = site.lane(0).injection_a;
  const double loss_w = 0.003 * 2.0 * 120.0 * 120.0 / 7600.0 * (std::norm(current_a[0]) + std::norm(current_a[1])) +
                        0.001 * std::norm(current_a[0] + current_a[1]);
  EXPECT_NEAR(site.lane(0).power.ac_injection_w, 0.5 * site.total_load_w() + loss_w, 0.01);
  EXPECT_NEAR(site.lane(1).power.ac_injection_w, 0.5 * site.total_load_w() + loss_w, 0.01);
  const PhasePhasors& terminal_v = site.lane(0).terminal_ln_v;
  EXPECT_NEAR(std::abs(std::arg(terminal_v[0] / terminal_v[1])), 3.14159265, 0.02);
  EXPECT_GT(leg_v(site, 1), 114.0);
  EXPECT_LT(leg_v(site, 0), 120.0);
}

}  // namespace
}  // namespace hil::models
