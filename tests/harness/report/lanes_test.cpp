#include "harness/report/lanes.h"

#include <gtest/gtest.h>

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

TEST(EventLanes, AreOneAKindMarksFirstAndStatesLast) {
  const auto lanes = event_lanes(
      {{5s, "state", "et1.mode", "0 -> 1"}, {7s, "switch", "heater", "on"}, {7s, "mark", "heater_on", ""}}, 100.0);
  ASSERT_EQ(lanes.size(), 3U);
  EXPECT_EQ(lanes[0].kind, "mark");
  EXPECT_EQ(lanes[1].kind, "switch");
  EXPECT_EQ(lanes[2].kind, "state");
  EXPECT_EQ(lanes[1].instants_s, std::vector<double>{7.0});
}

// Two faults of one target overlap; the second never ends.
TEST(EventLanes, ShowHowLongAFaultLasts) {
  const auto lanes = event_lanes({{10s, "fault", "et1", "silence begins"},
                                  {12s, "fault", "et1", "wrong_crc begins"},
                                  {20s, "fault", "et1", "silence ends"}},
                                 100.0);
  ASSERT_EQ(lanes.size(), 1U);
  ASSERT_EQ(lanes[0].bars.size(), 2U);
  EXPECT_EQ(lanes[0].bars[0].from_s, 10.0);
  EXPECT_EQ(lanes[0].bars[0].until_s, 20.0);
  EXPECT_EQ(lanes[0].bars[1].from_s, 12.0);
  EXPECT_EQ(lanes[0].bars[1].until_s, 100.0);
}

Trace busy_line() {
  return {{"time_s", "com1.busy_s", "com1.unanswered", "com1.collisions"},
          {{0, 1, 2, 3, 4}, {0, 0.5, 1, 1, 1.25}, {0, 0, 0, 1, 1}, {0, 0, 0, 0, 0}}};
}

// Two slices of 2 s: 1 s busy without a loss, then 0.25 s busy with one request unanswered.
TEST(BusLane, IsTheLoadOfEachSliceAndWhetherAnythingWasLost) {
  const auto lane = bus_lane(busy_line(), "com1", 2);
  ASSERT_TRUE(lane);
  EXPECT_EQ(lane->time_s, (std::vector<double>{2, 4}));
  EXPECT_EQ(lane->load, (std::vector<double>{0.5, 0.125}));
  EXPECT_EQ(lane->silent, (std::vector<bool>{false, true}));
}

// The lines are recorded each second; at 1.5 s something else changed.
TEST(BusLane, PassesOverRowsThatAreOfOtherSignals) {
  const Trace trace{{"time_s", "com1.busy_s", "com1.unanswered", "com1.collisions"},
                    {{0.01, 1, 1.5, 2, 3}, {0, 0.5, 0.5, 1, 1.5}, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}}};
  const auto lane = bus_lane(trace, "com1", 600, 1.0);
  ASSERT_TRUE(lane);
  EXPECT_EQ(lane->time_s, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(lane->load[1], 0.5);
}

TEST(BusLane, HasNoMoreSlicesThanTheTraceHasSteps) {
  EXPECT_EQ(bus_lane(busy_line(), "com1", 600)->load.size(), 4U);
  EXPECT_FALSE(bus_lane(busy_line(), "com2", 600));
}

}  // namespace
}  // namespace hil::harness
