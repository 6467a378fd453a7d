#include "models/generation/clear_sky.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

constexpr double degree = std::numbers::pi / 180.0;
constexpr double solar_constant_w_m2 = 1366.1;

}  // namespace

void require_valid(const Plane& plane) {
  require(plane.tilt_deg >= 0.0 && plane.tilt_deg <= 90.0, "tilt_deg", plane.tilt_deg, "0..90");
  require(plane.azimuth_deg >= 0.0 && plane.azimuth_deg <= 360.0, "azimuth_deg", plane.azimuth_deg, "0..360");
  require(plane.albedo >= 0.0 && plane.albedo <= 1.0, "albedo", plane.albedo, "0..1");
}

double extraterrestrial_w_m2(double utc_s) {
  using namespace std::chrono;
  const sys_days today{days{static_cast<int>(std::floor(utc_s / 86400.0))}};
  const sys_days new_year{year_month_day{today}.year() / January / 1};
  const double b = 2.0 * std::numbers::pi * static_cast<double>((today - new_year).count()) / 365.0;
  const double series = 1.00011 + 0.034221 * std::cos(b) + 0.00128 * std::sin(b) + 0.000719 * std::cos(2.0 * b) +
                        0.000077 * std::sin(2.0 * b);
  return solar_constant_w_m2 * series;
}

double kasten_young_air_mass(double apparent_zenith_deg) {
  const double z = std::min(apparent_zenith_deg, 90.0);
  return 1.0 / (std::cos(z * degree) + 0.50572 * std::pow(96.07995 - z, -1.6364));
}

double haurwitz_global_w_m2(double apparent_zenith_deg) {
  const double cosine = std::cos(apparent_zenith_deg * degree);
  if (apparent_zenith_deg >= 90.0 || cosine <= 0.0) return 0.0;
  return 1098.0 * cosine * std::exp(-0.059 / cosine);
}

ClearSky ineichen_clear_sky(double apparent_zenith_deg, double air_mass, double linke_turbidity, double altitude_m,
                            double extraterrestrial_w_m2) {
  const double cosine = std::cos(apparent_zenith_deg * degree);
  if (apparent_zenith_deg >= 90.0 || cosine <= 0.0) return {};
  const double fh1 = std::exp(-altitude_m / 8000.0);
  const double fh2 = std::exp(-altitude_m / 1250.0);
  const double cg1 = 5.09e-5 * altitude_m + 0.868;
  const double cg2 = 3.92e-5 * altitude_m + 0.0387;
  const double hazier = linke_turbidity - 1.0;
  const double global = cg1 * extraterrestrial_w_m2 * cosine * std::exp(-cg2 * air_mass * (fh1 + fh2 * hazier));
  const double b = 0.664 + 0.163 / fh1;
  const double direct = b * extraterrestrial_w_m2 * std::exp(-0.09 * air_mass * hazier);
  const double direct_bound = global * (1.0 - (0.1 - 0.2 * std::exp(-linke_turbidity)) / (0.1 + 0.882 / fh1)) / cosine;
  // Below a Linke turbidity of 0.7 the second formula exceeds the global irradiance: no diffuse is left then.
  const double normal = std::clamp(std::min(direct, direct_bound), 0.0, global / cosine);
  return {global, normal, std::max(0.0, global - normal * cosine)};
}

double plane_of_array_w_m2(const ClearSky& sky, const SunPosition& sun, const Plane& plane) {
  const double tilt = plane.tilt_deg * degree;
  const double zenith = sun.apparent_zenith_deg * degree;
  const double incidence_cosine =
      std::cos(zenith) * std::cos(tilt) +
      std::sin(zenith) * std::sin(tilt) * std::cos((sun.azimuth_deg - plane.azimuth_deg) * degree);
  return sky.direct_normal_w_m2 * std::max(0.0, incidence_cosine) +
         sky.diffuse_horizontal_w_m2 * 0.5 * (1.0 + std::cos(tilt)) +
         sky.global_horizontal_w_m2 * plane.albedo * 0.5 * (1.0 - std::cos(tilt));
}

}  // namespace hil::models
