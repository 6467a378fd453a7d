#include "harness/parity/parity_table.h"

#include <gtest/gtest.h>

namespace hil::harness {
namespace {

/// A run with one check in `unit`, and a trace of one signal.
ParitySide side(const std::string& name, double margin, const std::string& unit, CheckState state = CheckState::holds) {
  CheckResult check;
  check.spec.description = "grid.export_w never above 200 W";
  check.state = state;
  check.margin = margin;
  check.margin_unit = unit;
  ParitySide side;
  side.name = name;
  side.result.verdict = state == CheckState::broken ? Verdict::fail : Verdict::pass;
  side.result.checks.push_back(check);
  side.trace.names = {"time_s", "grid.import_w"};
  side.trace.columns = {{1.0, 2.0, 3.0}, {50.0, 50.0, margin}};
  return side;
}

TEST(ParityTable, AgreesWithinWhatThePhaseOfThePollsExplains) {
  const Parity parity = compared(side("in process", 180.0, "W"), side("board", 100.0, "W"), {"grid.import_w", "gone"});
  EXPECT_TRUE(parity.agree);
  EXPECT_NE(parity.table.find("holds +180.00 W"), std::string::npos) << parity.table;
  EXPECT_NE(parity.table.find("holds +100.00 W"), std::string::npos);
  // -80 W once in three rows, at 3 s.
  EXPECT_NE(parity.table.find("-26.7         46.2        -80.0      3.0"), std::string::npos) << parity.table;
}

// A step of 6 kW one row later: 6 kW in one row, and nothing that 1.5 s do not explain. 100 W more at the end they do
// not.
TEST(ParityTable, ShowsWhatAShiftInTimeDoesNotExplain) {
  ParitySide reference = side("in process", 180.0, "W");
  ParitySide other = side("board", 180.0, "W");
  reference.trace.columns = {{1.0, 2.0, 3.0, 4.0, 5.0}, {0.0, 0.0, 6000.0, 6000.0, 6000.0}};
  other.trace.columns = {{1.0, 2.0, 3.0, 4.0, 5.0}, {0.0, 0.0, 0.0, 6000.0, 6000.0}};
  const Parity shifted = compared(reference, other, {"grid.import_w"});
  EXPECT_NE(shifted.table.find("beyond 1.5 s"), std::string::npos) << shifted.table;
  EXPECT_NE(shifted.table.find("-6000.0      3.0            0.0\n"), std::string::npos) << shifted.table;
  other.trace.columns[1].back() = 6100.0;
  const Parity more = compared(reference, other, {"grid.import_w"});
  EXPECT_NE(more.table.find("-6000.0      3.0          100.0\n"), std::string::npos) << more.table;
}

TEST(ParityTable, LeavesLinesOutThatAHostIsNotAttachedTo) {
  ParitySide reference = side("in process", 180.0, "W");
  ParitySide other = side("hilcontroller", 180.0, "W");
  for (ParitySide* each : {&reference, &other}) {
    each->trace.names.emplace_back("com2.requests");
    each->trace.columns.emplace_back(std::vector<double>{0.0, 0.0, each == &other ? 0.0 : 1.0});
  }
  EXPECT_FALSE(compared(reference, other, {}, Parity::Allowed::no_difference).agree);
  const Parity parity = compared(reference, other, {}, Parity::Allowed::no_difference, {"com2"});
  EXPECT_TRUE(parity.agree);
  EXPECT_NE(parity.table.find("1 of 1 signals the same in all 3 rows"), std::string::npos) << parity.table;
}

TEST(ParityTable, NamesAMarginThatDiffersByMore) {
  const Parity watts = compared(side("in process", 180.0, "W"), side("board", 20.0, "W"), {});
  EXPECT_FALSE(watts.agree);
  ASSERT_EQ(watts.faults.size(), 1U);
  EXPECT_NE(watts.faults[0].find("its margin by board differs by -160.00 W"), std::string::npos) << watts.faults[0];
  EXPECT_FALSE(compared(side("in process", 3.0, "s"), side("board", 1.0, "s"), {}).agree);
  EXPECT_TRUE(compared(side("in process", 3.0, "Wh"), side("board", 1.0, "Wh"), {}).agree);
}

TEST(ParityTable, AllowsHostsWithTheBenchsTimeNoDifferenceAtAll) {
  const ParitySide reference = side("in process", 180.0, "W");
  const Parity same = compared(reference, side("board", 180.0, "W"), {}, Parity::Allowed::no_difference);
  EXPECT_TRUE(same.agree);
  EXPECT_NE(same.table.find("1 of 1 signals the same in all 3 rows"), std::string::npos) << same.table;

  const Parity margin = compared(reference, side("board", 179.5, "W"), {}, Parity::Allowed::no_difference);
  EXPECT_FALSE(margin.agree);
  ASSERT_EQ(margin.faults.size(), 2U);
  EXPECT_EQ(margin.faults[0], "grid.export_w never above 200 W: its margin by board differs by -0.5 W");
  EXPECT_EQ(margin.faults[1], "trace: 1 of 1 signals, first grid.import_w at 3 s");

  ParitySide cut = side("board", 180.0, "W");
  for (auto& column : cut.trace.columns) column.pop_back();
  const Parity shorter = compared(reference, cut, {}, Parity::Allowed::no_difference);
  ASSERT_EQ(shorter.faults.size(), 1U);
  EXPECT_EQ(shorter.faults[0], "trace: 2 rows by board, 3 in process");
}

TEST(ParityTable, DoesNotTakeTracesWithoutACommonSignalForTheSame) {
  const ParitySide reference = side("in process", 180.0, "W");
  ParitySide other = side("board", 180.0, "W");
  other.trace.names = {"time_s", "grid.frequency_hz"};
  EXPECT_FALSE(compared(reference, other, {}, Parity::Allowed::no_difference).agree);
  other.trace = {};
  EXPECT_FALSE(compared(reference, other, {}, Parity::Allowed::no_difference).agree);
  ParitySide later = side("board", 180.0, "W");
  later.trace.columns.front().back() += 0.5;
  EXPECT_FALSE(compared(reference, later, {}, Parity::Allowed::no_difference).agree);
}

// Those that the attached run cannot have are no difference.
TEST(ParityTable, HoldsSignalsAgainstEachOtherThatBothTracesHave) {
  ParitySide reference = side("in process", 180.0, "W");
  reference.trace.names.emplace_back("controller.state");
  reference.trace.columns.push_back({0.0, 1.0, 1.0});
  const Parity parity = compared(reference, side("board", 180.0, "W"), {}, Parity::Allowed::no_difference);
  EXPECT_TRUE(parity.agree);
  EXPECT_NE(parity.table.find("1 of 1 signals"), std::string::npos) << parity.table;
}

TEST(ParityTable, NamesAVerdictAndACheckThatDiffer) {
  const Parity parity = compared(side("in process", 10.0, "W"), side("board", -10.0, "W", CheckState::broken), {});
  EXPECT_FALSE(parity.agree);
  ASSERT_EQ(parity.faults.size(), 2U);
  EXPECT_EQ(parity.faults[0], "verdict: fail by board, pass in process");
  EXPECT_EQ(parity.faults[1], "grid.export_w never above 200 W: broken by board, holds in process");
}

TEST(ParityTable, DoesNotTakeFewerChecksForAgreement) {
  ParitySide short_of_one = side("board", 180.0, "W");
  short_of_one.result.checks.clear();
  const Parity parity = compared(side("in process", 180.0, "W"), short_of_one, {});
  EXPECT_FALSE(parity.agree);
  ASSERT_EQ(parity.faults.size(), 1U);
  EXPECT_EQ(parity.faults[0], "checks: 0 by board, 1 in process");
}

TEST(ParityTable, BlamesAHostForADifferenceOnlyWhenTheMachineLetItRun) {
  using namespace std::chrono_literals;
  ParitySide kept_waiting = side("hilcontroller", -10.0, "W", CheckState::broken);
  kept_waiting.host_waited_limit = 100ms;
  kept_waiting.host_waited = 932ms;
  const Parity unproven = compared(side("in process", 10.0, "W"), kept_waiting, {});
  EXPECT_FALSE(unproven.agree);
  EXPECT_TRUE(unproven.inconclusive);
  EXPECT_EQ(unproven.why_inconclusive,
            "the machine kept hilcontroller from the processor for 932 ms at a stretch (limit 100 ms)");

  kept_waiting.host_waited = 99ms;
  const Parity proven = compared(side("in process", 10.0, "W"), kept_waiting, {});
  EXPECT_FALSE(proven.agree);
  EXPECT_FALSE(proven.inconclusive);
}

TEST(ParityTable, DoesNotTakeUntestedForAgreement) {
  const ParitySide untested = side("board", 0.0, "W", CheckState::untested);
  const Parity parity = compared(side("in process", 0.0, "W", CheckState::untested), untested, {});
  EXPECT_FALSE(parity.agree);
  EXPECT_TRUE(parity.undecided);
  EXPECT_TRUE(parity.faults.empty());
}

TEST(ParityTable, TakesAgreementInSpiteOfWaits) {
  using namespace std::chrono_literals;
  ParitySide kept_waiting = side("hilcontroller", 180.0, "W");
  kept_waiting.host_waited_limit = 100ms;
  kept_waiting.host_waited = 932ms;
  const Parity parity = compared(side("in process", 180.0, "W"), kept_waiting, {});
  EXPECT_TRUE(parity.agree);
  EXPECT_FALSE(parity.inconclusive);
}

TEST(ParityTable, ProvesNothingWhenTheBenchWasLate) {
  ParitySide late = side("board", 180.0, "W");
  late.result.verdict = Verdict::inconclusive;
  const Parity parity = compared(side("in process", 180.0, "W"), late, {});
  EXPECT_TRUE(parity.inconclusive);
  EXPECT_FALSE(parity.agree);
}

}  // namespace
}  // namespace hil::harness
