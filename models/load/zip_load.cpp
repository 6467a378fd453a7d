#include "models/load/zip_load.h"

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
  const double nominal_ll_v =
      parameters.nominal_ll_v > 0.0 ? parameters.nominal_ll_v : std::numbers::sqrt3 * parameters.nominal_ln_v;
  for (std::size_t k = 0; k < phase_count; ++k) {
    nominal_va_[k] = {parameters.nominal_w[k], parameters.nominal_var[k]};
    nominal_va_[phase_count + k] = {parameters.nominal_ll_w[k], parameters.nominal_ll_var[k]};
    nominal_v_[k] = parameters.nominal_ln_v;
    nominal_v_[phase_count + k] = nominal_ll_v;
  }
  for (std::size_t port = 0; port < load_port_count; ++port) {
    per_v2_[port] = 1.0 / (nominal_v_[port] * nominal_v_[port]);
  }
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
  demand_ = demand;
}

}  // namespace hil::models
