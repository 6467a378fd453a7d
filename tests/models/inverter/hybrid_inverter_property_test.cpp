#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/inverter/hybrid_inverter.h"
#include "tests/models/inverter/measured_inverters.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;
using Duty = HybridInverter::Duty;

double any_between(double lowest, double highest) {
  return lowest + (highest - lowest) * *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, 1000001)) / 1e6;
}

bool one_in(int n) {
  return *rc::gen::inRange(0, n) == 0;
}

HybridInverter::Parameters any_unit() {
  HybridInverter::Parameters p{.rated_ac_w = 10000.0,
                               .max_ac_va = 11000.0,
                               .max_phase_a = any_between(5.0, 20.0),
                               .max_battery_charge_w = any_between(0.0, 10000.0),
                               .max_battery_discharge_w = any_between(0.0, 10000.0),
                               .losses = one_in(2) ? gen24_losses : plenticore_losses,
                               .command_dead_time = one_in(2) ? 0ms : 200ms,
                               .command_time_constant = one_in(2) ? 0ms : 300ms};
  if (one_in(2)) p.max_ramp_w_per_s = any_between(100.0, 1e5);
  p.standby_w = any_between(0.0, 50.0);
  p.charge_error_w = any_between(-14.0, 14.0);
  p.discharge_error_w = any_between(-3.0, 3.0);
  return p;
}

HybridInverter::Inputs any_inputs() {
  HybridInverter::Inputs inputs;
  inputs.duty = *rc::gen::element(Duty::following, Duty::following, Duty::following, Duty::off, Duty::forming);
  for (Phasor& v : inputs.terminal_ln_v) v = std::polar(one_in(10) ? 0.0 : any_between(0.0, 300.0), any_between(-3, 3));
  inputs.pv_offered_w = one_in(5) ? 0.0 : any_between(0.0, 15000.0);
  inputs.pv_ceiling_w = one_in(2) ? 1e9 : any_between(0.0, 15000.0);
  inputs.battery_discharge_request_w = one_in(5) ? 0.0 : any_between(-15000.0, 15000.0);
  inputs.battery_max_charge_w = one_in(5) ? 0.0 : any_between(0.0, 12000.0);
  inputs.battery_max_discharge_w = one_in(5) ? 0.0 : any_between(0.0, 12000.0);
  inputs.ac_ceiling_w = one_in(2) ? 1e9 : any_between(-12000.0, 12000.0);
  inputs.ac_ceiling_now_w = one_in(2) ? 1e12 : any_between(-12000.0, 12000.0);
  inputs.lowest_ac_w = one_in(2) ? -1e12 : any_between(-12000.0, 0.0);
  inputs.reactive_injection_request_var = one_in(2) ? 0.0 : any_between(-15000.0, 15000.0);
  inputs.reactive_first = one_in(2);
  if (one_in(3)) inputs.unbalance_w = {any_between(-4e3, 4e3), any_between(-4e3, 4e3), any_between(-4e3, 4e3)};
  return inputs;
}

// 1e-7 W: rounding of powers up to 2e4 W.
void check_limits(const HybridInverter::Parameters& parameters, const HybridInverter::Inputs& inputs,
                  const HybridInverter::Outputs& o) {
  RC_ASSERT(std::abs(o.pv_w + o.battery_discharge_w - o.ac_injection_w - o.loss_w) < 1e-7);
  RC_ASSERT(o.pv_w >= 0.0);
  RC_ASSERT(o.pv_w <= std::min(inputs.pv_offered_w, inputs.pv_ceiling_w));
  RC_ASSERT(o.battery_discharge_w <= inputs.battery_max_discharge_w + 1e-9);
  RC_ASSERT(o.battery_discharge_w >= -inputs.battery_max_charge_w - 1e-9);
  RC_ASSERT(o.battery_discharge_w <= parameters.max_battery_discharge_w + 1e-9);
  RC_ASSERT(o.battery_discharge_w >= -parameters.max_battery_charge_w - 1e-9);
  RC_ASSERT(std::hypot(o.ac_injection_w, o.ac_injection_var) <= parameters.max_ac_va + 1e-6);
  Phasor total_va;
  for (std::size_t phase = 0; phase < phase_count; ++phase) {
    total_va += o.phase_injection_va[phase];
    RC_ASSERT(std::abs(o.phase_injection_va[phase]) <=
              parameters.max_phase_a * std::abs(inputs.terminal_ln_v[phase]) + 1e-6);
  }
  RC_ASSERT(std::abs(total_va.real() - o.ac_injection_w) < 1e-7);
  RC_ASSERT(std::abs(total_va.imag() - o.ac_injection_var) < 1e-7);
  RC_ASSERT(o.loss_w > -1e-7);
  RC_ASSERT(o.inputs_finite);
}

// At a stiff terminal, where everything planned flows.
RC_GTEST_PROP(HybridInverterProperty, ClosesItsEnergyBalanceAndKeepsEveryLimit, ()) {
  const HybridInverter::Parameters parameters = any_unit();
  HybridInverter inverter{parameters, 10ms};
  for (int i = 0; i < 20; ++i) {
    const HybridInverter::Inputs inputs = any_inputs();
    const int steps = *rc::gen::inRange(1, 60);
    for (int k = 0; k < steps; ++k) check_limits(parameters, inputs, inverter.advance(inputs));
  }
}

// The network lets less through than planned (current limit in a sag): a factor 0..1 a phase. The balance closes on
// what flowed, PV and battery stay inside what they can give.
RC_GTEST_PROP(HybridInverterProperty, ClosesItsEnergyBalanceOnWhateverFlowed, ()) {
  const HybridInverter::Parameters parameters = any_unit();
  HybridInverter inverter{parameters, 10ms};
  for (int i = 0; i < 40; ++i) {
    const HybridInverter::Inputs inputs = any_inputs();
    PhasePhasors flowed_va = inverter.plan(inputs).phase_injection_va;
    for (Phasor& va : flowed_va) va *= any_between(0.0, 1.0);
    const HybridInverter::Outputs& o = inverter.settle(flowed_va);
    RC_ASSERT(std::abs(o.pv_w + o.battery_discharge_w - o.ac_injection_w - o.loss_w) < 1e-7);
    RC_ASSERT(o.pv_w >= 0.0 && o.pv_w <= std::min(inputs.pv_offered_w, inputs.pv_ceiling_w));
    RC_ASSERT(o.battery_discharge_w <= inputs.battery_max_discharge_w + 1e-9);
    RC_ASSERT(o.battery_discharge_w >= -inputs.battery_max_charge_w - 1e-9);
    RC_ASSERT(std::abs(o.ac_injection_w - (flowed_va[0] + flowed_va[1] + flowed_va[2]).real()) < 1e-6);
  }
}

// As the source of an island the battery takes up whatever PV and loads leave, PV first.
RC_GTEST_PROP(HybridInverterProperty, FeedsAnIslandFromPvFirst, ()) {
  HybridInverter::Parameters parameters = any_unit();
  HybridInverter inverter{parameters, 10ms};
  HybridInverter::Inputs inputs = any_inputs();
  inputs.duty = Duty::forming;
  const double offered_w = std::min(inputs.pv_offered_w, inputs.pv_ceiling_w);
  inverter.plan(inputs);
  const double drawn_w = any_between(0.0, 11000.0);
  const HybridInverter::Outputs& o = inverter.serve({drawn_w / 3.0, drawn_w / 3.0, drawn_w / 3.0});
  RC_ASSERT(std::abs(o.pv_w + o.battery_discharge_w - o.ac_injection_w - o.loss_w) < 1e-7);
  RC_ASSERT(std::abs(o.ac_injection_w - drawn_w) < 1e-6);
  RC_ASSERT(o.pv_w >= 0.0 && o.pv_w <= offered_w);
  RC_ASSERT(o.battery_discharge_w <= 0.0 || o.pv_w == offered_w);
  RC_ASSERT(o.loss_w > -1e-7);
  RC_ASSERT(o.battery_discharge_w >= -std::min(inputs.battery_max_charge_w, parameters.max_battery_charge_w) - 1e-6);
  RC_ASSERT(o.overloaded ==
            (o.battery_discharge_w > std::min(inputs.battery_max_discharge_w, parameters.max_battery_discharge_w)));
}

// Any input that is not a number is reported and spoils neither this step nor the next.
RC_GTEST_PROP(HybridInverterProperty, ReportsWhatIsNotANumberAndGoesOn, ()) {
  HybridInverter inverter{any_unit(), 10ms};
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  HybridInverter::Inputs broken = any_inputs();
  broken.duty = Duty::following;
  if (one_in(9)) {
    broken.unbalance_w[1] = nan;
  } else {
    broken.*(*rc::gen::element(&HybridInverter::Inputs::pv_offered_w, &HybridInverter::Inputs::pv_ceiling_w,
                               &HybridInverter::Inputs::battery_discharge_request_w,
                               &HybridInverter::Inputs::battery_max_charge_w,
                               &HybridInverter::Inputs::battery_max_discharge_w, &HybridInverter::Inputs::ac_ceiling_w,
                               &HybridInverter::Inputs::ac_ceiling_now_w, &HybridInverter::Inputs::lowest_ac_w,
                               &HybridInverter::Inputs::reactive_injection_request_var)) = nan;
  }
  const HybridInverter::Inputs good = any_inputs();
  for (int i = 0; i < 3; ++i) {
    const HybridInverter::Outputs& o = inverter.advance(i == 1 ? good : broken);
    RC_ASSERT(o.inputs_finite == (i == 1));
    RC_ASSERT(std::isfinite(o.pv_w) && std::isfinite(o.battery_discharge_w) && std::isfinite(o.ac_injection_w));
    RC_ASSERT(std::isfinite(o.ac_injection_var) && std::isfinite(o.loss_w));
    for (const Phasor& va : o.phase_injection_va) RC_ASSERT(std::isfinite(va.real()) && std::isfinite(va.imag()));
  }
}

}  // namespace
}  // namespace hil::models
