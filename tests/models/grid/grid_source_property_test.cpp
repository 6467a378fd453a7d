#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "models/grid/grid_source.h"

namespace hil::models {
namespace {

double drawn(double lowest, double highest) {
  return lowest + (highest - lowest) * (*rc::gen::inRange(0, 1001) / 1000.0);
}

/// Any event with any allowed values.
void draw_event(GridSource& grid) {
  const PhaseMask phases{*rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>()};
  const double ramp_s = *rc::gen::element(0.0, 1e-300, 1e-9, 0.005, 0.25, 3.0, 1e6);
  switch (*rc::gen::inRange(0, 7)) {
    case 0:
      grid.ramp_voltage_pu(phases, drawn(0.0, 2.0), ramp_s);
      break;
    case 1:
      grid.ramp_frequency_hz(drawn(40.0, 70.0), ramp_s);
      break;
    case 2:
      grid.ramp_frequency_at(drawn(40.0, 70.0), *rc::gen::element(1e-6, 0.5, 3.0, 1e6));
      break;
    case 3:
      grid.jump_phase_deg(phases, drawn(-360.0, 360.0));
      break;
    case 4:
      grid.ramp_unbalance(std::polar(drawn(0.0, 0.49), drawn(-3.0, 3.0)), drawn(0.0, 0.5), ramp_s);
      break;
    case 5:
      grid.return_to_nominal(ramp_s);
      break;
    default:
      grid.set_outage(*rc::gen::arbitrary<bool>());
      break;
  }
}

// 2 pu and fractions below 1 in sum bound a phase by 4 times nominal.
RC_GTEST_PROP(GridSourceProperty, StaysFiniteAndWithinItsBoundsWhateverHappens, ()) {
  GridSource grid(
      {.nominal_ln_v = 230.0, .nominal_hz = 50.0, .phase_ohm = 0.1, .neutral_ohm = 0.1},
      *rc::gen::element(std::chrono::milliseconds{1}, std::chrono::milliseconds{20}, std::chrono::milliseconds{1000}));
  for (int i = 0; i < 60; ++i) {
    draw_event(grid);
    const GridSource::Outputs& outputs = grid.advance();
    for (const Phasor emf : outputs.emf_ln_v) RC_ASSERT(std::abs(emf) <= 4.0 * 230.0);  // false for NaN
    RC_ASSERT(outputs.frequency_hz >= 40.0 - 1e-9);
    RC_ASSERT(outputs.frequency_hz <= 70.0 + 1e-9);
    RC_ASSERT(std::abs(grid.angle_rad()) <= 3.1415926536);
  }
}

// However a second is cut into steps, the ramps lead to the same phasors. 1e-8 V: rounding of up to 1000 steps.
RC_GTEST_PROP(GridSourceProperty, ArrivesAtTheSamePhasorsInStepsOfAnyLength, ()) {
  const GridSource::Parameters parameters{
      .nominal_ln_v = 230.0, .nominal_hz = 50.0, .phase_ohm = 0.1, .neutral_ohm = 0.1};
  GridSource fine(parameters, std::chrono::milliseconds{1});
  GridSource coarse(parameters, std::chrono::milliseconds{250});
  const double target_pu = drawn(0.0, 2.0);
  const double target_hz = drawn(40.0, 70.0);
  const double ramp_s = drawn(0.0, 2.0);
  for (GridSource* grid : {&fine, &coarse}) {
    grid->ramp_voltage_pu({true, false, true}, target_pu, ramp_s);
    grid->ramp_frequency_hz(target_hz, ramp_s);
  }
  for (int i = 0; i < 1000; ++i) fine.advance();
  for (int i = 0; i < 4; ++i) coarse.advance();
  for (std::size_t k = 0; k < phase_count; ++k) {
    RC_ASSERT(std::abs(fine.outputs().emf_ln_v[k] - coarse.outputs().emf_ln_v[k]) < 1e-8);
  }
}

}  // namespace
}  // namespace hil::models
