#include "harness/report/suite_report.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "harness/record/output_file.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// Two runs of which one failed, in a folder of this process's own.
struct TwoRuns {
  fs::path folder = fs::path(testing::TempDir()) / ("hilbench_suite_" + std::to_string(::getpid()));
  Scenario passed;
  Scenario failed;
  Suite suite;

  TwoRuns() {
    fs::create_directories(folder / "bad" / "plots");
    std::ofstream(folder / "bad" / "report.html") << "x";
    std::ofstream(folder / "bad" / "plots" / "1_power.svg") << "<?xml version=\"1.0\"?><svg><g id=\"drawn\"/></svg>";
    suite.command_line = "hilbench run <all>";
    add(passed, "good", Verdict::pass, CheckState::holds, 150.0);
    add(failed, "bad", Verdict::fail, CheckState::broken, -20.0);
    suite.results[1].plots = {{"Power", "plots/1_power.svg", {"grid.export_w"}}};
    failed.assumed = {{"et1: turnaround_s", "0.05", "assumed"}};
    suite.scenarios = {&passed, &failed};
  }
  ~TwoRuns() { fs::remove_all(folder); }
  TwoRuns(const TwoRuns&) = delete;
  TwoRuns& operator=(const TwoRuns&) = delete;

  void add(Scenario& scenario, const std::string& name, Verdict verdict, CheckState state, double margin) {
    scenario.name = name;
    CheckSpec spec;
    spec.kind = NeverCheck{"grid.export_w", 200.0, {}, 5s};
    spec.description = "grid.export_w never above 200 W";
    spec.requirement = "S003-18";
    scenario.checks = {spec};
    CheckResult check;
    check.spec = spec;
    check.state = state;
    check.margin = margin;
    check.margin_unit = "W";
    RunResult run;
    run.scenario = name;
    run.file = name + ".xml";
    run.verdict = verdict;
    run.checks = {check};
    run.folder = folder / name;
    run.virtual_s = 600.0;
    run.wall_s = 0.5;
    run.trace_hash = "hash_of_" + name;
    suite.results.push_back(run);
  }
  std::string page() const {
    write_suite_report(suite, folder);
    return read_whole_file(folder / suite_page);
  }
};

TEST(SuiteReport, SaysTheGravestVerdictFirst) {
  const std::string page = TwoRuns().page();
  const std::size_t heading = page.find("<h1>");
  EXPECT_EQ(page.find("<span class=\"tag fail\">fail</span> 2 scenarios: 1 pass, 1 fail", heading), heading + 4)
      << page;
  EXPECT_LT(page.find("What did not pass"), page.find("<h2>Scenarios"));
}

TEST(SuiteReport, ShowsThePlotOfABrokenCheckAndLinksToTheRun) {
  const std::string page = TwoRuns().page();
  EXPECT_NE(page.find("<svg><g id=\"drawn\"/></svg>"), std::string::npos) << page;
  EXPECT_NE(page.find("<a href=\"bad/report.html\">bad</a>"), std::string::npos) << page;
  // A run without a report has no link.
  EXPECT_EQ(page.find("good/report.html"), std::string::npos);
}

// A check of several signals names them by a pattern.
TEST(SuiteReport, ShowsThePlotOfABrokenCheckOfAPattern) {
  TwoRuns runs;
  runs.suite.results[1].plots = {{"Charge", "plots/1_power.svg", {"et1.battery_soc", "et2.battery_soc"}}};
  EXPECT_EQ(runs.page().find("<svg>"), std::string::npos);
  runs.failed.checks[0].kind = TogetherCheck{"*.battery_soc", 0.05};
  EXPECT_NE(runs.page().find("<svg><g id=\"drawn\"/></svg>"), std::string::npos) << runs.page();
  runs.failed.checks[0].kind = TogetherCheck{"*.battery_w", 0.05};
  EXPECT_EQ(runs.page().find("<svg>"), std::string::npos);
}

TEST(SuiteReport, TellsRequirementsAssumedValuesAndHowToRunItAgain) {
  const std::string page = TwoRuns().page();
  EXPECT_NE(page.find("<td>S003-18</td><td><span class=\"tag fail\">"), std::string::npos) << page;
  EXPECT_NE(page.find("et1: turnaround_s"), std::string::npos);
  EXPECT_NE(page.find("<pre>hilbench run &lt;all&gt;</pre>"), std::string::npos);
  EXPECT_NE(page.find("hash_of_bad"), std::string::npos);
}

TEST(SuiteReport, TellsWhatTheTightestCheckOfARequirementLeftAndWhatIsNotFulfilled) {
  TwoRuns runs;
  runs.suite.deviations = {{"S003-18", {}, "only <by day>"}};
  const std::string page = runs.page();
  EXPECT_NE(page.find("<td>S003-18<br><span class=\"faint\">in part: only &lt;by day&gt;</span></td>"),
            std::string::npos)
      << page;
  EXPECT_NE(page.find("data-is=\"left\">-10.0 %</td><td class=\"number\" data-is=\"margin\">-20 W</td>"),
            std::string::npos);
}

// -20 of 200 W and 150 of 200 W.
TEST(SuiteReport, RanksMarginsByTheShareOfWhatIsAllowed) {
  const TwoRuns runs;
  const auto ranked = ranked_margins(runs.suite);
  ASSERT_EQ(ranked.size(), 2U);
  EXPECT_EQ(ranked[0].run->scenario, "bad");
  EXPECT_DOUBLE_EQ(ranked[0].share, -0.1);
  EXPECT_DOUBLE_EQ(ranked[1].share, 0.75);
}

// Two runs of 600 s: 60,000 steps, one of a site with two inverters, one with none.
TEST(SuiteReport, CountsWhatTheRunsHadToCompute) {
  TwoRuns runs;
  for (RunResult& run : runs.suite.results) run.steps = 60'000;
  runs.passed.site.plant.inverters.resize(2);
  runs.suite.wall_s = 0.5;
  EXPECT_EQ(work_text(runs.suite),
            "1200 s of virtual time, 0.12 million steps of an inverter, in 0.5 s (2400 x real time)");
  EXPECT_NE(runs.page().find(work_text(runs.suite)), std::string::npos);
  runs.passed.duration = 600s;
  EXPECT_DOUBLE_EQ(planned_work(runs.passed).inverter_steps, 120'000.0);
  EXPECT_DOUBLE_EQ(planned_work(runs.passed).virtual_s, 600.0);
}

TEST(SuiteReport, KnowsItsOwnPages) {
  const TwoRuns runs;
  runs.page();
  EXPECT_TRUE(is_suite_report(runs.folder / suite_page));
  EXPECT_FALSE(is_suite_report(runs.folder / "bad" / "report.html"));
  EXPECT_FALSE(is_suite_report(runs.folder / "missing"));
}

TEST(SuiteReport, OfNothingPasses) {
  EXPECT_EQ(verdict_of(std::vector<RunResult>{}), Verdict::pass);
}

}  // namespace
}  // namespace hil::harness
