#include "harness/record/trace_writer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <fstream>

#include "harness/record/csv_reader.h"
#include "harness/record/event_writer.h"
#include "harness/record/number_text.h"
#include "harness/record/results_folder.h"
#include "harness/record/run_json.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// A folder of this process's own, gone at the end.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("hilbench_record_" + std::to_string(::getpid()))) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path operator/(const std::string& name) const { return path_ / name; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string written(double value, std::string_view unit) {
  std::array<char, longest_number> text{};
  return {text.data(), write_number(text.data(), value, unit)};
}

TEST(NumberText, HasTheDecimalsOfItsUnit) {
  EXPECT_EQ(written(1234.56, "W"), "1234.6");
  EXPECT_EQ(written(-0.04, "var"), "0.0");  // no sign on zero: -0.0 and 0.0 are one value
  EXPECT_EQ(written(230.0, "V"), "230.00");
  EXPECT_EQ(written(1.23456, "A"), "1.235");
  EXPECT_EQ(written(50.01, "Hz"), "50.0100");
  EXPECT_EQ(written(0.5, "Wh"), "0.500");
  EXPECT_EQ(written(0.6, ""), "0.6");
  EXPECT_EQ(written(1.0, ""), "1");
  EXPECT_EQ(written(100.0, ""), "100");
  EXPECT_EQ(written(0.0000001, ""), "0");
  EXPECT_EQ(written(-1.25, "ohm"), "-1.25");
  EXPECT_EQ(written(-0.96, "W"), "-1.0");
  EXPECT_EQ(written(std::nan(""), "W"), "nan");
}

TEST(NumberText, HasRoomForTheLargestDouble) {
  const std::string text = written(-1.7976931348623157e308, "s");
  EXPECT_EQ(text.size(), 317U);  // sign, 309 digits, point, six decimals
  EXPECT_LE(text.size(), longest_number);
}

TEST(NumberText, WritesTimeExactly) {
  std::array<char, longest_number> text{};
  EXPECT_EQ(std::string(text.data(), write_time(text.data(), 86399s + 10ms)), "86399.010000");
  EXPECT_EQ(time_text(61300ms), "61.3 s");
  EXPECT_EQ(time_text(0s), "0 s");
}

struct TwoSignals {
  double import_w = 0.0;
  double soc = 0.6;
  sim::SignalRegistry registry;
  TwoSignals() {
    registry.add("grid.import_w", "", &import_w);
    registry.add("et1.battery_soc", "", &soc);
  }
};

TEST(TraceWriter, WritesARowAtEachRecordPeriod) {
  const Folder folder;
  TwoSignals signals;
  TraceWriter writer(folder / "trace.csv", signals.registry.all(), 1s);
  for (int k = 1; k <= 250; ++k) {
    signals.import_w = k;
    writer.step(10ms * k);
  }
  writer.flush();
  EXPECT_EQ(read_whole_file(folder / "trace.csv"),
            "time_s,grid.import_w,et1.battery_soc\n"
            "0.010000,1.0,0.6\n"
            "1.000000,100.0,0.6\n"
            "2.000000,200.0,0.6\n");
}

// A period of 25 ms at steps of 10 ms: the first step at or after 25, 50, 75, 100 ms.
TEST(TraceWriter, TakesTheFirstStepAtOrAfterThePeriod) {
  const Folder folder;
  TwoSignals signals;
  TraceWriter writer(folder / "trace.csv", signals.registry.all(), 25ms);
  for (int k = 1; k <= 10; ++k) writer.step(10ms * k);
  writer.flush();
  const Trace trace = read_trace(folder / "trace.csv");
  EXPECT_EQ(trace.columns.front(), (std::vector<double>{0.01, 0.03, 0.05, 0.08, 0.1}));
}

// Steps of 10 ms for 50 ms: import every 20 ms, the SOC every 40 ms; the first step has both.
TEST(TraceWriter, GivesEachSignalItsPeriod) {
  const Folder folder;
  TwoSignals signals;
  const auto all = signals.registry.all();
  TraceWriter writer(folder / "trace.csv", {{all[0], 20ms}, {all[1], 40ms}});
  for (int k = 1; k <= 5; ++k) {
    signals.import_w = k;
    writer.step(10ms * k);
  }
  writer.flush();
  EXPECT_EQ(read_whole_file(folder / "trace.csv"),
            "time_s,grid.import_w,et1.battery_soc\n"
            "0.010000,1.0,0.6\n"
            "0.020000,2.0,\n"
            "0.040000,4.0,0.6\n");
  // An empty cell stands for the value above it.
  EXPECT_EQ(read_trace(folder / "trace.csv").columns[2], (std::vector<double>{0.6, 0.6, 0.6}));
}

TEST(TraceWriter, WritesARowWithWhatChanged) {
  const Folder folder;
  TwoSignals signals;
  const auto all = signals.registry.all();
  TraceWriter writer(folder / "trace.csv", {{all[0], 1s}, {all[1], 1s, true}});
  for (int k = 1; k <= 100; ++k) {
    signals.import_w = k;
    if (k == 7) signals.soc = 0.7;
    if (k == 9) signals.soc = std::nan("");
    writer.step(10ms * k);
  }
  writer.flush();
  EXPECT_EQ(read_whole_file(folder / "trace.csv"),
            "time_s,grid.import_w,et1.battery_soc\n"
            "0.010000,1.0,0.6\n"
            "0.070000,,0.7\n"
            "0.090000,,nan\n"
            "1.000000,100.0,nan\n");
}

// A ratio has six decimals.
TEST(TraceWriter, TakesWhatReadsTheSameForUnchanged) {
  const Folder folder;
  TwoSignals signals;
  const auto all = signals.registry.all();
  TraceWriter writer(folder / "trace.csv", {{all[1], 1s, true}});
  signals.soc = 0.6;
  for (int k = 1; k <= 50; ++k) {
    signals.soc += 1e-8;
    writer.step(10ms * k);
  }
  signals.soc += 1e-6;
  writer.step(510ms);
  writer.flush();
  EXPECT_EQ(read_whole_file(folder / "trace.csv"),
            "time_s,et1.battery_soc\n"
            "0.010000,0.6\n"
            "0.500000,0.600001\n"
            "0.510000,0.600002\n");
}

TEST(TraceWriter, ReachesTheDiskEachSixtyVirtualSeconds) {
  const Folder folder;
  TwoSignals signals;
  TraceWriter writer(folder / "trace.csv", signals.registry.all(), 1s);
  for (int k = 1; k < 60; ++k) writer.step(1s * k);
  EXPECT_EQ(fs::file_size(folder / "trace.csv"), 0U);
  writer.step(60s);
  EXPECT_EQ(read_trace(folder / "trace.csv").columns.front().size(), 60U);
}

// Published by the author of XXH3: XXH128 with seed 0 of nothing is 99aa06d3014798d86001c324468d497f.
TEST(ContentHash, IsXxh3Of128Bits) {
  EXPECT_EQ(ContentHash().hex(), "99aa06d3014798d86001c324468d497f");
}

TEST(ContentHash, DoesNotDependOnHowTheBytesCame) {
  ContentHash whole;
  ContentHash parts;
  const std::string text(1000, 'x');
  whole.update(text);
  for (const char c : text) parts.update({&c, 1});
  EXPECT_EQ(whole.hex(), parts.hex());
  parts.update("x");
  EXPECT_NE(whole.hex(), parts.hex());
}

TEST(TraceWriter, HashesWhatStandsInTheFile) {
  const Folder folder;
  TwoSignals signals;
  TraceWriter writer(folder / "trace.csv", signals.registry.all(), 1s);
  for (int k = 1; k <= 5000; ++k) writer.step(1s * k);
  writer.flush();
  ContentHash of_file;
  of_file.update(read_whole_file(folder / "trace.csv"));
  EXPECT_EQ(writer.hash().hex(), of_file.hex());
}

TEST(TraceWriter, RemembersAWriteThatFails) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  TwoSignals signals;
  TraceWriter writer("/dev/full", signals.registry.all(), 1s);
  EXPECT_NO_THROW(writer.step(60s));
  EXPECT_EQ(writer.failure(), "/dev/full: No space left on device");
}

TEST(EventWriter, QuotesAsRfc4180AndIsReadBack) {
  const Folder folder;
  EventWriter writer(folder / "events.csv");
  writer.write({60s, "switch", "heater", "on"});
  writer.write({61500ms, "state", "et1", "said \"stop\", then\nnothing"});
  EXPECT_EQ(read_whole_file(folder / "events.csv"),
            "time_s,kind,subject,text\n"
            "60.000000,switch,heater,on\n"
            "61.500000,state,et1,\"said \"\"stop\"\", then\nnothing\"\n");
  const auto events = read_events(folder / "events.csv");
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1].at, sim::Time{61500ms});
  EXPECT_EQ(events[1].text, "said \"stop\", then\nnothing");
}

TEST(CsvReader, LeavesOutARowThatAKillCutShort) {
  const Folder folder;
  std::ofstream(folder / "trace.csv") << "time_s,a\n0.01,1\n1.0,2\n2.0,";
  const Trace trace = read_trace(folder / "trace.csv");
  EXPECT_EQ(trace.columns[1], (std::vector<double>{1.0, 2.0}));
}

TEST(ResultsFolder, IsRefusedWhenItHoldsSomethingElse) {
  const Folder folder;
  std::ofstream(folder / "thesis.txt") << "ten years of work";
  EXPECT_NE(refusal(folder.path()).find(folder.path().string() + ": holds neither run.json nor trace.csv"),
            std::string::npos);
  EXPECT_THROW(prepare_results_folder(folder.path()), std::runtime_error);
  EXPECT_TRUE(fs::exists(folder / "thesis.txt"));
}

TEST(ResultsFolder, LosesWhatAFormerRunWroteAndNothingElse) {
  const Folder folder;
  fs::create_directories(folder / "plots");
  for (const char* name : {"run.json", "trace.csv", "report.html", "plots/1_power.svg", "notes.txt"}) {
    std::ofstream(folder / name) << "x";
  }
  EXPECT_EQ(refusal(folder.path()), "");
  prepare_results_folder(folder.path());
  EXPECT_FALSE(fs::exists(folder / "run.json"));
  EXPECT_FALSE(fs::exists(folder / "plots/1_power.svg"));
  EXPECT_TRUE(fs::exists(folder / "notes.txt"));
}

TEST(RunJson, ComesBackAsItWasWritten) {
  const Folder folder;
  RunResult result;
  result.scenario = "heater";
  result.verdict = Verdict::fail;
  result.error = "raw byte \xff in a log";
  result.seed = 18446744073709551615ULL;
  result.virtual_s = 600.0;
  CheckResult check;
  check.spec.element = "never";
  check.spec.place = {"a.xml", 12, 5};
  check.state = CheckState::broken;
  check.margin = -0.1;
  check.margin_unit = "W";
  check.worst_at = 61300ms;
  check.frames = {"61.2 com1 request", "61.3 com1 reply"};
  result.checks = {check, CheckResult{}};
  write_run_json(result, folder / "run.json");
  const RunResult back = read_run_json(folder / "run.json");
  EXPECT_EQ(back.verdict, Verdict::fail);
  EXPECT_EQ(back.seed, 18446744073709551615ULL);
  EXPECT_EQ(back.folder, folder.path());
  ASSERT_EQ(back.checks.size(), 2U);
  EXPECT_EQ(back.checks[0].margin, -0.1);
  EXPECT_EQ(back.checks[0].worst_at, sim::Time{61300ms});
  EXPECT_EQ(back.checks[0].spec.place.line, 12);
  EXPECT_EQ(back.checks[0].frames, check.frames);
  EXPECT_TRUE(back.checks[1].frames.empty());
  EXPECT_EQ(back.checks[1].state, CheckState::untested);
  EXPECT_FALSE(back.checks[1].worst_at);
  EXPECT_FALSE(fs::exists(folder / "run.json.tmp"));
}

TEST(RunJson, ThatIsBrokenIsNamed) {
  const Folder folder;
  std::ofstream(folder / "run.json") << "{\"format\": 1";
  try {
    read_run_json(folder / "run.json");
    FAIL() << "was read";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find((folder / "run.json").string()), std::string::npos);
  }
}

}  // namespace
}  // namespace hil::harness
