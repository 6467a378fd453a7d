#include "harness/report/summary.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "harness/report/decimation.h"
#include "harness/report/plots.h"

namespace hil::harness {
namespace {

RunResult failed_run() {
  RunResult result;
  result.scenario = "heater_step";
  result.purpose =
      "A sentence that is long enough to need a second line on a terminal, because it says everything "
      "there is to say about the question asked.";
  result.verdict = Verdict::fail;
  result.virtual_s = 600.0;
  result.wall_s = 0.25;
  result.steps = 60001;
  result.trace_hash = "99aa06d3014798d86001c324468d497f";
  result.folder = std::filesystem::path(testing::TempDir()) / "hilbench_summary";
  std::filesystem::create_directories(result.folder);
  std::ofstream(result.folder / "report.html") << "x";
  CheckResult check;
  check.spec.description = "grid.export_w never above 200 W for longer than 5 s";
  check.spec.requirement = "S003-18";
  check.spec.place = {"heater.xml", 12, 5};
  check.state = CheckState::broken;
  check.margin = -12.5;
  check.margin_unit = "W";
  check.worst_text = "212.5 W at 61.3 s";
  result.checks = {check};
  return result;
}

TEST(Summary, SaysVerdictMarginHashSpeedAndWhereTheReportIs) {
  const std::string text = summary_text(failed_run(), false);
  EXPECT_TRUE(text.starts_with("FAIL  heater_step\n")) << text;
  EXPECT_NE(text.find("BROKEN          -12.5 W   grid.export_w never above 200 W"), std::string::npos) << text;
  EXPECT_NE(text.find("212.5 W at 61.3 s [S003-18]"), std::string::npos) << text;
  EXPECT_NE(text.find("heater.xml:12\n"), std::string::npos) << text;
  // 600 s in 0.25 s.
  EXPECT_NE(text.find("2400 x real time"), std::string::npos) << text;
  EXPECT_NE(text.find("trace hash 99aa06d3014798d86001c324468d497f\n"), std::string::npos) << text;
  EXPECT_NE(text.find("hilbench_summary/report.html\n"), std::string::npos) << text;
}

TEST(Summary, FitsTheTerminal) {
  std::istringstream lines(summary_text(failed_run(), false));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), terminal_columns) << line;
}

TEST(Summary, ShowsTheFramesOfABrokenCheckCutToTheTerminal) {
  RunResult result = failed_run();
  result.checks[0].frames = {
      "61.2 com1 request unit 1: read holding registers 35180 x5; crc ok",
      "61.3 com1 reply   unit 1: read holding registers" + std::string(200, '7'),
      "      l1_voltage_ln_rms_v 230 V, frequency_hz 50 Hz, l1_import_w 200 W, l2_import_w 300 W, "
      "l3_import_w 400 W"};
  const std::string text = summary_text(result, false);
  EXPECT_NE(text.find("\n    61.2 com1 request unit 1: read holding registers 35180 x5; crc ok\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("777...\n          l1_voltage_ln_rms_v 230 V, "), std::string::npos) << text;
  EXPECT_NE(text.find("l3_import_w 400 W\n"), std::string::npos) << "folded, not cut: " << text;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), terminal_columns) << line;
}

TEST(Summary, HasEscapesOnlyWhereAskedFor) {
  EXPECT_EQ(summary_text(failed_run(), false).find('\x1b'), std::string::npos);
  EXPECT_NE(summary_text(failed_run(), true).find("\x1b[31mFAIL\x1b[0m"), std::string::npos);
}

TEST(Summary, NamesNoReportThatWasNotWritten) {
  RunResult result = failed_run();
  result.folder = "nowhere";
  EXPECT_EQ(summary_text(result, false).find("report "), std::string::npos);
}

TEST(Summary, OfSeveralSaysHowManyMoreBrokeAndWhereTheReportIs) {
  RunResult result = failed_run();
  result.checks.push_back(result.checks.front());
  result.checks.push_back(result.checks.front());
  const std::string text = summary_line(result, false);
  EXPECT_NE(text.find("212.5 W at 61.3 s (+2 more)\n"), std::string::npos) << text;
  EXPECT_NE(text.find("hilbench_summary/report.html\n"), std::string::npos) << text;
}

TEST(Summary, CountsTheVerdictsThatOccurred) {
  RunResult passed;
  passed.verdict = Verdict::pass;
  EXPECT_EQ(total_text({failed_run(), passed, passed}), "3 scenarios: 2 pass, 1 fail\n");
  EXPECT_EQ(total_text({passed}), "1 scenario: 1 pass\n");
}

// At 60 s a switch and its mark, at 61 s (1 s of 100 s, below 3 %) a fault without room for a label.
TEST(EventLines, LabelOneInstantOnceAndNeverOverprint) {
  using namespace std::chrono_literals;
  const EventLines drawn = event_lines(
      {{60s, "switch", "heater", "on"}, {60s, "mark", "heater_on", ""}, {61s, "fault", "et1", "silence begins"}},
      100.0);
  ASSERT_EQ(drawn.lines.size(), 2U);
  EXPECT_EQ(drawn.lines[0].label, "heater_on; heater on");
  EXPECT_EQ(drawn.lines[1].label, "");
  EXPECT_EQ(drawn.left_out, 0U);
}

TEST(EventLines, LeaveOutIrradianceFirstAndDrawNoChangesOfState) {
  std::vector<Event> events;
  for (int k = 0; k < 20; ++k) events.push_back({std::chrono::seconds{k}, "irradiance", "et1", "200 W/m2"});
  events.push_back({std::chrono::seconds{80}, "state", "et1.mode", "0 -> 1"});
  events.push_back({std::chrono::seconds{90}, "mark", std::string(60, 'm'), ""});
  const EventLines drawn = event_lines(events, 100.0);
  EXPECT_EQ(drawn.lines.size(), most_event_lines);
  EXPECT_EQ(drawn.left_out, 21U - most_event_lines);
  EXPECT_EQ(drawn.lines.back().label, std::string(longest_event_label, 'm') + "...");
}

// One sample of 100 in a sine of amplitude 1 over a day: every 43rd point would lose it with 98 % likelihood.
TEST(Decimation, KeepsAPeakOfOneSampleAndTheEnds) {
  constexpr std::size_t count = 86400;
  std::vector<double> time_s(count);
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    time_s[i] = static_cast<double>(i);
    values[i] = std::sin(1e-3 * time_s[i]);
  }
  values[50001] = 100.0;
  const auto kept = decimate(time_s, values, 2000);
  EXPECT_LE(kept.size(), 2000U);
  EXPECT_EQ(kept.front().first, 0.0);
  EXPECT_EQ(kept.back().first, 86399.0);
  double highest = 0.0;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    highest = std::max(highest, kept[i].second);
    if (i > 0) {
      EXPECT_GT(kept[i].first, kept[i - 1].first);
    }
  }
  EXPECT_EQ(highest, 100.0);
}

TEST(Decimation, LeavesAShortCurveAloneButForWhatIsNotANumber) {
  const std::vector<double> time_s{0.0, 1.0, 2.0};
  const std::vector<double> values{5.0, std::nan(""), 7.0};
  EXPECT_EQ(decimate(time_s, values, 2000), (std::vector<PlotPoint>{{0.0, 5.0}, {2.0, 7.0}}));
}

}  // namespace
}  // namespace hil::harness
