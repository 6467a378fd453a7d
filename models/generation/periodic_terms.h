#pragma once

#include <array>

namespace hil::models {

/// Earth's orbit and nutation as sums of periodic terms: VSOP87 (Bretagnon and Francou) and IAU 1980, in the rounding
/// of the NREL solar position algorithm (Reda and Andreas 2004, tables A4.2 and A4.3), largest terms only.
struct PeriodicTerm {
  double amplitude;  ///< 1e-8 rad or 1e-8 AU
  double phase_rad;
  double rad_per_millennium;  ///< Julian millennia of 365250 days since J2000
};

// clang-format off
/// Left out: all below 100e-8 rad; their amplitudes add up to 1700e-8 rad = 0.001 deg.
inline constexpr std::array longitude_terms_0{
    PeriodicTerm{175347046, 0, 0}, PeriodicTerm{3341656, 4.6692568, 6283.07585},
    PeriodicTerm{34894, 4.6261, 12566.1517}, PeriodicTerm{3497, 2.7441, 5753.3849},
    PeriodicTerm{3418, 2.8289, 3.5231}, PeriodicTerm{3136, 3.6277, 77713.7715},
    PeriodicTerm{2676, 4.4181, 7860.4194}, PeriodicTerm{2343, 6.1352, 3930.2097},
    PeriodicTerm{1324, 0.7425, 11506.7698}, PeriodicTerm{1273, 2.0371, 529.691},
    PeriodicTerm{1199, 1.1096, 1577.3435}, PeriodicTerm{990, 5.233, 5884.927},
    PeriodicTerm{902, 2.045, 26.298}, PeriodicTerm{857, 3.508, 398.149},
    PeriodicTerm{780, 1.179, 5223.694}, PeriodicTerm{753, 2.533, 5507.553},
    PeriodicTerm{505, 4.583, 18849.228}, PeriodicTerm{492, 4.205, 775.523},
    PeriodicTerm{357, 2.92, 0.067}, PeriodicTerm{317, 5.849, 11790.629},
    PeriodicTerm{284, 1.899, 796.298}, PeriodicTerm{271, 0.315, 10977.079},
    PeriodicTerm{243, 0.345, 5486.778}, PeriodicTerm{206, 4.806, 2544.314},
    PeriodicTerm{205, 1.869, 5573.143}, PeriodicTerm{202, 2.458, 6069.777},
    PeriodicTerm{156, 0.833, 213.299}, PeriodicTerm{132, 3.411, 2942.463},
    PeriodicTerm{126, 1.083, 20.775}, PeriodicTerm{115, 0.645, 0.98},
    PeriodicTerm{103, 0.636, 4694.003}, PeriodicTerm{102, 0.976, 15720.839},
    PeriodicTerm{102, 4.267, 7.114}};
inline constexpr std::array longitude_terms_1{
    PeriodicTerm{628331966747.0, 0, 0}, PeriodicTerm{206059, 2.678235, 6283.07585},
    PeriodicTerm{4303, 2.6351, 12566.1517}, PeriodicTerm{425, 1.59, 3.523},
    PeriodicTerm{119, 5.796, 26.298}, PeriodicTerm{109, 2.966, 1577.344}};
inline constexpr std::array longitude_terms_2{
    PeriodicTerm{52919, 0, 0}, PeriodicTerm{8720, 1.0721, 6283.0758}, PeriodicTerm{309, 0.867, 12566.152}};
inline constexpr std::array longitude_terms_3{PeriodicTerm{289, 5.844, 6283.076}};
inline constexpr std::array latitude_terms_0{
    PeriodicTerm{280, 3.199, 84334.662}, PeriodicTerm{102, 5.422, 5507.553}, PeriodicTerm{80, 3.88, 5223.69}};
inline constexpr std::array radius_terms_0{
    PeriodicTerm{100013989, 0, 0}, PeriodicTerm{1670700, 3.0984635, 6283.07585},
    PeriodicTerm{13956, 3.05525, 12566.1517}, PeriodicTerm{3084, 5.1985, 77713.7715},
    PeriodicTerm{1628, 1.1739, 5753.3849}, PeriodicTerm{1576, 2.8469, 7860.4194},
    PeriodicTerm{925, 5.453, 11506.77}, PeriodicTerm{542, 4.564, 3930.21},
    PeriodicTerm{472, 3.661, 5884.927}, PeriodicTerm{346, 0.964, 5507.553},
    PeriodicTerm{329, 5.9, 5223.694}, PeriodicTerm{307, 0.299, 5573.143}};
inline constexpr std::array radius_terms_1{
    PeriodicTerm{103019, 1.10749, 6283.07585}, PeriodicTerm{1721, 1.0644, 12566.1517}};

/// Multiples of the five arguments (elongation of the moon, anomalies of sun and moon, argument of latitude, node)
/// with longitude (sine) and obliquity (cosine) in 1e-4 arc seconds. Left out: all below 0.02 arc seconds.
struct NutationTerm {
  std::array<int, 5> multiples;
  double longitude, longitude_per_century;
  double obliquity, obliquity_per_century;
};
inline constexpr std::array nutation_terms{
    NutationTerm{{0, 0, 0, 0, 1}, -171996, -174.2, 92025, 8.9}, NutationTerm{{-2, 0, 0, 2, 2}, -13187, -1.6, 5736, -3.1},
    NutationTerm{{0, 0, 0, 2, 2}, -2274, -0.2, 977, -0.5}, NutationTerm{{0, 0, 0, 0, 2}, 2062, 0.2, -895, 0.5},
    NutationTerm{{0, 1, 0, 0, 0}, 1426, -3.4, 54, -0.1}, NutationTerm{{0, 0, 1, 0, 0}, 712, 0.1, -7, 0},
    NutationTerm{{-2, 1, 0, 2, 2}, -517, 1.2, 224, -0.6}, NutationTerm{{0, 0, 0, 2, 1}, -386, -0.4, 200, 0},
    NutationTerm{{0, 0, 1, 2, 2}, -301, 0, 129, -0.1}, NutationTerm{{-2, -1, 0, 2, 2}, 217, -0.5, -95, 0.3}};
// clang-format on

}  // namespace hil::models
