#include "models/load/zip_load.h"

#include <cmath>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

void require_share(const char* name, double share) {
  require(share >= 0.0 && share <= 1.0, name, share, "0..1");
}

}  // namespace

ZipLoad::ZipLoad(const Parameters& parameters) : parameters_(parameters), on_(parameters.on) {
  for (std::size_t phase = 0; phase < phase_count; ++phase) {
    const double w = parameters.nominal_w[phase];
    const double var = parameters.nominal_var[phase];
    require(w >= 0.0 && std::isfinite(w), "nominal_w", w, ">= 0");
    require(std::isfinite(var), "nominal_var", var, "finite");
  }
  require(parameters.nominal_ln_v > 0.0 && std::isfinite(parameters.nominal_ln_v), "nominal_ln_v",
          parameters.nominal_ln_v, "> 0");
  require_share("share_z", parameters.share_z);
  require_share("share_i", parameters.share_i);
  require_share("share_p", parameters.share_p);
  const double sum = parameters.share_z + parameters.share_i + parameters.share_p;
  require(std::abs(sum - 1.0) <= 1e-9, "share_z + share_i + share_p", sum, "1");
}

void ZipLoad::set_scale(double scale) {
  require(scale >= 0.0 && std::isfinite(scale), "scale", scale, ">= 0");
  scale_ = scale;
}

Phasor ZipLoad::admittance_s(std::size_t phase) const {
  if (!on_) return {};
  const double per_v2 = scale_ * parameters_.share_z / (parameters_.nominal_ln_v * parameters_.nominal_ln_v);
  // s = v conj(y v) = conj(y) |v|^2, so a lagging load has a negative susceptance.
  return {per_v2 * parameters_.nominal_w[phase], -per_v2 * parameters_.nominal_var[phase]};
}

Phasor ZipLoad::injection_va(std::size_t phase, double ln_v) const {
  if (!on_) return {};
  const double share = parameters_.share_i * ln_v / parameters_.nominal_ln_v + parameters_.share_p;
  return {-scale_ * share * parameters_.nominal_w[phase], -scale_ * share * parameters_.nominal_var[phase]};
}

}  // namespace hil::models
