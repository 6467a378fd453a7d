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

}  // namespace

void EnergyMeter::Sample::add(const Sample& other) {
  for (std::size_t k = 0; k < phase_count; ++k) {
    import_w[k] += other.import_w[k];
    import_var[k] += other.import_var[k];
  }
}

void EnergyMeter::Sample::subtract(const Sample& other) {
  for (std::size_t k = 0; k < phase_count; ++k) {
    import_w[k] -= other.import_w[k];
    import_var[k] -= other.import_var[k];
  }
}

EnergyMeter::EnergyMeter(const Parameters& parameters, std::chrono::nanoseconds step)
    : parameters_(parameters), step_(step) {
  require(step.count() > 0, "step", step_.count(), "> 0 s");
  require(parameters.ct_ratio > 0.0 && std::isfinite(parameters.ct_ratio), "ct_ratio", parameters.ct_ratio, "> 0");
  require(parameters.power_quantum_w >= 0.0, "power_quantum_w", parameters.power_quantum_w, ">= 0");
  window_.resize(steps_in(parameters.averaging_window, step, "averaging_window"));
  steps_per_refresh_ = steps_in(parameters.refresh_period, step, "refresh_period");
}

void EnergyMeter::advance(const PhasePhasors& voltage_ln_v, const PhasePhasors& secondary_a, double frequency_hz) {
  Sample sample;
  PhaseValues current_a{};
  double total_import_w = 0.0;
  for (std::size_t k = 0; k < phase_count; ++k) {
    const Phasor primary_a = parameters_.ct_ratio * secondary_a[k];
    const Phasor import_va = voltage_ln_v[k] * std::conj(primary_a);
    sample.import_w[k] = import_va.real();
    sample.import_var[k] = import_va.imag();
    current_a[k] = magnitude(primary_a);
    total_import_w += import_va.real();
  }
  const double step_wh = total_import_w * step_.count() / 3600.0;
  (step_wh >= 0.0 ? imported_wh_ : exported_wh_) += std::abs(step_wh);

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

  ++steps_since_refresh_;
  const bool due = steps_since_refresh_ == steps_per_refresh_;
  if (due || !published_once_) publish(voltage_ln_v, current_a, frequency_hz);
  if (due) steps_since_refresh_ = 0;
}

void EnergyMeter::publish(const PhasePhasors& voltage_ln_v, const PhaseValues& current_a, double frequency_hz) {
  published_once_ = true;
  const double share = 1.0 / static_cast<double>(filled_);
  const double quantum_w = parameters_.power_quantum_w;
  double total_import_w = 0.0;
  double total_import_var = 0.0;
  double total_va = 0.0;
  for (std::size_t k = 0; k < phase_count; ++k) {
    const Phasor mean_va{sum_.import_w[k] * share, sum_.import_var[k] * share};
    published_.voltage_ln_v[k] = magnitude(voltage_ln_v[k]);
    published_.current_a[k] = current_a[k];
    published_.import_w[k] = quantised(mean_va.real(), quantum_w);
    published_.import_var[k] = quantised(mean_va.imag(), quantum_w);
    total_import_w += mean_va.real();
    total_import_var += mean_va.imag();
    total_va += magnitude(mean_va);
  }
  published_.total_import_w = quantised(total_import_w, quantum_w);
  published_.total_import_var = quantised(total_import_var, quantum_w);
  published_.total_va = quantised(total_va, quantum_w);
  published_.frequency_hz = frequency_hz;
  published_.imported_wh = imported_wh_;
  published_.exported_wh = exported_wh_;
}

}  // namespace hil::models
