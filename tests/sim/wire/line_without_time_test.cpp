#include <gtest/gtest.h>

#include "tests/sim/wire/line_rig.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using test::Bytes;
using test::ConstantServer;
using test::LineRig;
using test::read_request;
using test::with_crc;

constexpr SerialFormat without_time{.takes_time = false};

// A character lasts 1 ns: 8 of the request and 5 + 2 * 2 of the reply end 17 ns after the request began.
TEST(LineWithoutTime, AnswersAWholeRequestAtItsLastCharacter) {
  LineRig rig{without_time};
  ConstantServer server;
  rig.add_unit("et1", 11, server);
  rig.send_at(3ms, read_request(11, 2));
  rig.kernel.run(4ms);
  ASSERT_EQ(rig.heard.size(), 1u);
  EXPECT_EQ(server.served_at, 3ms + 8ns);
  EXPECT_EQ(rig.heard[0].at, 3ms + 17ns);
  EXPECT_EQ(rig.heard[0].bytes, with_crc({11, 3, 4, 0x11, 0x11, 0x11, 0x11}));
  EXPECT_EQ(rig.line.counters().requests, 1.0);
  EXPECT_EQ(rig.line.counters().replies, 1.0);
}

// The last five characters begin at 2 ms, well within the 3.65 ms of t3.5; with them the request is whole.
TEST(LineWithoutTime, PutsARequestTogetherFromItsPieces) {
  LineRig rig{without_time};
  ConstantServer server;
  rig.add_unit("et1", 11, server);
  const Bytes request = read_request(11, 1);
  rig.send_at(0ms, Bytes(request.begin(), request.begin() + 3));
  rig.send_at(2ms, Bytes(request.begin() + 3, request.end()));
  rig.kernel.run(3ms);
  EXPECT_EQ(server.served, 1);
  EXPECT_EQ(server.served_at, 2ms + 5ns);
}

// A master that asks again in the instant of the reply: 8 + 7 ns a poll, all hundred in 1.5 us.
TEST(LineWithoutTime, TakesARequestRightBehindAReply) {
  LineRig rig{without_time};
  ConstantServer server;
  rig.add_unit("et1", 11, server);
  rig.add_unit("et2", 12, server);
  rig.on_heard = [&](Time) {
    if (rig.heard.size() < 100) rig.line.send(read_request(rig.heard.size() % 2 == 0 ? 11 : 12, 1));
  };
  rig.send_at(1ms, read_request(11, 1));
  rig.kernel.run(2ms);
  ASSERT_EQ(rig.heard.size(), 100u);
  EXPECT_EQ(rig.heard.back().at, 1ms + 1500ns);
  EXPECT_EQ(rig.line.counters().collisions, 0.0);
  EXPECT_EQ(rig.line.counters().bad_crc, 0.0);
}

// Function 41 is the maker's own, its length nobody's: served t3.5 = 3.645833 ms after its eighth character.
TEST(LineWithoutTime, EndsAFunctionOfUnknownLengthBySilence) {
  LineRig rig{without_time};
  ConstantServer server;
  rig.add_unit("et1", 11, server);
  rig.send_at(0ms, with_crc({11, 0x41, 0, 0, 0, 1}));
  rig.kernel.run(10ms);
  EXPECT_EQ(server.served, 1);
  EXPECT_EQ(server.served_at, 8ns + 3'645'833ns);
}

// What is no whole request is a frame of its own after t3.5, and the next one is heard again.
TEST(LineWithoutTime, RefusesWhatIsNoWholeRequest) {
  LineRig rig{without_time};
  ConstantServer server;
  rig.add_unit("et1", 11, server);
  Bytes broken = read_request(11, 1);
  broken.back() ^= 1;
  Bytes two = read_request(11, 1);
  two.insert(two.end(), two.begin(), two.end());
  rig.send_at(0ms, broken);
  rig.send_at(10ms, two);
  rig.send_at(20ms, read_request(11, 1));
  rig.kernel.run(19ms);
  EXPECT_EQ(server.served, 0);
  EXPECT_EQ(rig.line.counters().bad_crc, 2.0);
  rig.kernel.run(21ms);
  EXPECT_EQ(server.served, 1);
}

TEST(LineWithoutTime, ServesABroadcastAndStaysSilent) {
  LineRig rig{without_time};
  ConstantServer server;
  rig.add_unit("et1", 11, server);
  rig.send_at(0ms, read_request(0, 1));
  rig.kernel.run(10ms);
  EXPECT_EQ(server.served, 1);
  EXPECT_TRUE(rig.heard.empty());
}

// Two units of one address spoil each other; a delayed reply comes exactly that much later; a stuck driver lets
// nothing through.
TEST(LineWithoutTime, KeepsTheTroublesOfALine) {
  LineRig rig{without_time};
  ConstantServer server;
  ConstantServer other{0x22};
  rig.add_unit("et1", 11, server);
  rig.add_unit("twin1", 12, server);
  rig.add_unit("twin2", 12, other);
  rig.change("et1", [](UnitCondition& condition) {
    condition.replies[ReplyFault::delay] = {.probability = 1.0, .number = 0, .time = 20ms};
  });
  rig.send_at(0ms, read_request(12, 1));
  rig.send_at(10ms, read_request(11, 1));
  rig.kernel.run(50ms);
  ASSERT_EQ(rig.heard.size(), 2u);
  EXPECT_FALSE(has_valid_crc(rig.heard[0].bytes));
  EXPECT_EQ(rig.line.counters().collisions, 1.0);
  EXPECT_EQ(rig.heard[1].at, 30ms + 15ns);
  EXPECT_TRUE(has_valid_crc(rig.heard[1].bytes));

  rig.change("twin1", [](UnitCondition& condition) { condition.stuck_driver = true; });
  const int served_before = server.served;
  rig.line.send(read_request(11, 1));
  rig.kernel.run(100ms);
  EXPECT_EQ(server.served, served_before);
}

}  // namespace
}  // namespace hil::sim
