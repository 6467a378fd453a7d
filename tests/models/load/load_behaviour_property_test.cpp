#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <cmath>
#include <vector>

#include "models/load/load_behaviour.h"
#include "models/load/zip_load.h"

namespace hil::models {
namespace {

using std::chrono::milliseconds;

double drawn(double lowest, double highest) {
  return lowest + (highest - lowest) * (*rc::gen::inRange(0, 1001) / 1000.0);
}

milliseconds drawn_step() {
  return *rc::gen::element(milliseconds{1}, milliseconds{20}, milliseconds{100}, milliseconds{1000});
}

LoadConditions drawn_conditions() {
  return {.switched_on = *rc::gen::inRange(0, 10) > 0,
          .voltage_pu = *rc::gen::element(1.0, 0.0, drawn(0.0, 1.5)),
          .frequency_hz = drawn(45.0, 65.0),
          .ambient_c = drawn(-50.0, 60.0)};
}

std::vector<LoadBehaviour::Kind> one_of_each_kind(milliseconds step, std::uint64_t seed) {
  CyclingLoad::Parameters hob = CyclingLoad::typical();
  hob.seed = seed;
  WeldingLoad::Parameters welder = WeldingLoad::typical();
  welder.seed = seed;
  Motor::Parameters star = Motor::typical();
  star.star_delta = true;
  return {ConstantLoad({.active_scale = 1.0, .reactive_scale = 0.5}),
          WaterHeater(WaterHeater::typical(), step),
          Kettle(Kettle::typical(), step),
          CyclingLoad(hob, step),
          WeldingLoad(welder, step),
          Motor(Motor::typical(), step),
          Motor(star, step),
          InrushLoad(InrushLoad::typical(), step),
          EvCharger(EvCharger::typical(), step),
          HeatPump(HeatPump::typical_inverter(), step),
          HeatPump(HeatPump::typical_direct_on_line(), step),
          ProfileLoad({.time_s = {0.0, 0.7, 3.1},
                       .active_scale = {0.0, 2.0, 0.5},
                       .reactive_scale = {},
                       .interpolation = ProfileLoad::Interpolation::linear,
                       .repeat_s = 4.0,
                       .start_at_s = 1.0},
                      step)};
}

// What a behaviour demands goes into a load and out as numbers, for any voltage and frequency in range.
RC_GTEST_PROP(LoadBehaviourProperty, NeverDemandsLessThanNothingOrWhatIsNoNumber, ()) {
  const milliseconds step = drawn_step();
  ZipLoad load({.nominal_w = {2000.0, 2000.0, 2000.0},
                .nominal_var = {1500.0, 1500.0, 1500.0},
                .nominal_ln_v = 230.0,
                .share_z = 0.2,
                .share_i = 0.3,
                .share_p = 0.5,
                .on = true,
                .nominal_hz = 50.0,
                .active_per_hz = 0.05,
                .reactive_per_hz = -0.1});
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  for (LoadBehaviour::Kind& kind : one_of_each_kind(step, seed)) {
    LoadBehaviour behaviour(std::move(kind), ArNoise({.sigma = 0.5, .time_constant_s = 5.0, .seed = seed}, step));
    for (int i = 0; i < 40; ++i) {
      const LoadConditions conditions = drawn_conditions();
      for (int again = 0; again < 10; ++again) {
        const Demand demand = behaviour.advance(conditions);
        RC_ASSERT(demand.active_scale >= 0.0);  // false for NaN
        RC_ASSERT(demand.reactive_scale >= 0.0);
        RC_ASSERT(demand.active_scale < 100.0);
        RC_ASSERT(demand.reactive_scale < 100.0);
        RC_ASSERT(conditions.switched_on || demand.active_scale == 0.0);
        load.set_demand(demand);
        const Phasor sum = load.admittance_s(0, conditions.frequency_hz) +
                           load.power_injection_va(0, conditions.frequency_hz) +
                           load.current_injection_va(0, conditions.frequency_hz);
        RC_ASSERT(std::isfinite(sum.real()));
        RC_ASSERT(std::isfinite(sum.imag()));
      }
    }
  }
}

// heated = stored + lost + drawn. 1e-9 of all that moved: rounding of 2000 steps.
RC_GTEST_PROP(LoadBehaviourProperty, TanksLoseNoEnergyOutOfTheBooks, ()) {
  WaterHeater heater({.heater_w = drawn(1.0, 30000.0),
                      .water_kg = drawn(1.0, 1000.0),
                      .loss_w_per_k = drawn(0.0, 100.0),
                      .setpoint_c = drawn(5.0, 95.0),
                      .hysteresis_k = drawn(0.1, 20.0),
                      .cold_water_c = drawn(0.0, 40.0),
                      .initial_water_c = drawn(0.0, 100.0)},
                     drawn_step());
  double moved_j = 1.0;
  for (int i = 0; i < 100; ++i) {
    heater.set_draw_off_l_per_min(*rc::gen::element(0.0, drawn(0.0, 100.0)));
    const LoadConditions conditions = drawn_conditions();
    for (int again = 0; again < 20; ++again) {
      const WaterHeater::Energies before = heater.energies();
      heater.advance(conditions);
      const WaterHeater::Energies& now = heater.energies();
      moved_j += std::abs(now.heated_j - before.heated_j) + std::abs(now.lost_j - before.lost_j) +
                 std::abs(now.drawn_j - before.drawn_j);
    }
  }
  const WaterHeater::Energies& energies = heater.energies();
  // The temperature is kept to 1e-16 of some 100 K: in joules, of the whole tank.
  const double rounding_j = 1e-9 * moved_j + 2000.0 * 1e-13 * 1000.0 * WaterHeater::water_j_per_kg_k;
  RC_ASSERT(std::abs(energies.heated_j - heater.stored_j() - energies.lost_j - energies.drawn_j) < rounding_j);
}

// Two tanks, one in steps a hundred times as long: the same temperature while nothing switches. 1e-9 K: rounding.
RC_GTEST_PROP(LoadBehaviourProperty, TanksDoNotDependOnTheStep, ()) {
  WaterHeater::Parameters parameters = WaterHeater::typical();
  parameters.water_kg = drawn(50.0, 1000.0);
  parameters.loss_w_per_k = drawn(0.0, 100.0);
  WaterHeater fine(parameters, milliseconds{10});
  WaterHeater coarse(parameters, milliseconds{1000});
  const double draw_off_l_per_min = drawn(0.0, 5.0);
  fine.set_draw_off_l_per_min(draw_off_l_per_min);
  coarse.set_draw_off_l_per_min(draw_off_l_per_min);
  LoadConditions conditions = drawn_conditions();
  conditions.switched_on = false;
  for (int i = 0; i < 2000; ++i) fine.advance(conditions);
  for (int i = 0; i < 20; ++i) coarse.advance(conditions);
  RC_ASSERT(std::abs(fine.state().water_c - coarse.state().water_c) < 1e-9);
  RC_ASSERT(std::abs(fine.energies().lost_j - coarse.energies().lost_j) < 1e-4);
}

// The current never lies above the highest pilot of the last follow_s, nor between 0 and 6 A.
RC_GTEST_PROP(LoadBehaviourProperty, ChargersNeverDrawMoreThanThePilotAllows, ()) {
  const milliseconds step = drawn_step();
  EvCharger::Parameters parameters = EvCharger::typical();
  parameters.rated_a = drawn(6.0, 80.0);
  parameters.start_delay_s = drawn(0.0, 5.0);
  parameters.follow_s = drawn(0.0, 5.0);
  parameters.pilot_a = 0.0;
  LoadBehaviour behaviour{EvCharger(parameters, step)};
  EvCharger& charger = *behaviour.as<EvCharger>();
  const int follow_steps =
      static_cast<int>(std::ceil(parameters.follow_s / std::chrono::duration<double>(step).count()));
  double earlier_a = 0.0;  // the highest that was allowed before, while it is still being followed down
  for (int i = 0; i < 20; ++i) {
    const double before_a = charger.allowed_a();
    const double pilot_a = drawn(0.0, 80.0);
    charger.set_pilot_a(pilot_a);
    RC_ASSERT(charger.allowed_a() <= pilot_a);
    earlier_a = std::max(before_a, earlier_a);
    const int steps = *rc::gen::inRange(1, 2 * follow_steps + 10);
    for (int n = 1; n <= steps; ++n) {
      const Demand demand = behaviour.advance({.switched_on = true, .voltage_pu = 1.0, .frequency_hz = 50.0});
      const double current_a = charger.current_a();
      RC_ASSERT(std::abs(demand.active_scale * parameters.rated_a - current_a) < 1e-9);
      RC_ASSERT(current_a == 0.0 || current_a >= 6.0);
      if (n >= follow_steps) earlier_a = 0.0;
      RC_ASSERT(current_a <= std::max(charger.allowed_a(), earlier_a) + 1e-9);
    }
  }
}

RC_GTEST_PROP(LoadBehaviourProperty, KettlesDeliverTheirEnergyAtAnyVoltage, ()) {
  const milliseconds step = drawn_step();
  Kettle kettle({.heater_w = 2000.0, .energy_wh = drawn(0.01, 5.0)}, step);
  const double step_s = std::chrono::duration<double>(step).count();
  double delivered_j = 0.0;
  for (int i = 0; i < 20000; ++i) {
    const double voltage_pu = 0.5 + 0.05 * (i % 20);
    const Demand demand = kettle.advance({.switched_on = true, .voltage_pu = voltage_pu, .frequency_hz = 50.0});
    delivered_j += demand.active_scale * 2000.0 * voltage_pu * voltage_pu * step_s;
  }
  RC_ASSERT(std::abs(delivered_j - kettle.delivered_j()) < 1e-6);
}

}  // namespace
}  // namespace hil::models
