#include "models/metering/current_transformer.h"

#include <cmath>

#include "models/invalid_parameter.h"

namespace hil::models {

CurrentTransformer::CurrentTransformer(const Parameters& parameters) : parameters_(parameters) {
  require(parameters.rated_primary_a > 0.0 && std::isfinite(parameters.rated_primary_a), "rated_primary_a",
          parameters.rated_primary_a, "> 0");
  require(parameters.rated_secondary_a > 0.0 && std::isfinite(parameters.rated_secondary_a), "rated_secondary_a",
          parameters.rated_secondary_a, "> 0");
  require(std::abs(parameters.ratio_error) <= 0.1, "ratio_error", parameters.ratio_error, "-0.1..0.1");
  require(std::abs(parameters.phase_error_rad) <= 0.1, "phase_error_rad", parameters.phase_error_rad, "-0.1..0.1");
  gain_ = std::polar((1.0 + parameters.ratio_error) / ratio(), parameters.phase_error_rad);
}

}  // namespace hil::models
