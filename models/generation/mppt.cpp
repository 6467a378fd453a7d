#include "models/generation/mppt.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

constexpr double no_ceiling_w = std::numeric_limits<double>::infinity();
constexpr double usual_share_of_open_circuit = 0.8;  // where the maximum of silicon modules lies
constexpr double lost_share_of_open_circuit = 0.98;  // hardly any power is left to climb by
constexpr double all_of_it = 1.0 - 1e-9;

}  // namespace

MpptTracker::Parameters MpptTracker::healthy(double start_v, double min_mpp_v, double max_mpp_v, double max_input_a) {
  return {.start_v = start_v,
          .min_mpp_v = min_mpp_v,
          .max_mpp_v = max_mpp_v,
          .max_input_a = max_input_a,
          .sweep_s = assumed_sweep_s,
          .perturb_period_s = assumed_perturb_period_s,
          .perturb_step = assumed_perturb_step,
          .static_efficiency = assumed_static_efficiency,
          .return_s = assumed_return_s};
}

MpptTracker::MpptTracker(const PvArray::Parameters& array, const Parameters& parameters, std::chrono::nanoseconds step)
    : array_(array), parameters_(parameters) {
  const Parameters& p = parameters_;
  require(std::isfinite(p.min_mpp_v) && p.min_mpp_v > 0.0, "min_mpp_v", p.min_mpp_v, "> 0");
  require(std::isfinite(p.max_mpp_v) && p.max_mpp_v > p.min_mpp_v, "max_mpp_v", p.max_mpp_v, "> min_mpp_v");
  require(std::isfinite(p.start_v) && p.start_v >= p.min_mpp_v, "start_v", p.start_v, ">= min_mpp_v");
  require(std::isfinite(p.max_input_a) && p.max_input_a > 0.0, "max_input_a", p.max_input_a, "> 0");
  require(p.sweep_s >= 0.0 && p.sweep_s <= 60.0, "sweep_s", p.sweep_s, "0..60");
  require(p.perturb_period_s >= 0.02 && p.perturb_period_s <= 10.0, "perturb_period_s", p.perturb_period_s, "0.02..10");
  require(p.perturb_step >= 0.0005 && p.perturb_step <= 0.05, "perturb_step", p.perturb_step, "0.0005..0.05");
  require(p.static_efficiency >= 0.9 && p.static_efficiency <= 1.0, "static_efficiency", p.static_efficiency, "0.9..1");
  require(p.return_s >= 0.0 && p.return_s <= 600.0, "return_s", p.return_s, "0..600");
  const double step_s = std::chrono::duration<double>(step).count();
  require(step_s >= 0.001 && step_s <= 1.0, "step_s", step_s, "0.001..1");

  half_period_steps_ = std::max(1, static_cast<int>(std::lround(0.5 * p.perturb_period_s / step_s)));
  sweep_steps_ = static_cast<int>(std::lround(p.sweep_s / step_s));
  array_.set_conditions(1000.0, 25.0);
  const double rated_w = array_.maximum_power_point().power_w;
  rise_w_ = p.return_s > 0.0 ? rated_w * step_s / p.return_s : no_ceiling_w;
  array_.set_conditions(0.0, 25.0);
}

void MpptTracker::set_conditions(double irradiance_w_m2, double cell_temperature_c) {
  const bool dark_changed = (irradiance_w_m2 == 0.0) != (array_.irradiance_w_m2() == 0.0);
  const bool small = std::abs(irradiance_w_m2 - array_.irradiance_w_m2()) < least_change_w_m2 &&
                     std::abs(cell_temperature_c - array_.cell_temperature_c()) < least_change_k;
  if (small && !dark_changed) return;
  if (voltage_is_due_) find_curtailed_voltage();
  array_.set_conditions(irradiance_w_m2, cell_temperature_c);
  offer();
}

void MpptTracker::set_string_shading(std::size_t string, double factor) {
  if (voltage_is_due_) find_curtailed_voltage();
  array_.set_string_shading(string, factor);
  offer();
}

void MpptTracker::offer() {
  moved_ = true;
  if (phase_ == Phase::tracking) place_tracked_voltage();
  tracked_ = {};
  limited_ = false;
  if (phase_ != Phase::waiting && array_.open_circuit_v() >= parameters_.min_mpp_v) {
    tracked_ = array_.point_at_voltage(tracked_v_);
    limited_ = tracked_.current_a > parameters_.max_input_a;
    if (limited_) tracked_ = array_.point_at_current(parameters_.max_input_a);
  }
  available_w_ = tracked_.power_w * parameters_.static_efficiency;
  offered_w_ = std::min(available_w_, ceiling_w_);
}

void MpptTracker::place_tracked_voltage() {
  const double open_v = array_.open_circuit_v();
  // A sharp fall of light or a hot array can leave the tracked voltage where nothing flows.
  if (tracked_v_ > lost_share_of_open_circuit * open_v) tracked_v_ = usual_share_of_open_circuit * open_v;
  tracked_v_ = std::clamp(tracked_v_, parameters_.min_mpp_v, parameters_.max_mpp_v);
}

void MpptTracker::settle(double used_w) {
  const double taken_w = used_w > 0.0 ? std::min(used_w, offered_w_) : 0.0;
  const bool free = taken_w >= available_w_ * all_of_it;
  if (moved_ || taken_w != point_.power_w || free == curtailed_) {
    moved_ = false;
    curtailed_ = !free;
    point_.power_w = taken_w;
    voltage_is_due_ = curtailed_ && phase_ != Phase::waiting;
    if (!voltage_is_due_) place_point(phase_ == Phase::waiting ? array_.open_circuit_v() : tracked_.voltage_v, taken_w);
  }
  const double ceiling_w = free ? no_ceiling_w : taken_w + rise_w_;
  if (ceiling_w != ceiling_w_) {
    ceiling_w_ = ceiling_w;
    offered_w_ = std::min(available_w_, ceiling_w_);
  }
  switch (phase_) {
    case Phase::waiting:
      return wait();
    case Phase::sweeping:
      return sweep_on();
    case Phase::tracking:
      return track();
  }
}

void MpptTracker::place_point(double voltage_v, double power_w) const {
  point_ = {voltage_v, voltage_v > 0.0 ? power_w / voltage_v : 0.0, power_w};
}

void MpptTracker::find_curtailed_voltage() const {
  voltage_is_due_ = false;
  place_point(array_.curtailed_point(point_.power_w / parameters_.static_efficiency).voltage_v, point_.power_w);
}

void MpptTracker::start_at_maximum() {
  if (array_.open_circuit_v() < parameters_.start_v) return;
  best_v_ = array_.maximum_power_point().voltage_v;
  ceiling_w_ = no_ceiling_w;
  start();
}

void MpptTracker::restart() {
  phase_ = Phase::waiting;
  offer();
}

void MpptTracker::wait() {
  if (array_.open_circuit_v() < parameters_.start_v) return;
  steps_ = 0;
  if (sweep_steps_ == 0) {
    best_v_ = usual_share_of_open_circuit * array_.open_circuit_v();
    return start();
  }
  phase_ = Phase::sweeping;
  sweep_from_v_ = array_.open_circuit_v();
  tracked_v_ = sweep_from_v_;
  best_v_ = sweep_from_v_;
  best_w_ = 0.0;
  offer();
}

void MpptTracker::start() {
  phase_ = Phase::tracking;
  tracked_v_ = best_v_;
  before_w_ = -1.0;
  steps_ = 0;
  offer();
}

void MpptTracker::sweep_on() {
  if (array_.open_circuit_v() < parameters_.min_mpp_v) return restart();
  if (tracked_.power_w > best_w_) {
    best_w_ = tracked_.power_w;
    best_v_ = tracked_v_;
  }
  ++steps_;
  if (steps_ > sweep_steps_) return start();
  tracked_v_ = sweep_from_v_ - (sweep_from_v_ - parameters_.min_mpp_v) * steps_ / sweep_steps_;
  offer();
}

void MpptTracker::track() {
  if (array_.open_circuit_v() < parameters_.min_mpp_v) return restart();
  if (curtailed_ || limited_) {
    steps_ = 0;
    before_w_ = -1.0;
    return;
  }
  ++steps_;
  if (steps_ == half_period_steps_) half_w_ = tracked_.power_w;
  if (steps_ >= 2 * half_period_steps_) observe();
}

void MpptTracker::observe() {
  const double after_w = tracked_.power_w;
  if (before_w_ >= 0.0 && 2.0 * half_w_ - before_w_ - after_w <= 0.0) direction_ = -direction_;
  before_w_ = after_w;
  steps_ = 0;
  const double asked_v = tracked_v_ + direction_ * parameters_.perturb_step * array_.open_circuit_v();
  if (asked_v < parameters_.min_mpp_v || asked_v > parameters_.max_mpp_v) direction_ = -direction_;
  tracked_v_ = asked_v;
  offer();
}

}  // namespace hil::models
