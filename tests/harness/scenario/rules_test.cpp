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
