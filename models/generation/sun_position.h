#pragma once

#include <optional>

namespace hil::models {

/// Where the sun is looked at from, and through what air.
struct SunSite {
  double latitude_deg = 999.0;      ///< -90..90, north > 0
  double longitude_deg = 999.0;     ///< -180..180, east > 0
  double altitude_m = -1e9;         ///< -500..9000
  double pressure_pa = -1.0;        ///< 0..120000, yearly mean; only refraction depends on it
  double air_temperature_c = -1e9;  ///< -60..60, yearly mean; only refraction depends on it
  double delta_t_s = -1e9;          ///< -100..1000, earth's rotation behind terrestrial time (2003: 64.5, 2024: 69.2)
};

/// Topocentric angles of the sun's centre. Azimuth from north, clockwise, 0..360.
struct SunPosition {
  double zenith_deg = 0.0;           ///< geometric
  double apparent_zenith_deg = 0.0;  ///< with refraction
  double azimuth_deg = 0.0;
  double hour_angle_deg = 0.0;  ///< -180..180, west > 0
  double distance_au = 0.0;
};

/// The upper limb at a sea horizon: the centre 0.8333 deg below. Empty where the sun stays above or below all day.
struct SunTimes {
  std::optional<double> sunrise_utc_s;
  double transit_utc_s = 0.0;
  std::optional<double> sunset_utc_s;
};

/// Throws InvalidParameter naming the field, its value and the bound.
void require_valid(const SunSite& site);

/// Position of the sun: heliocentric longitude, latitude and radius of the earth as sums of periodic terms (VSOP87),
/// nutation, aberration, sidereal time, parallax and refraction, as in the NREL algorithm of Reda and Andreas. The
/// tables keep the terms above 1e-6 rad; what is left out adds up to less than 0.001 deg.
///
/// `utc_s` counts seconds since 1970-01-01 without leap seconds (UT1 taken as UTC). `site` is not checked here.
/// Left out:  dip of the horizon, change of pressure and temperature over the day.
/// Valid:     1950..2100; two thousand years either side lose about 0.01 deg.
/// Checked against: P1, P3 (0.01 deg); see tests/models/validation/generation.
SunPosition sun_position(double utc_s, const SunSite& site);

/// The first transit at or after `from_utc_s` (the start of a local day), and the rise before it and the set after it.
/// Checked against: P2 (1 min).
SunTimes sun_times(double from_utc_s, const SunSite& site);

}  // namespace hil::models
