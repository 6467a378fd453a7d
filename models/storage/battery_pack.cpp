#include "models/storage/battery_pack.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "models/invalid_parameter.h"
#include "models/storage/lfp_cell.h"

namespace hil::models {

namespace {

using Seconds = std::chrono::duration<double>;

// Suggested split .045 : .030 : .060 ohm Ah (physics-and-standards 4.1, certainty C).
constexpr double share_r0 = 45.0 / 135.0;
constexpr double share_r1 = 30.0 / 135.0;
constexpr double share_r2 = 60.0 / 135.0;

constexpr double month_s = 30.4375 * 86400.0;
constexpr double management_tick_s = 0.1;
constexpr double slow_tick_s = 1.0;
constexpr int rows = lfp_cell::open_circuit_rows - 1;

/// How many of `part_s` make up `whole_s`, at least one.
int count_of(double whole_s, double part_s) {
  return std::max(1, static_cast<int>(std::lround(whole_s / part_s)));
}

double checked_step_s(std::chrono::nanoseconds step) {
  const double step_s = Seconds{step}.count();
  require(step_s > 0.0 && step_s <= 1.0, "step_s", step_s, "above 0, up to 1");
  require(step_s >= 1e-4, "step_s", step_s, "0.0001 or more");
  return step_s;
}

BatteryPack::Parameters checked(const BatteryPack::Parameters& p) {
  const auto within = [](double value, double lowest, double highest, const char* field, const char* allowed) {
    require(value >= lowest && value <= highest, field, value, allowed);
  };
  require(std::isfinite(p.capacity_ah) && p.capacity_ah > 0.0, "capacity_ah", p.capacity_ah, "> 0");
  require(p.cells_in_series > 0, "cells_in_series", p.cells_in_series, "> 0");
  require(std::isfinite(p.max_charge_a) && p.max_charge_a >= 0.0, "max_charge_a", p.max_charge_a, ">= 0");
  require(std::isfinite(p.max_discharge_a) && p.max_discharge_a >= 0.0, "max_discharge_a", p.max_discharge_a, ">= 0");
  require(p.coulombic_efficiency > 0.0 && p.coulombic_efficiency <= 1.0, "coulombic_efficiency", p.coulombic_efficiency,
          "above 0, up to 1");
  require(p.hysteresis_travel_soc > 0.0 && p.hysteresis_travel_soc <= 1.0, "hysteresis_travel_soc",
          p.hysteresis_travel_soc, "above 0, up to 1");
  within(p.branch1_time_constant_s, 1.0, 10000.0, "branch1_time_constant_s", "1..10000");
  within(p.branch2_time_constant_s, 1.0, 10000.0, "branch2_time_constant_s", "1..10000");
  within(p.contacts_ohm, 0.0, 10.0, "contacts_ohm", "0..10");
  within(p.self_discharge_per_month, 0.0, 0.5, "self_discharge_per_month", "0..0.5");
  within(p.management_w, 0.0, 1000.0, "management_w", "0..1000");
  return p;
}

BatteryPack::State checked(const BatteryPack::State& state) {
  require(state.soc >= 0.0 && state.soc <= 1.0, "soc", state.soc, "0..1");
  require(std::isfinite(state.branch1_v), "branch1_v", state.branch1_v, "finite");
  require(std::isfinite(state.branch2_v), "branch2_v", state.branch2_v, "finite");
  require(state.hysteresis >= -1.0 && state.hysteresis <= 1.0, "hysteresis", state.hysteresis, "-1..1");
  return state;
}

}  // namespace

BatteryPack::BatteryPack(const Parameters& parameters, const State& initial, std::chrono::nanoseconds step)
    : parameters_(checked(parameters)),
      state_(checked(initial)),
      step_s_(checked_step_s(step)),
      management_steps_(count_of(management_tick_s, step_s_)),
      slow_ticks_(count_of(slow_tick_s, management_steps_ * step_s_)),
      spread_(parameters.cells),
      ageing_(parameters.ageing, initial.soc),
      management_(parameters.management,
                  {parameters.capacity_ah, parameters.max_charge_a, parameters.max_discharge_a,
                   parameters.coulombic_efficiency},
                  initial.soc, initial.temperature_c, management_steps_ * step_s_),
      thermal_(parameters.thermal,
               parameters.capacity_ah * parameters.cells_in_series * lfp_cell::open_circuit_integral_v(1.0),
               initial.temperature_c, slow_ticks_ * management_steps_ * step_s_),
      reported_(parameters.management.report_period_s, parameters.management.report_lag_s, management_steps_ * step_s_),
      decay1_(std::exp(-step_s_ / parameters.branch1_time_constant_s)),
      decay2_(std::exp(-step_s_ / parameters.branch2_time_constant_s)),
      gain1_(share_r1 * (1.0 - decay1_)),
      gain2_(share_r2 * (1.0 - decay2_)),
      steps_to_management_(management_steps_),
      ticks_to_slow_(slow_ticks_),
      slow_soc_(initial.soc) {
  const BatteryManagement::Parameters& bms = parameters.management;
  management_listens_ = bms.supervises || bms.estimates_soc || bms.temperature_profile != TemperatureProfile::none;
  hysteresis_per_soc_ = 2.0 / parameters.hysteresis_travel_soc;
  set_capacity();
  row_ = row_at(state_.soc);
  find_present();
  set_drain();
  outputs_.terminal_v = present_.source_v;
  reported_.start(limits_now());
}

void BatteryPack::set_capacity() {
  capacity_ah_ = parameters_.capacity_ah * (ageing_.acts() ? ageing_.capacity_factor() : 1.0);
  soc_per_a_ = step_s_ / (3600.0 * capacity_ah_);
  a_per_soc_ = 1.0 / soc_per_a_;
  charge_a_per_soc_ = a_per_soc_ / parameters_.coulombic_efficiency;
}

// Both drains are far below what the step's voltage drop would notice; the BMS draws constant power.
void BatteryPack::set_drain() {
  const double self_discharge_a = parameters_.self_discharge_per_month * capacity_ah_ * 3600.0 / month_s;
  drain_a_ = self_discharge_a + parameters_.management_w / std::max(present_.open_circuit_v, 1.0);
  find_present();
}

BatteryPack::Row BatteryPack::row_at(double soc) const {
  const int index = std::clamp(static_cast<int>(soc * rows), 0, rows - 1);
  const lfp_cell::OpenCircuit& low = lfp_cell::open_circuit_table[static_cast<std::size_t>(index)];
  const lfp_cell::OpenCircuit& high = lfp_cell::open_circuit_table[static_cast<std::size_t>(index) + 1];
  const double cells = parameters_.cells_in_series;
  const double warmer_k = state_.temperature_c - lfp_cell::table_c;
  Row row;
  row.low_soc = static_cast<double>(index) / rows;
  row.high_soc = static_cast<double>(index + 1) / rows;

  row.open_circuit_v = cells * (low.open_circuit_v + warmer_k * low.entropy_v_per_k);
  row.open_circuit_slope_v =
      rows * (cells * (high.open_circuit_v + warmer_k * high.entropy_v_per_k) - row.open_circuit_v);
  if (parameters_.hysteresis) {
    row.hysteresis_v = cells * low.hysteresis_half_v;
    row.hysteresis_slope_v = rows * cells * (high.hysteresis_half_v - low.hysteresis_half_v);
  }
  row.reversible_v =
      cells * (state_.temperature_c - lfp_cell::absolute_zero_c) * (low.entropy_v_per_k + high.entropy_v_per_k) / 2.0;

  const double age = ageing_.acts() ? ageing_.resistance_factor() : 1.0;
  const double scale = age * cells / parameters_.capacity_ah;
  const lfp_cell::Resistance at_low = lfp_cell::resistance(row.low_soc, state_.temperature_c);
  const lfp_cell::Resistance at_high = lfp_cell::resistance(row.high_soc, state_.temperature_c);
  row.charge_ohm = scale * at_low.charge_ohm_ah;
  row.charge_slope_ohm = rows * (scale * at_high.charge_ohm_ah - row.charge_ohm);
  row.discharge_ohm = scale * at_low.discharge_ohm_ah;
  row.discharge_slope_ohm = rows * (scale * at_high.discharge_ohm_ah - row.discharge_ohm);
  return row;
}

void BatteryPack::find_present() {
  const double beyond = state_.soc - row_.low_soc;
  Present& p = present_;
  p.open_circuit_v = row_.open_circuit_v + row_.open_circuit_slope_v * beyond;
  p.hysteresis_v = row_.hysteresis_v + row_.hysteresis_slope_v * beyond;
  p.source_v = p.open_circuit_v + state_.hysteresis * p.hysteresis_v - state_.branch1_v - state_.branch2_v;
  p.charge_ohm = row_.charge_ohm + row_.charge_slope_ohm * beyond;
  p.discharge_ohm = row_.discharge_ohm + row_.discharge_slope_ohm * beyond;
  p.charge_r0_ohm = share_r0 * p.charge_ohm + parameters_.contacts_ohm;
  p.discharge_r0_ohm = share_r0 * p.discharge_ohm + parameters_.contacts_ohm;
  p.drained_soc = std::min(drain_a_ * soc_per_a_, state_.soc);
  p.discharge_room_a = (state_.soc - p.drained_soc) * a_per_soc_;
  p.charge_room_a = (1.0 - state_.soc) * charge_a_per_soc_;
  foreseen_ = {};
}

// A request within these is met in full: the power rises with the current up to half the source voltage.
BatteryPack::Limits BatteryPack::limits_now() const {
  const double behind_v = std::max(0.0, present_.source_v);
  const double discharge_r0_ohm = present_.discharge_r0_ohm;
  const BatteryManagement::Allowed allowed = management_.allowed(state_.soc);
  const double charge_a = std::min(allowed.charge_a, present_.charge_room_a);
  double discharge_a = std::min(allowed.discharge_a, present_.discharge_room_a);
  if (discharge_a * 2.0 * discharge_r0_ohm > behind_v) discharge_a = behind_v / (2.0 * discharge_r0_ohm);
  // In pairs, as who copies them reads them: else a copy made at once has to wait for the memory.
  using Pair = double __attribute__((vector_size(16)));
  const Pair amperes{charge_a, discharge_a};
  const Pair terminal_v{behind_v + charge_a * present_.charge_r0_ohm, behind_v - discharge_a * discharge_r0_ohm};
  const Pair watts = terminal_v * amperes;
  static_assert(offsetof(Limits, charge_w) == sizeof(Pair) && sizeof(Limits) == 2 * sizeof(Pair));
  Limits limits;
  std::memcpy(&limits.charge_a, &amperes, sizeof(Pair));
  std::memcpy(&limits.charge_w, &watts, sizeof(Pair));
  return limits;
}

BatteryPack::Limits BatteryPack::limits() const {
  return reported_.immediate() ? limits_now() : reported_.visible();
}

// P = (U - R0 i) i for the current next to zero, i = 2 P / (U + sqrt(U^2 - 4 R0 P)); beyond U^2 / (4 R0) there is none.
double BatteryPack::current_for_a(double discharge_w) const {
  const double behind_v = present_.source_v;
  if (!std::isfinite(discharge_w) || discharge_w == 0.0 || (discharge_w > 0.0 && behind_v <= 0.0)) return 0.0;
  const double ohm = discharge_w < 0.0 ? present_.charge_r0_ohm : present_.discharge_r0_ohm;
  const double under_root = std::max(0.0, behind_v * behind_v - 4.0 * ohm * discharge_w);
  if (under_root == 0.0) return behind_v / (2.0 * ohm);
  return 2.0 * discharge_w / (behind_v + std::sqrt(under_root));
}

const BatteryPack::Outputs& BatteryPack::advance(double discharge_request_w) {
  const double request_w = management_.contactor_closed() ? discharge_request_w : 0.0;
  const double wanted_a = request_w == foreseen_.discharge_w ? foreseen_.discharge_a : current_for_a(request_w);
  const double discharge_a = std::clamp(wanted_a, 0.0 - present_.charge_room_a, present_.discharge_room_a);
  // At rest the branches fade through the resistance of the direction that filled them.
  const bool charging = discharge_a < 0.0 || (discharge_a == 0.0 && charged_last_);
  charged_last_ = charging;
  const double cell_ohm = charging ? present_.charge_ohm : present_.discharge_ohm;
  const double r0 = charging ? present_.charge_r0_ohm : present_.discharge_r0_ohm;
  const double stored_share = charging ? parameters_.coulombic_efficiency : 1.0;
  const double drained = present_.drained_soc;
  const double branch1_v = state_.branch1_v;
  const double branch2_v = state_.branch2_v;

  outputs_.discharge_a = discharge_a;
  outputs_.drain_a = drained * a_per_soc_;
  outputs_.terminal_v = present_.source_v - discharge_a * r0;
  outputs_.discharge_w = outputs_.terminal_v * discharge_a;
  const double branches_w =
      (branch1_v * branch1_v * (1.0 / share_r1) + branch2_v * branch2_v * (1.0 / share_r2)) / cell_ohm;
  const bool slipping = charging ? state_.hysteresis >= 1.0 : state_.hysteresis <= -1.0;
  const double hysteresis_w = slipping ? present_.hysteresis_v * std::abs(discharge_a) : 0.0;
  const double not_stored_a = outputs_.drain_a - (1.0 - stored_share) * discharge_a;
  outputs_.loss_w = discharge_a * discharge_a * r0 + branches_w + hysteresis_w + not_stored_a * present_.open_circuit_v;

  const double soc_change = -discharge_a * stored_share * soc_per_a_;
  state_.soc = std::clamp(state_.soc + soc_change - drained, 0.0, 1.0);  // rounding at the ends only
  const double across_v = cell_ohm * discharge_a;
  state_.branch1_v = branch1_v * decay1_ + gain1_ * across_v;
  state_.branch2_v = branch2_v * decay2_ + gain2_ * across_v;
  if (parameters_.hysteresis) {
    state_.hysteresis = std::clamp(state_.hysteresis + soc_change * hysteresis_per_soc_, -1.0, 1.0);
  }
  tick_discharge_as_ += discharge_a * step_s_;
  slow_heat_j_ += (outputs_.loss_w - discharge_a * row_.reversible_v) * step_s_;

  if (state_.soc < row_.low_soc || state_.soc > row_.high_soc) row_ = row_at(state_.soc);
  find_present();
  if (--steps_to_management_ == 0) management_tick();
  return outputs_;
}

CellSpread::Cells BatteryPack::cells() const {
  return spread_.evaluate(outputs_.terminal_v / parameters_.cells_in_series, state_.soc, state_.temperature_c);
}

LimitCause BatteryPack::charge_cause() const {
  const CellSpread::Cells extremes = cells();
  return management_.charge_cause(state_.soc, extremes.cell_min_c, extremes.cell_max_c);
}

LimitCause BatteryPack::discharge_cause() const {
  const CellSpread::Cells extremes = cells();
  return management_.discharge_cause(state_.soc, extremes.cell_min_c, extremes.cell_max_c);
}

void BatteryPack::management_tick() {
  steps_to_management_ = management_steps_;
  if (management_listens_) inform_management();
  slow_discharge_as_ += tick_discharge_as_;
  tick_discharge_as_ = 0.0;
  reported_.advance([this] { return limits_now(); });
  if (--ticks_to_slow_ == 0) slow_tick();
}

void BatteryPack::inform_management() {
  const CellSpread::Cells extremes = cells();
  const Limits seen = limits();
  management_.advance({.discharge_a = tick_discharge_as_ / (management_steps_ * step_s_),
                       .cell_min_v = extremes.cell_min_v,
                       .cell_max_v = extremes.cell_max_v,
                       .cell_min_c = extremes.cell_min_c,
                       .cell_max_c = extremes.cell_max_c,
                       .soc = state_.soc,
                       .reported_charge_a = seen.charge_a,
                       .reported_discharge_a = seen.discharge_a});
}

void BatteryPack::slow_tick() {
  ticks_to_slow_ = slow_ticks_;
  const double duration_s = slow_ticks_ * management_steps_ * step_s_;
  spread_.advance(duration_s, state_.soc - slow_soc_, capacity_ah_, cells());
  slow_soc_ = state_.soc;
  thermal_.advance(slow_heat_j_);
  state_.temperature_c = thermal_.temperature_c();
  const double c_rate = slow_discharge_as_ / (duration_s * parameters_.capacity_ah);
  ageing_.advance(duration_s, state_.soc, state_.temperature_c, c_rate);
  slow_discharge_as_ = slow_heat_j_ = 0.0;
  if (ageing_.acts()) set_capacity();
  if (ageing_.acts() || parameters_.thermal.enabled) {
    row_ = row_at(state_.soc);
    find_present();
  }
  if (drain_a_ > 0.0) set_drain();
}

double BatteryPack::capacity_wh() const {
  return capacity_ah_ * parameters_.cells_in_series * lfp_cell::open_circuit_integral_v(1.0);
}

BatteryPack::Parameters with_everything_on(BatteryPack::Parameters basic) {
  basic.hysteresis = true;
  basic.self_discharge_per_month = 0.02;
  basic.management_w = 8.0;
  basic.thermal.enabled = true;
  basic.cells.start_spread_soc = 0.01;
  basic.cells.capacity_spread = 0.02;
  basic.cells.temperature_spread_k = 2.0;
  basic.cells.balancing_a = 0.05;
  basic.ageing.counts = true;
  basic.ageing.acts = true;
  basic.management.supervises = true;
  basic.management.temperature_profile = TemperatureProfile::first_maker;
  basic.management.taper_c_rate = 0.03;
  basic.management.estimates_soc = true;
  basic.management.drift_per_day = 0.01;
  basic.management.report_period_s = 1.0;
  basic.management.report_lag_s = 1.0;
  return basic;
}

}  // namespace hil::models
