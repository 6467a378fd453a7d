#include "models/generation/sun_position.h"

#include <cmath>
#include <numbers>

#include "models/generation/periodic_terms.h"
#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

constexpr double degree = std::numbers::pi / 180.0;
constexpr double arc_second = degree / 3600.0;
constexpr double day_s = 86400.0;
constexpr double j2000_in_unix_days = 10957.5;   // 2000-01-01 12:00
constexpr double limb_at_horizon_deg = -0.8333;  // radius of the sun and refraction at the horizon

double wrapped(double value, double period) {
  const double rest = std::fmod(value, period);
  return rest < 0.0 ? rest + period : rest;
}

template <typename Terms>
double sum_of(const Terms& terms, double millennia) {
  double sum = 0.0;
  for (const PeriodicTerm& term : terms) {
    sum += term.amplitude * std::cos(term.phase_rad + term.rad_per_millennium * millennia);
  }
  return sum * 1e-8;
}

struct Nutation {
  double longitude_rad = 0.0;
  double obliquity_rad = 0.0;
};

Nutation nutation_at(double centuries) {
  const double t = centuries;
  const std::array<double, 5> arguments_deg{297.85036 + t * (445267.111480 + t * (-0.0019142 + t / 189474.0)),
                                            357.52772 + t * (35999.050340 + t * (-0.0001603 - t / 300000.0)),
                                            134.96298 + t * (477198.867398 + t * (0.0086972 + t / 56250.0)),
                                            93.27191 + t * (483202.017538 + t * (-0.0036825 + t / 327270.0)),
                                            125.04452 + t * (-1934.136261 + t * (0.0020708 + t / 450000.0))};
  Nutation nutation;
  for (const NutationTerm& term : nutation_terms) {
    double angle_deg = 0.0;
    for (std::size_t i = 0; i < arguments_deg.size(); ++i) angle_deg += term.multiples[i] * arguments_deg[i];
    const double angle = std::fmod(angle_deg, 360.0) * degree;
    nutation.longitude_rad += (term.longitude + term.longitude_per_century * t) * std::sin(angle);
    nutation.obliquity_rad += (term.obliquity + term.obliquity_per_century * t) * std::cos(angle);
  }
  nutation.longitude_rad *= 1e-4 * arc_second;
  nutation.obliquity_rad *= 1e-4 * arc_second;
  return nutation;
}

double refraction_deg(double elevation_deg, const SunSite& site) {
  if (elevation_deg < limb_at_horizon_deg) return 0.0;
  const double bent_deg = elevation_deg + 10.3 / (elevation_deg + 5.11);
  return site.pressure_pa / 101000.0 * 283.0 / (273.0 + site.air_temperature_c) * 1.02 /
         (60.0 * std::tan(bent_deg * degree));
}

double above_horizon_deg(double utc_s, const SunSite& site) {
  return 90.0 - sun_position(utc_s, site).zenith_deg - limb_at_horizon_deg;
}

/// Between a low point and a high one the sun passes the horizon once, or not at all.
std::optional<double> horizon_between(double down_utc_s, double up_utc_s, const SunSite& site) {
  if (above_horizon_deg(down_utc_s, site) > 0.0 || above_horizon_deg(up_utc_s, site) < 0.0) return std::nullopt;
  constexpr double close_enough_s = 0.01;
  while (std::abs(up_utc_s - down_utc_s) > close_enough_s) {
    const double middle_s = 0.5 * (down_utc_s + up_utc_s);
    (above_horizon_deg(middle_s, site) > 0.0 ? up_utc_s : down_utc_s) = middle_s;
  }
  return 0.5 * (down_utc_s + up_utc_s);
}

}  // namespace

void require_valid(const SunSite& site) {
  const auto check = [](const char* field, double value, double low, double high, const char* allowed) {
    require(value >= low && value <= high, field, value, allowed);
  };
  check("latitude_deg", site.latitude_deg, -90.0, 90.0, "-90..90");
  check("longitude_deg", site.longitude_deg, -180.0, 180.0, "-180..180");
  check("altitude_m", site.altitude_m, -500.0, 9000.0, "-500..9000");
  check("pressure_pa", site.pressure_pa, 0.0, 120000.0, "0..120000");
  check("air_temperature_c", site.air_temperature_c, -60.0, 60.0, "-60..60");
  check("delta_t_s", site.delta_t_s, -100.0, 1000.0, "-100..1000");
}

SunPosition sun_position(double utc_s, const SunSite& site) {
  const double days = utc_s / day_s - j2000_in_unix_days;
  const double ephemeris_days = days + site.delta_t_s / day_s;
  const double centuries = ephemeris_days / 36525.0;
  const double m = ephemeris_days / 365250.0;

  const double longitude =
      sum_of(longitude_terms_0, m) +
      m * (sum_of(longitude_terms_1, m) + m * (sum_of(longitude_terms_2, m) + m * sum_of(longitude_terms_3, m)));
  const double sun_latitude = -sum_of(latitude_terms_0, m);
  const double distance_au = sum_of(radius_terms_0, m) + m * sum_of(radius_terms_1, m);

  const Nutation nutation = nutation_at(centuries);
  const double u = m / 10.0;
  const double mean_obliquity = (84381.448 + u * (-4680.93 + u * (-1.55 + u * (1999.25 - u * 51.38)))) * arc_second;
  const double obliquity = mean_obliquity + nutation.obliquity_rad;
  const double aberration = -20.4898 * arc_second / distance_au;
  const double apparent =
      wrapped(longitude + std::numbers::pi + nutation.longitude_rad + aberration, 2.0 * std::numbers::pi);

  const double right_ascension = std::atan2(
      std::sin(apparent) * std::cos(obliquity) - std::tan(sun_latitude) * std::sin(obliquity), std::cos(apparent));
  const double declination = std::asin(std::sin(sun_latitude) * std::cos(obliquity) +
                                       std::cos(sun_latitude) * std::sin(obliquity) * std::sin(apparent));
  const double t = days / 36525.0;
  const double sidereal_deg = 280.46061837 + 360.98564736629 * days + t * t * (0.000387933 - t / 38710000.0) +
                              nutation.longitude_rad * std::cos(obliquity) / degree;
  const double hour_angle = wrapped(sidereal_deg + site.longitude_deg - right_ascension / degree, 360.0) * degree;

  // Parallax: the observer stands on the ellipsoid, not in its centre.
  constexpr double flattened = 0.99664719;
  constexpr double equator_m = 6378140.0;
  const double latitude = site.latitude_deg * degree;
  const double reduced = std::atan(flattened * std::tan(latitude));
  const double from_axis = std::cos(reduced) + site.altitude_m / equator_m * std::cos(latitude);
  const double from_plane = flattened * std::sin(reduced) + site.altitude_m / equator_m * std::sin(latitude);
  const double parallax = std::sin(8.794 * arc_second / distance_au);
  const double toward = std::cos(declination) - from_axis * parallax * std::cos(hour_angle);
  const double shift = std::atan2(-from_axis * parallax * std::sin(hour_angle), toward);
  const double seen_declination = std::atan2((std::sin(declination) - from_plane * parallax) * std::cos(shift), toward);
  const double seen_hour_angle = hour_angle - shift;

  const double sine = std::sin(latitude) * std::sin(seen_declination) +
                      std::cos(latitude) * std::cos(seen_declination) * std::cos(seen_hour_angle);
  const double elevation_deg = std::asin(std::fmin(1.0, std::fmax(-1.0, sine))) / degree;
  const double azimuth_from_south =
      std::atan2(std::sin(seen_hour_angle),
                 std::cos(seen_hour_angle) * std::sin(latitude) - std::tan(seen_declination) * std::cos(latitude));

  SunPosition position;
  position.zenith_deg = 90.0 - elevation_deg;
  position.apparent_zenith_deg = position.zenith_deg - refraction_deg(elevation_deg, site);
  position.azimuth_deg = wrapped(azimuth_from_south / degree + 180.0, 360.0);
  position.hour_angle_deg = wrapped(seen_hour_angle / degree + 180.0, 360.0) - 180.0;
  position.distance_au = distance_au;
  return position;
}

SunTimes sun_times(double from_utc_s, const SunSite& site) {
  SunTimes times;
  times.transit_utc_s = from_utc_s + wrapped(-sun_position(from_utc_s, site).hour_angle_deg, 360.0) / 360.0 * day_s;
  for (int i = 0; i < 3; ++i) {
    times.transit_utc_s -= sun_position(times.transit_utc_s, site).hour_angle_deg / 360.0 * day_s;
  }
  times.sunrise_utc_s = horizon_between(times.transit_utc_s - 0.5 * day_s, times.transit_utc_s, site);
  times.sunset_utc_s = horizon_between(times.transit_utc_s + 0.5 * day_s, times.transit_utc_s, site);
  return times;
}

}  // namespace hil::models
