#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>

#include "models/invalid_parameter.h"
#include "models/load/load_step.h"
#include "models/split_mix64.h"

namespace hil::models {

/// First-order autoregressive noise: what a residual load does around its mean.
///
///   x' = a x + sigma sqrt(1 - a^2) n,   a = e^(-step / time_constant),   n of mean 0 and variance 1
///
/// So x has mean 0, deviation sigma and correlation e^(-t / time_constant), from the first value on.
/// Left out: tails beyond 3.47 deviations of n.
/// Checked against: variance and correlation time by theory; see tests/models/validation/load/ar_noise.
class ArNoise {
 public:
  struct Parameters {
    double sigma = -1.0;           ///< of the load, 0..1; 0.03..0.10 (physics-and-standards 8, certainty C)
    double time_constant_s = 0.0;  ///< > 0; 10..60 (the same)
    std::uint64_t seed = 0;        ///< own for each load, else they move together
  };
  /// Throws InvalidParameter.
  ArNoise(const Parameters& parameters, std::chrono::nanoseconds step) : generator_(parameters.seed) {
    const double step_s = checked_load_step_s(step);
    require(parameters.sigma >= 0.0 && parameters.sigma <= 1.0, "sigma", parameters.sigma, "0..1");
    require(parameters.time_constant_s > 0.0 && std::isfinite(parameters.time_constant_s), "time_constant_s",
            parameters.time_constant_s, "> 0");
    kept_ = std::exp(-step_s / parameters.time_constant_s);
    fresh_ = parameters.sigma * std::sqrt(1.0 - kept_ * kept_);
    value_ = parameters.sigma * generator_.bell();
  }

  double value() const { return value_; }
  double advance() {
    value_ = kept_ * value_ + fresh_ * generator_.bell();
    return value_;
  }

 private:
  SplitMix64 generator_;
  double kept_ = 0.0;
  double fresh_ = 0.0;
  double value_ = 0.0;
};

}  // namespace hil::models
