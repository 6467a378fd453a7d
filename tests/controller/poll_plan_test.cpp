#include "controller/core/poll_plan.h"

#include <gtest/gtest.h>

#include <string>

namespace hil::controller {
namespace {

using namespace std::chrono_literals;
using Line = std::array<UnitOnLine, max_units_per_line>;

Line answering(std::size_t units) {
  Line line;
  for (std::size_t k = 0; k < units; ++k) line[k].health.answered();
  return line;
}

/// "a0" AC power of unit 0, "b" battery, "s" slow block, "o" its order read back, "w" order, "q" reactive power; "-"
/// nothing.
std::string next(PollPlan& plan, const Line& line, Time now = 1s) {
  const auto job = plan.next(line, now);
  if (!job) return "-";
  const char* kind = job->write_order                       ? "w"
                     : job->write_reactive                  ? "q"
                     : job->block == EtBlock::order         ? "o"
                     : job->block == EtBlock::ac_power      ? "a"
                     : job->block == EtBlock::battery_power ? "b"
                                                            : "s";
  return kind + std::to_string(job->unit);
}

std::string run(PollPlan& plan, const Line& line, int jobs) {
  std::string all;
  for (int k = 0; k < jobs; ++k) all += next(plan, line) + " ";
  return all;
}

TEST(PollPlan, ARoundIsAllAcPowersThenAllBatteriesThenOneSlowBlock) {
  PollPlan plan{2};
  EXPECT_EQ(run(plan, answering(2), 20), "a0 a1 b0 b1 o0 a0 a1 b0 b1 s0 a0 a1 b0 b1 s0 a0 a1 b0 b1 o1 ");
}

// 3 n rounds for n units, the third slow block of three being one for monitoring: what somebody else changed there is
// found within them.
TEST(PollPlan, EveryOrderIsReadBackOnceInThreeRoundsForEachUnit) {
  PollPlan plan{4};
  const std::string all = run(plan, answering(4), 12 * 9);
  for (const char* read_back : {"o0", "o1", "o2", "o3"}) {
    const std::size_t first = all.find(read_back);
    ASSERT_NE(first, std::string::npos) << read_back;
    EXPECT_EQ(all.find(read_back, first + 1), std::string::npos) << read_back;
  }
}

TEST(PollPlan, ReactivePowerGoesOutInThePlaceOfASlowBlock) {
  PollPlan plan{2};
  Line line = answering(2);
  line[1].reactive_waiting = true;
  EXPECT_EQ(run(plan, line, 5), "a0 a1 b0 b1 q1 ");
  line[1].reactive_waiting = false;
  EXPECT_EQ(run(plan, line, 5), "a0 a1 b0 b1 o0 ");
}

TEST(PollPlan, OrdersGoBetweenTheReadsAndThoseThatLowerALimitGoFirst) {
  PollPlan plan{2};
  Line line = answering(2);
  line[0].order_waiting = line[1].order_waiting = true;
  line[1].order_lowers = true;
  EXPECT_EQ(run(plan, line, 3), "a0 a1 w1 ");
  line[1] = {line[1].health};
  EXPECT_EQ(next(plan, line), "w0");
  line[0] = {line[0].health};
  EXPECT_EQ(run(plan, line, 3), "b0 b1 a0 ");  // a round with two orders drops its slow block
}

TEST(PollPlan, AnUrgentOrderGoesAheadOfReadsButTwiceARoundOnly) {
  PollPlan plan{2};
  Line line = answering(2);
  EXPECT_EQ(next(plan, line), "a0");
  line[0].order_waiting = line[0].order_urgent = true;
  EXPECT_EQ(run(plan, line, 2), "w0 w0 ");
  EXPECT_EQ(next(plan, line), "a1");  // still urgent (say it was refused): the reads go on
}

TEST(PollPlan, AnOrderThatNeverGoesAwayStarvesNoRead) {
  PollPlan plan{2};
  Line line = answering(2);
  for (UnitOnLine& unit : line) unit.order_waiting = unit.order_urgent = true;
  std::string all = run(plan, line, 140);
  for (const char* read : {"a0", "a1", "b0", "b1", "s0", "o0"})
    EXPECT_NE(all.find(read), std::string::npos) << read << all;
}

TEST(PollPlan, ALostUnitIsAskedForItsAcPowerWhenItsTimeHasComeAndForNothingElse) {
  PollPlan plan{2};
  Line line = answering(2);
  for (int miss = 0; miss < 3; ++miss) line[1].health.missed(1s);
  EXPECT_EQ(run(plan, line, 6), "a0 b0 o0 a0 b0 s0 ");
  EXPECT_EQ(next(plan, line, 7s), "a0");
  EXPECT_EQ(next(plan, line, 7s), "a1");
  EXPECT_EQ(next(plan, line, 7s), "b0");
}

TEST(PollPlan, AUnitWithTwoRepliesMissingIsAskedForItsAcPowerOnly) {
  PollPlan plan{2};
  Line line = answering(2);
  for (int miss = 0; miss < 2; ++miss) line[1].health.missed(1s);
  EXPECT_EQ(run(plan, line, 4), "a0 a1 b0 o0 ");
}

TEST(PollPlan, ALostUnitIsToldBlindlyWhatLowersItsLimitBetweenTheExchangesOfTheOthers) {
  PollPlan plan{2};
  Line line = answering(2);
  for (int miss = 0; miss < 3; ++miss) line[1].health.missed(1s);
  EXPECT_EQ(next(plan, line), "a0");
  line[1].order_blind = true;
  EXPECT_EQ(next(plan, line), "w1");
  line[1].order_blind = false;  // told: again after a pause
  EXPECT_EQ(run(plan, line, 2), "b0 o0 ");
}

TEST(PollPlan, WithEveryUnitLostThereIsNothingToAskUntilTheFirstTrial) {
  PollPlan plan{1};
  Line line = answering(1);
  for (int miss = 0; miss < 3; ++miss) line[0].health.missed(1s);
  EXPECT_EQ(next(plan, line, 2s), "-");
  EXPECT_EQ(PollPlan::retry_at(line, 1), 6s);
  EXPECT_EQ(next(plan, line, 6s), "a0");
}

}  // namespace
}  // namespace hil::controller
