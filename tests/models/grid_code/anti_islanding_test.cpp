#include "models/grid_code/anti_islanding.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "models/invalid_parameter.h"
#include "models/load/rlc_load.h"
#include "tests/models/grid_code/grid_bench.h"
#include "tests/models/validation/validation_case.h"

namespace hil::tests {

using namespace hil::models;
using namespace std::chrono_literals;

namespace {

constexpr double rated_phase_w = 10'000.0 / 3.0;

/// One row of the IEC 62116 matrix. Imbalance: what the grid supplied before it opened, in parts of the inverter's
/// power.
struct IslandCase {
  double power_pu = 1.0;
  double active_imbalance = 0.0;
  double reactive_imbalance = 0.0;
  double quality_factor = 1.0;
  double gain_per_hz = 0.1;
};

/// Load of one phase at nominal voltage and frequency; the coil takes the reactive imbalance.
UnintendedIsland::Inputs load_of(const IslandCase& island, double ln_v) {
  const double active_w = island.power_pu * rated_phase_w * (1.0 + island.active_imbalance);
  const double capacitor_var = island.quality_factor * active_w;
  const double coil_var = capacitor_var + island.reactive_imbalance * island.power_pu * rated_phase_w;
  const double square = ln_v * ln_v;
  return {.conductance_s = active_w / square, .inductive_s = coil_var / square, .capacitive_s = capacitor_var / square};
}

/// Time from the opening of the grid until the inverter's current is gone for good; `at_most_s` if it never is.
double run_on_s(const GridCode& grid_code, const IslandCase& island, double at_most_s) {
  const double nominal_v = grid_code.nominal_ln_v;
  const double nominal_hz = grid_code.nominal_frequency_hz;
  GridMeasurement measurement{grid_code.measurement, bench_step};
  InterfaceProtection protection = running_protection(grid_code.protection, nominal_hz);
  for (int i = 0; i < 100; ++i) {
    measurement.advance({.terminal_ln_v = balanced(nominal_v), .frequency_hz = nominal_hz});
  }
  const FrequencyShift shift{{.nominal_hz = nominal_hz, .gain_per_hz = island.gain_per_hz}};
  UnintendedIsland plant{{.nominal_ln_v = nominal_v, .nominal_hz = nominal_hz}, {nominal_v, nominal_hz}, bench_step};
  UnintendedIsland::Inputs inputs = load_of(island, nominal_v);
  double last_current_s = 0.0;
  for (int i = 1; i * bench_step_s <= at_most_s; ++i) {
    const UnintendedIsland::State& grid = plant.state();
    const auto& seen = measurement.advance({.terminal_ln_v = balanced(grid.ln_v), .frequency_hz = grid.frequency_hz});
    const auto& relay = protection.advance({.grid = seen});
    if (!relay.connected) return last_current_s;
    inputs.active_w = island.power_pu * rated_phase_w * relay.active_power_ceiling_pu;
    inputs.reactive_var = shift.reactive_injection(grid.frequency_hz, inputs.active_w);
    if (inputs.active_w > 0.01 * rated_phase_w) last_current_s = i * bench_step_s;
    plant.advance(inputs);
  }
  return at_most_s;
}

/// Longest run-on of all imbalances of condition A, B or C and of Qf 0.95, 1 and 1.05.
double longest_run_on_s(const GridCode& grid_code, char condition, double gain_per_hz) {
  double longest_s = 0.0;
  const auto try_out = [&](double power_pu, double active, double reactive) {
    for (const double quality_factor : {0.95, 1.0, 1.05}) {
      longest_s =
          std::max(longest_s, run_on_s(grid_code, {power_pu, active, reactive, quality_factor, gain_per_hz}, 10.0));
    }
  };
  if (condition == 'a') {
    for (int active = -10; active <= 10; active += 5) {
      for (int reactive = -10; reactive <= 10; reactive += 5) try_out(1.0, active / 100.0, reactive / 100.0);
    }
    return longest_s;
  }
  for (int reactive = -5; reactive <= 5; ++reactive) try_out(condition == 'b' ? 0.6 : 0.3, 0.0, reactive / 100.0);
  return longest_s;
}

double settled_hz(double capacitor_share) {
  UnintendedIsland island{{.nominal_ln_v = 230.0, .nominal_hz = 50.0}, {230.0, 50.0}, bench_step};
  const ParallelRlc load = resonant_rlc(rated_phase_w, 1.0, 230.0, 50.0);
  constexpr double nominal_rad_per_s = 2.0 * std::numbers::pi * 50.0;
  const UnintendedIsland::Inputs inputs{.active_w = rated_phase_w,
                                        .conductance_s = 1.0 / *load.resistance_ohm,
                                        .inductive_s = 1.0 / (nominal_rad_per_s * *load.inductance_h),
                                        .capacitive_s = capacitor_share * nominal_rad_per_s * *load.capacitance_f};
  for (int i = 0; i < 1000; ++i) island.advance(inputs);
  EXPECT_NEAR(island.state().ln_v, 230.0, 1e-6);  // P = V^2 / R holds the voltage whatever the frequency
  return island.state().frequency_hz;
}

}  // namespace

TEST(AntiIslanding, LeavesAMatchedIslandAtTheResonanceOfItsLoad) {
  ValidationCase rows("grid_code/island_resonance");
  rows.check("c_plus_5_percent", settled_hz(1.05));
  rows.check("c_minus_5_percent", settled_hz(0.95));
  rows.check("match", settled_hz(1.0));
}

// 1e-13 var on 1 kW are what rounding leaves of none; nothing but L and C could turn them into a frequency.
TEST(AntiIslanding, LeavesTheFrequencyOfResistorsAloneWhateverTheRounding) {
  for (const double rounding_var : {1e-13, -1e-13}) {
    UnintendedIsland island{{.nominal_ln_v = 230.0, .nominal_hz = 50.0}, {230.0, 49.9}, bench_step};
    for (int i = 0; i < 100; ++i) {
      island.advance({.active_w = 1000.0, .reactive_var = rounding_var, .conductance_s = 1000.0 / (230.0 * 230.0)});
    }
    EXPECT_EQ(island.state().frequency_hz, 49.9);
  }
}

TEST(AntiIslanding, EndsEveryIslandOfTheMatrixWithinTwoSeconds) {
  ValidationCase rows("grid_code/run_on_matrix");
  for (const std::string& quantity : rows.quantities()) {
    if (quantity == "negative_test") continue;
    const GridCode& grid_code = code(quantity.substr(0, quantity.size() - 2));
    rows.check(quantity, longest_run_on_s(grid_code, quantity.back(), 0.1));
  }
  // Without the function a perfect match runs on, else the matrix would prove nothing.
  rows.check("negative_test", run_on_s(code("en50549_1"), {.gain_per_hz = 0.0}, 60.0));
}

// The weakest gain of the range still turns the current faster than the load: 0.05 pi/2 = 0.079 against 2/50 = 0.040.
TEST(AntiIslanding, EndsAPerfectMatchWithTheWeakestGainToo) {
  EXPECT_LE(run_on_s(code("en50549_1"), {.gain_per_hz = 0.05}, 10.0), 2.0);
  // Half of what the load asks for, 0.04 / (pi/2) = 0.0255 per Hz, is not enough.
  EXPECT_GT(run_on_s(code("en50549_1"), {.gain_per_hz = 0.0125}, 10.0), 2.0);
}

TEST(AntiIslanding, ShiftsAgainstNothingOnAStrongGrid) {
  const FrequencyShift shift{{.nominal_hz = 50.0, .gain_per_hz = 0.1}};
  // tan(pi/2 x 0.01) = 0.015709
  EXPECT_NEAR(shift.reactive_injection(50.0, 10'000.0), -157.09, 0.01);
  // 1 Hz more: chopping 0.11, tan(0.172788) = 0.174528
  EXPECT_NEAR(shift.reactive_injection(51.0, 1.0), -0.174528, 1e-6);
  EXPECT_GT(shift.reactive_injection(49.0, 1.0), 0.0);
}

TEST(AntiIslanding, LetsTheVoltageOfAnIslandFollowItsPower) {
  UnintendedIsland island{{.nominal_ln_v = 230.0, .nominal_hz = 50.0}, {230.0, 50.0}, bench_step};
  UnintendedIsland::Inputs inputs = load_of({}, 230.0);
  inputs.active_w = 1.21 * rated_phase_w;  // sqrt(1.21) = 1.1
  for (int i = 0; i < 100; ++i) island.advance(inputs);
  EXPECT_NEAR(island.state().ln_v, 253.0, 1e-6);
  inputs.active_w = 0.0;
  for (int i = 0; i < 100; ++i) island.advance(inputs);
  EXPECT_NEAR(island.state().ln_v, 0.0, 1e-6);
}

TEST(AntiIslanding, RefusesParametersOutOfBounds) {
  EXPECT_THROW(FrequencyShift({.nominal_hz = 50.0}), InvalidParameter);
  EXPECT_THROW(FrequencyShift({.nominal_hz = 30.0, .gain_per_hz = 0.1}), InvalidParameter);
  EXPECT_THROW(UnintendedIsland({.nominal_ln_v = 230.0}, {230.0, 50.0}, bench_step), InvalidParameter);
  EXPECT_THROW(UnintendedIsland({.nominal_ln_v = 230.0, .nominal_hz = 50.0}, {230.0, 0.0}, bench_step),
               InvalidParameter);
}

RC_GTEST_PROP(AntiIslanding, KeepsAnIslandWithinItsBoundsWhateverIsFedIn, ()) {
  UnintendedIsland island{{.nominal_ln_v = 230.0, .nominal_hz = 50.0}, {230.0, 50.0}, bench_step};
  const auto any = [](int low, int high) { return *rc::gen::inRange(low, high) * 1e-3; };
  for (int spell = 0; spell < 10; ++spell) {
    const UnintendedIsland::Inputs inputs{.active_w = 1e3 * any(-10'000, 10'000),
                                          .reactive_var = 1e3 * any(-10'000, 10'000),
                                          .conductance_s = any(0, 500),
                                          .inductive_s = any(0, 100),
                                          .capacitive_s = any(0, 100)};
    for (int i = 0; i < 50; ++i) island.advance(inputs);
    RC_ASSERT(island.state().ln_v >= 0.0 && island.state().ln_v <= 460.0);
    RC_ASSERT(island.state().frequency_hz >= 25.0 && island.state().frequency_hz <= 75.0);
  }
}

}  // namespace hil::tests
