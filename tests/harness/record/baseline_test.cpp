#include "harness/record/baseline.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

#include "harness/record/output_file.h"

namespace hil::harness {
namespace {

namespace fs = std::filesystem;

Trace trace_of(std::vector<double> time_s, std::vector<double> power_w) {
  return {{"time_s", "grid.import_w"}, {std::move(time_s), std::move(power_w)}};
}

/// A step of 100 W at 3 s.
const Trace step_at_3 = trace_of({0, 1, 2, 3, 4, 5}, {0, 0, 0, 100, 100, 100});
const Trace step_at_4 = trace_of({0, 1, 2, 3, 4, 5}, {0, 0, 0, 0, 100, 100});

TEST(Baseline, AgreesWithItselfAndWithinItsTolerance) {
  EXPECT_TRUE(differences({step_at_3, {}}, step_at_3).empty());
  const Trace near = trace_of({0, 1, 2, 3, 4, 5}, {2, -2, 0, 102, 98, 100});
  EXPECT_TRUE(differences({step_at_3, {{"grid.*", 2.0, 0.0}}}, near).empty());
  EXPECT_FALSE(differences({step_at_3, {{"grid.*", 1.9, 0.0}}}, near).empty());
}

TEST(Baseline, NamesTheFirstDifferenceWithBothValues) {
  const auto found = differences({step_at_3, {{"*", 5.0, 0.0}}}, step_at_4);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].signal, "grid.import_w");
  EXPECT_EQ(found[0].time_s, 3.0);
  EXPECT_EQ(found[0].expected, 100.0);
  EXPECT_EQ(found[0].found, 0.0);
  EXPECT_EQ(found[0].tolerance, 5.0);
}

// The step comes 1 s later: within 1 s of time it is the same, within half of it not.
TEST(Baseline, AllowsAStepToComeEarlierOrLater) {
  EXPECT_TRUE(differences({step_at_3, {{"*", 0.0, 1.0}}}, step_at_4).empty());
  EXPECT_TRUE(differences({step_at_4, {{"*", 0.0, 1.0}}}, step_at_3).empty());
  EXPECT_FALSE(differences({step_at_3, {{"*", 0.0, 0.5}}}, step_at_4).empty());
}

// A tolerance in time must not hide what the baseline never did: the run's peak is not in it.
TEST(Baseline, FindsAPeakThatOnlyTheRunHas) {
  const Trace peak = trace_of({0, 1, 2, 3, 4, 5}, {0, 0, 0, 100, 900, 100});
  const auto found = differences({step_at_3, {{"*", 1.0, 1.0}}}, peak);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].time_s, 4.0);
  EXPECT_EQ(found[0].found, 900.0);
}

TEST(Baseline, DiffersFromARunThatEndsEarlierOrLacksASignal) {
  const auto early = differences({step_at_3, {}}, trace_of({0, 1, 2}, {0, 0, 0}));
  ASSERT_EQ(early.size(), 1U);
  EXPECT_EQ(early[0].time_s, 3.0);
  EXPECT_TRUE(std::isnan(early[0].found));
  EXPECT_EQ(differences({step_at_3, {}}, {{"time_s", "other_w"}, {{0}, {0}}}).size(), 1U);
}

TEST(Baseline, TakesWhatIsNoNumberForItselfOnly) {
  const Trace unknown = trace_of({0, 1}, {std::nan(""), 1});
  EXPECT_TRUE(differences({unknown, {}}, unknown).empty());
  EXPECT_EQ(differences({unknown, {}}, trace_of({0, 1}, {0, 1})).size(), 1U);
  EXPECT_EQ(differences({trace_of({0, 1}, {0, 1}), {}}, unknown).size(), 1U);
}

TEST(Baseline, TakesTheLastToleranceThatMatches) {
  const Trace off_by_3 = trace_of({0, 1, 2, 3, 4, 5}, {3, 3, 3, 103, 103, 103});
  EXPECT_TRUE(differences({step_at_3, {{"*", 0.0, 0.0}, {"grid.*_w", 3.0, 0.0}}}, off_by_3).empty());
  EXPECT_FALSE(differences({step_at_3, {{"grid.*_w", 3.0, 0.0}, {"*", 0.0, 0.0}}}, off_by_3).empty());
}

/// A results folder and a place for its baseline, gone at the end.
struct Folders {
  fs::path root = fs::path(testing::TempDir()) / ("hilbench_baseline_" + std::to_string(::getpid()));
  fs::path results = root / "results";
  fs::path baseline = root / "baseline";
  RunResult run;

  Folders() {
    fs::create_directories(results);
    std::ofstream(results / "trace.csv") << "time_s,grid.import_w,site.load_w,et1.battery_soc\n0.01,1.0,5.0,0.6\n1.0,2."
                                            "0,5.0,0.6\n2.0,3.0,5.0,0.6\n3.0,4.0,5.0,0.6\n";
    run.scenario = "heater";
    run.verdict = Verdict::pass;
    run.trace_hash = "99aa";
  }
  ~Folders() { fs::remove_all(root); }
  Folders(const Folders&) = delete;
  Folders& operator=(const Folders&) = delete;
};

TEST(Baseline, IsTheChosenPartOfARunWithItsReason) {
  const Folders folders;
  accept_baseline(folders.results, folders.run, {{"grid.*", "*_soc"}, 2.0, "first one"}, folders.baseline);
  EXPECT_EQ(read_whole_file(folders.baseline / "trace.csv"),
            "time_s,grid.import_w,et1.battery_soc\n0.010000,1.0,0.6\n2.000000,3.0,0.6\n");
  EXPECT_EQ(read_whole_file(folders.baseline / "tolerances.csv"),
            "signal,value,time_s\ngrid.import_w,1,0\net1.battery_soc,0.001,0\n");
  const std::string origin = read_whole_file(folders.baseline / "baseline.json");
  EXPECT_NE(origin.find("\"reason\": \"first one\""), std::string::npos);
  EXPECT_NE(origin.find("\"trace_hash\": \"99aa\""), std::string::npos);
  EXPECT_TRUE(differences(read_baseline(folders.baseline), read_trace(folders.results / "trace.csv")).empty());
}

TEST(Baseline, KeepsReviewedTolerancesWhenItIsRenewed) {
  const Folders folders;
  fs::create_directories(folders.baseline);
  std::ofstream(folders.baseline / "tolerances.csv") << "signal,value,time_s\n*,7,2\n";
  accept_baseline(folders.results, folders.run, {{"*"}, 0.0, "again"}, folders.baseline);
  const Baseline baseline = read_baseline(folders.baseline);
  ASSERT_EQ(baseline.tolerances.size(), 1U);
  EXPECT_EQ(baseline.tolerances[0].value, 7.0);
  EXPECT_EQ(baseline.tolerances[0].time_s, 2.0);
}

TEST(Baseline, OfNothingIsRefused) {
  const Folders folders;
  EXPECT_THROW(accept_baseline(folders.results, folders.run, {{"et9.*"}, 0.0, "x"}, folders.baseline),
               std::runtime_error);
  EXPECT_FALSE(fs::exists(folders.baseline));
}

TEST(Baseline, WithoutValuesOrHalfAcceptedIsRefused) {
  const Folders folders;
  const auto refused = [&] {
    try {
      read_baseline(folders.baseline);
    } catch (const std::runtime_error& error) {
      return std::string(error.what()).substr(folders.baseline.string().size());
    }
    return std::string("was read");
  };
  accept_baseline(folders.results, folders.run, {{"*"}, 0.0, "x"}, folders.baseline);
  fs::remove(folders.baseline / "baseline.json");
  EXPECT_EQ(refused(), ": has no baseline.json: it was not accepted to the end");
  std::ofstream(folders.baseline / "trace.csv") << "time_s,grid.import_w\n";
  EXPECT_EQ(refused(), "/trace.csv: has no values to compare with");
  std::ofstream(folders.baseline / "trace.csv") << "time_s\n1.0\n";
  EXPECT_EQ(refused(), "/trace.csv: has no values to compare with");
}

TEST(Baseline, SaysWhereAToleranceIsWrong) {
  const Folders folders;
  accept_baseline(folders.results, folders.run, {{"*"}, 0.0, "x"}, folders.baseline);
  std::ofstream(folders.baseline / "tolerances.csv") << "signal,value,time_s\ngrid.import_w,-1,0\n";
  try {
    read_baseline(folders.baseline);
    FAIL() << "was read";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("tolerances.csv:2: value is \"-1\", must be a number from 0 on"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace hil::harness
