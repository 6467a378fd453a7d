#include "models/metering/energy_meter.h"

#include <cmath>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

/// How many steps a time takes; throws unless it is a positive multiple.
std::size_t steps_in(std::chrono::nanoseconds time, std::chrono::nanoseconds step, const char* field) {
  const double seconds = std::chrono::duration<double>(time).count();
  require(time.count() > 0 && time.count() % step.count() == 0, field, seconds, "> 0 s and a multiple of the step");
  return static_cast<std::size_t>(time / step);
}

double quantised(double value, double quantum) {
  return quantum > 0.0 ? std::round(value / quantum) * quantum : value;
}

/// Same angle, magnitude in whole counts.
Phasor quantised(Phasor value, double quantum) {
  const double size = magnitude(value);
  return quantum > 0.0 && size > 0.0 ? value * (quantised(size, quantum) / size) : value;
}

double power_factor_of(double import_w, double va) {
  return va > 0.0 ? import_w / va : 1.0;
}

void check(const EnergyMeter::Parameters& given) {
  const auto require_within = [](double value, const char* field, double lowest, double highest, const char* allowed) {
    require(value >= lowest && value <= highest, field, value, allowed);
  };
  require(given.ct_ratio > 0.0 && std::isfinite(given.ct_ratio), "ct_ratio", given.ct_ratio, "> 0");
  require(given.power_quantum_w >= 0.0 && std::isfinite(given.power_quantum_w), "power_quantum_w",
          given.power_quantum_w, ">= 0");
  require_within(given.neutral_resistance_ratio, "neutral_resistance_ratio", 0.0, 10.0, "0..10");
  require_within(given.class_position, "class_position", -1.0, 1.0, "-1..1");
  require(given.rated_input_a > 0.0 && std::isfinite(given.rated_input_a), "rated_input_a", given.rated_input_a, "> 0");
  require_within(given.secondary_quantum_a, "secondary_quantum_a", 0.0, 1.0, "0..1");
  require_within(given.voltage_quantum_v, "voltage_quantum_v", 0.0, 10.0, "0..10");
  hil::models::check(given.input_limits);
}

}  // namespace

void EnergyMeter::Sample::add(const Sample& other) {
  for (std::size_t k = 0; k < phase_count; ++k) {
    import_w[k] += other.import_w[k];
    import_var[k] += other.import_var[k];
  }
  effective_va += other.effective_va;
}

void EnergyMeter::Sample::subtract(const Sample& other) {
  for (std::size_t k = 0; k < phase_count; ++k) {
    import_w[k] -= other.import_w[k];
    import_var[k] -= other.import_var[k];
  }
  effective_va -= other.effective_va;
}

EnergyMeter::EnergyMeter(const Parameters& parameters, std::chrono::nanoseconds step)
    : parameters_(parameters),
      step_(step),
      neutral_connected_(parameters.neutral_connected),
      class_limits_(class_limits(parameters.meter_class)) {
  require(step.count() > 0, "step", step_.count(), "> 0 s");
  check(parameters);
  window_.resize(steps_in(parameters.averaging_window, step, "averaging_window"));
  steps_per_refresh_ = steps_in(parameters.refresh_period, step, "refresh_period");
}

void EnergyMeter::set_input(std::size_t phase, MeterInput input) {
  require(phase < phase_count, "phase", static_cast<double>(phase), "0..2");
  require(input.ct < phase_count, "ct", static_cast<double>(input.ct), "0..2");
  inputs_[phase] = input;
}

double EnergyMeter::class_factor(double input_square) const {
  const double rated_square = parameters_.rated_input_a * parameters_.rated_input_a;
  const auto below = [&](double share) { return input_square < share * share * rated_square; };
  if (below(class_limits_.start_share)) return 0.0;
  return 1.0 +
         parameters_.class_position * (below(class_limits_.full_share) ? class_limits_.low_error : class_limits_.error);
}

EnergyMeter::Measured EnergyMeter::measure(const PhasePhasors& voltage_ln_v, const PhasePhasors& secondary_a,
                                           double frequency_hz) {
  PhasePhasors voltage_v;
  PhasePhasors input_a;
  PhasePhasors primary_a;
  PhasePhasors import_va;
  const Phasor star_v = neutral_connected_ ? Phasor{} : (voltage_ln_v[0] + voltage_ln_v[1] + voltage_ln_v[2]) / 3.0;
  for (std::size_t k = 0; k < phase_count; ++k) {
    const Phasor given_a = secondary_a[inputs_[k].ct];
    voltage_v[k] = voltage_ln_v[k] - star_v;
    input_a[k] = inputs_[k].reversed ? -given_a : given_a;
  }
  MeterFlags flags = flags_of(parameters_.input_limits, voltage_v, input_a, frequency_hz);
  flags.put(MeterFlag::neutral_missing, !neutral_connected_);
  if (parameters_.beyond_limits == BeyondLimits::clips) clip(parameters_.input_limits, voltage_v, input_a);

  for (std::size_t k = 0; k < phase_count; ++k) {
    if (parameters_.secondary_quantum_a > 0.0) input_a[k] = quantised(input_a[k], parameters_.secondary_quantum_a);
    const double input_square = std::norm(input_a[k]);
    const double factor = class_factor(input_square);
    if (factor == 0.0 && input_square > 0.0) flags.put(MeterFlag::below_start);
    const Phasor a = parameters_.ct_ratio * input_a[k];
    const Phasor v = factor * voltage_v[k];
    primary_a[k] = a;
    import_va[k] = {v.real() * a.real() + v.imag() * a.imag(), v.imag() * a.real() - v.real() * a.imag()};
  }
  gathered_flags_ = gathered_flags_ | flags;
  return {voltage_v, primary_a, import_va};
}

void EnergyMeter::count_energy(const PhasePhasors& import_va) {
  const double hours = step_.count() / 3600.0;
  double total_import_w = 0.0;
  for (std::size_t k = 0; k < phase_count; ++k) {
    const double import_w = import_va[k].real();
    (import_w >= 0.0 ? registers_.phase_imported_wh[k] : registers_.phase_exported_wh[k]) += std::abs(import_w * hours);
    total_import_w += import_w;
  }
  (total_import_w >= 0.0 ? registers_.netted_imported_wh : registers_.netted_exported_wh) +=
      std::abs(total_import_w * hours);
}

void EnergyMeter::average(const Measured& measured) {
  Sample sample;
  for (std::size_t k = 0; k < phase_count; ++k) {
    sample.import_w[k] = measured.import_va[k].real();
    sample.import_var[k] = measured.import_va[k].imag();
  }
  sample.effective_va = effective_va(measured.voltage_v, measured.primary_a, parameters_.neutral_resistance_ratio);

  sum_.subtract(window_[next_]);
  sum_.add(sample);
  window_[next_] = sample;
  if (filled_ < window_.size()) ++filled_;
  if (++next_ == window_.size()) {
    // Summed afresh once a round: rounding of what came and went must not pile up over days.
    next_ = 0;
    sum_ = {};
    for (const Sample& each : window_) sum_.add(each);
  }
}

void EnergyMeter::advance(const PhasePhasors& voltage_ln_v, const PhasePhasors& secondary_a, double frequency_hz) {
  const Measured measured = measure(voltage_ln_v, secondary_a, frequency_hz);
  count_energy(measured.import_va);
  average(measured);
  ++steps_since_refresh_;
  const bool due = steps_since_refresh_ == steps_per_refresh_;
  if (due || !published_once_) publish(measured, frequency_hz);
  if (due) steps_since_refresh_ = 0;
}

void EnergyMeter::publish(const Measured& measured, double frequency_hz) {
  published_once_ = true;
  // One after the other: copied as a whole, they take the processor's slow way for long strings.
  publication_.measured = measured;
  publication_.sum = sum_;
  publication_.share = 1.0 / static_cast<double>(filled_);
  publication_.frequency_hz = frequency_hz;
  publication_.registers = registers_;
  publication_.flags = gathered_flags_;
  gathered_flags_ = {};
  worked_out_ = false;
}

const EnergyMeter::Reading& EnergyMeter::reading() const {
  if (!worked_out_) work_out();
  return reading_;
}

void EnergyMeter::work_out() const {
  worked_out_ = true;
  const Publication& given = publication_;
  const double share = given.share;
  const double quantum_w = parameters_.power_quantum_w;
  PhasePhasors mean_va;
  for (std::size_t k = 0; k < phase_count; ++k) {
    mean_va[k] = {given.sum.import_w[k] * share, given.sum.import_var[k] * share};
    const double phase_va = magnitude(mean_va[k]);
    reading_.voltage_ln_v[k] = quantised(magnitude(given.measured.voltage_v[k]), parameters_.voltage_quantum_v);
    reading_.current_a[k] = magnitude(given.measured.primary_a[k]);
    reading_.import_w[k] = quantised(mean_va[k].real(), quantum_w);
    reading_.import_var[k] = quantised(mean_va[k].imag(), quantum_w);
    reading_.phase_va[k] = quantised(phase_va, quantum_w);
    reading_.phase_power_factor[k] = power_factor_of(mean_va[k].real(), phase_va);
  }
  const Phasor total_va = mean_va[0] + mean_va[1] + mean_va[2];
  const double arithmetic = arithmetic_va(mean_va);
  const double vector = vector_va(mean_va);
  const double effective = given.sum.effective_va * share;
  const double reported = parameters_.reported_va == ApparentPower::arithmetic ? arithmetic
                          : parameters_.reported_va == ApparentPower::vector   ? vector
                                                                               : effective;
  reading_.total_import_w = quantised(total_va.real(), quantum_w);
  reading_.total_import_var = quantised(total_va.imag(), quantum_w);
  reading_.total_va = quantised(reported, quantum_w);
  reading_.arithmetic_va = quantised(arithmetic, quantum_w);
  reading_.vector_va = quantised(vector, quantum_w);
  reading_.effective_va = quantised(effective, quantum_w);
  reading_.power_factor = power_factor_of(total_va.real(), reported);
  reading_.frequency_hz = given.frequency_hz;

  const Registers& registers = given.registers;
  const auto sum_of = [](const PhaseValues& values) { return values[0] + values[1] + values[2]; };
  const bool netting = parameters_.energy_register == EnergyRegister::netting;
  reading_.netted_imported_wh = registers.netted_imported_wh;
  reading_.netted_exported_wh = registers.netted_exported_wh;
  reading_.phase_imported_wh = registers.phase_imported_wh;
  reading_.phase_exported_wh = registers.phase_exported_wh;
  reading_.imported_wh = netting ? registers.netted_imported_wh : sum_of(registers.phase_imported_wh);
  reading_.exported_wh = netting ? registers.netted_exported_wh : sum_of(registers.phase_exported_wh);
  reading_.flags = given.flags;
}

}  // namespace hil::models
