#include "models/load/zip_load.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

void require_share(const char* name, double share) {
  require(share >= 0.0 && share <= 1.0, name, share, "0..1");
}

void require_powers(const PhaseValues& w, const PhaseValues& var, const char* w_name, const char* var_name) {
  for (const double each : w) require(each >= 0.0 && std::isfinite(each), w_name, each, ">= 0");
  for (const double each : var) require(std::isfinite(each), var_name, each, "finite");
}

void require_scale(const char* name, double scale) {
  require(scale >= 0.0 && std::isfinite(scale), name, scale, ">= 0");
}

}  // namespace

ZipLoad::ZipLoad(const Parameters& parameters) : parameters_(parameters), on_(parameters.on) {
  require_powers(parameters.nominal_w, parameters.nominal_var, "nominal_w", "nominal_var");
  require_powers(parameters.nominal_ll_w, parameters.nominal_ll_var, "nominal_ll_w", "nominal_ll_var");
  require(parameters.nominal_ln_v > 0.0 && std::isfinite(parameters.nominal_ln_v), "nominal_ln_v",
          parameters.nominal_ln_v, "> 0");
  require(parameters.nominal_ll_v >= 0.0 && std::isfinite(parameters.nominal_ll_v), "nominal_ll_v",
          parameters.nominal_ll_v, "> 0, or 0 for sqrt 3 times nominal_ln_v");
  nominal_ll_v_ =
      parameters.nominal_ll_v > 0.0 ? parameters.nominal_ll_v : std::numbers::sqrt3 * parameters.nominal_ln_v;
  require_share("share_z", parameters.share_z);
  require_share("share_i", parameters.share_i);
  require_share("share_p", parameters.share_p);
  const double sum = parameters.share_z + parameters.share_i + parameters.share_p;
  require(std::abs(sum - 1.0) <= 1e-9, "share_z + share_i + share_p", sum, "1");
  require(std::abs(parameters.active_per_hz) <= 1.0, "active_per_hz", parameters.active_per_hz, "-1..1");
  require(std::abs(parameters.reactive_per_hz) <= 1.0, "reactive_per_hz", parameters.reactive_per_hz, "-1..1");
  const bool follows_frequency = parameters.active_per_hz != 0.0 || parameters.reactive_per_hz != 0.0;
  require(std::isfinite(parameters.nominal_hz) && parameters.nominal_hz >= 0.0 &&
              (!follows_frequency || parameters.nominal_hz > 0.0),
          "nominal_hz", parameters.nominal_hz, "> 0 when the load follows the frequency");
}

void ZipLoad::set_scale(double active, double reactive) {
  require_scale("active scale", active);
  require_scale("reactive scale", reactive);
  demand_.active_scale = active;
  demand_.reactive_scale = reactive;
}

void ZipLoad::set_demand(const Demand& demand) {
  set_scale(demand.active_scale, demand.reactive_scale);
  demand_.as_impedance = demand.as_impedance;
}

Phasor ZipLoad::nominal_va(std::size_t port) const {
  if (port < phase_count) return {parameters_.nominal_w[port], parameters_.nominal_var[port]};
  return {parameters_.nominal_ll_w[port - phase_count], parameters_.nominal_ll_var[port - phase_count]};
}

Phasor ZipLoad::demand_va(std::size_t port, double frequency_hz) const {
  if (!on_) return {};
  const double off_nominal_hz = frequency_hz - parameters_.nominal_hz;
  // A slope of 0 needs no nominal frequency, but must not meet an infinite one either.
  const auto term = [off_nominal_hz](double per_hz) {
    return per_hz == 0.0 ? 1.0 : std::max(0.0, 1.0 + per_hz * off_nominal_hz);
  };
  const Phasor nominal = nominal_va(port);
  return {nominal.real() * demand_.active_scale * term(parameters_.active_per_hz),
          nominal.imag() * demand_.reactive_scale * term(parameters_.reactive_per_hz)};
}

Phasor ZipLoad::admittance_s(std::size_t port, double frequency_hz) const {
  const double share = demand_.as_impedance ? 1.0 : parameters_.share_z;
  const double v = nominal_v(port);
  // s = v conj(y v) = conj(y) |v|^2, so a lagging load has a negative susceptance.
  return std::conj(demand_va(port, frequency_hz)) * (share / (v * v));
}

Phasor ZipLoad::power_injection_va(std::size_t port, double frequency_hz) const {
  return demand_.as_impedance ? Phasor{} : -parameters_.share_p * demand_va(port, frequency_hz);
}

Phasor ZipLoad::current_injection_va(std::size_t port, double frequency_hz) const {
  return demand_.as_impedance ? Phasor{} : -parameters_.share_i * demand_va(port, frequency_hz);
}

Phasor ZipLoad::injection_va(std::size_t port, double port_v) const {
  return power_injection_va(port, parameters_.nominal_hz) +
         current_injection_va(port, parameters_.nominal_hz) * (port_v / nominal_v(port));
}

}  // namespace hil::models
