#include "harness/plant/poll_statistics.h"

#include <gtest/gtest.h>

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

void ask(PollStatistics& polls, std::uint8_t unit, sim::Time at) {
  const std::array<std::uint8_t, 2> bytes{unit, 3};
  polls.frame({bytes, at, at + 8ms, true, false});
}

TEST(PollStatistics, CountsTheLongestTimeBetweenTwoRequestsToTheSameUnit) {
  PollStatistics polls;
  polls.expect(1);
  polls.expect(2);
  ask(polls, 1, 0ms);
  ask(polls, 2, 100ms);
  ask(polls, 1, 300ms);
  ask(polls, 2, 350ms);
  EXPECT_EQ(polls.longest(350ms), 300ms);
}

TEST(PollStatistics, SeesAUnitThatIsNoLongerAsked) {
  PollStatistics polls;
  polls.expect(1);
  ask(polls, 1, 1s);
  EXPECT_EQ(polls.longest(5s), 4s);
}

TEST(PollStatistics, CountsAUnitThatIsNeverAsked) {
  PollStatistics polls;
  polls.expect(1);
  polls.expect(2);
  for (sim::Time at = 0s; at < 5s; at += 200ms) ask(polls, 1, at);
  EXPECT_EQ(polls.longest(5s), 5s);
}

TEST(PollStatistics, OverlooksAddressesThatNobodyHas) {
  PollStatistics polls;
  ask(polls, 0, 0ms);
  ask(polls, 17, 0ms);
  EXPECT_EQ(polls.longest(5s), 0s);
}

TEST(PollStatistics, DoesNotCountReplies) {
  PollStatistics polls;
  polls.expect(1);
  const std::array<std::uint8_t, 2> bytes{1, 3};
  polls.frame({bytes, 4s, 4008ms, false, false});
  EXPECT_EQ(polls.longest(5s), 5s);
}

}  // namespace
}  // namespace hil::harness
