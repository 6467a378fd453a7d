#include "models/load/profile.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "models/invalid_parameter.h"
#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;

constexpr LoadConditions on{.switched_on = true, .voltage_pu = 1.0, .frequency_hz = 50.0, .ambient_c = 20.0};

ProfileLoad::Parameters three_points() {
  return {.time_s = {0.0, 2.0, 3.0},
          .active_scale = {1.0, 3.0, 0.5},
          .reactive_scale = {0.1, 0.2, 0.4},
          .interpolation = ProfileLoad::Interpolation::step,
          .repeat_s = 5.0,
          .start_at_s = 0.0};
}

TEST(ProfileLoad, FollowsTheDynamisationOfTheHouseholdProfile) {
  tests::ValidationCase expected("load/h0_dynamisation");
  for (const std::string& day : expected.quantities()) expected.check(day, h0_dynamisation(std::stod(day)));
}

/// One day of a column of the household profile, played second by second.
struct PlayedDay {
  double energy_kwh = 0.0;
  double highest_w = 0.0;
  double highest_at_h = 0.0;
  double lowest_w = std::numeric_limits<double>::max();
  double lowest_at_h = 0.0;
};

ProfileLoad household(const std::vector<std::vector<std::string>>& rows, std::size_t column) {
  ProfileLoad::Parameters parameters{.repeat_s = 86400.0, .start_at_s = 0.0};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    parameters.time_s.push_back(900.0 * static_cast<double>(i));
    parameters.active_scale.push_back(std::stod(rows[i][column]));  // of a load of 1 W
  }
  return ProfileLoad(parameters, 1s);
}

PlayedDay play_a_day(ProfileLoad& profile) {
  PlayedDay day;
  for (int second = 0; second < 86400; ++second) {
    const double w = profile.advance(on).active_scale;
    day.energy_kwh += w / 3.6e6;
    if (w > day.highest_w) {
      day.highest_w = w;
      day.highest_at_h = second / 3600.0;
    }
    if (w < day.lowest_w) {
      day.lowest_w = w;
      day.lowest_at_h = second / 3600.0;
    }
  }
  return day;
}

TEST(ProfileLoad, PlaysTheHouseholdProfileOfAWinterWeekday) {
  const auto rows = tests::reference_table("bdew_h0_W_per_1000kWh_year.csv");
  if (rows.empty()) GTEST_SKIP() << "the reference data are not there";
  tests::ValidationCase expected("load/h0_profile");
  ProfileLoad profile = household(rows, 1);
  const PlayedDay day = play_a_day(profile);
  expected.check("energy", day.energy_kwh);
  expected.check("highest", day.highest_w);
  expected.check("time_of_highest", day.highest_at_h);
  expected.check("lowest", day.lowest_w);
  expected.check("time_of_lowest", day.lowest_at_h);
  EXPECT_EQ(profile.advance(on).active_scale, std::stod(rows[0][1]));  // and the next day anew
}

TEST(ProfileLoad, PlaysTheHighestQuarterHoursOfOtherDays) {
  const auto rows = tests::reference_table("bdew_h0_W_per_1000kWh_year.csv");
  if (rows.empty()) GTEST_SKIP() << "the reference data are not there";
  tests::ValidationCase expected("load/h0_other_days");
  const std::map<std::string, std::size_t> columns{{"winter_saturday", 2}, {"winter_sunday", 3}, {"summer_weekday", 4}};
  for (const auto& [name, column] : columns) {
    ProfileLoad profile = household(rows, column);
    const PlayedDay day = play_a_day(profile);
    expected.check(name + "_highest", day.highest_w);
    expected.check(name + "_time_of_highest", day.highest_at_h);
  }
}

TEST(ProfileLoad, HoldsItsValuesOrMovesBetweenThem) {
  ProfileLoad::Parameters parameters = three_points();
  ProfileLoad stepped(parameters, 500ms);
  for (const double expected : {1.0, 1.0, 1.0, 1.0, 3.0, 3.0, 0.5, 0.5, 0.5, 0.5, 1.0}) {
    EXPECT_EQ(stepped.advance(on).active_scale, expected);
  }
  // By hand: half a unit each half second up to 3, down 1.25 each, then up to 1 again over 2 s.
  parameters.interpolation = ProfileLoad::Interpolation::linear;
  ProfileLoad linear(parameters, 500ms);
  for (const double expected : {1.0, 1.5, 2.0, 2.5, 3.0, 1.75, 0.5, 0.625, 0.75, 0.875, 1.0, 1.5}) {
    EXPECT_NEAR(linear.advance(on).active_scale, expected, 1e-12);
  }
  EXPECT_NEAR(linear.advance(on).reactive_scale, 0.15, 1e-12);  // at 1 s
}

TEST(ProfileLoad, StartsWithinItsSeriesAndKeepsItsLastValue) {
  ProfileLoad::Parameters parameters = three_points();
  parameters.repeat_s = 0.0;
  parameters.start_at_s = 2.5;
  parameters.interpolation = ProfileLoad::Interpolation::linear;
  parameters.reactive_scale.clear();
  ProfileLoad profile(parameters, 500ms);
  EXPECT_NEAR(profile.advance(on).active_scale, 1.75, 1e-12);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(profile.advance(on).reactive_scale, 0.5);
}

TEST(ProfileLoad, NamesWhatIsWrongWithTheSeries) {
  const auto message_for = [](auto change) {
    ProfileLoad::Parameters parameters = three_points();
    change(parameters);
    try {
      const ProfileLoad profile(parameters, 1s);
      return std::string("accepted");
    } catch (const InvalidParameter& refused) {
      return std::string(refused.what());
    }
  };
  EXPECT_EQ(message_for([](auto&) {}), "accepted");
  EXPECT_EQ(message_for([](auto& p) { p.time_s[1] = 3.0; }), "time_s is 3.000000, must be ascending, up to 1e9");
  EXPECT_EQ(message_for([](auto& p) { p.time_s[2] = std::nan(""); }), "time_s is nan, must be ascending, up to 1e9");
  EXPECT_EQ(message_for([](auto& p) { p.active_scale[2] = -1.0; }), "active_scale is -1.000000, must be >= 0");
  EXPECT_EQ(message_for([](auto& p) { p.reactive_scale.pop_back(); }),
            "reactive_scale is 2.000000, must be as many as time_s");
  EXPECT_EQ(message_for([](auto& p) { p.repeat_s = 3.0; }), "repeat_s is 3.000000, must be 0, or > the last time_s");
  EXPECT_EQ(message_for([](auto& p) { p.time_s.clear(); }), "count of time_s is 0.000000, must be >= 1");
}

}  // namespace
}  // namespace hil::models
