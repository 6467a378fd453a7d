#include <gtest/gtest.h>

#include <algorithm>

#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

Scenario read_good(const std::string& site, const std::string& faults) {
  const std::string text =
      "<scenario schema=\"1\" name=\"case\" duration_s=\"600\" seed=\"7\" capture=\"true\"><purpose>Reads?</purpose>"
      "<site extends=\"sites/base.xml\">" +
      site + "</site><controller kind=\"sec1000\"><unlimited_export/></controller><timeline><at time_s=\"1\">" +
      faults + "</at></timeline><expect><never signal=\"grid.export_w\" above=\"200\"/></expect></scenario>";
  Diagnostics diagnostics;
  auto scenario = read_scenario_text(
      text, "case.xml", std::filesystem::path(HILBENCH_SOURCE_DIR) / "tests/harness/scenario/library", diagnostics);
  for (const Fault& fault : diagnostics.sorted()) ADD_FAILURE() << fault.text();
  return scenario.value_or(Scenario{});
}

std::vector<FaultSpec> faults_of(const Scenario& scenario) {
  std::vector<FaultSpec> faults;
  for (const TimelineEntry& entry : scenario.timeline) {
    for (const Action& action : entry.actions) faults.push_back(std::get<FaultSpec>(action));
  }
  return faults;
}

TEST(FaultReader, GivesEveryParameterOfTheKindWhetherWrittenOrNot) {
  const auto faults = faults_of(
      read_good("",
                "<fault kind=\"extra_bytes\" target=\"left\" where=\"ahead\" probability=\"0.25\" for_s=\"10\"/>"
                "<fault kind=\"wrong_format\" target=\"meter\" parity=\"odd\"/>"
                "<fault kind=\"echo\" target=\"com4\"/>"));
  ASSERT_EQ(faults.size(), 3u);
  EXPECT_EQ(faults[0].parameters,
            (std::map<std::string, double>{{"count", 1.0}, {"where", 1.0}, {"probability", 0.25}}));
  EXPECT_EQ(faults[0].lasts, sim::Time{10s});
  EXPECT_EQ(faults[1].parameters, (std::map<std::string, double>{{"parity", 2.0}, {"stop_bits", 1.0}}));
  EXPECT_TRUE(faults[2].parameters.empty());
}

TEST(FaultReader, ListsParametersWithoutACertainSourceAsAssumedUnlessWritten) {
  const Scenario scenario = read_good("",
                                      "<fault kind=\"noise\" target=\"com1\"/><fault kind=\"noise\" target=\"com1\"/>"
                                      "<fault kind=\"noise\" target=\"left\" byte_error_rate=\"0.01\"/>");
  const auto count = [&](const std::string& what) {
    return std::count_if(scenario.assumed.begin(), scenario.assumed.end(),
                         [&](const Assumed& assumed) { return assumed.what == what; });
  };
  EXPECT_EQ(count("com1: noise byte_error_rate"), 1);
  EXPECT_EQ(count("left: noise byte_error_rate"), 0);
}

TEST(FaultReader, KnowsFaultsOfTheNetworkAndTheReplyTimeOfADongle) {
  const Scenario scenario =
      read_good("<inverter name=\"left\" dongle_reply_s=\"0.4\"/>",
                "<fault kind=\"tcp_reset\" target=\"meter\" when=\"at_once\"/>"
                "<fault kind=\"udp_truncated\" target=\"left\" bytes=\"42\" probability=\"0.1\"/>");
  const auto faults = faults_of(scenario);
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[0].parameters, (std::map<std::string, double>{{"when", 1.0}, {"probability", 1.0}}));
  EXPECT_EQ(faults[1].parameters, (std::map<std::string, double>{{"bytes", 42.0}, {"probability", 0.1}}));
  EXPECT_EQ(scenario.site.inverters.at(0).dongle_reply, sim::Time{400ms});
  EXPECT_EQ(scenario.site.inverters.at(1).dongle_reply, sim::Time{120ms}) << "goodwe-et-modbus 10, assumed";
}

TEST(FaultReader, TakesTheOrderOfTheBusFromItsChain) {
  const Scenario scenario = read_good("<line name=\"com1\" chain=\" right  left\"/>", "<mark name=\"here\"/>");
  EXPECT_EQ(scenario.site.lines.at(0).chain, (std::vector<std::string>{"right", "left"}));
  EXPECT_TRUE(scenario.site.lines.at(1).chain.empty());
  EXPECT_TRUE(scenario.capture);
}

}  // namespace
}  // namespace hil::harness
