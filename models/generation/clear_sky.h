#pragma once

#include "models/generation/sun_position.h"

namespace hil::models {

/// Irradiance of a cloudless sky: on the horizontal, on a plane that faces the sun, and the diffuse rest.
struct ClearSky {
  double global_horizontal_w_m2 = 0.0;
  double direct_normal_w_m2 = 0.0;
  double diffuse_horizontal_w_m2 = 0.0;
};

/// The plane a PV array lies in.
struct Plane {
  double tilt_deg = -1.0;       ///< 0 horizontal .. 90 upright
  double azimuth_deg = -999.0;  ///< 0..360 from north, clockwise: 180 faces south
  double albedo = -1.0;         ///< 0..1, of the ground before it
  bool operator==(const Plane&) const = default;
};

/// Throws InvalidParameter naming the field, its value and the bound.
void require_valid(const Plane& plane);

/// Outside the air, on a plane facing the sun: 1366.1 W/m2 times Spencer's series over the day of the year (UTC).
double extraterrestrial_w_m2(double utc_s);

/// Kasten-Young 1989, relative to the zenith at the same height: 1/(cos z + .50572 (96.07995 - z)^-1.6364), z in
/// degrees with refraction. Beyond the horizon it stays at the horizon's value, 38.
double kasten_young_air_mass(double apparent_zenith_deg);

/// Haurwitz: 1098 cos z exp(-0.059 / cos z); zero below the horizon. Checked against: P4 (0.01 W/m2).
double haurwitz_global_w_m2(double apparent_zenith_deg);

/// Ineichen-Perez (physics-and-standards 5.1): direct and diffuse from the Linke turbidity.
///
///   fh1 = exp(-h/8000), fh2 = exp(-h/1250), cg1 = 5.09e-5 h + .868, cg2 = 3.92e-5 h + .0387, b = .664 + .163/fh1
///   GHI = cg1 I0 cos z exp(-cg2 AM (fh1 + fh2 (TL-1)))
///   DNI = min[b I0 exp(-.09 AM (TL-1)), GHI (1 - (.1 - .2 exp(-TL))/(.1 + .882/fh1))/cos z],  DHI = GHI - DNI cos z
///
/// Left out: the correction of the air mass for pressure (the caller may give it). All zero below the horizon.
/// Checked against: P5 (0.5 %).
ClearSky ineichen_clear_sky(double apparent_zenith_deg, double air_mass, double linke_turbidity, double altitude_m,
                            double extraterrestrial_w_m2);

/// Direct, diffuse from an isotropic sky, and reflected from the ground, on a plane. Zero or more.
/// Left out: horizon, brightening around the sun, reflection of the glass. Checked against: P5 (1 %).
double plane_of_array_w_m2(const ClearSky& sky, const SunPosition& sun, const Plane& plane);

}  // namespace hil::models
