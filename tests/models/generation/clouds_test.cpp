#include "models/generation/clouds.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <cmath>
#include <string>

#include "models/generation/plane_irradiance.h"
#include "models/invalid_parameter.h"
#include "tests/models/generation/example_sky.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;

// 100 to 500 W/m2 at 50 W/m2/s: 8 s up, 10 s dwell, 8 s down, 10 s dwell: 36 s a triangle.
TEST(TriangleIrradiance, RunsUpDwellsRunsDownAndDwells) {
  TriangleIrradiance light{{.low_w_m2 = 100.0, .high_w_m2 = 500.0, .slope_w_m2_s = 50.0, .dwell_s = 10.0, .repeats = 2},
                           10ms};
  int steps = 0;
  for (; !light.finished(); ++steps) {
    light.advance();
    const double time_s = std::fmod((steps + 1) * 0.01, 36.0);
    const double expected = time_s <= 8.0    ? 100.0 + 50.0 * time_s
                            : time_s <= 18.0 ? 500.0
                            : time_s <= 26.0 ? 500.0 - 50.0 * (time_s - 18.0)
                                             : 100.0;
    ASSERT_NEAR(light.irradiance_w_m2(), expected, 1e-6) << time_s;
  }
  EXPECT_EQ(steps, 7200);
  EXPECT_EQ(light.irradiance_w_m2(), 100.0);
}

TEST(CloudEdge, RampsOnceFromOneIndexToTheOther) {
  CloudEdge edge{{.from_index = 1.0, .to_index = 0.25, .start_s = 5.0, .ramp_s = 3.0}, 20ms};
  for (int step = 0; step < 250; ++step) edge.advance();
  EXPECT_EQ(edge.clear_index(), 1.0);
  for (int step = 0; step < 75; ++step) edge.advance();
  EXPECT_NEAR(edge.clear_index(), 0.625, 1e-12);
  for (int step = 0; step < 1000; ++step) edge.advance();
  EXPECT_EQ(edge.clear_index(), 0.25);
}

BrokenClouds::Parameters broken(std::uint64_t seed) {
  return {.seed = seed,
          .gap_index = 1.05,
          .cloud_min_index = 0.2,
          .cloud_max_index = 0.6,
          .gap = {.min_s = 20.0, .max_s = 120.0},
          .cloud = {.min_s = 10.0, .max_s = 90.0},
          .edge = {.min_s = 1.0, .max_s = 8.0}};
}

// The published first output of SplitMix64 for seed 1234567 is 6457827717110365317. The first gap is that number modulo
// 100 s in nanoseconds plus one (1e11 + 1), on top of 20 s: 6457827717110365317 mod 100000000001 = 32532087740, so the
// gap ends after 52.532 s. Held here to the step.
TEST(BrokenClouds, DrawsTheSameSequenceFromASeedOnAllMachines) {
  BrokenClouds clouds{broken(1234567), 10ms};
  int steps = 0;
  while (clouds.clear_index() == 1.05) {
    clouds.advance();
    ++steps;
  }
  EXPECT_NEAR(steps * 0.01, 20.0 + static_cast<double>(6457827717110365317U % 100000000001U) * 1e-9, 0.011);
  BrokenClouds again{broken(1234567), 10ms};
  BrokenClouds other{broken(1234568), 10ms};
  bool differs = false;
  for (int step = 0; step < steps; ++step) again.advance();
  for (int step = 0; step < 100000; ++step) {
    clouds.advance();
    again.advance();
    other.advance();
    ASSERT_EQ(clouds.clear_index(), again.clear_index());
    differs = differs || other.clear_index() != again.clear_index();
  }
  EXPECT_TRUE(differs);
}

// Mean lengths: gap 70, cloud 50, edge 4.5 twice: 54 % gap. A day of it has 670 of each, so 3 % are three deviations.
TEST(BrokenClouds, KeepsItsBoundsAndItsShares) {
  BrokenClouds clouds{broken(7), 100ms};
  int in_gap = 0;
  constexpr int steps = 864000;
  for (int step = 0; step < steps; ++step) {
    clouds.advance();
    ASSERT_GE(clouds.clear_index(), 0.2);
    ASSERT_LE(clouds.clear_index(), 1.05);
    in_gap += clouds.clear_index() == 1.05 ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(in_gap) / steps, 70.0 / 129.0, 0.03);
}

// A June day at 48 N on a plane 30 deg south: dark at midnight UTC, above 1000 W/m2 at noon (P5), 8 kWh/m2 within 10 %
// (a half sine of 1000 W/m2 over 12.5 h of sun before the plane has 1000 x 12.5 x 2 / pi = 8 kWh).
TEST(PlaneIrradiance, DrawsADayOfClearSky) {
  const PlaneIrradiance::Parameters parameters{.site = bratislava(),
                                               .plane = {.tilt_deg = 30.0, .azimuth_deg = 180.0, .albedo = 0.2},
                                               .linke_turbidity = 3.0,
                                               .start_utc_s = utc_s(2024, 6, 21)};
  PlaneIrradiance light{parameters, 1s};
  PlaneIrradiance dimmed{parameters, 1s};
  EXPECT_EQ(light.irradiance_w_m2(), 0.0);
  double energy_wh = 0.0;
  for (int second = 1; second <= 86400; ++second) {
    light.advance(1.0);
    dimmed.advance(0.3);
    ASSERT_NEAR(dimmed.irradiance_w_m2(), 0.3 * light.irradiance_w_m2(), 1e-9);
    energy_wh += light.irradiance_w_m2() / 3600.0;
    if (second == 11 * 3600) {
      EXPECT_NEAR(light.irradiance_w_m2(), 1002.02, 10.02);  // P5
    }
  }
  EXPECT_NEAR(energy_wh, 8000.0, 800.0);
  EXPECT_EQ(light.utc_s(), utc_s(2024, 6, 22));
}

RC_GTEST_PROP(PlaneIrradiance, IsFiniteAndBoundedEverywhere, ()) {
  SunSite site = bratislava();
  site.latitude_deg = *rc::gen::inRange(-90, 91);
  site.longitude_deg = *rc::gen::inRange(-180, 181);
  PlaneIrradiance light{{.site = site,
                         .plane = {.tilt_deg = static_cast<double>(*rc::gen::inRange(0, 91)),
                                   .azimuth_deg = static_cast<double>(*rc::gen::inRange(0, 361)),
                                   .albedo = 0.9},
                         .linke_turbidity = 1.0 + *rc::gen::inRange(0, 91) / 10.0,
                         .start_utc_s = static_cast<double>(*rc::gen::inRange<std::int64_t>(-631152000, 4102444801))},
                        1s};
  for (int second = 0; second < 3600; second += 1) {
    light.advance(1.5);
    RC_ASSERT(light.irradiance_w_m2() >= 0.0 && light.irradiance_w_m2() <= 1500.0);
  }
}

TEST(Clouds, RefuseParametersOutOfRangeByName) {
  const auto refused_field = [](auto make) -> std::string {
    try {
      make();
    } catch (const InvalidParameter& fault) {
      return fault.field();
    }
    return "";
  };
  EXPECT_EQ(refused_field([] { TriangleIrradiance light({}, 10ms); }), "low_w_m2");
  EXPECT_EQ(refused_field([] { TriangleIrradiance light({.low_w_m2 = 5.0, .high_w_m2 = 5.0}, 10ms); }), "high_w_m2");
  EXPECT_EQ(refused_field([] { CloudEdge edge({}, 10ms); }), "from_index");
  EXPECT_EQ(refused_field([] { CloudEdge edge({.from_index = 1.0, .to_index = std::nan("")}, 10ms); }), "to_index");
  EXPECT_EQ(refused_field([] { BrokenClouds clouds({}, 10ms); }), "gap_index");
  EXPECT_EQ(refused_field([] { BrokenClouds clouds(broken(1), 0ms); }), "step_s");
  EXPECT_EQ(refused_field([] {
              auto parameters = broken(1);
              parameters.edge.min_s = 0.0;
              BrokenClouds clouds(parameters, 10ms);
            }),
            "edge.min_s");
  EXPECT_EQ(refused_field([] {
              PlaneIrradiance light({.site = bratislava(),
                                     .plane = {.tilt_deg = 30.0, .azimuth_deg = 180.0, .albedo = 0.2},
                                     .linke_turbidity = 0.5},
                                    1s);
            }),
            "linke_turbidity");
}

}  // namespace
}  // namespace hil::models
