#include <gtest/gtest.h>

#include <algorithm>

#include "sim/wire/serial_line.h"
#include "tests/sim/wire/line_rig.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using test::Bytes;
using test::ConstantServer;
using test::LineRig;
using test::read_request;
using test::with_crc;

// Line 9600 8N1: a request of 8 bytes ends at 8.333 ms, its t3.5 at 11.979 ms; a reply of one register is 7 characters,
// 7.292 ms.

// The worst case for a model that mixes bits: both units send the very same bytes at the very same instant.
TEST(SerialLineCollision, MakesGarbageOfTwoEqualRepliesToOneAddress) {
  LineRig rig;
  ConstantServer left;
  ConstantServer right;
  rig.add_unit("et1", 11, left);
  rig.add_unit("et2", 11, right);
  rig.send_at(0ms, read_request(11, 1));
  rig.kernel.run(1s);
  EXPECT_EQ(left.served, 1);
  EXPECT_EQ(right.served, 1);
  ASSERT_EQ(rig.heard.size(), 1u);
  EXPECT_EQ(rig.heard[0].bytes.size(), 7u);
  EXPECT_FALSE(has_valid_crc(rig.heard[0].bytes));
  const Bytes sent = with_crc({11, 3, 2, 0x11, 0x11});
  for (std::size_t i = 0; i < sent.size(); ++i) EXPECT_NE(rig.heard[0].bytes[i], sent[i]) << i;
  ASSERT_EQ(rig.frames.size(), 3u);
  EXPECT_FALSE(rig.frames[0].garbled);
  EXPECT_TRUE(rig.frames[1].garbled);
  EXPECT_TRUE(rig.frames[2].garbled);
  EXPECT_EQ(rig.line.counters().collisions, 1.0);
  EXPECT_EQ(rig.line.counters().replies, 2.0);
}

// Replies from 11.979 and from 11.979 + 4 ms = 15.979 ms on; the first ends at 19.271 ms. Characters of the first
// begin each 1.0417 ms: numbers 0..2 end before 15.979 ms, 3 (15.104 .. 16.146) to 6 lie in the overlap. Of the second,
// begun at 15.979 + k * 1.0417 ms, number 3 (19.104 ms) begins in the overlap and 4 (20.146 ms) after it.
TEST(SerialLineCollision, SpoilsExactlyTheBytesOfTheOverlap) {
  LineRig rig;
  ConstantServer left{0x22};
  ConstantServer right{0x33};
  rig.add_unit("et1", 11, left, 0ms);
  rig.add_unit("et2", 11, right, 4ms);
  rig.send_at(0ms, read_request(11, 1));
  rig.kernel.run(1s);
  const Bytes from_left = with_crc({11, 3, 2, 0x22, 0x22});
  const Bytes from_right = with_crc({11, 3, 2, 0x33, 0x33});
  ASSERT_EQ(rig.frames.size(), 3u);
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(rig.frames[1].bytes[i] != from_left[i], i >= 3) << i;
    EXPECT_EQ(rig.frames[2].bytes[i] != from_right[i], i <= 3) << i;
  }
  // The far side hears one stream: all of the first, then what the second sends after it.
  ASSERT_EQ(rig.heard.size(), 2u);
  EXPECT_EQ(rig.heard[0].bytes, rig.frames[1].bytes);
  EXPECT_EQ(rig.heard[1].bytes, Bytes(from_right.begin() + 4, from_right.end()));
}

// The second reply begins 1 ns after the last bit of the first: 7 characters = 7,291,667 ns.
TEST(SerialLineCollision, LeavesRepliesAloneThatDoNotOverlap) {
  LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server, 0ns);
  rig.add_unit("et2", 11, server, 7'291'668ns);
  rig.send_at(0ms, read_request(11, 1));
  rig.kernel.run(1s);
  ASSERT_EQ(rig.heard.size(), 2u);
  EXPECT_TRUE(has_valid_crc(rig.heard[0].bytes));
  EXPECT_TRUE(has_valid_crc(rig.heard[1].bytes));
  EXPECT_EQ(rig.line.counters().collisions, 0.0);
}

// A master that gives up too early: its second request (20.000 .. 28.333 ms) runs into the late reply, which lasts from
// 11.979 + 10 = 21.979 to 29.271 ms. Nobody takes the request, and the reply fails its CRC.
TEST(SerialLineCollision, SpoilsALateReplyAndTheRequestItRunsInto) {
  LineRig rig;
  ConstantServer first;
  ConstantServer second;
  rig.add_unit("et1", 11, first, 10ms);
  rig.add_unit("et2", 12, second);
  rig.send_at(0ms, read_request(11, 1));
  rig.send_at(20ms, read_request(12, 1));
  rig.kernel.run(1s);
  EXPECT_EQ(second.served, 0);
  ASSERT_EQ(rig.heard.size(), 1u);
  EXPECT_FALSE(has_valid_crc(rig.heard[0].bytes));
  EXPECT_EQ(rig.line.counters().collisions, 1.0);
  EXPECT_EQ(rig.line.counters().bad_crc, 1.0);
  ASSERT_EQ(rig.frames.size(), 3u);
  EXPECT_TRUE(rig.frames[2].from_far_side);
  EXPECT_TRUE(rig.frames[2].garbled);
}

// The same the other way round: the reply (11.979 .. 19.271 ms) is on the wire when the master starts at 15 ms.
TEST(SerialLineCollision, SpoilsAReplyThatTheMasterTalksInto) {
  LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server);
  rig.send_at(0ms, read_request(11, 1));
  rig.send_at(15ms, read_request(11, 1));
  rig.send_at(100ms, read_request(11, 1));
  rig.kernel.run(1s);
  EXPECT_EQ(server.served, 2);
  ASSERT_EQ(rig.heard.size(), 2u);
  EXPECT_FALSE(has_valid_crc(rig.heard[0].bytes));
  EXPECT_TRUE(has_valid_crc(rig.heard[1].bytes));
  EXPECT_EQ(rig.line.counters().collisions, 1.0);
  EXPECT_EQ(rig.line.counters().bad_crc, 1.0);
}

// A retry inside the turn-around (12 .. 62 ms) is not heard: one reply comes, to the first request.
TEST(SerialLineCollision, LeavesARetryInsideTheTurnaroundUnheard) {
  LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server, 50ms);
  rig.send_at(0ms, read_request(11, 1));
  rig.send_at(30ms, read_request(11, 1));
  rig.kernel.run(1s);
  EXPECT_EQ(server.served, 1);
  EXPECT_EQ(rig.heard.size(), 1u);
  EXPECT_EQ(rig.line.counters().requests, 2.0);
  EXPECT_EQ(rig.line.counters().unanswered, 1.0);
  EXPECT_EQ(rig.line.counters().collisions, 0.0);
}

// A master that does not keep t3.5 after a reply: for the other unit reply and request are one frame; the unit that
// drove the reply knows its end and hears the request. Sent at the instant the reply is heard.
TEST(SerialLineCollision, RunsARequestWithoutSilenceIntoTheReplyBeforeItForTheOtherUnits) {
  LineRig rig;
  ConstantServer first;
  ConstantServer second;
  rig.add_unit("et1", 11, first);
  rig.add_unit("et2", 12, second);
  int replies = 0;
  rig.on_heard = [&](Time) {
    ++replies;
    if (replies == 1) rig.line.send(read_request(11, 1));
    if (replies == 2) rig.line.send(read_request(12, 1));
  };
  rig.send_at(0ms, read_request(11, 1));
  rig.send_at(500ms, read_request(12, 1));
  rig.kernel.run(1s);
  EXPECT_EQ(first.served, 2);
  EXPECT_EQ(second.served, 1);
  EXPECT_EQ(rig.line.counters().bad_crc, 1.0);
  EXPECT_EQ(rig.line.counters().collisions, 0.0);
}

// Wire busy from 0 to 8.333 ms and from 11.979 ms to the end of the longer reply, 15.979 + 7.292 = 23.271 ms: the
// overlap counts once. 8.3333 + 11.2917 = 19.625 ms.
TEST(SerialLineCollision, CountsAnOverlapOnceAsBusy) {
  LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server, 0ms);
  rig.add_unit("et2", 11, server, 4ms);
  rig.send_at(0ms, read_request(11, 1));
  rig.kernel.run(1s);
  EXPECT_NEAR(rig.line.counters().busy_s, 0.019625, 1e-6);
}

// All 8-byte requests from 1 to 125 registers, twice over the same wire: no length makes garbage that passes.
TEST(SerialLineCollision, NeverLetsGarbagePassTheCrcWhateverTheLength) {
  LineRig rig;
  ConstantServer left{0x00};
  ConstantServer right{0xFF};
  rig.add_unit("et1", 11, left);
  rig.add_unit("et2", 11, right);
  for (int n = 1; n <= 125; ++n) rig.send_at(n * 400ms, read_request(11, n));
  rig.kernel.run(60s);
  ASSERT_EQ(rig.heard.size(), 125u);
  EXPECT_TRUE(std::none_of(rig.heard.begin(), rig.heard.end(),
                           [](const LineRig::Heard& heard) { return has_valid_crc(heard.bytes); }));
}

}  // namespace
}  // namespace hil::sim
