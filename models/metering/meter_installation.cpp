#include "models/metering/meter_installation.h"

#include <algorithm>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

void require_index(std::size_t index, const char* field) {
  require(index < phase_count, field, static_cast<double>(index), "0..2");
}

}  // namespace

MeterInstallation::MeterInstallation(const Parameters& parameters, std::chrono::nanoseconds step)
    : transformers_{CurrentTransformer(parameters.transformers[0]), CurrentTransformer(parameters.transformers[1]),
                    CurrentTransformer(parameters.transformers[2])},
      meter_(parameters.meter, step) {}

void MeterInstallation::set_reversed(std::size_t ct, bool reversed) {
  require_index(ct, "ct");
  transformers_[ct].set_reversed(reversed);
}

void MeterInstallation::set_secondary(std::size_t ct, CurrentTransformer::Secondary state) {
  require_index(ct, "ct");
  transformers_[ct].set_secondary(state);
}

void MeterInstallation::swap_inputs(std::size_t one_phase, std::size_t other_phase) {
  require_index(one_phase, "one_phase");
  require_index(other_phase, "other_phase");
  const MeterInput one = meter_.input(one_phase);
  meter_.set_input(one_phase, meter_.input(other_phase));
  meter_.set_input(other_phase, one);
}

void MeterInstallation::rotate_inputs() {
  swap_inputs(0, 1);
  swap_inputs(1, 2);
}

void MeterInstallation::advance(const PhasePhasors& voltage_ln_v, const PhasePhasors& primary_a, double frequency_hz) {
  primary_a_ = primary_a;
  PhasePhasors secondary_a;
  for (std::size_t k = 0; k < phase_count; ++k) {
    transformers_[k].set_frequency_hz(frequency_hz);
    secondary_a[k] = transformers_[k].secondary_a(primary_a[k]);
  }
  meter_.advance(voltage_ln_v, secondary_a, frequency_hz);
}

MeterInstallation::Flags MeterInstallation::flags() const {
  Flags flags;
  for (std::size_t k = 0; k < phase_count; ++k) {
    flags.transformers[k] = transformer_flags(k);
    flags.phase_lost |= wiring(k) == PhaseWiring::lost;
  }
  flags.meter = meter_.reading().flags;
  return flags;
}

PhaseWiring MeterInstallation::wiring(std::size_t phase) const {
  const MeterInput& input = meter_.input(phase);
  const CurrentTransformer& transformer = transformers_[input.ct];
  if (transformer.secondary() != CurrentTransformer::Secondary::closed) return PhaseWiring::lost;
  if (input.ct != phase) return PhaseWiring::other_phase;
  return input.reversed != transformer.reversed() ? PhaseWiring::reversed : PhaseWiring::right;
}

double MeterInstallation::open_secondary_peak_kv() const {
  double peak_v = 0.0;
  for (std::size_t k = 0; k < phase_count; ++k) peak_v = std::max(peak_v, open_secondary_peak_v(k));
  return peak_v / 1000.0;
}

double MeterInstallation::open_secondary_peak_v(std::size_t ct) const {
  const bool open = transformers_[ct].secondary() == CurrentTransformer::Secondary::open;
  return open ? transformers_[ct].open_peak_v(primary_a_[ct]) : 0.0;
}

}  // namespace hil::models
