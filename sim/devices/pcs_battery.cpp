#include "sim/devices/pcs_battery.h"

#include <algorithm>
#include <cmath>

namespace hil::sim {
namespace {

// Reached: a register step of voltage.
constexpr double reached_v = 0.1;
// Guess until a change of current tells more: the largest current moves the voltage by so much of itself. High: too low
// a resistance would let the voltage overshoot with the first current. Twice that of a poor pack.
constexpr double guessed_drop = 0.2;
// A change of current that the resistance shows in, of the largest current; and how far it may lie from the guess.
constexpr double telling_change = 0.002;
constexpr double least_of_guess = 0.01;
constexpr double most_of_guess = 10.0;

}  // namespace

void PcsBattery::learn_resistance(double terminal_v, double discharge_a) {
  const double largest_a = std::max({limits_.max_charge_a, limits_.max_discharge_a, 1.0});
  const double guess_ohm = guessed_drop * terminal_v / largest_a;
  if (!observed_) {
    observed_ = true;
    series_ohm_ = guess_ohm;
    return;
  }
  const double change_a = discharge_a - discharge_a_;
  if (std::abs(change_a) < telling_change * largest_a) return;
  const double seen_ohm = (terminal_v_ - terminal_v) / change_a;
  if (seen_ohm > 0.0) series_ohm_ = std::clamp(seen_ohm, least_of_guess * guess_ohm, most_of_guess * guess_ohm);
}

void PcsBattery::observe(double terminal_v, double discharge_a) {
  learn_resistance(terminal_v, discharge_a);
  terminal_v_ = terminal_v;
  discharge_a_ = discharge_a;
  if (terminal_v >= limits_.topping_v - reached_v && -discharge_a <= limits_.end_of_charge_a) full_ = true;
  if (terminal_v < limits_.topping_v - limits_.recharge_hysteresis_v) full_ = false;
  if (terminal_v <= limits_.end_of_discharge_v) empty_ = true;
  if (terminal_v > limits_.end_of_discharge_v + limits_.recharge_hysteresis_v) empty_ = false;
}

double PcsBattery::max_charge_w() const {
  if (full_) return 0.0;
  const double to_topping_a = -discharge_a_ + (limits_.topping_v - terminal_v_) / series_ohm_;
  return std::clamp(to_topping_a, 0.0, limits_.max_charge_a) * terminal_v_;
}

double PcsBattery::max_discharge_w() const {
  if (empty_ || below_lower_limit()) return 0.0;
  const double sagging_v = terminal_v_ - series_ohm_ * std::max(0.0, limits_.max_discharge_a - discharge_a_);
  return limits_.max_discharge_a * std::max(0.0, sagging_v);
}

}  // namespace hil::sim
