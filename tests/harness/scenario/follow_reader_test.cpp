#include <gtest/gtest.h>

#include "harness/scenario/reader.h"

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

// Rows at 0, 60, 120 s after begin_s 30.
TEST(FollowReader, StepsWithTheRowsOfAFile) {
  const auto sun = actions<SetIrradiance>(follows());
  ASSERT_EQ(sun.size(), 3U);
  EXPECT_EQ(sun[0].first, sim::Time{30s});
  EXPECT_EQ(sun[2].first, sim::Time{150s});
  EXPECT_EQ(sun[1].second.inverter, "left");
  EXPECT_DOUBLE_EQ(sun[1].second.irradiance_w_m2, 300.0);
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

TEST(FollowReader, PutsTheFilesTextIntoTheResolvedScenario) {
  const Scenario scenario = follows();
  EXPECT_EQ(scenario.resolved_xml.find("sun.csv"), std::string::npos);
  Diagnostics diagnostics;
  const auto again = read_scenario_text(scenario.resolved_xml, "elsewhere.xml", folder / "library", diagnostics);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(actions<SetIrradiance>(*again).size(), 3U);
}

}  // namespace
}  // namespace hil::harness
