#include "models/generation/clear_sky.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <string>

#include "models/invalid_parameter.h"
#include "tests/models/generation/example_sky.h"

namespace hil::models {
namespace {

using tests::ValidationCase;

TEST(ClearSky, HaurwitzMeetsThePublishedElevations) {
  ValidationCase expected{"generation/p4_haurwitz"};
  for (const int elevation_deg : {5, 10, 30, 50, 90}) {
    expected.check("elevation_" + std::to_string(elevation_deg) + "_w_m2", haurwitz_global_w_m2(90.0 - elevation_deg));
  }
}

TEST(ClearSky, IneichenAndThePlaneMeetThePublishedNoons) {
  ValidationCase expected{"generation/p5_clear_sky"};
  const Plane south{.tilt_deg = 30.0, .azimuth_deg = 180.0, .albedo = 0.2};
  for (const auto& [name, instant_utc_s] : p3_instants()) {
    const SunPosition sun = sun_position(instant_utc_s, bratislava());
    const double outside_w_m2 = extraterrestrial_w_m2(instant_utc_s);
    const double air_mass = kasten_young_air_mass(sun.apparent_zenith_deg);
    const ClearSky sky =
        ineichen_clear_sky(sun.apparent_zenith_deg, air_mass, 3.0, bratislava().altitude_m, outside_w_m2);
    expected.check(name + "_extraterrestrial_w_m2", outside_w_m2);
    expected.check(name + "_air_mass", air_mass);
    expected.check(name + "_global_w_m2", sky.global_horizontal_w_m2);
    expected.check(name + "_direct_w_m2", sky.direct_normal_w_m2);
    expected.check(name + "_diffuse_w_m2", sky.diffuse_horizontal_w_m2);
    expected.check(name + "_haurwitz_w_m2", haurwitz_global_w_m2(sun.apparent_zenith_deg));
    expected.check(name + "_plane_w_m2", plane_of_array_w_m2(sky, sun, south));
  }
}

// By hand, sun in the south 45 deg high, direct 800, diffuse 100, so global 800 sin 45 + 100 = 665.685:
//   flat 665.685; upright facing the sun 800 cos 45 + 100/2 + 665.685 0.2/2 = 682.254; upright facing north 50
//   + 66.569.
TEST(ClearSky, PlaneAddsDirectSkyAndGround) {
  const ClearSky sky{665.685, 800.0, 100.0};
  SunPosition sun;
  sun.apparent_zenith_deg = 45.0;
  sun.azimuth_deg = 180.0;
  EXPECT_NEAR(plane_of_array_w_m2(sky, sun, {.tilt_deg = 0.0, .azimuth_deg = 90.0, .albedo = 0.2}), 665.685, 0.001);
  EXPECT_NEAR(plane_of_array_w_m2(sky, sun, {.tilt_deg = 90.0, .azimuth_deg = 180.0, .albedo = 0.2}), 682.254, 0.001);
  EXPECT_NEAR(plane_of_array_w_m2(sky, sun, {.tilt_deg = 90.0, .azimuth_deg = 0.0, .albedo = 0.2}), 116.569, 0.001);
}

RC_GTEST_PROP(ClearSky, IsNeverNegativeAndZeroBelowTheHorizon, ()) {
  const double zenith_deg = *rc::gen::inRange(0, 1801) / 10.0;
  const double linke = *rc::gen::inRange(5, 101) / 10.0;
  const double altitude_m = static_cast<double>(*rc::gen::inRange(-500, 9001));
  const double air_mass = kasten_young_air_mass(zenith_deg);
  RC_ASSERT(air_mass > 0.9 && air_mass < 40.0);
  const ClearSky sky = ineichen_clear_sky(zenith_deg, air_mass, linke, altitude_m, 1367.0);
  RC_ASSERT(sky.direct_normal_w_m2 >= 0.0);
  RC_ASSERT(sky.diffuse_horizontal_w_m2 >= 0.0);
  RC_ASSERT(sky.global_horizontal_w_m2 >= 0.0);
  const double cosine = std::max(0.0, std::cos(zenith_deg * 3.14159265358979 / 180.0));
  RC_ASSERT(std::abs(sky.direct_normal_w_m2 * cosine + sky.diffuse_horizontal_w_m2 - sky.global_horizontal_w_m2) <
            1e-6);
  SunPosition sun;
  sun.apparent_zenith_deg = zenith_deg;
  sun.azimuth_deg = static_cast<double>(*rc::gen::inRange(0, 361));
  const double plane_w_m2 = plane_of_array_w_m2(sky, sun,
                                                {.tilt_deg = static_cast<double>(*rc::gen::inRange(0, 91)),
                                                 .azimuth_deg = static_cast<double>(*rc::gen::inRange(0, 361)),
                                                 .albedo = *rc::gen::inRange(0, 101) / 100.0});
  RC_ASSERT(plane_w_m2 >= 0.0);
  if (zenith_deg >= 90.0) {
    RC_ASSERT(plane_w_m2 == 0.0);
    RC_ASSERT(sky.global_horizontal_w_m2 == 0.0);
    RC_ASSERT(haurwitz_global_w_m2(zenith_deg) == 0.0);
  }
}

TEST(ClearSky, RefusesAPlaneOutOfRangeByName) {
  const auto refused_field = [](Plane plane) -> std::string {
    try {
      require_valid(plane);
    } catch (const InvalidParameter& fault) {
      return fault.field();
    }
    return "";
  };
  EXPECT_EQ(refused_field({.tilt_deg = 30.0, .azimuth_deg = 180.0, .albedo = 0.2}), "");
  EXPECT_EQ(refused_field({}), "tilt_deg");
  EXPECT_EQ(refused_field({.tilt_deg = 30.0, .azimuth_deg = 361.0, .albedo = 0.2}), "azimuth_deg");
  EXPECT_EQ(refused_field({.tilt_deg = 30.0, .azimuth_deg = 180.0, .albedo = std::nan("")}), "albedo");
}

}  // namespace
}  // namespace hil::models
