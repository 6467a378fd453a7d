#include "models/inverter/hybrid_inverter.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

using Seconds = std::chrono::duration<double>;

// What flowed and what was planned are the same when they differ by less: rounding of the network's iteration.
constexpr double same_power_w = 1e-6;

/// `value` within the bounds; what is not a number counts as zero.
double bounded(double value, double lowest, double highest) {
  return std::clamp(std::isnan(value) ? 0.0 : value, lowest, highest);
}

/// `value` from zero up; infinity is left to the caller's other bounds.
double not_negative(double value) {
  return value > 0.0 ? value : 0.0;
}

double sum(const PhaseValues& values) {
  return values[0] + values[1] + values[2];
}

Phasor sum(const PhasePhasors& values) {
  return values[0] + values[1] + values[2];
}

/// A third of `total` to each phase plus its offset (offsets add up to zero), none beyond its limit; what one cannot
/// carry goes to the others. |total| must not exceed the sum of the limits.
PhaseValues spread(double total, const PhaseValues& offset, const PhaseValues& limit) {
  PhaseValues shares{};
  for (std::size_t phase = 0; phase < phase_count; ++phase) shares[phase] = total / 3.0 + offset[phase];
  const auto fits = [&](std::size_t phase) { return std::abs(shares[phase]) <= limit[phase]; };
  if (fits(0) && fits(1) && fits(2) && std::abs(total - shares[0] - shares[1] - shares[2]) < 1e-9) return shares;
  // Each round after the first fixes at least one more phase at its limit or ends.
  for (std::size_t round = 0; round <= phase_count; ++round) {
    double rest = total;
    for (std::size_t phase = 0; phase < phase_count; ++phase) {
      shares[phase] = std::clamp(shares[phase], -limit[phase], limit[phase]);
      rest -= shares[phase];
    }
    if (std::abs(rest) < 1e-9) break;
    // Room is left only where the rest may go: a phase at its upper limit cannot take more, but less.
    std::array<bool, phase_count> free{};
    std::size_t count = 0;
    for (std::size_t phase = 0; phase < phase_count; ++phase) {
      free[phase] = rest > 0.0 ? shares[phase] < limit[phase] : shares[phase] > -limit[phase];
      if (free[phase]) ++count;
    }
    if (count == 0) break;
    for (std::size_t phase = 0; phase < phase_count; ++phase) {
      if (free[phase]) shares[phase] += rest / static_cast<double>(count);
    }
  }
  for (std::size_t phase = 0; phase < phase_count; ++phase) {
    shares[phase] = std::clamp(shares[phase], -limit[phase], limit[phase]);
  }
  return shares;
}

double square(Phasor v) {
  return v.real() * v.real() + v.imag() * v.imag();
}

/// 0 when one is not a number.
double lowest_v2(const PhasePhasors& ln_v) {
  const PhaseValues v2{square(ln_v[0]), square(ln_v[1]), square(ln_v[2])};
  return std::isnan(sum(v2)) ? 0.0 : std::min({v2[0], v2[1], v2[2]});
}

/// Reactive power in the circle of `max_va` beside this active power. Where each phase could carry a third of the
/// circle nothing else bounds it.
double within_circle(double reactive_var, double active_w, double max_va) {
  const double most_var2 = not_negative(max_va * max_va - active_w * active_w);
  if (reactive_var * reactive_var <= most_var2) return reactive_var;
  const double most_var = std::sqrt(most_var2);
  return bounded(reactive_var, -most_var, most_var);
}

/// A little more than where the limits of three phases add up to max_ac_va: rounding must not tell them apart.
double roomy_v2(const HybridInverter::Parameters& p) {
  constexpr double margin = 1.0 + 1e-9;
  const double v = margin * p.max_ac_va / (3.0 * p.max_phase_a);
  return v * v;
}

/// Infinities of both signs make a sum that is not a number, too: then each has to be looked at.
bool all_numbers(const HybridInverter::Inputs& inputs) {
  const double all = inputs.pv_offered_w + inputs.pv_ceiling_w + inputs.battery_discharge_request_w +
                     inputs.battery_max_charge_w + inputs.battery_max_discharge_w + inputs.ac_ceiling_w +
                     inputs.ac_ceiling_now_w + inputs.lowest_ac_w + inputs.reactive_injection_request_var +
                     sum(inputs.unbalance_w);
  if (!std::isnan(all)) return true;
  return !(std::isnan(inputs.pv_offered_w) || std::isnan(inputs.pv_ceiling_w) ||
           std::isnan(inputs.battery_discharge_request_w) || std::isnan(inputs.battery_max_charge_w) ||
           std::isnan(inputs.battery_max_discharge_w) || std::isnan(inputs.ac_ceiling_w) ||
           std::isnan(inputs.ac_ceiling_now_w) || std::isnan(inputs.lowest_ac_w) ||
           std::isnan(inputs.reactive_injection_request_var) || std::isnan(sum(inputs.unbalance_w)));
}

PhaseValues without_mean(const PhaseValues& values) {
  const double mean = sum(values) / 3.0;
  if (!std::isfinite(mean)) return {};
  return {values[0] - mean, values[1] - mean, values[2] - mean};
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
  require(p.max_ramp_w_per_s > 0.0, "max_ramp_w_per_s", p.max_ramp_w_per_s, "> 0");
  require(at_least_zero(p.standby_w) && p.standby_w < p.rated_ac_w, "standby_w", p.standby_w, "0..rated_ac_w");
  require(std::abs(p.charge_error_w) < p.rated_ac_w, "charge_error_w", p.charge_error_w, "below rated_ac_w");
  require(std::abs(p.discharge_error_w) < p.rated_ac_w, "discharge_error_w", p.discharge_error_w, "below rated_ac_w");
  check_time(p.command_dead_time, "command_dead_time_s");
  check_time(p.command_time_constant, "command_time_constant_s");
  require(step >= std::chrono::milliseconds{1} && step <= std::chrono::seconds{1}, "step_s", Seconds{step}.count(),
          "0.001..1");
  return p;
}

}  // namespace

// The ceiling starts wide open, the battery at rest: an inverter that was never told anything.
HybridInverter::HybridInverter(const Parameters& parameters, std::chrono::nanoseconds step)
    : parameters_(checked(parameters, step)),
      losses_(parameters.losses, parameters.max_ac_va),
      battery_request_(parameters.command_dead_time, parameters.command_time_constant, step, 0.0),
      ac_ceiling_(parameters.command_dead_time, parameters.command_time_constant, step, parameters.max_ac_va),
      max_ramp_w_(parameters.max_ramp_w_per_s * Seconds{step}.count()),
      roomy_v2_(roomy_v2(parameters)),
      ramped_ceiling_w_(parameters.max_ac_va) {
  known_.ac_injection_w = losses_.ac_injection_w(0.0, 0.0);
}

HybridInverter::Balance HybridInverter::balance(DcPowers dc, double lowest_ac_w, double highest_ac_w, bool pv_first) {
  if (dc.pv_w != known_.dc.pv_w || dc.battery_discharge_w != known_.dc.battery_discharge_w) {
    known_ = {dc, losses_.ac_injection_w(dc.pv_w, dc.battery_discharge_w)};
  }
  double ac_w = known_.ac_injection_w;
  if (ac_w > highest_ac_w && pv_first && dc.battery_discharge_w > 0.0) {
    // Where PV alone is more than enough the battery need not be looked for: it would be none.
    const double of_pv_w = losses_.ac_injection_w(dc.pv_w, 0.0);
    dc.battery_discharge_w =
        of_pv_w > highest_ac_w + same_power_w
            ? 0.0
            : std::clamp(losses_.battery_for_ac_w(highest_ac_w, dc.pv_w), 0.0, dc.battery_discharge_w);
    if (dc.battery_discharge_w > 0.0) return {dc, losses_.ac_injection_w(dc.pv_w, dc.battery_discharge_w)};
    ac_w = of_pv_w;
  }
  if (ac_w > highest_ac_w) {
    const ConversionLoss::PvForAc held_back = losses_.pv_for_ac(highest_ac_w, dc.battery_discharge_w);
    if (held_back.pv_w < dc.pv_w) dc.pv_w = held_back.pv_w;
    if (dc.pv_w != 0.0) return {dc, dc.pv_w == held_back.pv_w ? held_back.ac_injection_w : ac_w};
    // A ceiling below zero demands import: the battery takes it, as far as it can.
    if (losses_.ac_injection_w(0.0, dc.battery_discharge_w) > highest_ac_w) {
      dc.battery_discharge_w =
          std::max(std::min(dc.battery_discharge_w, losses_.battery_for_ac_w(highest_ac_w, 0.0)), 0.0 - max_charge_w_);
    }
  } else if (ac_w < lowest_ac_w && dc.battery_discharge_w < 0.0) {
    dc.battery_discharge_w =
        std::max(dc.battery_discharge_w, std::min(0.0, losses_.battery_for_ac_w(lowest_ac_w, dc.pv_w)));
  } else {
    return {dc, ac_w};
  }
  return {dc, losses_.ac_injection_w(dc.pv_w, dc.battery_discharge_w)};
}

void HybridInverter::inject_evenly(double ac_injection_w) {
  const double third_w = ac_injection_w / 3.0;
  outputs_.phase_injection_va = {third_w, third_w, third_w};
  planned_ac_w_ = ac_injection_w;
  planned_ac_var_ = 0.0;
}

void HybridInverter::inject(double ac_injection_w, double reactive_var, const PhaseValues& phase_limit_va,
                            const PhaseValues& unbalance_w) {
  const PhaseValues active_w = spread(ac_injection_w, without_mean(unbalance_w), phase_limit_va);
  PhaseValues reactive{};
  if (reactive_var != 0.0) {
    PhaseValues room_var{};
    for (std::size_t phase = 0; phase < phase_count; ++phase) {
      const double limit_va = phase_limit_va[phase];
      room_var[phase] = std::sqrt(not_negative(limit_va * limit_va - active_w[phase] * active_w[phase]));
    }
    const double max_va = parameters_.max_ac_va;
    const double circle_var = std::sqrt(not_negative(max_va * max_va - ac_injection_w * ac_injection_w));
    const double most_var = std::min(circle_var, sum(room_var));
    reactive = spread(bounded(reactive_var, -most_var, most_var), {}, room_var);
  }
  for (std::size_t phase = 0; phase < phase_count; ++phase) {
    outputs_.phase_injection_va[phase] = {active_w[phase], reactive[phase]};
  }
  planned_ac_w_ = ac_injection_w;
  planned_ac_var_ = sum(reactive);
}

void HybridInverter::close(DcPowers dc, double ac_injection_w) {
  outputs_.pv_w = dc.pv_w;
  outputs_.battery_discharge_w = dc.battery_discharge_w;
  outputs_.ac_injection_w = ac_injection_w;
  outputs_.loss_w = dc.pv_w + dc.battery_discharge_w - ac_injection_w;
  outputs_.pv_curtailed = dc.pv_w < offered_pv_w_ || ceiling_binds_;
}

const HybridInverter::Outputs& HybridInverter::plan(const Inputs& inputs) {
  // Both commands are bounded before the path: "no limit" must not take longer to fall than the machine's own limit.
  const Parameters& p = parameters_;
  const auto ramped = [this](double target_w, double from_w) {
    return std::clamp(target_w, from_w - max_ramp_w_, from_w + max_ramp_w_);
  };
  outputs_.inputs_finite = all_numbers(inputs);
  request_w_ = bounded(inputs.battery_discharge_request_w, -p.max_battery_charge_w, p.max_battery_discharge_w);
  const double arrived_w = battery_request_.advance(request_w_);
  ramped_request_w_ = ramped(arrived_w, ramped_request_w_);
  const double error_w = ramped_request_w_ < 0.0   ? p.charge_error_w
                         : ramped_request_w_ > 0.0 ? p.discharge_error_w
                                                   : 0.0;
  ceiling_in_w_ = bounded(inputs.ac_ceiling_w, -p.max_ac_va, p.max_ac_va);
  const double arrived_ceiling_w = ac_ceiling_.advance(ceiling_in_w_);
  ramped_ceiling_w_ = ramped(arrived_ceiling_w, ramped_ceiling_w_);
  const double ceiling_w = std::min(ramped_ceiling_w_, bounded(inputs.ac_ceiling_now_w, -p.max_ac_va, p.max_ac_va));

  max_charge_w_ = not_negative(std::min(inputs.battery_max_charge_w, p.max_battery_charge_w));
  max_discharge_w_ = not_negative(std::min(inputs.battery_max_discharge_w, p.max_battery_discharge_w));
  const double pv_offered_w = not_negative(inputs.pv_offered_w);
  offered_pv_w_ = std::min(pv_offered_w, not_negative(inputs.pv_ceiling_w));
  ceiling_binds_ = offered_pv_w_ < pv_offered_w;
  wished_w_ = ramped_request_w_ + error_w;
  const DcPowers offered{offered_pv_w_, std::clamp(wished_w_, 0.0 - max_charge_w_, max_discharge_w_)};
  flowed_as_planned_ = false;

  // Where nothing makes the phases unequal and each could carry its third of everything, their limits need not be
  // known.
  const bool even = inputs.unbalance_w == PhaseValues{} && lowest_v2(inputs.terminal_ln_v) >= roomy_v2_;
  PhaseValues phase_limit_va{};
  double ac_limit_va = p.max_ac_va;
  if (!even) {
    for (std::size_t phase = 0; phase < phase_count; ++phase) {
      phase_limit_va[phase] = not_negative(magnitude(inputs.terminal_ln_v[phase]) * p.max_phase_a);
    }
    ac_limit_va = std::min(p.max_ac_va, sum(phase_limit_va));
  }

  outputs_.overloaded = false;
  duty_ = inputs.duty;
  if (inputs.duty == Duty::following && ac_limit_va >= losses_.idle_import_w() && ac_limit_va > 0.0) {
    double ac_limit_w = ac_limit_va;
    if (inputs.reactive_first && inputs.reactive_injection_request_var != 0.0) {
      const double reactive_var = bounded(inputs.reactive_injection_request_var, -ac_limit_va, ac_limit_va);
      ac_limit_w =
          std::max(losses_.idle_import_w(), std::sqrt(ac_limit_va * ac_limit_va - reactive_var * reactive_var));
    }
    const double lowest_w = std::max(-ac_limit_w, bounded(inputs.lowest_ac_w, -p.max_ac_va, 0.0));
    const auto [dc, ac_w] = balance(offered, lowest_w, std::clamp(ceiling_w, -ac_limit_w, ac_limit_w), inputs.pv_first);
    const double within_w = std::clamp(ac_w, -ac_limit_w, ac_limit_w);
    if (even) {
      inject_evenly(within_w);
      planned_ac_var_ = within_circle(inputs.reactive_injection_request_var, within_w, p.max_ac_va);
      for (Phasor& phase_va : outputs_.phase_injection_va) phase_va.imag(planned_ac_var_ / 3.0);
    } else {
      inject(within_w, inputs.reactive_injection_request_var, phase_limit_va, inputs.unbalance_w);
    }
    close(dc, ac_w);
  } else {
    // Without AC, PV may charge the battery; nothing else moves.
    const double pv_w = std::min(offered.pv_w, not_negative(-offered.battery_discharge_w));
    const bool stands_by = inputs.duty == Duty::off && inputs.supplied && ac_limit_va > p.standby_w;
    const double standby_w = stands_by ? p.standby_w : 0.0;
    duty_ = inputs.duty == Duty::forming ? Duty::forming : Duty::off;
    if (even) {
      inject_evenly(0.0 - standby_w);
    } else {
      inject(0.0 - standby_w, 0.0, phase_limit_va, {});
    }
    close({pv_w, 0.0 - pv_w}, 0.0 - standby_w);
  }
  outputs_.ac_injection_var = planned_ac_var_;
  return outputs_;
}

bool HybridInverter::repeats(double battery_max_charge_w, double battery_max_discharge_w) {
  if (!flowed_as_planned_ || !battery_request_.rests(request_w_) || !ac_ceiling_.rests(ceiling_in_w_)) return false;
  if (ramped_request_w_ != battery_request_.value() || ramped_ceiling_w_ != ac_ceiling_.value()) return false;
  // Strictly within limits that were strictly kept before: then neither bends the plan.
  const auto within = [this](double charge_w, double discharge_w) {
    return wished_w_ > 0.0 - charge_w && wished_w_ < discharge_w;
  };
  const double charge_w = not_negative(std::min(battery_max_charge_w, parameters_.max_battery_charge_w));
  const double discharge_w = not_negative(std::min(battery_max_discharge_w, parameters_.max_battery_discharge_w));
  if (!within(max_charge_w_, max_discharge_w_) || !within(charge_w, discharge_w)) return false;
  max_charge_w_ = charge_w;
  max_discharge_w_ = discharge_w;
  return true;
}

const HybridInverter::Outputs& HybridInverter::settle(const PhasePhasors& phase_injection_va) {
  const Phasor actual_va = sum(phase_injection_va);
  outputs_.phase_injection_va = phase_injection_va;
  outputs_.ac_injection_var = actual_va.imag();
  const double ac_w = actual_va.real();
  if (std::abs(ac_w - planned_ac_w_) <= same_power_w) {
    flowed_as_planned_ = duty_ == Duty::following;
    return outputs_;
  }
  flowed_as_planned_ = false;
  DcPowers dc{outputs_.pv_w, outputs_.battery_discharge_w};
  if (duty_ == Duty::following) {
    // Less went out: PV is held back. Less came in: the battery gets less.
    if (ac_w < planned_ac_w_) {
      dc.pv_w = std::min(dc.pv_w, losses_.pv_for_ac_w(ac_w, dc.battery_discharge_w));
    }
    if (ac_w > planned_ac_w_ || dc.pv_w == 0.0) {
      dc.battery_discharge_w =
          std::clamp(losses_.battery_for_ac_w(ac_w, dc.pv_w), 0.0 - max_charge_w_, max_discharge_w_);
    }
    outputs_.overloaded = losses_.ac_injection_w(dc.pv_w, dc.battery_discharge_w) < ac_w - 1.0;
  }
  close(dc, ac_w);
  return outputs_;
}

const HybridInverter::Outputs& HybridInverter::serve(const PhasePhasors& phase_supply_va) {
  const Phasor drawn_va = sum(phase_supply_va);
  DcPowers dc{offered_pv_w_, losses_.battery_for_ac_w(drawn_va.real(), offered_pv_w_)};
  bool flooded = false;
  if (dc.battery_discharge_w < 0.0 - max_charge_w_) {
    dc.battery_discharge_w = 0.0 - max_charge_w_;
    dc.pv_w = std::min(offered_pv_w_, losses_.pv_for_ac_w(drawn_va.real(), dc.battery_discharge_w));
    const double without_pv_w = dc.pv_w > 0.0 ? 0.0 : losses_.battery_for_ac_w(drawn_va.real(), 0.0);
    flooded = without_pv_w < dc.battery_discharge_w - same_power_w;
    if (flooded) dc.battery_discharge_w = without_pv_w;
  }
  // Until the island is dropped, the DC link takes from the battery what the loads draw, and gives it what others feed.
  outputs_.overloaded = flooded || dc.battery_discharge_w > max_discharge_w_;
  outputs_.phase_injection_va = phase_supply_va;
  outputs_.ac_injection_var = drawn_va.imag();
  close(dc, drawn_va.real());
  return outputs_;
}

const HybridInverter::Outputs& HybridInverter::advance(const Inputs& inputs) {
  plan(inputs);
  const PhasePhasors planned_va = outputs_.phase_injection_va;
  return settle(planned_va);
}

}  // namespace hil::models
