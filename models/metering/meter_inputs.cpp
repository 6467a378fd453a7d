#include "models/metering/meter_inputs.h"

#include <cmath>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

constexpr double clip_headroom = 1.2;           // assumed
constexpr double frequency_tolerance_hz = 5.0;  // assumed: the instruction says "50/60 Hz"

void require_range(double lowest, double highest, const char* lowest_field, const char* highest_field) {
  require(lowest >= 0.0 && std::isfinite(lowest), lowest_field, lowest, ">= 0");
  require(highest > lowest && std::isfinite(highest), highest_field, highest, "> the lowest");
}

Phasor limited(Phasor value, double highest) {
  const double square = std::norm(value);
  return square > highest * highest ? value * (highest / std::sqrt(square)) : value;
}

}  // namespace

std::string_view name_of(MeterFlag flag) {
  switch (flag) {
    case MeterFlag::current_high:
      return "current_high";
    case MeterFlag::phase_voltage_low:
      return "phase_voltage_low";
    case MeterFlag::phase_voltage_high:
      return "phase_voltage_high";
    case MeterFlag::line_voltage_low:
      return "line_voltage_low";
    case MeterFlag::line_voltage_high:
      return "line_voltage_high";
    case MeterFlag::frequency_wrong:
      return "frequency_wrong";
    case MeterFlag::sequence_wrong:
      return "sequence_wrong";
    case MeterFlag::neutral_missing:
      return "neutral_missing";
    case MeterFlag::below_start:
      return "below_start";
  }
  return "";
}

void check(const MeterInputLimits& limits) {
  require(limits.max_input_a > 0.0 && std::isfinite(limits.max_input_a), "max_input_a", limits.max_input_a, "> 0");
  require_range(limits.min_ln_v, limits.max_ln_v, "min_ln_v", "max_ln_v");
  require_range(limits.min_ll_v, limits.max_ll_v, "min_ll_v", "max_ll_v");
}

MeterFlags flags_of(const MeterInputLimits& limits, const PhasePhasors& v, const PhasePhasors& i, double frequency_hz) {
  bool current_high = false;
  bool phase_low = false;
  bool phase_high = false;
  bool line_low = false;
  bool line_high = false;
  double turn = 0.0;  // positive for L1, L2, L3 in this order
  bool all_there = true;
  for (std::size_t k = 0; k < phase_count; ++k) {
    const Phasor next_v = v[k + 1 == phase_count ? 0 : k + 1];
    const double phase_square = std::norm(v[k]);
    all_there &= phase_square > 0.0;
    const double line_square = std::norm(v[k] - next_v);
    current_high |= std::norm(i[k]) >= limits.max_input_a * limits.max_input_a;
    phase_low |= phase_square < limits.min_ln_v * limits.min_ln_v;
    phase_high |= phase_square > limits.max_ln_v * limits.max_ln_v;
    line_low |= line_square < limits.min_ll_v * limits.min_ll_v;
    line_high |= line_square > limits.max_ll_v * limits.max_ll_v;
    turn += v[k].imag() * next_v.real() - v[k].real() * next_v.imag();
  }
  MeterFlags flags;
  flags.put(MeterFlag::current_high, current_high);
  flags.put(MeterFlag::phase_voltage_low, phase_low);
  flags.put(MeterFlag::phase_voltage_high, phase_high);
  flags.put(MeterFlag::line_voltage_low, line_low);
  flags.put(MeterFlag::line_voltage_high, line_high);
  flags.put(MeterFlag::frequency_wrong, !(std::abs(frequency_hz - 50.0) <= frequency_tolerance_hz ||
                                          std::abs(frequency_hz - 60.0) <= frequency_tolerance_hz));
  flags.put(MeterFlag::sequence_wrong, all_there && turn < 0.0);  // two, as of a split phase, have none
  return flags;
}

void clip(const MeterInputLimits& limits, PhasePhasors& voltage_v, PhasePhasors& input_a) {
  for (std::size_t k = 0; k < phase_count; ++k) {
    input_a[k] = limited(input_a[k], clip_headroom * limits.max_input_a);
    const bool too_low = std::norm(voltage_v[k]) < limits.min_ln_v * limits.min_ln_v;
    voltage_v[k] = too_low ? Phasor{} : limited(voltage_v[k], clip_headroom * limits.max_ln_v);
  }
}

}  // namespace hil::models
