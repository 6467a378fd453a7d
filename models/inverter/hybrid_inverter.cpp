#include "models/inverter/hybrid_inverter.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

using Seconds = std::chrono::duration<double>;

/// `value` within the bounds; what is not a number counts as zero.
double bounded(double value, double lowest, double highest) {
  return std::clamp(std::isnan(value) ? 0.0 : value, lowest, highest);
}

/// `value` from zero up; infinity is left to the caller's other bounds.
double not_negative(double value) {
  return value > 0.0 ? value : 0.0;
}

double sum(const PhaseValues& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

/// A third of `total` to each phase, none beyond its limit; what one cannot carry goes to the others.
/// |total| must not exceed the sum of the limits.
PhaseValues spread(double total, const PhaseValues& limit) {
  std::array<std::size_t, phase_count> order{0, 1, 2};
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return limit[a] < limit[b]; });
  PhaseValues shares{};
  double rest = std::abs(total);
  std::size_t phases_left = phase_count;
  for (const std::size_t phase : order) {
    const double share = std::min(limit[phase], rest / static_cast<double>(phases_left));
    shares[phase] = std::copysign(share, total);
    rest -= share;
    --phases_left;
  }
  return shares;
}

HybridInverter::Parameters checked(const HybridInverter::Parameters& p, std::chrono::nanoseconds step) {
  const auto at_least_zero = [](double value) { return std::isfinite(value) && value >= 0.0; };
  const auto check_time = [](std::chrono::nanoseconds time, const char* field) {
    require(time.count() >= 0, field, Seconds{time}.count(), ">= 0");
  };
  require(std::isfinite(p.rated_ac_w) && p.rated_ac_w > 0.0, "rated_ac_w", p.rated_ac_w, "> 0");
  require(std::isfinite(p.max_ac_va) && p.max_ac_va >= p.rated_ac_w, "max_ac_va", p.max_ac_va, ">= rated_ac_w");
  require(std::isfinite(p.max_phase_a) && p.max_phase_a > 0.0, "max_phase_a", p.max_phase_a, "> 0");
  require(at_least_zero(p.max_battery_charge_w), "max_battery_charge_w", p.max_battery_charge_w, ">= 0");
  require(at_least_zero(p.max_battery_discharge_w), "max_battery_discharge_w", p.max_battery_discharge_w, ">= 0");
  require(at_least_zero(p.loss_square_w), "loss_square_w", p.loss_square_w, ">= 0");
  require(at_least_zero(p.loss_linear_w), "loss_linear_w", p.loss_linear_w, ">= 0");
  require(at_least_zero(p.loss_constant_w), "loss_constant_w", p.loss_constant_w, ">= 0");
  // Importing one watt more must always bring more DC power, up to the largest import; else a DC power has two answers.
  const double top = p.max_ac_va / p.rated_ac_w;
  require(2.0 * p.loss_square_w * top + p.loss_linear_w < p.rated_ac_w, "loss_square_w", p.loss_square_w,
          "small enough that 2 loss_square_w max_ac_va / rated_ac_w + loss_linear_w < rated_ac_w");
  require((p.loss_square_w * top + p.loss_linear_w) * top + p.loss_constant_w < p.max_ac_va, "loss_constant_w",
          p.loss_constant_w, "small enough that all losses at max_ac_va are below max_ac_va");
  check_time(p.command_dead_time, "command_dead_time_s");
  check_time(p.command_time_constant, "command_time_constant_s");
  check_time(p.pv_rise_time_constant, "pv_rise_time_constant_s");
  require(step >= std::chrono::milliseconds{1} && step <= std::chrono::seconds{1}, "step_s", Seconds{step}.count(),
          "0.001..1");
  return p;
}

}  // namespace

// The ceiling starts wide open, the battery at rest: an inverter that was never told anything.
HybridInverter::HybridInverter(const Parameters& parameters, std::chrono::nanoseconds step)
    : parameters_(checked(parameters, step)),
      battery_request_(parameters.command_dead_time, parameters.command_time_constant, step, 0.0),
      ac_ceiling_(parameters.command_dead_time, parameters.command_time_constant, step, parameters.max_ac_va),
      idle_import_w_(-ac_from_dc_w(0.0)) {
  if (parameters_.pv_rise_time_constant.count() > 0) {
    pv_gain_ = -std::expm1(-Seconds{step} / Seconds{parameters_.pv_rise_time_constant});
  }
}

double HybridInverter::loss_w(double ac_injection_w) const {
  const double p = std::abs(ac_injection_w) / parameters_.rated_ac_w;
  return (parameters_.loss_square_w * p + parameters_.loss_linear_w) * p + parameters_.loss_constant_w;
}

double HybridInverter::dc_for_ac_w(double ac_injection_w) const {
  return ac_injection_w + loss_w(ac_injection_w);
}

// With p = |ac| / rated and n = dc - c:  a p^2 + b p + rated p = n for injection, a p^2 + b p - rated p = n for import.
// The root next to zero in the form 2 n / (k + sqrt(k^2 +- 4 a n)), which holds for a = 0 and does not cancel.
double HybridInverter::ac_from_dc_w(double dc_w) const {
  const double rated_w = parameters_.rated_ac_w;
  const double net_w = dc_w - parameters_.loss_constant_w;
  const double slope_w = rated_w + (net_w >= 0.0 ? parameters_.loss_linear_w : -parameters_.loss_linear_w);
  const double under_root = slope_w * slope_w + 4.0 * parameters_.loss_square_w * net_w;
  return 2.0 * rated_w * net_w / (slope_w + std::sqrt(std::max(0.0, under_root)));
}

double HybridInverter::offered_pv_w(const Inputs& inputs) const {
  const double target_w = std::min(not_negative(inputs.pv_available_w), not_negative(inputs.pv_ceiling_w));
  if (target_w <= outputs_.pv_w) return target_w;
  return outputs_.pv_w + pv_gain_ * (target_w - outputs_.pv_w);
}

HybridInverter::DcPowers HybridInverter::balance(DcPowers dc, double battery_max_charge_w, double lowest_ac_w,
                                                 double highest_ac_w) const {
  const double highest_dc_w = dc_for_ac_w(highest_ac_w);
  if (dc.pv_w + dc.battery_discharge_w > highest_dc_w) {
    dc.pv_w = not_negative(highest_dc_w - dc.battery_discharge_w);
    // A ceiling below zero demands import: the battery takes it, as far as it can.
    dc.battery_discharge_w =
        std::max(std::min(dc.battery_discharge_w, highest_dc_w - dc.pv_w), 0.0 - battery_max_charge_w);
  }
  const double lowest_dc_w = dc_for_ac_w(lowest_ac_w);
  dc.battery_discharge_w = std::max(dc.battery_discharge_w, std::min(0.0, lowest_dc_w - dc.pv_w));
  return dc;
}

void HybridInverter::inject(double ac_injection_w, double reactive_request_var, const PhaseValues& phase_limit_va) {
  const PhaseValues active_w = spread(ac_injection_w, phase_limit_va);
  PhaseValues room_var{};
  for (std::size_t phase = 0; phase < phase_count; ++phase) {
    const double limit_va = phase_limit_va[phase];
    room_var[phase] = std::sqrt(not_negative(limit_va * limit_va - active_w[phase] * active_w[phase]));
  }
  const double max_va = parameters_.max_ac_va;
  const double circle_var = std::sqrt(not_negative(max_va * max_va - ac_injection_w * ac_injection_w));
  const double most_var = std::min(circle_var, sum(room_var));
  const PhaseValues reactive_var = spread(bounded(reactive_request_var, -most_var, most_var), room_var);
  for (std::size_t phase = 0; phase < phase_count; ++phase) {
    outputs_.phase_injection_va[phase] = {active_w[phase], reactive_var[phase]};
  }
  outputs_.ac_injection_w = ac_injection_w;
  outputs_.ac_injection_var = sum(reactive_var);
}

const HybridInverter::Outputs& HybridInverter::advance(const Inputs& inputs) {
  // Both commands are bounded before the path: "no limit" must not take longer to fall than the machine's own limit.
  const Parameters& p = parameters_;
  const double requested_w = battery_request_.advance(
      bounded(inputs.battery_discharge_request_w, -p.max_battery_charge_w, p.max_battery_discharge_w));
  const double ceiling_w = ac_ceiling_.advance(bounded(inputs.ac_ceiling_w, -p.max_ac_va, p.max_ac_va));

  const double max_charge_w = not_negative(std::min(inputs.battery_max_charge_w, p.max_battery_charge_w));
  const double max_discharge_w = not_negative(std::min(inputs.battery_max_discharge_w, p.max_battery_discharge_w));
  const DcPowers offered{offered_pv_w(inputs), std::clamp(requested_w, 0.0 - max_charge_w, max_discharge_w)};

  PhaseValues phase_limit_va{};
  for (std::size_t phase = 0; phase < phase_count; ++phase) {
    phase_limit_va[phase] = not_negative(magnitude(inputs.terminal_ln_v[phase]) * p.max_phase_a);
  }
  const double ac_limit_w = std::min(p.max_ac_va, sum(phase_limit_va));

  DcPowers dc;
  if (inputs.connected && ac_limit_w >= idle_import_w_ && ac_limit_w > 0.0) {
    dc = balance(offered, max_charge_w, -ac_limit_w, std::clamp(ceiling_w, -ac_limit_w, ac_limit_w));
    inject(std::clamp(ac_from_dc_w(dc.pv_w + dc.battery_discharge_w), -ac_limit_w, ac_limit_w),
           inputs.reactive_injection_request_var, phase_limit_va);
    outputs_.loss_w = loss_w(outputs_.ac_injection_w);
  } else {
    dc.pv_w = std::min(offered.pv_w, not_negative(-offered.battery_discharge_w));
    dc.battery_discharge_w = 0.0 - dc.pv_w;
    outputs_.ac_injection_w = 0.0;
    outputs_.ac_injection_var = 0.0;
    outputs_.loss_w = 0.0;
    outputs_.phase_injection_va = {};
  }
  outputs_.pv_curtailed =
      dc.pv_w < offered.pv_w || (inputs.pv_ceiling_w < inputs.pv_available_w && dc.pv_w >= inputs.pv_ceiling_w);
  outputs_.pv_w = dc.pv_w;
  outputs_.battery_discharge_w = dc.battery_discharge_w;
  return outputs_;
}

}  // namespace hil::models
