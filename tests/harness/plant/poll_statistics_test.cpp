#include "harness/plant/poll_statistics.h"

#include <gtest/gtest.h>

#include <vector>

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

// 0B 03 02 12 34 with its CRC; the second reply fails it, the third comes after the next request.
TEST(PollStatistics, CountsPollsWithoutASoundReplyAndTheLongestReply) {
  std::vector<std::uint8_t> reply{11, 3, 2, 0x12, 0x34};
  sim::append_crc(reply);
  std::vector<std::uint8_t> bad = reply;
  bad.back() ^= 1;
  PollStatistics polls;
  polls.expect(11);
  polls.expect(12);
  ask(polls, 11, 0ms);
  polls.frame({.bytes = reply, .begin = 80ms, .end = 88ms});
  ask(polls, 11, 100ms);
  polls.frame({.bytes = bad, .begin = 180ms, .end = 199ms});
  ask(polls, 11, 200ms);
  ask(polls, 12, 300ms);
  polls.frame({.bytes = reply, .begin = 380ms, .end = 388ms});
  EXPECT_EQ(polls.unit(11).unanswered_polls, 2.0);
  EXPECT_DOUBLE_EQ(polls.unit(11).longest_reply_s, 0.088);
  EXPECT_EQ(polls.unit(12).unanswered_polls, 0.0) << "not yet";
}

// Asked at 247 and after 45127 = 12 at 12; the request to 247 after that is for nobody.
TEST(PollStatistics, FollowsAUnitToItsNewAddress) {
  PollStatistics polls;
  polls.expect(11);
  polls.expect(247);
  const PollStatistics::Unit& unit = polls.unit(247);
  ask(polls, 247, 0ms);
  ask(polls, 11, 100ms);
  polls.moved(247, 12);
  ask(polls, 12, 500ms);
  ask(polls, 247, 600ms);
  EXPECT_EQ(unit.unanswered_polls, 2.0);
  EXPECT_EQ(unit.last, 500ms);
  EXPECT_EQ(polls.longest(600ms), 500ms);
}

TEST(PollStatistics, CountsOneOfTwoUnitsAtOneAddressAndBothWhenTheyPart) {
  PollStatistics polls;
  polls.expect(11);
  polls.expect(12);
  polls.moved(12, 11);
  ask(polls, 11, 100ms);
  EXPECT_EQ(polls.unit(11).last, 100ms);
  EXPECT_EQ(polls.unit(12).last, 0ms);
  polls.moved(12, 13);
  ask(polls, 11, 200ms);
  ask(polls, 13, 300ms);
  EXPECT_EQ(polls.unit(11).last, 200ms);
  EXPECT_EQ(polls.unit(12).last, 300ms);
}

}  // namespace
}  // namespace hil::harness
