#pragma once

#include <chrono>
#include <cstdint>

#include "models/generation/clear_sky.h"

namespace hil::models {

/// Irradiance on one plane over the day: clear sky (sun position, Ineichen, isotropic plane) times a clear index given
/// each step (CloudEdge, BrokenClouds, or 1). The clear sky is found once a minute and runs straight between.
///
/// Left out: with clouds the direct share falls first; here direct and diffuse shrink alike.
/// Valid: 1950..2100; bounded to 0..1500 W/m2, what PvArray takes.
/// Checked against: P5 through its parts; midnight, noon and the day's energy in tests/models/generation.
class PlaneIrradiance {
 public:
  struct Parameters {
    SunSite site;
    Plane plane;
    double linke_turbidity = 0.0;  ///< 1..10; 2 clean, 3 rural, 5 hazy
    double start_utc_s = -1e18;    ///< seconds since 1970; 1950..2100
  };
  /// Throws InvalidParameter.
  PlaneIrradiance(const Parameters& parameters, std::chrono::nanoseconds step);

  void advance(double clear_index);
  double irradiance_w_m2() const { return irradiance_w_m2_; }
  /// Without the clear index, at the present instant.
  double clear_w_m2() const { return clear_w_m2_; }
  double utc_s() const { return parameters_.start_utc_s + static_cast<double>(elapsed_ns_) * 1e-9; }

 private:
  double clear_at(double utc_s) const;

  Parameters parameters_;
  std::int64_t step_ns_ = 0;
  std::int64_t elapsed_ns_ = 0;
  std::int64_t knot_ns_ = 0;  ///< of the later end
  double earlier_w_m2_ = 0.0;
  double later_w_m2_ = 0.0;
  double clear_w_m2_ = 0.0;
  double irradiance_w_m2_ = 0.0;
};

}  // namespace hil::models
