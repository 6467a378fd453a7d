#include "models/load/rlc_load.h"

#include <cmath>
#include <numbers>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

constexpr double turn_rad = 2.0 * std::numbers::pi;

void require_positive(const char* field, double value) {
  require(value > 0.0 && std::isfinite(value), field, value, "> 0");
}

}  // namespace

ParallelRlc resonant_rlc(double power_w, double quality_factor, double port_v, double frequency_hz) {
  require_positive("power_w", power_w);
  require_positive("quality_factor", quality_factor);
  require_positive("port_v", port_v);
  require_positive("frequency_hz", frequency_hz);
  const double reactance_ohm = port_v * port_v / (quality_factor * power_w);
  const double rad_per_s = turn_rad * frequency_hz;
  return {port_v * port_v / power_w, reactance_ohm / rad_per_s, 1.0 / (reactance_ohm * rad_per_s)};
}

double resonance_hz(const ParallelRlc& rlc) {
  require_positive("inductance_h", rlc.inductance_h.value_or(0.0));
  require_positive("capacitance_f", rlc.capacitance_f.value_or(0.0));
  return 1.0 / (turn_rad * std::sqrt(*rlc.inductance_h * *rlc.capacitance_f));
}

RlcLoad::RlcLoad(const Parameters& parameters) : parameters_(parameters), on_(parameters.on) {
  for (std::size_t port = 0; port < load_port_count; ++port) {
    const ParallelRlc& rlc = parameters.ports[port];
    if (rlc.resistance_ohm) {
      require_positive("resistance_ohm", *rlc.resistance_ohm);
      conductance_s_[port] = 1.0 / *rlc.resistance_ohm;
    }
    if (rlc.inductance_h) {
      require_positive("inductance_h", *rlc.inductance_h);
      inverse_inductance_per_h_[port] = 1.0 / *rlc.inductance_h;
    }
    if (rlc.capacitance_f) {
      require_positive("capacitance_f", *rlc.capacitance_f);
      capacitance_f_[port] = *rlc.capacitance_f;
    }
  }
}

Phasor RlcLoad::admittance_s(std::size_t port, double frequency_hz) const {
  if (!on_) return {};
  const double rad_per_s = turn_rad * frequency_hz;
  return {conductance_s_[port], rad_per_s * capacitance_f_[port] - inverse_inductance_per_h_[port] / rad_per_s};
}

bool RlcLoad::uses(std::size_t port) const {
  return conductance_s_[port] > 0.0 || inverse_inductance_per_h_[port] > 0.0 || capacitance_f_[port] > 0.0;
}

}  // namespace hil::models
