#include "harness/report/requirement_verdicts.h"

#include <gtest/gtest.h>

namespace hil::harness {
namespace {

/// Runs that each have one check with a bound of 200 W.
struct Runs {
  std::vector<Scenario> scenarios;
  Suite suite;

  Runs() { scenarios.reserve(50); }
  Runs& add(const std::string& ids, CheckState state, double margin, Verdict verdict) {
    CheckSpec spec;
    spec.kind = NeverCheck{"grid.export_w", 200.0, {}, sim::Time{0}};
    spec.requirement = ids;
    Scenario& scenario = scenarios.emplace_back();
    scenario.name = "run_" + std::to_string(scenarios.size());
    scenario.file = "pack/" + scenario.name + ".xml";
    scenario.checks = {spec};
    CheckResult check;
    check.spec = spec;
    check.state = state;
    check.margin = margin;
    check.margin_unit = "W";
    RunResult run;
    run.scenario = scenario.name;
    run.verdict = verdict;
    run.checks = {check};
    suite.results.push_back(run);
    suite.scenarios.push_back(&scenario);
    return *this;
  }
};

TEST(RequirementVerdicts, SayOfEachIdHowItWentAndWhatItsTightestCheckLeft) {
  Runs runs;
  runs.add("1547.1-volt_var S003-18", CheckState::holds, 150.0, Verdict::pass)
      .add("1547.1-volt_var", CheckState::holds, 30.0, Verdict::pass)
      .add("S003-18", CheckState::broken, -20.0, Verdict::fail);
  const auto verdicts = requirement_verdicts(runs.suite);
  ASSERT_EQ(verdicts.size(), 2U);
  EXPECT_EQ(verdicts[0].id, "1547.1-volt_var");
  EXPECT_EQ(verdicts[0].verdict, Verdict::pass);
  EXPECT_EQ(verdicts[0].proofs.size(), 2U);
  ASSERT_TRUE(verdicts[0].tightest);
  EXPECT_DOUBLE_EQ(verdicts[0].tightest->share, 0.15);  // 30 of 200 W
  EXPECT_EQ(verdicts[0].tightest->run->scenario, "run_2");
  EXPECT_EQ(verdicts[1].verdict, Verdict::fail);
  EXPECT_DOUBLE_EQ(verdicts[1].tightest->share, -0.1);
}

TEST(RequirementVerdicts, DoNotPassByARunThatBrokeOff) {
  Runs runs;
  runs.add("1547.1-lvrt", CheckState::holds, 10.0, Verdict::pass);
  runs.add("1547.1-lvrt", CheckState::holds, 10.0, Verdict::error).suite.results.back().checks.clear();
  runs.add("1547.1-hvrt", CheckState::untested, 0.0, Verdict::untested);
  runs.add("1547.1-trip_time", CheckState::holds, 10.0, Verdict::inconclusive);
  const auto verdicts = requirement_verdicts(runs.suite);
  ASSERT_EQ(verdicts.size(), 3U);
  EXPECT_EQ(verdicts[0].verdict, Verdict::untested);
  EXPECT_FALSE(verdicts[0].tightest);
  EXPECT_EQ(verdicts[1].verdict, Verdict::error);
  EXPECT_EQ(verdicts[2].verdict, Verdict::inconclusive);
}

// The run failed by another of its checks.
TEST(RequirementVerdicts, AreNotThoseOfTheWholeRun) {
  Runs runs;
  runs.add("1547.1-lvrt", CheckState::holds, 10.0, Verdict::fail);
  EXPECT_EQ(requirement_verdicts(runs.suite).front().verdict, Verdict::pass);
}

TEST(RequirementVerdicts, StandAtTheEndOfARunALineEach) {
  Runs runs;
  runs.add("1547.1-volt_var", CheckState::holds, 30.0, Verdict::pass).add("", CheckState::holds, 1.0, Verdict::pass);
  EXPECT_EQ(requirement_lines(runs.suite, false),
            "1 requirement: 1 pass\n"
            "  PASS          1547.1-volt_var      1 check    15.0 % left, +30 W in run_1\n");
  EXPECT_EQ(requirement_lines(Suite{}, false), "");
}

// Of another source than those that checks name nothing is said.
TEST(RequirementVerdicts, TellWhatIsFulfilledInPartOrNotAtAll) {
  Runs runs;
  runs.add("1547.1-volt_var", CheckState::holds, 30.0, Verdict::pass);
  runs.suite.deviations = {{"1547.1-volt_var", {"pack/run_1.xml", "pack/run_9.xml"}, "not at rated power"},
                           {"1547.1-vref_autonomous", {}, "has none"},
                           {"G100-stage_2", {}, "has none"}};
  const auto verdicts = requirement_verdicts(runs.suite);
  ASSERT_EQ(verdicts.size(), 2U);
  EXPECT_EQ(verdicts[0].deviation, "not at rated power");
  EXPECT_EQ(verdicts[0].verdict, Verdict::pass);
  EXPECT_TRUE(verdicts[1].proofs.empty());
  EXPECT_EQ(requirement_lines(runs.suite, false),
            "2 requirements: 0 pass, 2 deviate as expected\n"
            "  PASS          1547.1-volt_var             1 check    15.0 % left, +30 W in run_1\n"
            "                in part: not at rated power\n"
            "  deviates      1547.1-vref_autonomous\n"
            "                has none\n");
}

TEST(RequirementVerdicts, TellNoDeviationThatOnlyScenariosShowWhichDidNotRun) {
  Runs runs;
  runs.add("1547.1-volt_var", CheckState::holds, 30.0, Verdict::pass);
  runs.add("1547.1-volt_watt.manual", CheckState::holds, 30.0, Verdict::pass);
  runs.suite.deviations = {{"1547.1-volt_var", {"pack/volt_var_full_power.xml"}, "not at rated power"},
                           {"1547.1-volt_watt", {"pack/run_2.xml"}, "a share of the set point"},
                           {"1547.1-volt_watt", {"pack/run_1.xml"}, "slowly"}};
  const auto verdicts = requirement_verdicts(runs.suite);
  ASSERT_EQ(verdicts.size(), 3U);
  EXPECT_EQ(verdicts[0].id, "1547.1-volt_var");
  EXPECT_EQ(verdicts[0].deviation, "");
  EXPECT_EQ(verdicts[1].id, "1547.1-volt_watt");
  EXPECT_EQ(verdicts[1].deviation, "a share of the set point; slowly");
  EXPECT_TRUE(verdicts[1].proofs.empty());
  EXPECT_TRUE(requirement_lines(runs.suite, false).starts_with("3 requirements: 2 pass, 1 deviate as expected\n"));
}

TEST(RequirementVerdicts, OfMoreThanAScreenfulAreListedWhereTheyDidNotPass) {
  Runs runs;
  for (int i = 0; i < 45; ++i) {
    runs.add("S001-" + std::to_string(i), i == 7 ? CheckState::broken : CheckState::holds, i == 7 ? -1.0 : 1.0,
             i == 7 ? Verdict::fail : Verdict::pass);
  }
  const std::string lines = requirement_lines(runs.suite, false);
  EXPECT_TRUE(lines.starts_with("45 requirements: 44 pass, 1 do not\n")) << lines;
  EXPECT_NE(lines.find("FAIL          S001-7 "), std::string::npos) << lines;
  EXPECT_EQ(lines.find("S001-8"), std::string::npos) << lines;
}

// Two of three files of one clause ran, and all of the other.
TEST(RequirementVerdicts, DoNotCallAClausePassedThatRanInPart) {
  Runs runs;
  runs.add("1547.1-volt_var S003-18", CheckState::holds, 150.0, Verdict::pass)
      .add("1547.1-volt_var 1547.1-lvrt", CheckState::holds, 30.0, Verdict::pass);
  const auto file = [](const char* name) { return std::filesystem::weakly_canonical(std::filesystem::absolute(name)); };
  runs.suite.files_of_clauses["1547.1-volt_var"] = {file("pack/run_1.xml"), file("pack/run_2.xml"),
                                                    file("pack/no.xml")};
  runs.suite.files_of_clauses["1547.1-lvrt"] = {file("pack/run_2.xml")};
  EXPECT_EQ(requirement_lines(runs.suite, false),
            "3 requirements: 2 pass, 1 pass as far as they ran\n"
            "  PASS          1547.1-lvrt          1 check    15.0 % left, +30 W in run_2\n"
            "  PART          1547.1-volt_var     2 checks    15.0 % left, +30 W in run_2  2 of 3 files ran\n"
            "  PASS          S003-18              1 check    75.0 % left, +150 W in run_1\n");
  // One case of a sweep is not the file.
  runs.suite.files_in_part = {file("pack/run_2.xml")};
  const auto verdicts = requirement_verdicts(runs.suite);
  EXPECT_EQ(verdicts.at(0).part_text(), "1 of 1 file ran, not with all cases");
  EXPECT_EQ(verdicts.at(1).part_text(), "2 of 3 files ran, not with all cases");
  EXPECT_FALSE(verdicts.at(2).in_part());
}

// A clause that fails in what ran has failed.
TEST(RequirementVerdicts, OfAClauseThatRanInPartStayFailures) {
  Runs runs;
  runs.add("1547.1-lvrt", CheckState::broken, -20.0, Verdict::fail);
  runs.suite.files_of_clauses["1547.1-lvrt"] = {
      std::filesystem::weakly_canonical(std::filesystem::absolute("pack/run_1.xml")), "/elsewhere.xml"};
  EXPECT_EQ(requirement_lines(runs.suite, false),
            "1 requirement: 0 pass, 1 do not\n"
            "  FAIL          1547.1-lvrt      1 check   -10.0 % left, -20 W in run_1  1 of 2 files ran\n");
}

// The way to the file in deviations.csv and the way of the call may be spelled apart.
TEST(RequirementVerdicts, KnowTheFilesOfDeviationsByWhateverPath) {
  Runs runs;
  runs.add("1547.1-lvrt", CheckState::holds, 10.0, Verdict::pass);
  runs.suite.deviations = {{"1547.1-lvrt", {"./pack/../pack/run_1.xml"}, "shown"}};
  EXPECT_EQ(requirement_verdicts(runs.suite).at(0).deviation, "shown");
}

}  // namespace
}  // namespace hil::harness
