#include "harness/report/junit.h"

#include <gtest/gtest.h>

#include <map>

#include "harness/cli/exit_code.h"
#include "harness/report/html_parts.h"

namespace hil::harness {
namespace {

CheckResult check_of(CheckState state, const std::string& description) {
  CheckResult check;
  check.spec.element = "never";
  check.spec.description = description;
  check.spec.place = {"a.xml", 12, 5};
  check.state = state;
  check.margin = -12.5;
  check.margin_unit = "W";
  check.worst_text = "212.5 W at 61.3 s";
  return check;
}

RunResult run_of(const std::string& name, Verdict verdict, std::vector<CheckResult> checks = {}) {
  RunResult run;
  run.scenario = name;
  run.verdict = verdict;
  run.checks = std::move(checks);
  return run;
}

/// A reader for what the writer may write: counts elements, unescapes nothing, fails on tags that do not match.
std::map<std::string, int> elements_of(const std::string& xml) {
  std::map<std::string, int> counts;
  std::vector<std::string> open;
  for (std::size_t at = xml.find('<'); at != std::string::npos; at = xml.find('<', at + 1)) {
    const std::size_t end = xml.find('>', at);
    const std::string tag = xml.substr(at + 1, end - at - 1);
    if (tag.starts_with("?")) continue;
    if (tag.starts_with("/")) {
      EXPECT_EQ(tag.substr(1), open.back());
      open.pop_back();
      continue;
    }
    const std::string name = tag.substr(0, tag.find_first_of(" /"));
    ++counts[name];
    if (!tag.ends_with("/")) open.push_back(name);
  }
  EXPECT_TRUE(open.empty());
  return counts;
}

TEST(Junit, KeepsFailureErrorAndSkippedApart) {
  RunResult crashed = run_of("crashed", Verdict::error);
  crashed.error = "its process was ended by signal 11";
  const std::string xml =
      junit_text({run_of("good", Verdict::pass, {check_of(CheckState::holds, "holds")}),
                  run_of("bad", Verdict::fail,
                         {check_of(CheckState::broken, "breaks"), check_of(CheckState::untested, "never came")}),
                  crashed});
  // Three runs and three checks.
  auto counts = elements_of(xml);
  EXPECT_EQ(counts["testsuite"], 3);
  EXPECT_EQ(counts["testcase"], 6);
  EXPECT_EQ(counts["failure"], 1);
  EXPECT_EQ(counts["error"], 1);
  EXPECT_EQ(counts["skipped"], 1);
  EXPECT_EQ(counts["system-out"], 1);
  EXPECT_NE(xml.find("<testsuites name=\"hilbench\" tests=\"6\" failures=\"1\" errors=\"1\" skipped=\"1\""),
            std::string::npos)
      << xml;
  EXPECT_NE(xml.find("<testsuite name=\"bad\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\""),
            std::string::npos)
      << xml;
  EXPECT_NE(xml.find("message=\"margin -12.5 W, worst 212.5 W at 61.3 s\""), std::string::npos) << xml;
  EXPECT_NE(xml.find("a.xml:12:5: breaks"), std::string::npos) << xml;
}

TEST(Junit, SaysWhatItTakesToRunItAgainAndWhereACheckStands) {
  RunResult run = run_of("good", Verdict::pass, {check_of(CheckState::holds, "holds")});
  run.seed = 42;
  run.trace_hash = "99aa06d3";
  run.checks.front().spec.requirement = "S003-18";
  const std::string xml = junit_text({run});
  EXPECT_NE(xml.find("<property name=\"seed\" value=\"42\" />"), std::string::npos) << xml;
  EXPECT_NE(xml.find("<property name=\"trace_hash\" value=\"99aa06d3\" />"), std::string::npos) << xml;
  EXPECT_NE(xml.find("file=\"a.xml\" line=\"12\""), std::string::npos) << xml;
  EXPECT_NE(xml.find("requirement: S003-18</system-out>"), std::string::npos) << xml;
}

TEST(Junit, HasTheFramesAroundABrokenCheck) {
  RunResult run = run_of("bad", Verdict::fail, {check_of(CheckState::broken, "breaks")});
  run.checks.front().frames = {"61.200 com1 request 01 03", "61.250 com1 reply 01 83"};
  const std::string xml = junit_text({run});
  EXPECT_NE(xml.find("on the bus around that instant:\n  61.200 com1 request 01 03\n  61.250 com1 reply 01 83"),
            std::string::npos)
      << xml;
}

TEST(Junit, EscapesWhatXmlCannotHold) {
  RunResult crashed = run_of("crashed", Verdict::error);
  crashed.error = std::string("<\"&\x01\x1b[31m>\nsecond line");
  const std::string xml = junit_text({crashed});
  EXPECT_EQ(elements_of(xml)["error"], 1);
  EXPECT_NE(xml.find("&lt;&quot;&amp;??[31m"), std::string::npos) << xml;
  EXPECT_NE(xml.find("second line"), std::string::npos) << xml;
}

TEST(Junit, GivesTwoChecksThatReadAlikeNamesOfTheirOwn) {
  const std::string xml = junit_text(
      {run_of("twice", Verdict::pass, {check_of(CheckState::holds, "same"), check_of(CheckState::holds, "same")})});
  EXPECT_NE(xml.find("name=\"same\""), std::string::npos);
  EXPECT_NE(xml.find("name=\"same (2)\""), std::string::npos);
}

// design.md section 7: the gravest in the order error 3, fail 1, inconclusive 4, untested 5.
TEST(ExitCode, IsThatOfTheGravestVerdict) {
  const auto code = [](std::initializer_list<Verdict> verdicts) {
    std::vector<RunResult> results;
    for (const Verdict verdict : verdicts) results.push_back(run_of("x", verdict));
    return static_cast<int>(exit_code_of(results));
  };
  EXPECT_EQ(code({Verdict::pass}), 0);
  EXPECT_EQ(code({Verdict::pass, Verdict::untested}), 5);
  EXPECT_EQ(code({Verdict::untested, Verdict::inconclusive}), 4);
  EXPECT_EQ(code({Verdict::inconclusive, Verdict::fail, Verdict::untested}), 1);
  EXPECT_EQ(code({Verdict::fail, Verdict::error, Verdict::pass}), 3);
}

TEST(HtmlReport, EscapesText) {
  EXPECT_EQ(html_escaped("<a href=\"x\">&</a>"), "&lt;a href=&quot;x&quot;&gt;&amp;&lt;/a&gt;");
}

}  // namespace
}  // namespace hil::harness
