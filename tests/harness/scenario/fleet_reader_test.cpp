#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "harness/scenario/fleet_order.h"
#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;
using controller::FleetMode;

Scenario led() {
  const std::filesystem::path folder = std::filesystem::path{HILBENCH_SOURCE_DIR} / "tests/harness/scenario";
  Diagnostics diagnostics;
  auto scenario = read_scenario(folder / "good/fleet_leader.xml", folder / "library", diagnostics);
  for (const Fault& fault : diagnostics.sorted()) ADD_FAILURE() << fault.text();
  return scenario.value_or(Scenario{});
}

TEST(FleetReader, SetsTheLeaderUpForTheConvertersOfTheSite) {
  const Scenario scenario = led();
  ASSERT_TRUE(scenario.leader);
  EXPECT_FALSE(scenario.has_controller());
  const controller::FleetSettings& settings = scenario.leader->settings;
  ASSERT_EQ(settings.lines[0].count, 1U);
  ASSERT_EQ(settings.lines[1].count, 1U);
  EXPECT_EQ(settings.lines[0].addresses[0], 1);
  EXPECT_EQ(settings.lines[1].addresses[0], 2);
  EXPECT_EQ(settings.lines[1].bits_per_character, 11) << "with parity";
  EXPECT_EQ(settings.unit_rating_w, 100000.0);
  EXPECT_EQ(settings.strings_per_unit, 1U);
  EXPECT_EQ(settings.meter_address, 9);
  EXPECT_GT(settings.lines[0].capacity_wh[0], 0.0);
}

TEST(FleetReader, TakesOverWhatIsGiven) {
  const Scenario scenario = led();
  ASSERT_TRUE(scenario.leader);
  const controller::FleetSettings& settings = scenario.leader->settings;
  EXPECT_EQ(settings.mode, FleetMode::self_consumption);
  EXPECT_EQ(settings.grid_import_w, 500.0);
  EXPECT_EQ(settings.ac_injection_var, -1000.0);
  EXPECT_EQ(settings.initial_soc, 0.6);
  EXPECT_EQ(settings.lowest_soc, 0.2);
  EXPECT_EQ(settings.highest_soc, 0.9);
  EXPECT_TRUE(settings.has_transfer_switch);
  EXPECT_TRUE(settings.islands_by_itself);
  EXPECT_EQ(scenario.leader->transfer_switch, "transfer_switch");
  EXPECT_EQ(scenario.leader->switch_time, 200ms);
}

TEST(FleetReader, ReadsOrdersAsTheyAreTold) {
  std::vector<std::string> told;
  for_each_action(led(), [&told](const Action& action) {
    if (const auto* order = std::get_if<OrderFleet>(&action)) told.push_back(text_of(*order));
    if (std::holds_alternative<ReleaseFleet>(action)) told.push_back("release");
  });
  EXPECT_EQ(told, (std::vector<std::string>{"power -20000 W, 100 var", "off_grid", "release", "stop"}));
}

}  // namespace
}  // namespace hil::harness
