#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "harness/checks/signal_names.h"
#include "harness/plant/bench.h"
#include "harness/scenario/reader.h"
#include "harness/scenario/requirements.h"

namespace hil::harness {
namespace {

const std::filesystem::path tree = HILBENCH_SOURCE_DIR;
const std::filesystem::path folder = tree / "tests/harness/scenario";

struct Read {
  Scenarios scenarios;
  std::multiset<std::string> rules;
  std::string text;
};

Read read(const std::string& name) {
  Diagnostics diagnostics;
  Read result;
  result.scenarios = read_scenarios(folder / "rules" / (name + ".xml"), folder / "library", diagnostics);
  for (const Fault& fault : diagnostics.sorted()) {
    result.rules.insert(fault.rule);
    result.text += fault.text() + "\n";
  }
  return result;
}

/// As the table in scenarios/README.md has them: id and whether it forbids a run.
std::map<std::string, bool> documented_rules() {
  std::ifstream readme{tree / "scenarios/README.md"};
  std::map<std::string, bool> rules;
  for (std::string line; std::getline(readme, line);) {
    if (line.starts_with("| S0")) rules[line.substr(2, 4)] = line.starts_with("| " + line.substr(2, 4) + " | error |");
  }
  return rules;
}

TEST(Rules, EachHasAFileThatKeepsItAndOneThatBreaksIt) {
  const auto rules = documented_rules();
  ASSERT_GE(rules.size(), 9U);
  for (const auto& [rule, is_error] : rules) {
    const Read good = read(rule + ".good");
    EXPECT_EQ(good.text, "") << rule;
    EXPECT_EQ(good.scenarios.sound.size(), 1U) << rule;
    if (rule == "S003") continue;  // only a bench knows its signals, see below
    const Read bad = read(rule + ".bad");
    EXPECT_EQ(bad.rules, std::multiset<std::string>{rule}) << bad.text;
    EXPECT_EQ(bad.scenarios.sound.empty(), is_error) << bad.text;
  }
}

TEST(Rules, ThatHoldARequirementAreDocumented) {
  const auto rules = documented_rules();
  const Requirements requirements = read_requirements(tree / "scenarios");
  EXPECT_FALSE(requirements.ruled.empty());
  for (const RuledRequirement& ruled : requirements.ruled) EXPECT_TRUE(rules.contains(ruled.rule)) << ruled.id;
}

/// What rule S006 says of the two-inverter site of the library with one more load on one phase.
std::string said_of_a_load_of(const std::string& phase_w) {
  Diagnostics diagnostics;
  read_scenario_text(
      "<scenario schema=\"1\" name=\"x\" duration_s=\"60\" seed=\"7\"><purpose>Which CT?</purpose>"
      "<site extends=\"sites/goodwe_two_et_400v.xml\"><load name=\"hall\" bus=\"main\" on=\"false\" l1_w=\"" +
          phase_w +
          "\" l2_w=\"0\" l3_w=\"0\" share_z=\"0\" share_i=\"0\" share_p=\"1\"/></site>"
          "<controller kind=\"sec1000\"><export_limit_w>0</export_limit_w></controller>"
          "<expect><never signal=\"grid.export_w\" above=\"5\"/></expect></scenario>",
      "x.xml", tree / "scenarios", diagnostics);
  std::string text;
  for (const Fault& fault : diagnostics.sorted()) text += fault.text();
  return text;
}

// The maker's list (S001-59 to S001-61): below 250 A the 200/5 or 250/5, then the 1000/5, from 1000 A on the 5000/5. At
// 230 V 92 kW draw 400 A and 460 kW 2000 A.
TEST(Rules, NameTheTransformerOfTheMakersListForTheCurrent) {
  EXPECT_EQ(said_of_a_load_of("23000"), "");
  EXPECT_NE(said_of_a_load_of("92000").find("_1000_5 would fit [S006]"), std::string::npos);
  EXPECT_NE(said_of_a_load_of("460000").find("_5000_5 would fit [S006]"), std::string::npos);
}

// The base has the meter, and fits what it has itself.
TEST(Rules, NameTheScenarioWhereItsSiteStandsOnABaseThatFits) {
  const std::string said = said_of_a_load_of("92000");
  EXPECT_TRUE(said.starts_with("x.xml:1:")) << said;
  EXPECT_NE(said.find("<site>: its meter's (at " + (tree / "scenarios/sites/goodwe_two_et_400v.xml").string() + ":"),
            std::string::npos)
      << said;
}

TEST(Rules, NameTheSignalThatNobodyHasInTriggerCheckAndPlot) {
  const Read good = read("S003.good");
  const Read bad = read("S003.bad");
  ASSERT_EQ(good.scenarios.sound.size(), 1U);
  ASSERT_EQ(bad.scenarios.sound.size(), 1U) << bad.text;
  const Bench bench{good.scenarios.sound.front()};
  EXPECT_TRUE(unknown_signals(good.scenarios.sound.front(), bench.signals()).empty());
  const std::vector<Fault> faults = unknown_signals(bad.scenarios.sound.front(), bench.signals());
  ASSERT_EQ(faults.size(), 3U);
  // Each at its attribute: line, and the column where the attribute begins.
  EXPECT_EQ(faults[0].place.line, 6);
  EXPECT_EQ(faults[0].place.column, 19);
  EXPECT_EQ(faults[1].place.line, 7);
  EXPECT_EQ(faults[1].place.column, 18);
  EXPECT_EQ(faults[2].place.line, 8);
  for (const Fault& fault : faults) EXPECT_EQ(fault.rule, "S003");
  EXPECT_TRUE(faults[0].message.starts_with("<when>: signal \"left.pw_w\" is unknown; known: left.pv_w"))
      << faults[0].message;
}

TEST(Rules, LetTheSignalsBeLookedUpBesideOtherFaults) {
  Diagnostics diagnostics;
  const std::string text =
      "<scenario schema=\"1\" name=\"x\" duration_s=\"60\" seed=\"7\"><purpose>Two faults?</purpose>"
      "<site extends=\"sites/base.xml\"/><controller kind=\"sec1000\"><export_limit_w>0</export_limit_w></controller>"
      "<expect><never signal=\"left.pw_w\" abvoe=\"5\"/></expect></scenario>";
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "two_faults.xml";
  std::ofstream(file) << text;
  const Scenarios scenarios = read_scenarios(file, folder / "library", diagnostics);
  EXPECT_FALSE(diagnostics.empty());
  EXPECT_TRUE(scenarios.sound.empty());
  ASSERT_EQ(scenarios.unsound.size(), 1U);
  const Bench bench{scenarios.unsound.front()};
  EXPECT_EQ(unknown_signals(scenarios.unsound.front(), bench.signals()).size(), 1U);
}

}  // namespace
}  // namespace hil::harness
