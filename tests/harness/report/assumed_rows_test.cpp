#include "harness/report/assumed_rows.h"

#include <gtest/gtest.h>

namespace hil::harness {
namespace {

/// Ten converters, and a meter.
Scenario fleet() {
  Scenario scenario;
  for (int number = 1; number <= 10; ++number) {
    PcsSpec& pcs = scenario.site.pcs.emplace_back();
    pcs.name = "pcs" + std::to_string(number);
  }
  scenario.site.meter.name = "meter";
  return scenario;
}

std::vector<std::string> told(const Scenario& scenario) {
  std::vector<std::string> lines;
  for (const Assumed& each : assumed_rows(scenario)) {
    lines.push_back(each.what + " = " + each.value + " (" + each.reason + ")");
  }
  return lines;
}

TEST(AssumedRows, OfManyUnitsAreOneWhereAllIsTheSame) {
  Scenario scenario = fleet();
  for (const PcsSpec& pcs : scenario.site.pcs) {
    scenario.assumed.push_back({pcs.name + ": turnaround_s", "0.05", "nobody measured it"});
    scenario.assumed.push_back({pcs.name + ": soft_start_s", pcs.name == "pcs3" ? "4" : "5", "no source"});
  }
  scenario.assumed.push_back({"fleet_leader: initial_soc", "0.5", "assumed"});
  EXPECT_EQ(told(scenario), (std::vector<std::string>{"pcs1..pcs10: turnaround_s = 0.05 (nobody measured it)",
                                                      "pcs1, pcs2, pcs4..pcs10: soft_start_s = 5 (no source)",
                                                      "pcs3: soft_start_s = 4 (no source)",
                                                      "fleet_leader: initial_soc = 0.5 (assumed)"}));
}

TEST(AssumedRows, OfTheStringsOfAUnitAreOneToo) {
  Scenario scenario = fleet();
  for (const char* unit : {"pcs1", "pcs2"}) {
    for (int number = 1; number <= 3; ++number) {
      scenario.assumed.push_back({std::string{unit} + " string " + std::to_string(number) + ": float_v", "828", "LFP"});
    }
  }
  scenario.assumed.push_back({"pcs3 string 1: float_v", "828", "LFP"});
  EXPECT_EQ(told(scenario), (std::vector<std::string>{"pcs1, pcs2 strings 1..3: float_v = 828 (LFP)",
                                                      "pcs3 string 1: float_v = 828 (LFP)"}));
}

TEST(AssumedRows, StayAsTheyAreWhereNoUnitIsMeant) {
  Scenario scenario = fleet();
  scenario.assumed = {{"pcs11: x", "1", "a"}, {"pcs12: x", "1", "a"}, {"com1 string 1", "1", "a"}};
  EXPECT_EQ(told(scenario),
            (std::vector<std::string>{"pcs11: x = 1 (a)", "pcs12: x = 1 (a)", "com1 string 1 = 1 (a)"}));
}

TEST(NameRanges, AreOfThreeNamesInARowOrMore) {
  EXPECT_EQ(name_ranges({}), "");
  EXPECT_EQ(name_ranges({"left", "right"}), "left, right");
  EXPECT_EQ(name_ranges({"a1", "a2", "a4", "a5", "a6", "b7"}), "a1, a2, a4..a6, b7");
}

}  // namespace
}  // namespace hil::harness
