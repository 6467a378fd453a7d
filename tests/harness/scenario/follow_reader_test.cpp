#include <gtest/gtest.h>

#include <algorithm>

#include "harness/scenario/reader.h"
#include "harness/scenario/time_stamp.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

const std::filesystem::path folder = std::filesystem::path{HILBENCH_SOURCE_DIR} / "tests/harness/scenario";

Scenario follows() {
  Diagnostics diagnostics;
  auto scenario = read_scenario(folder / "good/follows.xml", folder / "library", diagnostics);
  for (const Fault& fault : diagnostics.sorted()) ADD_FAILURE() << fault.text();
  return scenario.value_or(Scenario{});
}

template <typename Kind>
std::vector<std::pair<sim::Time, Kind>> actions(const Scenario& scenario) {
  std::vector<std::pair<sim::Time, Kind>> found;
  for (const TimelineEntry& entry : scenario.timeline) {
    for (const Action& action : entry.actions) {
      if (const auto* kind = std::get_if<Kind>(&action)) found.emplace_back(entry.at, *kind);
    }
  }
  return found;
}

std::vector<std::pair<sim::Time, SetIrradiance>> sun_on(const std::string& inverter, const Scenario& scenario) {
  auto sun = actions<SetIrradiance>(scenario);
  std::erase_if(sun, [&](const auto& each) { return each.second.inverter != inverter; });
  return sun;
}

// Rows at 0, 60, 120 s after begin_s 30.
TEST(FollowReader, StepsWithTheRowsOfAFile) {
  const auto sun = sun_on("left", follows());
  ASSERT_EQ(sun.size(), 3U);
  EXPECT_EQ(sun[0].first, sim::Time{30s});
  EXPECT_EQ(sun[2].first, sim::Time{150s});
  EXPECT_EQ(sun[1].second.inverter, "left");
  EXPECT_DOUBLE_EQ(sun[1].second.irradiance_w_m2, 300.0);
}

// 100 W/m2 at 0; to 500 from a step later on within 19.99 s; then at 500.
TEST(FollowReader, MovesTheSunOnAStraightLine) {
  const auto sun = sun_on("right", follows());
  ASSERT_EQ(sun.size(), 3U);
  EXPECT_EQ(sun[1].first, sim::Time{10ms});
  EXPECT_EQ(sun[1].second.irradiance_w_m2, 500.0);
  EXPECT_NEAR(sun[1].second.ramp_s, 19.99, 1e-9);
}

// 1 pu at 0; from one step (0.01 s) later on to 1.05 pu at 60 s, that is within 59.99 s; then to 0.98 pu within 60 s.
TEST(FollowReader, MovesOnAStraightLineToArriveAtEachRow) {
  const auto voltage = actions<SetGridVoltage>(follows());
  ASSERT_EQ(voltage.size(), 3U);
  EXPECT_EQ(voltage[0].second.ramp_s, 0.0);
  EXPECT_EQ(voltage[1].first, sim::Time{10ms});
  EXPECT_EQ(voltage[1].second.pu, 1.05);
  EXPECT_NEAR(voltage[1].second.ramp_s, 59.99, 1e-9);
  EXPECT_EQ(voltage[2].first, sim::Time{60s});
  EXPECT_NEAR(voltage[2].second.ramp_s, 60.0, 1e-9);
}

TEST(FollowReader, LeavesOutWhatLiesBehindTheEndOfTheRun) {
  EXPECT_EQ(actions<SetAmbient>(follows()).size(), 1U);
  const auto limit = actions<ChangeSettings>(follows());
  ASSERT_EQ(limit.size(), 2U);
  EXPECT_EQ(limit[1].second.export_limit_w, 5000.0);
}

Scenario stamped() {
  Diagnostics diagnostics;
  auto scenario = read_scenario(folder / "good/time_stamps.xml", folder / "library", diagnostics);
  for (const Fault& fault : diagnostics.sorted()) ADD_FAILURE() << fault.text();
  return scenario.value_or(Scenario{});
}

// The weather starts at 10:00 UTC, 12:00 in the file's zone. Rows at 11:58, 12:01 and 10:03Z: 2 min before, 1 and 3 min
// after. At the start the value lies two thirds of the way from 49.9 to 50.2 Hz: 50.1.
TEST(FollowReader, HoldsTimeStampsAgainstTheStartOfTheWeather) {
  const auto frequency = actions<RampFrequency>(stamped());
  ASSERT_EQ(frequency.size(), 3U);
  EXPECT_EQ(frequency[0].first, sim::Time{0});
  EXPECT_NEAR(frequency[0].second.frequency_hz, 50.1, 1e-9);
  EXPECT_EQ(frequency[1].first, sim::Time{10ms});
  EXPECT_NEAR(frequency[1].second.frequency_hz, 50.2, 1e-9);
  EXPECT_NEAR(frequency[1].second.ramp_s, 59.99, 1e-6);
  EXPECT_EQ(frequency[2].first, sim::Time{60s});
  EXPECT_NEAR(frequency[2].second.ramp_s, 120.0, 1e-6);
}

// start_utc of the element goes before the weather's: 09:55 is 5 min before the first row.
TEST(FollowReader, TakesTheStartThatIsGiven) {
  const auto limit = actions<ChangeSettings>(stamped());
  ASSERT_EQ(limit.size(), 2U);
  EXPECT_EQ(limit[0].first, sim::Time{300s});
  EXPECT_EQ(limit[0].second.export_limit_w, 5000.0);  // 5 kW
  EXPECT_EQ(limit[1].second.export_limit_w, 2500.0);
}

TEST(FollowReader, KnowsOtherUnits) {
  const Scenario scenario = stamped();
  const auto ambient = actions<SetAmbient>(scenario);  // 293.15 K at 0 min, 303.15 K at 5 min
  ASSERT_EQ(ambient.size(), 2U);
  EXPECT_NEAR(ambient[0].second.temperature_c, 20.0, 1e-9);
  EXPECT_EQ(ambient[1].first, sim::Time{300s});
  const auto voltage = actions<SetGridVoltage>(scenario);  // 241.5 V of 230 V
  ASSERT_EQ(voltage.size(), 1U);
  EXPECT_NEAR(voltage[0].second.pu.value_or(0.0), 1.05, 1e-12);
}

// 1.5 kW of a load of 6 kW; the file begins an hour before the run.
TEST(FollowReader, LetsAProfileSayTheLoadsPower) {
  const Scenario scenario = stamped();
  const auto& loads = scenario.site.plant.loads;
  const auto load = std::find_if(loads.begin(), loads.end(), [](const auto& each) { return each.name == "house"; });
  ASSERT_NE(load, loads.end());
  ASSERT_TRUE(load->behaviour.has_value());
  models::LoadBehaviour behaviour = *load->behaviour;
  EXPECT_NEAR(behaviour.advance({.switched_on = true, .frequency_hz = 50.0}).active_scale, 0.25, 1e-12);
}

TEST(FollowReader, PutsTheFilesTextIntoTheResolvedScenario) {
  const Scenario scenario = follows();
  EXPECT_EQ(scenario.resolved_xml.find("sun.csv"), std::string::npos);
  Diagnostics diagnostics;
  const auto again = read_scenario_text(scenario.resolved_xml, "elsewhere.xml", folder / "library", diagnostics);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(sun_on("left", *again).size(), 3U);
}

// 2026-06-21 00:00 UTC is 20,625 days after 1970: 56 years of 365 days, 14 leap days, 171 days into the year.
TEST(TimeStamp, IsReadWithItsZone) {
  constexpr double noon_s = (56.0 * 365.0 + 14.0 + 171.0) * 86'400.0 + 12.0 * 3600.0;
  for (const char* text :
       {"2026-06-21T12:00:00", "2026-06-21 12:00", "2026-06-21T12:00Z", "2026-06-21 12:00:00-05:30"}) {
    ASSERT_TRUE(parse_time_stamp(text)) << text;
    EXPECT_EQ(parse_time_stamp(text)->local_s, noon_s) << text;
  }
  EXPECT_EQ(parse_time_stamp("2026-06-21T12:00")->offset_s, std::nullopt);
  EXPECT_EQ(parse_time_stamp("2026-06-21T12:00Z")->offset_s, 0.0);
  EXPECT_EQ(parse_time_stamp("2026-06-21T12:00-05:30")->offset_s, -19'800.0);
  for (const char* text :
       {"", "2026", "2026-06-31T12:00", "2026-06-21T24:00", "2026-06-21T12:00:60", "2026-06-21T12:00+15:00",
        "2026-06-21T12:00Zulu", "1900-01-01T00:00", "2026-06-21x12:00", "21.06.2026 12:00"}) {
    EXPECT_FALSE(parse_time_stamp(text)) << text;
  }
}

}  // namespace
}  // namespace hil::harness
