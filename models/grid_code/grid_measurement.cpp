#include "models/grid_code/grid_measurement.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

using Seconds = std::chrono::duration<double>;
using std::chrono::nanoseconds;

constexpr Eigen::Index positive_sequence = 3;

constexpr Eigen::Index lane(std::size_t phase) {
  return static_cast<Eigen::Index>(phase);
}

/// Whole samples that come nearest to `window`, at least one.
std::size_t samples(nanoseconds window, nanoseconds step) {
  return static_cast<std::size_t>(std::max<nanoseconds::rep>(1, (window + step / 2) / step));
}

bool uses_all(const GridMeasurement::Parameters& p) {
  return p.uses_phase[0] && p.uses_phase[1] && p.uses_phase[2];
}

/// Real and imaginary part side by side.
using Pair = double __attribute__((vector_size(16), may_alias));

Pair swapped(const Pair& z) {
  return Pair{z[1], z[0]};
}

/// Magnitude of the positive sequence of three phases.
double positive_of(const Pair& l1, const Pair& l2, const Pair& l3, double per_phase) {
  constexpr double half_root_three = 0.86602540378443865;
  // L2 turned by a third forwards, L3 by a third back.
  const Pair positive = l1 + (-0.5 * l2 + Pair{-half_root_three, half_root_three} * swapped(l2)) +
                        (-0.5 * l3 + Pair{half_root_three, -half_root_three} * swapped(l3));
  const Pair square = positive * positive;
  return std::sqrt(square[0] + square[1]) * per_phase;
}

/// Three phases that are all used and finite: as rare_sample_of(), on the same bits. In pairs, so that the mean reads
/// what it was given as it was written.
std::optional<Eigen::Array4d> usual_sample_of(const PhasePhasors& terminal_ln_v, const GridMeasurement::Parameters& p,
                                              double per_volt, double per_phase) {
  const auto pu = [&](const Phasor& v) { return Pair{v.real(), v.imag()} * per_volt; };
  const Pair l1 = pu(terminal_ln_v[0]);
  const Pair l2 = pu(terminal_ln_v[1]);
  const Pair l3 = pu(terminal_ln_v[2]);
  const Pair square1 = l1 * l1;
  const Pair square2 = l2 * l2;
  const Pair square3 = l3 * l3;
  const Pair first_two = Pair{square1[0], square2[0]} + Pair{square1[1], square2[1]};
  const double third = square3[0] + square3[1];
  if (!std::isfinite(first_two[0] + first_two[1] + third)) return std::nullopt;
  const double positive_pu = p.positive_sequence ? positive_of(l1, l2, l3, per_phase) : 0.0;
  Eigen::Array4d sample;
  *reinterpret_cast<Pair*>(sample.data()) = first_two;
  *reinterpret_cast<Pair*>(sample.data() + 2) = Pair{third, positive_pu};
  return sample;
}

/// Squares of the voltages that the inverter uses, and the magnitude of their positive sequence.
Eigen::Array4d rare_sample_of(const PhasePhasors& terminal_ln_v, const GridMeasurement::Parameters& p, double per_volt,
                              double per_phase) {
  constexpr double half_root_three = 0.86602540378443865;
  PhaseValues re_pu{};
  PhaseValues im_pu{};
  PhaseValues square_pu{};
  for (std::size_t phase = 0; phase < phase_count; ++phase) {
    re_pu[phase] = terminal_ln_v[phase].real() * per_volt;
    im_pu[phase] = terminal_ln_v[phase].imag() * per_volt;
    square_pu[phase] = re_pu[phase] * re_pu[phase] + im_pu[phase] * im_pu[phase];
  }
  // An inverter on one or two phases sees the positive sequence that these alone suggest.
  if (!uses_all(p) || !std::isfinite(square_pu[0] + square_pu[1] + square_pu[2])) {
    for (std::size_t phase = 0; phase < phase_count; ++phase) {
      if (p.uses_phase[phase] && std::isfinite(square_pu[phase])) continue;
      re_pu[phase] = im_pu[phase] = square_pu[phase] = 0.0;
    }
  }
  if (!p.positive_sequence) return {square_pu[0], square_pu[1], square_pu[2], 0.0};
  Phasor positive_pu;
  if (p.split_phase) {
    positive_pu = {re_pu[0] - re_pu[1], im_pu[0] - im_pu[1]};
  } else {
    // L2 turned by a third forwards, L3 by a third back.
    positive_pu = {
        re_pu[0] + (-0.5 * re_pu[1] - half_root_three * im_pu[1]) + (-0.5 * re_pu[2] + half_root_three * im_pu[2]),
        im_pu[0] + (half_root_three * re_pu[1] - 0.5 * im_pu[1]) + (-half_root_three * re_pu[2] - 0.5 * im_pu[2])};
  }
  return {square_pu[0], square_pu[1], square_pu[2], magnitude(positive_pu) * per_phase};
}

GridMeasurement::Parameters checked(const GridMeasurement::Parameters& p, nanoseconds step) {
  const auto check_window = [](nanoseconds window, nanoseconds longest, const char* field, const char* allowed) {
    require(window.count() > 0 && window <= longest, field, Seconds{window}.count(), allowed);
  };
  require(std::isfinite(p.nominal_ln_v) && p.nominal_ln_v > 0.0, "nominal_ln_v", p.nominal_ln_v, "> 0");
  require(p.nominal_frequency_hz >= 40.0 && p.nominal_frequency_hz <= 70.0, "nominal_frequency_hz",
          p.nominal_frequency_hz, "40..70");
  check_window(p.voltage_window, std::chrono::seconds{1}, "voltage_window_s", "> 0, up to 1");
  check_window(p.frequency_window, std::chrono::seconds{10}, "frequency_window_s", "> 0, up to 10");
  check_window(p.rocof_window, std::chrono::seconds{10}, "rocof_window_s", "> 0, up to 10");
  require(p.mean_block >= std::chrono::seconds{1}, "mean_block_s", Seconds{p.mean_block}.count(), ">= 1");
  require(p.mean_window >= p.mean_block && p.mean_window <= std::chrono::hours{1}, "mean_window_s",
          Seconds{p.mean_window}.count(), "mean_block_s..3600");
  require(p.reacquire_time.count() >= 0, "reacquire_time_s", Seconds{p.reacquire_time}.count(), ">= 0");
  require(p.lost_below_pu >= 0.0 && p.lost_below_pu <= 0.9, "lost_below_pu", p.lost_below_pu, "0..0.9");
  require(p.initial_mean_pu >= 0.0 && p.initial_mean_pu <= 2.0, "initial_mean_pu", p.initial_mean_pu, "0..2");
  require(p.uses_phase[0] || p.uses_phase[1] || (p.uses_phase[2] && !p.split_phase), "uses_phase", 0.0,
          "true for one phase at least");
  require(step >= std::chrono::milliseconds{1} && step <= std::chrono::seconds{1}, "step_s", Seconds{step}.count(),
          "0.001..1");
  GridMeasurement::Parameters used = p;
  if (p.split_phase) used.uses_phase[2] = false;
  return used;
}

}  // namespace

GridMeasurement::GridMeasurement(const Parameters& parameters, nanoseconds step)
    : parameters_(checked(parameters, step)),
      voltages_(samples(parameters.voltage_window, step), Quantities::Zero()),
      frequency_hz_(samples(parameters.frequency_window, step), parameters.nominal_frequency_hz),
      past_frequency_hz_(samples(parameters.rocof_window, step), parameters.nominal_frequency_hz),
      voltage_stillness_{2 * samples(parameters.voltage_window, step)},
      frequency_stillness_{2 * (samples(parameters.frequency_window, step) + samples(parameters.rocof_window, step))},
      block_mean_pu_(samples(parameters.mean_window, parameters.mean_block),
                     Quantities::Constant(parameters.initial_mean_pu)),
      whole_blocks_pu_(Quantities::Constant(parameters.initial_mean_pu)),
      oldest_block_pu_(Quantities::Constant(parameters.initial_mean_pu)),
      samples_in_block_(samples(parameters.mean_block, step)),
      per_sample_(1.0 / static_cast<double>(samples_in_block_)),
      per_block_(1.0 / static_cast<double>(samples(parameters.mean_window, parameters.mean_block))),
      per_volt_(1.0 / parameters.nominal_ln_v),
      step_(step),
      per_rocof_span_(1.0 / (static_cast<double>(samples(parameters.rocof_window, step)) * Seconds{step}.count())),
      last_frequency_hz_(parameters.nominal_frequency_hz) {
  per_phase_ =
      1.0 / static_cast<double>(std::count(parameters_.uses_phase.begin(), parameters_.uses_phase.end(), true));
  outputs_.frequency_hz = parameters_.nominal_frequency_hz;
  outputs_.ten_minute_mean_pu.fill(parameters_.initial_mean_pu);
}

void GridMeasurement::start_in_service() {
  const Inputs nominal{balanced(parameters_.nominal_ln_v, 0.0, parameters_.split_phase),
                       parameters_.nominal_frequency_hz};
  const nanoseconds longest = std::max(
      {parameters_.voltage_window, parameters_.frequency_window, parameters_.rocof_window, parameters_.reacquire_time});
  for (nanoseconds t{0}; t <= longest; t += step_) advance(nominal);
}

const GridMeasurement::Outputs& GridMeasurement::advance(const Inputs& inputs) {
  const bool same_voltage = inputs.terminal_ln_v == last_terminal_ln_v_;
  if (!voltage_stillness_.reached(same_voltage)) measure_voltage(inputs.terminal_ln_v);
  measure_mean();
  measure_frequency(inputs.frequency_hz);
  return outputs_;
}

void GridMeasurement::measure_voltage(const PhasePhasors& terminal_ln_v) {
  last_terminal_ln_v_ = terminal_ln_v;
  const bool usual = uses_all(parameters_) && !parameters_.split_phase;
  const auto sample = usual ? usual_sample_of(terminal_ln_v, parameters_, per_volt_, per_phase_) : std::nullopt;
  const Quantities& mean =
      voltages_.advance(sample ? *sample : rare_sample_of(terminal_ln_v, parameters_, per_volt_, per_phase_));
  voltage_pu_ = mean.max(0.0).sqrt();
  outputs_.mean_pu = (voltage_pu_[0] + voltage_pu_[1] + voltage_pu_[2]) * per_phase_;
  outputs_.positive_sequence_pu = mean[positive_sequence];
  for (std::size_t phase = 0; phase < phase_count; ++phase) {
    if (!parameters_.uses_phase[phase]) voltage_pu_[lane(phase)] = outputs_.mean_pu;
    outputs_.voltage_pu[phase] = voltage_pu_[lane(phase)];
  }
}

void GridMeasurement::measure_mean() {
  ++block_samples_;
  const double filled = static_cast<double>(block_samples_) * per_sample_;
  block_sum_pu_ += voltage_pu_;
  Quantities mean_pu = whole_blocks_pu_ + (block_sum_pu_ * per_sample_ - filled * oldest_block_pu_) * per_block_;
  if (block_samples_ == samples_in_block_) {
    mean_pu = whole_blocks_pu_ = block_mean_pu_.advance(block_sum_pu_ * per_sample_);
    oldest_block_pu_ = block_mean_pu_.oldest();
    block_sum_pu_.setZero();
    block_samples_ = 0;
  }
  for (std::size_t phase = 0; phase < phase_count; ++phase) outputs_.ten_minute_mean_pu[phase] = mean_pu[lane(phase)];
}

void GridMeasurement::measure_frequency(double frequency_hz) {
  double highest_pu = 0.0;
  for (const double voltage_pu : outputs_.voltage_pu) highest_pu = std::max(highest_pu, voltage_pu);
  const bool was_valid = outputs_.valid;
  const bool there = highest_pu >= parameters_.lost_below_pu && highest_pu > 0.0;
  const bool same = was_valid && there && frequency_hz == last_frequency_hz_;
  if (frequency_stillness_.reached(same)) return;
  if (std::isfinite(frequency_hz)) last_frequency_hz_ = frequency_hz;
  if (!there) {
    voltage_back_for_ = nanoseconds{0};
    outputs_.valid = false;
  } else if (!was_valid) {
    voltage_back_for_ += step_;
    outputs_.valid = voltage_back_for_ >= parameters_.reacquire_time;
  }
  if (!outputs_.valid) {
    outputs_.rocof_hz_per_s = 0.0;
    return;
  }
  if (!was_valid) {
    frequency_hz_.reset(last_frequency_hz_);
    past_frequency_hz_.reset(last_frequency_hz_);
  }
  outputs_.frequency_hz = frequency_hz_.advance(last_frequency_hz_);
  outputs_.rocof_hz_per_s = (outputs_.frequency_hz - past_frequency_hz_.oldest()) * per_rocof_span_;
  past_frequency_hz_.advance(outputs_.frequency_hz);
}

}  // namespace hil::models
