#include "sim/wire/serial_line.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <stdexcept>

#include "tests/sim/wire/line_rig.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using test::Bytes;
using test::ConstantServer;
using test::LineRig;
using test::read_request;
using test::with_crc;

// Every expected time below is arithmetic on 10 bits / 9600 baud = 1.0416667 ms a character, t3.5 = 3.6458333 ms.
// 1 us is the promise of the bench; what is left is the rounding of each run of characters to 1 ns.
void expect_at(Time actual, Time expected) {
  EXPECT_NEAR(static_cast<double>(actual.count()), static_cast<double>(expected.count()), 1000.0);
}

// Request 8 bytes, reply 5 + 2n: (13 + 2n) * 1.0416667 ms on the wire. n = 1: 15 * 1.0416667 = 15.625 ms, and so on;
// the same numbers as goodwe-et-modbus 1.1 rounded to 0.1 ms: 15.6, 17.7, 63.5, 82.3, 107.3, 134.4, 274.0.
TEST(SerialLine, TakesTheWireTimeOfTheTableForARead) {
  struct Row {
    int registers;
    Time on_the_wire;
  };
  constexpr std::array rows{Row{1, 15'625us},   Row{2, 17'708us},   Row{24, 63'542us},  Row{33, 82'292us},
                            Row{45, 107'292us}, Row{58, 134'375us}, Row{125, 273'958us}};
  LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server, 50ms);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rig.send_at(static_cast<long>(i) * 1s + 3ms, read_request(11, rows[i].registers));
  }
  rig.kernel.run(10s);
  ASSERT_EQ(rig.heard.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Time begin = static_cast<long>(i) * 1s + 3ms;
    SCOPED_TRACE(rows[i].registers);
    EXPECT_EQ(rig.heard[i].bytes.size(), 5u + 2u * static_cast<unsigned>(rows[i].registers));
    EXPECT_TRUE(has_valid_crc(rig.heard[i].bytes));
    expect_at(rig.heard[i].at, begin + rows[i].on_the_wire + 3'645'833ns + 50ms);
  }
}

// 8 characters end at 8.333 ms, t3.5 at 11.979 ms: there the unit serves. Turn-around 20 ms: the reply of 9 bytes
// lasts from 31.979 ms to 31.979 + 9.375 = 41.354 ms.
TEST(SerialLine, StampsBothFramesWithFirstAndLastBit) {
  LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server, 20ms);
  rig.send_at(0ms, read_request(11, 2));
  rig.kernel.run(100ms);
  ASSERT_EQ(rig.frames.size(), 2u);
  expect_at(server.served_at, 11'979us);
  EXPECT_TRUE(rig.frames[0].from_far_side);
  EXPECT_EQ(rig.frames[0].bytes, read_request(11, 2));
  expect_at(rig.frames[0].begin, 0ms);
  expect_at(rig.frames[0].end, 8'333us);
  EXPECT_FALSE(rig.frames[1].from_far_side);
  EXPECT_EQ(rig.frames[1].bytes, with_crc({11, 3, 4, 0x11, 0x11, 0x11, 0x11}));
  expect_at(rig.frames[1].begin, 31'979us);
  expect_at(rig.frames[1].end, 41'354us);
  EXPECT_FALSE(rig.frames[0].garbled || rig.frames[1].garbled);
}

// 8E1 at 19,200: 11/19200 = 0.572917 ms a character, t3.5 2.005208 ms: 8 + 7 characters = 8.594 ms, + 2.005 ms.
// 8N1 at 115,200: 0.086806 ms a character: 15 characters = 1.302 ms, + 1.750 ms fixed.
TEST(SerialLine, FollowsParityAndBaud) {
  LineRig rig{{.baud = 19'200, .parity = Parity::even}};
  SerialLine fast{rig.kernel, "com2", {.baud = 115'200}};
  ConstantServer server;
  rig.add_unit("et1", 11, server);
  fast.add_unit({.name = "et2", .address = 12, .server = &server});
  Time fast_at{0};
  fast.set_far_side([&](std::span<const std::uint8_t>, Time now) { fast_at = now; });
  Kernel::Alarm start = rig.kernel.make_alarm([&](Time) { fast.send(read_request(12, 1)); });
  start.set(0ms);
  rig.send_at(0ms, read_request(11, 1));
  rig.kernel.run(100ms);
  ASSERT_EQ(rig.heard.size(), 1u);
  expect_at(rig.heard[0].at, 10'599us);
  expect_at(fast_at, 3'052us);
}

// Bytes handed over at one instant or piecemeal take the same wire: 3 + 5 characters, no gap between them.
TEST(SerialLine, QueuesWhatTheFarSideSendsWhileItIsStillSending) {
  LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server);
  const Bytes request = read_request(11, 1);
  rig.send_at(0ms, Bytes(request.begin(), request.begin() + 3));
  rig.send_at(1ms, Bytes(request.begin() + 3, request.end()));
  rig.kernel.run(100ms);
  ASSERT_EQ(rig.frames.size(), 2u);
  expect_at(rig.frames[0].end, 8'333us);
  EXPECT_EQ(server.served, 1);
}

// The first four characters end at 4.167 ms. A pause to 7 ms is 2.8 ms: above t1.5 (1.5625), below t3.5 (3.6458).
TEST(SerialLine, ToleratesAGapBelowT35InsideAFrame) {
  LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server);
  const Bytes request = read_request(11, 1);
  rig.send_at(0ms, Bytes(request.begin(), request.begin() + 4));
  rig.send_at(7ms, Bytes(request.begin() + 4, request.end()));
  rig.kernel.run(100ms);
  EXPECT_EQ(server.served, 1);
  expect_at(rig.frames[0].end, 11'167us);
}

// The same pause to 8 ms is 3.83 ms: two frames, neither of them sound.
TEST(SerialLine, EndsAFrameAfterT35OfSilence) {
  LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server);
  const Bytes request = read_request(11, 1);
  rig.send_at(0ms, Bytes(request.begin(), request.begin() + 4));
  rig.send_at(8ms, Bytes(request.begin() + 4, request.end()));
  rig.kernel.run(100ms);
  EXPECT_EQ(server.served, 0);
  EXPECT_EQ(rig.frames.size(), 2u);
  EXPECT_EQ(rig.line.counters().bad_crc, 2.0);
}

// 4 characters and t3.5 end at 7.8125 ms exactly (4166667 + 3645833 ns): a byte at that instant is a new frame, the
// master's alarm being older than the line's or not.
TEST(SerialLine, EndsAFrameAtExactlyT35) {
  LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server);
  rig.send_at(0ms, {1, 2, 3, 4});
  rig.send_at(7'812'500ns, read_request(11, 1));
  rig.kernel.run(100ms);
  EXPECT_EQ(server.served, 1);
  EXPECT_EQ(rig.line.counters().bad_crc, 1.0);
}

TEST(SerialLine, LetsNobodyAnswerABadCrcOrAnAbsentAddress) {
  LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server);
  Bytes bad = read_request(11, 1);
  bad[5] ^= 1u;
  rig.send_at(0ms, bad);
  rig.send_at(100ms, read_request(12, 1));
  rig.send_at(200ms, read_request(11, 1));
  rig.kernel.run(1s);
  EXPECT_EQ(server.served, 1);
  EXPECT_EQ(rig.heard.size(), 1u);
  EXPECT_EQ(rig.line.counters().bad_crc, 1.0);
  EXPECT_EQ(rig.line.counters().requests, 2.0);
  EXPECT_EQ(rig.line.counters().unanswered, 1.0);
  EXPECT_EQ(rig.line.counters().replies, 1.0);
}

TEST(SerialLine, ServesABroadcastToAllAndAnswersItByNone) {
  LineRig rig;
  std::array<ConstantServer, 3> servers;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    rig.add_unit("et" + std::to_string(i), static_cast<std::uint8_t>(11 + i), servers[i]);
  }
  rig.send_at(0ms, read_request(broadcast_address, 1));
  rig.kernel.run(1s);
  for (const ConstantServer& server : servers) EXPECT_EQ(server.served, 1);
  EXPECT_TRUE(rig.heard.empty());
  EXPECT_EQ(rig.line.counters().requests, 1.0);
  EXPECT_EQ(rig.line.counters().unanswered, 0.0);
}

// The most common test of this bench, and what a libmodbus server fails (0 of 10 polls).
TEST(SerialLine, KeepsNineOfTenUnitsAnsweringWhenOneIsSilent) {
  LineRig rig;
  std::array<ConstantServer, 10> servers;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    rig.add_unit("et" + std::to_string(i), static_cast<std::uint8_t>(11 + i), servers[i], 20ms);
  }
  rig.set_silent("et3", true);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 10; ++i) {
      rig.send_at((10 * round + i) * 100ms, read_request(static_cast<std::uint8_t>(11 + i), 2));
    }
  }
  rig.kernel.run(3s);
  for (std::size_t i = 0; i < servers.size(); ++i) EXPECT_EQ(servers[i].served, i == 3 ? 0 : 3) << i;
  EXPECT_EQ(rig.heard.size(), 27u);
  EXPECT_EQ(rig.line.counters().requests, 30.0);
  EXPECT_EQ(rig.line.counters().replies, 27.0);
  EXPECT_EQ(rig.line.counters().unanswered, 3.0);
  EXPECT_EQ(rig.line.counters().collisions, 0.0);
}

// The unit falls silent at 20 ms, in its turn-around (12 to 62 ms), and speaks again from 200 ms on.
TEST(SerialLine, LosesAReplyNotYetBegunWhenTheUnitFallsSilent) {
  LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server, 50ms);
  rig.kernel.each_step(StepPhase::timeline, [&](Time now) {
    if (now == 20ms) rig.set_silent("et1", true);
    if (now == 200ms) rig.set_silent("et1", false);
  });
  rig.send_at(0ms, read_request(11, 1));
  rig.send_at(300ms, read_request(11, 1));
  rig.kernel.run(1s);
  EXPECT_EQ(rig.heard.size(), 1u);
  EXPECT_EQ(rig.line.counters().unanswered, 1.0);
  EXPECT_EQ(rig.line.counters().replies, 1.0);
}

// Request 8 + reply 7 characters = 15.625 ms with a driver on the wire, however long the pauses.
TEST(SerialLine, CountsTheTimeWithADriverOnTheWire) {
  LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server, 50ms);
  rig.send_at(0ms, read_request(11, 1));
  double half_way_s = 0.0;
  rig.kernel.each_step(StepPhase::record, [&](Time now) {
    if (now == 10ms) half_way_s = rig.line.counters().busy_s;
  });
  rig.kernel.run(1s);
  EXPECT_NEAR(half_way_s, 0.008333, 1e-6);
  EXPECT_NEAR(rig.line.counters().busy_s, 0.015625, 1e-6);
}

TEST(SerialLine, RefusesUnitsAndFormatsOutOfRange) {
  Kernel kernel{10ms};
  ConstantServer server;
  SerialLine line{kernel, "com1", {}};
  const auto unit = [&](const std::string& name, std::uint8_t address) {
    return SerialLine::Unit{.name = name, .address = address, .server = &server};
  };
  EXPECT_THROW(line.add_unit(unit("et1", 0)), std::invalid_argument);
  EXPECT_THROW(line.add_unit(unit("et1", 248)), std::invalid_argument);
  EXPECT_THROW(line.add_unit({.name = "et1", .address = 1}), std::invalid_argument);
  for (int i = 0; i < 32; ++i) line.add_unit(unit("et" + std::to_string(i), 7));
  EXPECT_THROW(line.add_unit(unit("et32", 7)), std::invalid_argument);
  EXPECT_THROW(SerialLine(kernel, "com2", {.baud = 300}), std::invalid_argument);
  EXPECT_THROW(SerialLine(kernel, "com2", {.data_bits = 7}), std::invalid_argument);
  EXPECT_THROW(SerialLine(kernel, "com2", {.stop_bits = 3}), std::invalid_argument);
}

TEST(SerialLine, NamesTheKnownUnitsWhenOneIsUnknown) {
  LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server);
  rig.add_unit("et2", 12, server);
  try {
    rig.set_silent("et9", true);
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "line \"com1\": no unit \"et9\", known: et1, et2");
  }
}

}  // namespace
}  // namespace hil::sim
