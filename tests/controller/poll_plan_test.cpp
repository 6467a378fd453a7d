#include "controller/core/poll_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

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

// On a line where replies are missing each unit has its order whatever the time, once between two readings: the raise
// of the first does not overtake a lowering of the second that has had its turn and waits for time (0.62 s are nearly
// over).
TEST(PollPlan, ARaiseDoesNotOvertakeALoweringThatWaitsForTime) {
  for (const bool lowers : {true, false}) {
    PollPlan plan{2};
    Line line = answering(2);
    line[1].order_waiting = true;
    line[1].order_lowers = lowers;
    EXPECT_EQ(run(plan, line, 2), "a0 a1 ");
    plan.missed(1s);
    EXPECT_EQ(next(plan, line, 1600ms), "w1");
    line[0].order_waiting = true;
    EXPECT_EQ(next(plan, line, 1610ms), lowers ? "a0" : "w0");
  }
}

// A large change of a battery is urgent, too; where it raises a limit besides, the room for it comes first.
TEST(PollPlan, AnUrgentOrderThatRaisesALimitWaitsForTheLowering) {
  PollPlan plan{2};
  Line line = answering(2);
  line[0].order_waiting = line[0].order_urgent = true;
  line[1].order_waiting = line[1].order_lowers = true;
  EXPECT_EQ(run(plan, line, 3), "a0 a1 w1 ");
  line[1] = {line[1].health};
  EXPECT_EQ(next(plan, line), "w0");
}

/// What an exchange takes at 9600 8N1: characters of 1.0417 ms, t3.5 before and behind the reply, turn-around.
Time wire_time(const PollPlan::Job& job, Time turnaround) {
  const bool write = job.write_order || job.write_reactive;
  const Request request =
      write ? (job.write_order ? order_request(1, {}) : reactive_request(1, {})) : read_request(1, job.block);
  const LineTiming timing;
  return timing.characters(request_size(request) + reply_size(request)) + 2 * timing.frame_gap() + turnaround;
}

/// A line whose units answer, with a clock.
struct Running {
  Running(std::size_t units, Time takes) : plan(units), line(answering(units)), turnaround(takes) {}
  void run(Time until) {
    while (now < until) {
      const auto job = plan.next(line, now);
      ASSERT_TRUE(job);
      now += wire_time(*job, turnaround);
      plan.replied_after(turnaround);
      if (job->write_order) {
        ++orders[job->unit];
        if (on_order) on_order(job->unit);
      } else if (job->block == EtBlock::ac_power) {
        if (last_read[job->unit] > 0s) longest = std::max(longest, began(*job) - last_read[job->unit]);
        last_read[job->unit] = began(*job);
      } else {
        ++reads[static_cast<std::size_t>(job->block)];
      }
    }
  }
  Time began(const PollPlan::Job& job) const { return now - wire_time(job, turnaround); }

  PollPlan plan;
  Line line;
  Time turnaround;
  Time now = 1s;
  Time longest{0};
  std::array<Time, max_units_per_line> last_read{};
  std::array<int, max_units_per_line> orders{};
  std::array<int, et_ranges.size()> reads{};
  std::function<void(std::size_t)> on_order;
};

// One unit: 75.0 + 87.5 + order 83.3 + slow block 87.5 = 333.3 ms. Four: 4 x (75.0 + 87.5 + 83.3) + 110.4 ms for
// the longest block of monitoring = 1094 ms, and an order more.
TEST(PollPlan, AcPowersComeInTimeHoweverManyOrdersWait) {
  for (const auto& [units, bound] :
       std::vector<std::pair<std::size_t, Time>>{{1, 350ms}, {2, 630ms}, {3, 910ms}, {4, 1200ms}}) {
    for (const bool urgent : {false, true}) {
      Running running{units, 50ms};
      for (std::size_t k = 0; k < units; ++k) {
        running.line[k].order_waiting = true;
        running.line[k].order_urgent = urgent;
      }
      running.run(300s);
      EXPECT_LE(running.longest, bound) << units << " units, urgent " << urgent;
      for (std::size_t k = 0; k < units; ++k) EXPECT_GE(running.orders[k], 240) << units << " units, unit " << k;
      for (const EtBlock block : {EtBlock::battery_power, EtBlock::bms, EtBlock::battery_settings, EtBlock::order}) {
        // One unit's line has no time to read back what is written in each round, none has beside urgent orders for
        // ever.
        if ((units == 1 || urgent) && block == EtBlock::order) continue;
        EXPECT_GE(running.reads[static_cast<std::size_t>(block)], static_cast<int>(units));
      }
    }
  }
}

// Orders that wait beside each of two urgent ones: nobody has to wait for the end of the other's.
TEST(PollPlan, UnitsTakeTurnsWithTheirOrders) {
  Running running{4, 50ms};
  for (UnitOnLine& unit : running.line) unit.order_waiting = true;
  running.run(60s);
  const auto [least, most] = std::minmax_element(running.orders.begin(), running.orders.begin() + 4);
  EXPECT_LE(*most - *least, 1);
}

// 20 ms to 150 ms (physics-and-standards 7). At 150 ms a round of four with an order each takes 4 x 545.8 - 4 x 300 ms
// more than at 50 ms: the period follows, and everything still comes round.
TEST(PollPlan, ThePeriodFollowsSlowUnits) {
  for (const Time turnaround : {20ms, 150ms}) {
    Running running{4, turnaround};
    for (UnitOnLine& unit : running.line) unit.order_waiting = unit.order_urgent = true;
    running.run(5s);
    running.longest = 0s;
    running.run(300s);
    EXPECT_LE(running.longest, running.plan.read_period());
    for (std::size_t k = 0; k < 4; ++k) EXPECT_GE(running.orders[k], 100);
    for (const EtBlock block : {EtBlock::bms, EtBlock::battery_settings}) {
      EXPECT_GE(running.reads[static_cast<std::size_t>(block)], 2);
    }
  }
  EXPECT_EQ(PollPlan(1).read_period(), 336ms);
  EXPECT_EQ(PollPlan(4).read_period(), 1188ms);
}

// An unanswered probe takes 192 ms: with one unit on the line that and both fast blocks are 354 ms.
TEST(PollPlan, AQuestionIsAskedWhereItHoldsUpNoAcPower) {
  Running running{1, 50ms};
  Time longest{0};
  int questions = 0;
  Time last_read{0};
  while (running.now < 60s) {
    if (running.plan.has_time_for_question(false, running.line, running.now)) {
      ++questions;
      running.plan.questioned();
      running.now += 192ms;
      continue;
    }
    const auto job = running.plan.next(running.line, running.now);
    ASSERT_TRUE(job);
    if (job->block == EtBlock::ac_power && last_read > 0s) longest = std::max(longest, running.now - last_read);
    if (job->block == EtBlock::ac_power) last_read = running.now;
    if (job->block == EtBlock::battery_power) ++running.reads[1];
    running.now += wire_time(*job, 50ms);
  }
  EXPECT_LE(longest, 350ms);
  EXPECT_GE(questions, 60);
  EXPECT_GE(running.reads[1], 60);
}

// Two units: the first is asked again 0.62 s after 1.0 s. At 1.48 s 192 ms of silence would be too long, the 98 ms of a
// reply are not.
TEST(PollPlan, AQuestionToAUnitThatAnswersNeedsNoTimeForSilence) {
  PollPlan plan{2};
  const Line line = answering(2);
  std::string round;
  for (const Time at : {1000ms, 1075ms, 1150ms, 1238ms, 1325ms}) round += next(plan, line, at) + " ";
  EXPECT_EQ(round, "a0 a1 b0 b1 o0 ");
  EXPECT_FALSE(plan.has_time_for_question(false, line, 1480ms));
  EXPECT_TRUE(plan.has_time_for_question(true, line, 1480ms));
  EXPECT_FALSE(plan.has_time_for_question(true, line, 1550ms));
}

// Replies that are missing take up the time that orders need; each unit still gets one from reading to reading.
TEST(PollPlan, WhereRepliesAreMissingOrdersGoOutAllTheSame) {
  PollPlan plan{2};
  Line line = answering(2);
  for (UnitOnLine& unit : line) unit.order_waiting = true;
  Time now = 1s;
  std::array<int, 2> orders{};
  int reads = 0;
  for (; now < 61s; now += 220ms) {
    plan.missed(now);
    const auto job = plan.next(line, now);
    ASSERT_TRUE(job);
    if (job->write_order) ++orders[job->unit];
    if (!job->write_order && job->block == EtBlock::ac_power) ++reads;
  }
  EXPECT_GE(orders[0], reads / 2 - 1);
  EXPECT_GE(orders[1], reads / 2 - 1);
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
