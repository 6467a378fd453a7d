// Sites of fewer than three phases: split phase, and cables of two cores.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "models/invalid_parameter.h"
#include "models/site/site.h"
#include "tests/models/site/example_sites.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using hil::tests::ValidationCase;

/// Resistances, each by the power that it takes at its nominal voltage.
ZipLoad::Parameters resistive(const PhaseValues& phase_w, const PhaseValues& line_w, double ln_v, double ll_v) {
  return {.nominal_w = phase_w,
          .nominal_ln_v = ln_v,
          .share_z = 1.0,
          .share_i = 0.0,
          .share_p = 0.0,
          .on = true,
          .nominal_ll_w = line_w,
          .nominal_ll_v = ll_v};
}

/// Case N7 as a site: 0.02 ohm of the grid and 0.03 ohm of a cable are its 0.05 ohm; 10 ohm on L1, 20 ohm on L2,
/// 24 ohm across.
Site::Parameters split_phase_site() {
  Site::Parameters site;
  site.step = std::chrono::milliseconds{10};
  site.grid = {.nominal_ln_v = 120.0, .nominal_hz = 60.0, .phase_ohm = 0.02, .neutral_ohm = 0.02, .split_phase = true};
  site.grid_bus = "grid";
  site.cables = {example_cable("service", "grid", "board", 0.03, 1000.0)};
  site.loads = {{.name = "all",
                 .bus = "board",
                 .zip = resistive({120.0 * 120.0 / 10.0, 120.0 * 120.0 / 20.0, 0.0}, {240.0 * 240.0 / 24.0, 0.0, 0.0},
                                  120.0, 240.0)}};
  site.metering = example_metering("service");
  return site;
}

std::string refusal(const Site::Parameters& parameters) {
  try {
    Site{parameters};
  } catch (const InvalidParameter& refused) {
    return refused.what();
  }
  return "";
}

std::size_t bus_of(const Site& site, const std::string& name) {
  std::size_t bus = 0;
  while (site.bus_name(bus) != name) ++bus;
  return bus;
}

TEST(SplitPhaseSite, ServesBothLegsAndTheLoadAcrossThem) {
  Site site(split_phase_site());
  site.advance();
  ASSERT_TRUE(site.invariants().hold());
  ValidationCase published("site/n7");
  const Site::BusVoltage board = site.bus_voltage(bus_of(site, "board"));
  published.check("l1_voltage_ln_v", board.ln_v[0]);
  published.check("l2_voltage_ln_v", board.ln_v[1]);
  published.check("l1_a", site.grid().current_a[0]);
  published.check("l2_a", site.grid().current_a[1]);
  published.check("neutral_a", site.grid().neutral_a);
  // There is no L3 to measure at.
  EXPECT_EQ(board.ln_v[2], 0.0);
  EXPECT_EQ(site.grid().voltage_ln_v[2], 0.0);
  EXPECT_EQ(site.grid().phase_import_w[2], 0.0);
  EXPECT_EQ(site.grid().frequency_hz, 60.0);
}

TEST(SplitPhaseSite, SharesTheVoltageOutByTheLoadsWithoutNeutral) {
  Site site(split_phase_site());
  site.advance();
  site.set_conductor_closed(0, Conductor::n, false);
  site.advance();
  ASSERT_TRUE(site.invariants().hold());
  ValidationCase published("site/n8");
  const Site::BusVoltage board = site.bus_voltage(bus_of(site, "board"));
  published.check("l1_voltage_ln_v", board.ln_v[0]);
  published.check("l2_voltage_ln_v", board.ln_v[1]);
}

// Half the EMF on both legs: half of every voltage and current, so a quarter of the power.
TEST(SplitPhaseSite, SagsWithItsSource) {
  Site site(split_phase_site());
  site.advance();
  const double before_w = site.total_load_w();
  site.grid_source().ramp_voltage_pu(all_phases, 0.5, 0.0);
  site.advance();
  EXPECT_NEAR(site.total_load_w(), before_w / 4.0, 1e-6);
}

TEST(SplitPhaseSite, RefusesWhatNeedsThreePhases) {
  Site::Parameters with_transformer = split_phase_site();
  with_transformer.transformers.emplace_back();
  EXPECT_NE(refusal(with_transformer).find("number of three-phase transformers"), std::string::npos);
  Site site(split_phase_site());
  EXPECT_THROW(site.grid_source().ramp_unbalance(0.01, 0.0, 0.0), InvalidParameter);
}

/// 230 V behind 0.05 ohm, and 22.1 ohm on L1 at the end of two cores of 0.4 ohm: with 0.9 ohm in the loop 23 ohm, 10 A.
Site::Parameters single_phase_feed() {
  Site::Parameters site;
  site.step = std::chrono::milliseconds{10};
  site.grid = {.nominal_ln_v = 230.0, .nominal_hz = 50.0, .phase_ohm = 0.05, .neutral_ohm = 0.05};
  site.grid_bus = "grid";
  site.cables = {example_cable("main_cable", "grid", "main", 1e-6, 1000.0),
                 example_cable("shed_cable", "main", "shed", 0.4, 1000.0)};
  site.cables[1].conductors = {true, false, false, true};
  site.loads = {{.name = "shed", .bus = "shed", .zip = resistive({230.0 * 230.0 / 22.1, 0.0, 0.0}, {}, 230.0, 0.0)}};
  site.metering = example_metering("main_cable");
  return site;
}

TEST(TwoCoreCable, FeedsItsPhaseThroughPhaseAndNeutral) {
  Site site(single_phase_feed());
  site.advance();
  ASSERT_TRUE(site.invariants().hold());
  ValidationCase published("site/two_cores");
  const Site::BusVoltage shed = site.bus_voltage(bus_of(site, "shed"));
  const Site::BusVoltage main = site.bus_voltage(bus_of(site, "main"));
  published.check("l1_a", site.grid().current_a[0]);
  published.check("neutral_a", site.grid().neutral_a);
  published.check("shed_l1_voltage_ln_v", shed.ln_v[0]);
  published.check("shed_neutral_v", shed.neutral_v);
  published.check("main_l2_voltage_ln_v", main.ln_v[1]);
  published.check("load_w", site.load_w(0));
  EXPECT_EQ(shed.ln_v[1], 0.0) << "no core leads L2 there";
  EXPECT_EQ(shed.ln_v[2], 0.0);
}

TEST(TwoCoreCable, IsDeadWithoutItsNeutralAndStaysSoForPhasesThatItDoesNotHave) {
  Site site(single_phase_feed());
  site.advance();
  const double before_w = site.load_w(0);
  site.set_conductor_closed(1, Conductor::l2, false);
  site.set_conductor_closed(1, Conductor::l2, true);
  site.advance();
  EXPECT_NEAR(site.load_w(0), before_w, 1e-6);
  site.set_conductor_closed(1, Conductor::n, false);
  site.advance();
  ASSERT_TRUE(site.invariants().hold());
  EXPECT_NEAR(site.load_w(0), 0.0, 1e-6);
  EXPECT_NEAR(site.grid().current_a[0], 0.0, 1e-6);
}

}  // namespace
}  // namespace hil::models
