#include "models/generation/plane_irradiance.h"

#include <algorithm>
#include <cmath>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

constexpr std::int64_t between_knots_ns = 60'000'000'000;
constexpr double year_1950_utc_s = -631152000.0;
constexpr double year_2100_utc_s = 4102444800.0;
constexpr double highest_w_m2 = 1500.0;

}  // namespace

PlaneIrradiance::PlaneIrradiance(const Parameters& parameters, std::chrono::nanoseconds step)
    : parameters_(parameters), step_ns_(step.count()) {
  require_valid(parameters_.site);
  require_valid(parameters_.plane);
  require(parameters_.linke_turbidity >= 1.0 && parameters_.linke_turbidity <= 10.0, "linke_turbidity",
          parameters_.linke_turbidity, "1..10");
  require(parameters_.start_utc_s >= year_1950_utc_s && parameters_.start_utc_s <= year_2100_utc_s, "start_utc_s",
          parameters_.start_utc_s, "1950..2100");
  require(step_ns_ > 0, "step_s", static_cast<double>(step_ns_) * 1e-9, "> 0");
  later_w_m2_ = clear_at(parameters_.start_utc_s);
  clear_w_m2_ = irradiance_w_m2_ = std::min(highest_w_m2, later_w_m2_);
}

double PlaneIrradiance::clear_at(double utc_s) const {
  const SunPosition sun = sun_position(utc_s, parameters_.site);
  const ClearSky sky =
      ineichen_clear_sky(sun.apparent_zenith_deg, kasten_young_air_mass(sun.apparent_zenith_deg),
                         parameters_.linke_turbidity, parameters_.site.altitude_m, extraterrestrial_w_m2(utc_s));
  return plane_of_array_w_m2(sky, sun, parameters_.plane);
}

void PlaneIrradiance::advance(double clear_index) {
  elapsed_ns_ += step_ns_;
  while (elapsed_ns_ > knot_ns_) {
    knot_ns_ += between_knots_ns;
    earlier_w_m2_ = later_w_m2_;
    later_w_m2_ = clear_at(parameters_.start_utc_s + static_cast<double>(knot_ns_) * 1e-9);
  }
  const double to_go = static_cast<double>(knot_ns_ - elapsed_ns_) / static_cast<double>(between_knots_ns);
  clear_w_m2_ = later_w_m2_ + to_go * (earlier_w_m2_ - later_w_m2_);
  irradiance_w_m2_ = std::clamp(clear_w_m2_ * clear_index, 0.0, highest_w_m2);
}

}  // namespace hil::models
