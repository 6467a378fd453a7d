#include "models/grid/grid_source.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>

#include "models/grid/sequence.h"
#include "models/invalid_parameter.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;

constexpr double deg = std::numbers::pi / 180.0;
constexpr PhaseMask only_l1{true, false, false};
constexpr PhaseMask only_l2{false, true, false};
constexpr PhaseMask only_l3{false, false, true};

GridSource::Parameters house() {
  return {.nominal_ln_v = 230.0, .nominal_hz = 50.0, .phase_ohm = {0.24, 0.15}, .neutral_ohm = {0.16, 0.10}};
}

double angle_deg(Phasor phasor) {
  return std::arg(phasor) / deg;
}

void advance(GridSource& grid, int steps) {
  for (int i = 0; i < steps; ++i) grid.advance();
}

TEST(GridSource, StandsStillAtNominal) {
  GridSource grid(house(), 20ms);
  advance(grid, 1000);
  const PhasePhasors nominal = balanced(230.0);
  // 1e-12: the frame turns with the grid, so nothing adds up.
  for (std::size_t k = 0; k < phase_count; ++k) EXPECT_LT(std::abs(grid.outputs().emf_ln_v[k] - nominal[k]), 1e-12);
  EXPECT_EQ(grid.outputs().frequency_hz, 50.0);
  EXPECT_TRUE(grid.outputs().connected);
}

TEST(GridSource, JumpsInPhase) {
  tests::ValidationCase expected("grid/phase_jump");
  GridSource grid(house(), 20ms);
  grid.jump_phase_deg(all_phases, 30.0);
  EXPECT_NEAR(angle_deg(grid.outputs().emf_ln_v[0]), 0.0, 1e-12);  // acts from the next advance
  const auto& emf = grid.advance().emf_ln_v;
  expected.check("l1_angle_deg", angle_deg(emf[0]));
  expected.check("l2_angle_deg", angle_deg(emf[1]));
  expected.check("l1_voltage_ln_rms_v", std::abs(emf[0]));
  grid.jump_phase_deg(only_l2, -20.0);
  grid.advance();
  expected.check("l2_angle_after_its_own_jump_deg", angle_deg(emf[1]));
  expected.check("l3_angle_after_the_jump_of_l2_deg", angle_deg(emf[2]));
  grid.return_to_nominal(0.0);
  grid.advance();
  expected.check("l2_angle_after_return_deg", angle_deg(emf[1]));
}

TEST(GridSource, IntegratesItsAngleThroughRampsThatEndWithinAStep) {
  tests::ValidationCase expected("grid/rocof");
  GridSource coarse(house(), 300ms);
  coarse.ramp_frequency_at(52.0, 1.0);
  advance(coarse, 5);
  expected.check("angle_after_1500_ms_deg", angle_deg(coarse.outputs().emf_ln_v[0]));
  expected.check("frequency_after_1500_ms_hz", coarse.outputs().frequency_hz);
  advance(coarse, 2);
  expected.check("angle_after_2100_ms_deg", angle_deg(coarse.outputs().emf_ln_v[0]));
  expected.check("frequency_after_2100_ms_hz", coarse.outputs().frequency_hz);

  GridSource fine(house(), 20ms);
  fine.ramp_frequency_hz(52.0, 2.0);
  advance(fine, 50);
  expected.check("angle_after_1000_ms_in_20_ms_steps_deg", std::abs(angle_deg(fine.outputs().emf_ln_v[0])));
  advance(fine, 50);
  expected.check("angle_after_2000_ms_in_20_ms_steps_deg", angle_deg(fine.outputs().emf_ln_v[0]));
}

TEST(GridSource, MakesTheUnbalanceThatIsAskedFor) {
  tests::ValidationCase expected("grid/unbalance");
  const auto factor = [](auto event) {
    GridSource grid(house(), 20ms);
    event(grid);
    return voltage_unbalance_factor(grid.advance().emf_ln_v);
  };
  expected.check("phase_lost", factor([](GridSource& grid) { grid.ramp_voltage_pu(only_l1, 0.0, 0.0); }));
  expected.check("l1_at_four_fifths", factor([](GridSource& grid) { grid.ramp_voltage_pu(only_l1, 0.8, 0.0); }));
  expected.check("two_percent_negative_one_percent_zero", factor([](GridSource& grid) {
                   grid.ramp_unbalance(std::polar(0.02, 1.0), {0.0, 0.01}, 0.0);
                 }));
  const auto three = [](double l1_pu, double others_pu, double place_deg) {
    return [=](GridSource& grid) {
      grid.ramp_voltage_pu(all_phases, others_pu, 0.0);
      grid.ramp_voltage_pu(only_l1, l1_pu, 0.0);
      grid.jump_phase_deg(only_l2, 120.0 - place_deg);
      grid.jump_phase_deg(only_l3, place_deg - 120.0);
    };
  };
  expected.check("ieee_1547_a", factor(three(1.08, 0.91, 126.59)));
  expected.check("ieee_1547_b", factor(three(0.9, 1.08, 114.5)));
}

// By hand: 1 to 0.5 pu in 70 ms is 1 - 0.5 x 20/70 after one step of 20 ms, 0.5 from the fourth step on.
TEST(GridSource, RampsItsVoltageOnAStraightLine) {
  GridSource grid(house(), 20ms);
  grid.ramp_voltage_pu(all_phases, 0.5, 0.07);
  EXPECT_NEAR(std::abs(grid.advance().emf_ln_v[1]), 230.0 * (1.0 - 0.5 * 2.0 / 7.0), 1e-9);
  advance(grid, 3);
  EXPECT_NEAR(std::abs(grid.outputs().emf_ln_v[1]), 115.0, 1e-9);
  advance(grid, 5);
  EXPECT_NEAR(std::abs(grid.outputs().emf_ln_v[1]), 115.0, 1e-9);
}

// By hand: 49 Hz for 3.1 s behind the open breaker is 3.1 turns back: -36 degrees.
TEST(GridSource, GoesOnBehindAnOutage) {
  GridSource grid(house(), 20ms);
  grid.set_outage(true);
  grid.ramp_frequency_hz(49.0, 0.0);
  advance(grid, 155);
  EXPECT_FALSE(grid.outputs().connected);
  EXPECT_NEAR(std::abs(grid.outputs().emf_ln_v[0]), 230.0, 1e-9);
  grid.set_outage(false);
  grid.return_to_nominal(0.0);
  EXPECT_TRUE(grid.advance().connected);
  EXPECT_NEAR(angle_deg(grid.outputs().emf_ln_v[0]), -36.0, 1e-9);
  EXPECT_EQ(grid.outputs().frequency_hz, 50.0);
}

TEST(GridSource, ChangesItsImpedance) {
  GridSource grid(house(), 20ms);
  grid.set_impedance({0.5, 0.2}, {0.4, 0.0});
  EXPECT_EQ(grid.advance().phase_ohm, Phasor(0.5, 0.2));
  EXPECT_EQ(grid.outputs().neutral_ohm, Phasor(0.4, 0.0));
}

TEST(GridSource, RefusesWhatAGridCannotDoAndStaysAsItWas) {
  GridSource grid(house(), 20ms);
  const auto message = [&grid](auto event) {
    try {
      event();
      return std::string("accepted");
    } catch (const InvalidParameter& refused) {
      grid.advance();
      EXPECT_NEAR(std::abs(grid.outputs().emf_ln_v[0] - 230.0), 0.0, 1e-12) << refused.what();
      return std::string(refused.what());
    }
  };
  const double nan = std::nan("");
  EXPECT_EQ(message([&] { grid.ramp_voltage_pu(all_phases, 2.5, 0.0); }), "target_pu is 2.500000, must be 0..2");
  EXPECT_EQ(message([&] { grid.ramp_voltage_pu(all_phases, 0.5, -1.0); }), "ramp_s is -1.000000, must be >= 0");
  EXPECT_EQ(message([&] { grid.ramp_frequency_hz(39.0, 0.0); }), "target_hz is 39.000000, must be 40..70");
  EXPECT_EQ(message([&] { grid.ramp_frequency_at(51.0, 0.0); }), "rocof_hz_per_s is 0.000000, must be > 0");
  EXPECT_EQ(message([&] { grid.jump_phase_deg(all_phases, nan); }), "degrees is nan, must be -360..360");
  EXPECT_EQ(message([&] { grid.ramp_unbalance(0.6, 0.5, 0.0); }), "|negative| + |zero| is 1.100000, must be < 1");
  EXPECT_EQ(message([&] { grid.set_impedance(0.0, 0.1); }), "phase_ohm is 0.000000, must be > 0 (resistance)");
  EXPECT_THROW(GridSource({}, 20ms), InvalidParameter);
  EXPECT_THROW(GridSource(house(), 2s), InvalidParameter);
}

}  // namespace
}  // namespace hil::models
