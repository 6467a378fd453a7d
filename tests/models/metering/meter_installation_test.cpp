#include "models/metering/meter_installation.h"

#include <gtest/gtest.h>

#include "models/invalid_parameter.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;

constexpr auto step = 100ms;

MeterInstallation::Parameters typical() {
  MeterInstallation::Parameters parameters;
  parameters.transformers.fill({.rated_primary_a = 250.0, .rated_secondary_a = 5.0, .max_primary_a = 250.0});
  parameters.meter = {.ct_ratio = 50.0, .averaging_window = step, .refresh_period = step, .power_quantum_w = 0.0};
  return parameters;
}

// 10 A, 20 A and 30 A in phase: 2300, 4600, 6900 W.
PhasePhasors currents() {
  const PhasePhasors v = balanced(1.0);
  return {10.0 * v[0], 20.0 * v[1], 30.0 * v[2]};
}

TEST(MeterInstallation, LosesThePhaseOfAnOpenSecondaryAndSaysSo) {
  MeterInstallation installation(typical(), step);
  installation.set_secondary(1, CurrentTransformer::Secondary::open);
  installation.advance(balanced(230.0), currents(), 50.0);
  EXPECT_NEAR(installation.reading().total_import_w, 9200.0, 1e-9);
  const MeterInstallation::Flags flags = installation.flags();
  EXPECT_TRUE(flags.phase_lost);
  EXPECT_TRUE(flags.transformers[1].has(CtFlag::secondary_open));
  EXPECT_TRUE(flags.any_transformer().has(CtFlag::secondary_open));
  EXPECT_FALSE(flags.transformers[0].any());
  EXPECT_GT(installation.open_secondary_peak_kv(), 0.0);
  EXPECT_EQ(installation.wiring(1), PhaseWiring::lost);
  installation.set_secondary(1, CurrentTransformer::Secondary::closed);
  installation.advance(balanced(230.0), currents(), 50.0);
  EXPECT_NEAR(installation.reading().total_import_w, 13800.0, 1e-9);
  EXPECT_FALSE(installation.flags().phase_lost);
  EXPECT_EQ(installation.open_secondary_peak_kv(), 0.0);
}

TEST(MeterInstallation, TellsHowEachPhaseIsWired) {
  MeterInstallation installation(typical(), step);
  EXPECT_EQ(installation.wiring(0), PhaseWiring::right);
  installation.set_reversed(0, true);
  EXPECT_EQ(installation.wiring(0), PhaseWiring::reversed);
  installation.set_input(0, {.ct = 0, .reversed = true});  // turned round a second time, at the terminals
  EXPECT_EQ(installation.wiring(0), PhaseWiring::right);
  installation.advance(balanced(230.0), currents(), 50.0);
  EXPECT_NEAR(installation.reading().import_w[0], 2300.0, 1e-9);
  installation.swap_inputs(1, 2);
  EXPECT_EQ(installation.wiring(1), PhaseWiring::other_phase);
}

// A 1000/5 in the place of a 250/5, ratio set to 50: 4 A shown for 16 A, a quarter of the power.
TEST(MeterInstallation, ShowsAQuarterWhenTheWrongTypeIsFitted) {
  MeterInstallation::Parameters parameters = typical();
  parameters.transformers.fill({.rated_primary_a = 1000.0, .rated_secondary_a = 5.0});
  MeterInstallation installation(parameters, step);
  installation.advance(balanced(230.0), currents(), 50.0);
  EXPECT_NEAR(installation.reading().total_import_w, 13800.0 / 4.0, 1e-9);
}

TEST(MeterInstallation, RefusesAPhaseThatDoesNotExist) {
  MeterInstallation installation(typical(), step);
  EXPECT_THROW(installation.set_input(3, {}), InvalidParameter);
  EXPECT_THROW(installation.set_input(0, {.ct = 3}), InvalidParameter);
  EXPECT_THROW(installation.set_reversed(3, true), InvalidParameter);
  EXPECT_THROW(installation.swap_inputs(0, 3), InvalidParameter);
}

}  // namespace
}  // namespace hil::models
