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
  ask(polls, 1, 0ms);
  ask(polls, 2, 100ms);
  ask(polls, 1, 300ms);
  ask(polls, 2, 350ms);
  EXPECT_EQ(polls.longest(350ms), 300ms);
}

TEST(PollStatistics, SeesAUnitThatIsNoLongerAsked) {
  PollStatistics polls;
  ask(polls, 1, 0ms);
  EXPECT_EQ(polls.longest(5s), 5s);
}

TEST(PollStatistics, DoesNotCountReplies) {
  PollStatistics polls;
  const std::array<std::uint8_t, 2> bytes{1, 3};
  polls.frame({bytes, 0ms, 8ms, false, false});
  EXPECT_EQ(polls.longest(5s), 0s);
}

}  // namespace
}  // namespace hil::harness
