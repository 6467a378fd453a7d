#include "models/generation/sun_position.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <cmath>
#include <string>

#include "models/invalid_parameter.h"
#include "tests/models/generation/example_sky.h"

namespace hil::models {
namespace {

using tests::ValidationCase;

constexpr double mst_behind_utc_s = 7 * 3600.0;

// 2003-10-17 12:30:30 MST.
TEST(SunPosition, MeetsThePublishedExampleOfTheNrelAlgorithm) {
  ValidationCase expected{"generation/p1_sun_position"};
  const SunPosition sun = sun_position(utc_s(2003, 10, 17, 12, 30, 30) + mst_behind_utc_s, golden());
  expected.check("elevation_deg", 90.0 - sun.zenith_deg);
  expected.check("apparent_zenith_deg", sun.apparent_zenith_deg);
  expected.check("azimuth_deg", sun.azimuth_deg);
  // The same publication gives the earth's distance, 0.9965422974 AU; the table here stops at 3e-6 AU.
  EXPECT_NEAR(sun.distance_au, 0.9965422974, 1e-5);
}

TEST(SunPosition, FindsSunriseTransitAndSunsetToTheMinute) {
  ValidationCase expected{"generation/p2_sunrise"};
  SunSite site = golden();
  site.delta_t_s = 67.6;
  const double midnight_utc_s = utc_s(2015, 1, 2) + mst_behind_utc_s;
  const SunTimes times = sun_times(midnight_utc_s, site);
  expected.check("sunrise_s", times.sunrise_utc_s.value() - midnight_utc_s);
  expected.check("transit_s", times.transit_utc_s - midnight_utc_s);
  expected.check("sunset_s", times.sunset_utc_s.value() - midnight_utc_s);
}

TEST(SunPosition, MeetsThePublishedNoonsOverTheYear) {
  ValidationCase expected{"generation/p3_bratislava"};
  for (const auto& [name, instant_utc_s] : p3_instants()) {
    const SunPosition sun = sun_position(instant_utc_s, bratislava());
    expected.check(name + "_zenith_deg", sun.zenith_deg);
    expected.check(name + "_azimuth_deg", sun.azimuth_deg);
  }
}

TEST(SunPosition, KnowsNoSunriseInThePolarNightAndNoneInThePolarDay) {
  SunSite site = bratislava();
  site.latitude_deg = 78.2;
  EXPECT_FALSE(sun_times(utc_s(2024, 12, 21), site).sunrise_utc_s.has_value());
  EXPECT_FALSE(sun_times(utc_s(2024, 6, 21), site).sunset_utc_s.has_value());
  EXPECT_TRUE(sun_times(utc_s(2024, 3, 20), site).sunrise_utc_s.has_value());
}

// Air lifts the sun by 29' or so at the horizon, 34' at apparent zero, and not at all overhead.
TEST(SunPosition, RefractionLiftsTheSunByHalfADegreeAtTheHorizonOnly) {
  const SunTimes times = sun_times(utc_s(2024, 3, 20), bratislava());
  const SunPosition rising = sun_position(*times.sunrise_utc_s + 300.0, bratislava());
  EXPECT_NEAR(rising.zenith_deg - rising.apparent_zenith_deg, 0.5, 0.1);
  const SunPosition high = sun_position(utc_s(2024, 6, 21, 11), bratislava());
  EXPECT_NEAR(high.zenith_deg - high.apparent_zenith_deg, 0.0, 0.01);
}

RC_GTEST_PROP(SunPosition, IsFiniteAndInRangeEverywhereFrom1950To2100, ()) {
  const SunSite site{.latitude_deg = *rc::gen::inRange(-900, 901) / 10.0,
                     .longitude_deg = *rc::gen::inRange(-1800, 1801) / 10.0,
                     .altitude_m = static_cast<double>(*rc::gen::inRange(-500, 9001)),
                     .pressure_pa = static_cast<double>(*rc::gen::inRange(0, 120001)),
                     .air_temperature_c = static_cast<double>(*rc::gen::inRange(-60, 61)),
                     .delta_t_s = 69.0};
  require_valid(site);
  // 1950-01-01 is 631152000 s before 1970, 2100-01-01 4102444800 s after.
  const double instant_utc_s = static_cast<double>(*rc::gen::inRange<std::int64_t>(-631152000, 4102444801));
  const SunPosition sun = sun_position(instant_utc_s, site);
  RC_ASSERT(sun.zenith_deg >= 0.0 && sun.zenith_deg <= 180.0);
  RC_ASSERT(sun.azimuth_deg >= 0.0 && sun.azimuth_deg <= 360.0);
  RC_ASSERT(sun.distance_au > 0.983 && sun.distance_au < 1.0171);
  RC_ASSERT(std::abs(sun.hour_angle_deg) <= 180.0);
  RC_ASSERT(sun.apparent_zenith_deg <= sun.zenith_deg + 0.01);
  RC_ASSERT(sun.apparent_zenith_deg >= sun.zenith_deg - 1.2);
  const SunTimes times = sun_times(instant_utc_s, site);
  RC_ASSERT(times.transit_utc_s >= instant_utc_s - 60.0);
  RC_ASSERT(times.transit_utc_s <= instant_utc_s + 86500.0);
}

TEST(SunPosition, RefusesASiteOutOfRangeByName) {
  const auto refused_field = [](auto spoil) -> std::string {
    SunSite site = bratislava();
    spoil(site);
    try {
      require_valid(site);
    } catch (const InvalidParameter& fault) {
      return fault.field();
    }
    return "";
  };
  EXPECT_EQ(refused_field([](SunSite&) {}), "");
  EXPECT_EQ(refused_field([](SunSite& s) { s = {}; }), "latitude_deg");
  EXPECT_EQ(refused_field([](SunSite& s) { s.longitude_deg = 181.0; }), "longitude_deg");
  EXPECT_EQ(refused_field([](SunSite& s) { s.altitude_m = std::nan(""); }), "altitude_m");
  EXPECT_EQ(refused_field([](SunSite& s) { s.pressure_pa = -1.0; }), "pressure_pa");
  EXPECT_EQ(refused_field([](SunSite& s) { s.air_temperature_c = 61.0; }), "air_temperature_c");
  EXPECT_EQ(refused_field([](SunSite& s) { s.delta_t_s = INFINITY; }), "delta_t_s");
}

}  // namespace
}  // namespace hil::models
