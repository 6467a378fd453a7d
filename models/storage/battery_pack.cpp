#include "models/storage/battery_pack.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

using Seconds = std::chrono::duration<double>;

struct Point {
  double soc;
  double value;
};

// Sony 26650 LFP cell, 3 Ah, 25 deg C. Source: physics-and-standards 4.1, from tum-ees/simses 2769f80 (BSD-3).
constexpr std::array<Point, 19> open_circuit_cell_v{{
    {0.00, 2.286},  {0.01, 2.783}, {0.02, 2.895}, {0.05, 3.065},  {0.10, 3.197},  {0.15, 3.212},  {0.20, 3.234},
    {0.25, 3.255},  {0.30, 3.270}, {0.40, 3.292}, {0.50, 3.2995}, {0.60, 3.3035}, {0.70, 3.3110}, {0.80, 3.3345},
    {0.90, 3.3425}, {0.95, 3.345}, {0.98, 3.349}, {0.99, 3.362},  {1.00, 3.5305},
}};
// Long-pulse resistance times capacity of one cell, ohm Ah; held flat outside.
constexpr std::array<Point, 9> discharge_resistance_ohm_ah{{
    {0.1, 0.185},
    {0.2, 0.151},
    {0.3, 0.147},
    {0.4, 0.155},
    {0.5, 0.144},
    {0.6, 0.133},
    {0.7, 0.125},
    {0.8, 0.140},
    {0.9, 0.128},
}};
constexpr std::array<Point, 9> charge_resistance_ohm_ah{{
    {0.1, 0.113},
    {0.2, 0.124},
    {0.3, 0.124},
    {0.4, 0.125},
    {0.5, 0.134},
    {0.6, 0.143},
    {0.7, 0.149},
    {0.8, 0.140},
    {0.9, 0.160},
}};

// Suggested split .045 : .030 : .060 ohm Ah and time constants from 10..30 s and 300..1000 s (4.1, certainty C).
constexpr double share_r0 = 45.0 / 135.0;
constexpr double share_r1 = 30.0 / 135.0;
constexpr double share_r2 = 60.0 / 135.0;
constexpr double time_constant1_s = 20.0;
constexpr double time_constant2_s = 600.0;

// BMS limits over SOC as a share of the limit in the middle (4.2, certainty C).
constexpr std::array<Point, 3> charge_share{{{0.90, 1.0}, {0.98, 0.1}, {1.00, 0.0}}};
constexpr std::array<Point, 3> discharge_share{{{0.00, 0.0}, {0.05, 0.2}, {0.10, 1.0}}};

/// Linear between the points, flat outside.
template <std::size_t count>
double interpolate(const std::array<Point, count>& table, double soc) {
  if (soc <= table.front().soc) return table.front().value;
  for (std::size_t i = 1; i < count; ++i) {
    const Point& low = table[i - 1];
    const Point& high = table[i];
    if (soc <= high.soc) return low.value + (high.value - low.value) * (soc - low.soc) / (high.soc - low.soc);
  }
  return table.back().value;
}

}  // namespace

BatteryPack::BatteryPack(const Parameters& parameters, const State& initial, std::chrono::nanoseconds step)
    : parameters_(parameters), state_(initial), step_s_(Seconds{step}.count()) {
  const Parameters& p = parameters_;
  require(std::isfinite(p.capacity_ah) && p.capacity_ah > 0.0, "capacity_ah", p.capacity_ah, "> 0");
  require(p.cells_in_series > 0, "cells_in_series", p.cells_in_series, "> 0");
  require(std::isfinite(p.max_charge_a) && p.max_charge_a >= 0.0, "max_charge_a", p.max_charge_a, ">= 0");
  require(std::isfinite(p.max_discharge_a) && p.max_discharge_a >= 0.0, "max_discharge_a", p.max_discharge_a, ">= 0");
  require(p.coulombic_efficiency > 0.0 && p.coulombic_efficiency <= 1.0, "coulombic_efficiency", p.coulombic_efficiency,
          "above 0, up to 1");
  require(initial.soc >= 0.0 && initial.soc <= 1.0, "soc", initial.soc, "0..1");
  require(std::isfinite(initial.branch1_v), "branch1_v", initial.branch1_v, "finite");
  require(std::isfinite(initial.branch2_v), "branch2_v", initial.branch2_v, "finite");
  require(step_s_ > 0.0 && step_s_ <= 1.0, "step_s", step_s_, "above 0, up to 1");
  decay1_ = std::exp(-step_s_ / time_constant1_s);
  decay2_ = std::exp(-step_s_ / time_constant2_s);
  outputs_.terminal_v = source_v();
}

BatteryPack::Resistance BatteryPack::resistance(bool charging) const {
  const double cell_ohm_ah = charging ? interpolate(charge_resistance_ohm_ah, state_.soc)
                                      : interpolate(discharge_resistance_ohm_ah, state_.soc);
  const double pack_ohm = cell_ohm_ah * parameters_.cells_in_series / parameters_.capacity_ah;
  return {share_r0 * pack_ohm, share_r1 * pack_ohm, share_r2 * pack_ohm};
}

double BatteryPack::source_v() const {
  return parameters_.cells_in_series * interpolate(open_circuit_cell_v, state_.soc) - state_.branch1_v -
         state_.branch2_v;
}

double BatteryPack::discharge_room_a() const {
  return state_.soc * 3600.0 * parameters_.capacity_ah / step_s_;
}

double BatteryPack::charge_room_a() const {
  return (1.0 - state_.soc) * 3600.0 * parameters_.capacity_ah / (step_s_ * parameters_.coulombic_efficiency);
}

// A request within these is met in full: the power rises with the current up to half the source voltage.
BatteryPack::Limits BatteryPack::limits() const {
  const double behind_v = std::max(0.0, source_v());
  const double discharge_r0_ohm = resistance(false).r0_ohm;
  Limits limits;
  limits.charge_a = std::min(parameters_.max_charge_a * interpolate(charge_share, state_.soc), charge_room_a());
  limits.discharge_a = std::min({parameters_.max_discharge_a * interpolate(discharge_share, state_.soc),
                                 discharge_room_a(), behind_v / (2.0 * discharge_r0_ohm)});
  limits.charge_w = (behind_v + limits.charge_a * resistance(true).r0_ohm) * limits.charge_a;
  limits.discharge_w = (behind_v - limits.discharge_a * discharge_r0_ohm) * limits.discharge_a;
  return limits;
}

// P = (U - R0 i) i for the current next to zero, i = 2 P / (U + sqrt(U^2 - 4 R0 P)); beyond U^2 / (4 R0) there is none.
double BatteryPack::current_for_a(double discharge_w) const {
  const double behind_v = source_v();
  if (!std::isfinite(discharge_w) || discharge_w == 0.0 || (discharge_w > 0.0 && behind_v <= 0.0)) return 0.0;
  const double r0_ohm = resistance(discharge_w < 0.0).r0_ohm;
  const double under_root = std::max(0.0, behind_v * behind_v - 4.0 * r0_ohm * discharge_w);
  if (under_root == 0.0) return behind_v / (2.0 * r0_ohm);
  return 2.0 * discharge_w / (behind_v + std::sqrt(under_root));
}

const BatteryPack::Outputs& BatteryPack::advance(double discharge_request_w) {
  const double discharge_a = std::clamp(current_for_a(discharge_request_w), 0.0 - charge_room_a(), discharge_room_a());
  const bool charging = discharge_a < 0.0;
  const Resistance r = resistance(charging);

  outputs_.discharge_a = discharge_a;
  outputs_.terminal_v = source_v() - discharge_a * r.r0_ohm;
  outputs_.discharge_w = outputs_.terminal_v * discharge_a;
  outputs_.loss_w = discharge_a * discharge_a * r.r0_ohm + state_.branch1_v * state_.branch1_v / r.r1_ohm +
                    state_.branch2_v * state_.branch2_v / r.r2_ohm;

  const double stored_share = charging ? parameters_.coulombic_efficiency : 1.0;
  const double soc_change = -discharge_a * stored_share * step_s_ / (3600.0 * parameters_.capacity_ah);
  state_.soc = std::clamp(state_.soc + soc_change, 0.0, 1.0);  // rounding at the ends only
  state_.branch1_v = state_.branch1_v * decay1_ + r.r1_ohm * discharge_a * (1.0 - decay1_);
  state_.branch2_v = state_.branch2_v * decay2_ + r.r2_ohm * discharge_a * (1.0 - decay2_);
  return outputs_;
}

double BatteryPack::capacity_wh() const {
  double cell_v_mean = 0.0;
  for (std::size_t i = 1; i < open_circuit_cell_v.size(); ++i) {
    const Point& low = open_circuit_cell_v[i - 1];
    const Point& high = open_circuit_cell_v[i];
    cell_v_mean += (high.soc - low.soc) * (high.value + low.value) / 2.0;
  }
  return parameters_.capacity_ah * parameters_.cells_in_series * cell_v_mean;
}

}  // namespace hil::models
