#include "sim/wire/can_bus.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using Outcome = CanBus::Outcome;
using State = CanBus::State;

// 500,000 bit/s: 2 us a bit. An empty frame of identifier 0 has 40 bits to the end of its checksum (can_frame_test) and
// 10 more: 100 us. Between frames are 3 bits at least.
constexpr Time bit = 2us;

struct Bus {
  struct Heard {
    std::size_t node = 0;
    std::uint32_t id = 0;
    Time at{0};
    bool operator==(const Heard&) const = default;
  };
  explicit Bus(std::size_t nodes, std::uint64_t seed = 7) : can(kernel, 500'000, seed) {
    for (std::size_t i = 0; i < nodes; ++i) {
      can.add_node("node" + std::to_string(i), [this, i](const CanFrame& frame, Time now) {
        heard.push_back({i, frame.id, now});
      });
    }
    can.add_monitor([this](const CanBus::Record& record) { records.push_back(record); });
  }
  void send_at(Time at, std::size_t node, const CanFrame& frame) {
    do_at(at, [this, node, frame] { can.send(node, frame); });
  }
  void do_at(Time at, std::function<void()> action) {
    alarms.push_back(kernel.make_alarm([action = std::move(action)](Time) { action(); }));
    alarms.back().set(at);
  }
  std::size_t count(Outcome outcome) const {
    std::size_t all = 0;
    for (const auto& record : records) all += record.outcome == outcome ? 1 : 0;
    return all;
  }

  Kernel kernel{10ms};
  CanBus can;
  std::vector<Heard> heard;
  std::vector<CanBus::Record> records;
  std::vector<Kernel::Alarm> alarms;
};

TEST(CanBus, LetsAllOthersHearAFrameAtItsEnd) {
  Bus bus{3};
  bus.send_at(1ms, 1, CanFrame{});
  bus.kernel.run(2ms);
  const std::vector<Bus::Heard> expected{{0, 0, 1ms + 100us}, {2, 0, 1ms + 100us}};
  EXPECT_EQ(bus.heard, expected);
  ASSERT_EQ(bus.records.size(), 1u);
  EXPECT_EQ(bus.records[0].begin, 1ms);
  EXPECT_EQ(bus.records[0].end, 1ms + 100us);
}

TEST(CanBus, GivesTheWireToTheLowestIdentifier) {
  Bus bus{3};
  bus.send_at(1ms, 2, CanFrame{.id = 0x300});
  bus.send_at(1ms, 0, CanFrame{.id = 0});
  bus.send_at(1ms, 1, CanFrame{.id = 0x200});
  bus.send_at(1ms + 50us, 2, CanFrame{.id = 0x100});  // while the first is on the wire
  bus.kernel.run(3ms);
  ASSERT_EQ(bus.records.size(), 4u);
  const std::array<std::uint32_t, 4> order{0, 0x100, 0x200, 0x300};
  for (std::size_t i = 0; i < order.size(); ++i) {
    EXPECT_EQ(bus.records[i].frame.id, order[i]);
    const Time before = i > 0 ? bus.records[i - 1].end + 3 * bit : 1ms;
    EXPECT_EQ(bus.records[i].begin, before);
  }
  EXPECT_EQ(bus.can.counters(2).arbitration_lost, 2.0) << "0x300 to 0 and to 0x200; 0x100 was the next";
}

// By hand: 42 bits to the acknowledge slot, a flag of 6, a delimiter of 8 and 3 of rest are 59 bits; the 16th attempt
// brings the counter to 128. A passive node rests 8 bits more and counts no further.
TEST(CanBus, LeavesOneWhoIsAlonePassiveAndTryingOn) {
  Bus bus{2};
  bus.can.set_place(1, {.piece = 1});
  bus.send_at(1ms, 0, CanFrame{});
  bus.kernel.run(1ms + 16 * 59 * bit - bit);
  EXPECT_EQ(bus.can.transmit_errors(0), 128);
  EXPECT_EQ(bus.can.state(0), State::passive);
  ASSERT_EQ(bus.records.size(), 16u);
  bus.kernel.run(20ms);
  EXPECT_EQ(bus.can.transmit_errors(0), 128);
  ASSERT_GT(bus.records.size(), 20u);
  EXPECT_EQ(bus.records[20].begin - bus.records[19].begin, (59 + 8) * bit);
  EXPECT_EQ(bus.count(Outcome::no_acknowledge), bus.records.size());
  bus.can.set_place(1, {.piece = 0});
  bus.kernel.run(21ms);
  ASSERT_EQ(bus.heard.size(), 1u);
  // The frame under way when the wire changed counted 8 more.
  EXPECT_EQ(bus.can.transmit_errors(0), 128 + 8 - 1);
}

// Two inverters with one role: 32 times 8 is 256. By hand: start, 11 identifier bits, 3 and the first 3 of the length
// are 18 zeros with a stuff bit after each five, then a one: the first data bit is the 23rd. A flag of 6 and a
// delimiter of 8 follow.
TEST(CanBus, DrivesTwoOfOneIdentifierOffTheBus) {
  Bus bus{3};
  const CanFrame one{.id = 0, .length = 1, .data = {0x00}};
  const CanFrame other{.id = 0, .length = 1, .data = {0x80}};
  bus.send_at(1ms, 0, one);
  bus.send_at(1ms, 1, other);
  bus.kernel.run(5ms);
  EXPECT_EQ(bus.count(Outcome::bit_error), 64u);
  EXPECT_EQ(bus.records[0].end - bus.records[0].begin, (23 + 14) * bit);
  EXPECT_EQ(bus.can.state(0), State::bus_off);
  EXPECT_EQ(bus.can.state(1), State::bus_off);
  EXPECT_FALSE(bus.can.send(0, one));
  EXPECT_EQ(bus.can.counters(0).refused, 1.0);
  EXPECT_EQ(bus.can.receive_errors(2), 32);
  EXPECT_TRUE(bus.heard.empty());
  // 128 times 11 bits are 2.816 ms.
  const Time off = bus.records.back().end;
  bus.kernel.run(off + 2816us - 1ns);
  EXPECT_EQ(bus.can.state(0), State::bus_off);
  bus.kernel.run(off + 2816us);
  EXPECT_EQ(bus.can.state(0), State::active);
  EXPECT_EQ(bus.can.transmit_errors(0), 0);
}

TEST(CanBus, TakesTheSameFrameOfTwoForOne) {
  Bus bus{3};
  bus.send_at(1ms, 0, CanFrame{.id = 5, .length = 1, .data = {9, 1}});
  bus.send_at(1ms, 1, CanFrame{.id = 5, .length = 1, .data = {9, 2}});  // the second byte is not sent
  bus.kernel.run(2ms);
  EXPECT_EQ(bus.heard.size(), 1u);
  EXPECT_EQ(bus.count(Outcome::sent), 2u);
}

TEST(CanBus, LetsASwappedPairStayDeafAndGoOff) {
  Bus bus{3};
  bus.can.set_place(2, {.swapped = true});
  for (int k = 0; k < 20; ++k) bus.send_at(1ms + k * 1ms, 0, CanFrame{.id = 1});
  bus.send_at(5ms, 2, CanFrame{.id = 0});
  bus.kernel.run(50ms);
  EXPECT_EQ(bus.can.state(2), State::active) << "it came back after its 32 attempts and has nothing more to say";
  EXPECT_EQ(bus.can.counters(2).bus_off, 1.0);
  EXPECT_EQ(bus.can.counters(2).errors, 32.0);
  EXPECT_EQ(bus.can.counters(2).heard, 0.0);
  EXPECT_EQ(bus.can.counters(1).heard, 20.0) << "the others go on";
  EXPECT_EQ(bus.can.receive_errors(1), 0);
}

TEST(CanBus, CarriesNothingOverAShortedPair) {
  Bus bus{3};
  bus.can.set_place(1, {.shorted = true});
  bus.send_at(1ms, 0, CanFrame{});
  bus.send_at(5ms, 2, CanFrame{.id = 1});
  bus.kernel.run(10ms);
  EXPECT_TRUE(bus.heard.empty());
  EXPECT_EQ(bus.can.counters(0).bus_off, 1.0);
  EXPECT_EQ(bus.can.counters(2).bus_off, 1.0);
  // 32 times 1 + 6 + 8 + 3 bits, and 8 more of rest before each of the last 15.
  EXPECT_EQ(bus.records[31].end, 1ms + (32 * 18 + 15 * 8 - 3) * bit);
}

TEST(CanBus, IsTwoBusesWhereItIsCut) {
  Bus bus{4};
  bus.do_at(1ms, [&] {
    bus.can.set_place(2, {.piece = 1});
    bus.can.set_place(3, {.piece = 1});
  });
  bus.send_at(2ms, 0, CanFrame{.id = 0});
  bus.send_at(2ms, 3, CanFrame{.id = 0});
  bus.do_at(3ms, [&] {
    bus.can.set_place(2, {.piece = 0});
    bus.can.set_place(3, {.piece = 0});
  });
  bus.send_at(4ms, 0, CanFrame{.id = 0});
  bus.kernel.run(5ms);
  const std::vector<Bus::Heard> expected{
      {1, 0, 2100us}, {2, 0, 2100us}, {1, 0, 4100us}, {2, 0, 4100us}, {3, 0, 4100us}};
  EXPECT_EQ(bus.heard, expected);
}

TEST(CanBus, EndsAFrameUnderWhichTheWireChanges) {
  Bus bus{3};
  bus.send_at(1ms, 0, CanFrame{});
  bus.do_at(1ms + 60us, [&] { bus.can.set_place(2, {.piece = 1}); });
  bus.kernel.run(2ms);
  ASSERT_EQ(bus.records.size(), 2u);
  EXPECT_EQ(bus.records[0].outcome, Outcome::form_error);
  EXPECT_EQ(bus.records[0].end, 1ms + 60us);
  EXPECT_EQ(bus.records[1].begin, 1ms + 60us + (3 + 14) * bit) << "rest, flag and delimiter";
  EXPECT_EQ(bus.can.transmit_errors(0), 8 - 1);
  EXPECT_EQ(bus.can.counters(1).heard, 1.0);
}

TEST(CanBus, ForgetsANodeWithoutPower) {
  Bus bus{2};
  bus.can.set_place(1, {.piece = 1});
  bus.send_at(1ms, 0, CanFrame{});
  bus.do_at(5ms, [&] { bus.can.set_place(0, {.powered = false}); });
  bus.do_at(6ms, [&] { EXPECT_FALSE(bus.can.send(0, CanFrame{})); });
  bus.do_at(7ms, [&] { bus.can.set_place(0, {}); });
  bus.kernel.run(10ms);
  EXPECT_EQ(bus.can.transmit_errors(0), 0);
  EXPECT_EQ(bus.can.state(0), State::active);
  EXPECT_LE(bus.records.back().end, 5ms) << "what waited is gone";
}

TEST(CanBus, RefusesWhatFindsNoMailbox) {
  Bus bus{2};
  for (std::size_t k = 0; k < CanBus::mailboxes; ++k) EXPECT_TRUE(bus.can.send(0, CanFrame{}));
  EXPECT_FALSE(bus.can.send(0, CanFrame{}));
  bus.kernel.run(10ms);
  EXPECT_EQ(bus.can.counters(0).sent, static_cast<double>(CanBus::mailboxes));
  EXPECT_EQ(bus.can.counters(0).refused, 1.0);
}

// A sender gains 8 for each spoilt attempt and loses 1 for each good one, a listener 1 and 1.
TEST(CanBus, CountsNoiseAtSenderAndListener) {
  Bus bus{2};
  bus.can.set_error_rate(0.1);
  for (int k = 0; k < 100; ++k) bus.send_at(1ms + k * 1ms, 0, CanFrame{.id = static_cast<std::uint32_t>(k)});
  bus.kernel.run(200ms);
  EXPECT_EQ(bus.count(Outcome::sent), 100u) << "each is tried until it is through";
  int sender = 0;
  int listener = 0;
  for (const auto& record : bus.records) {
    const bool good = record.outcome == Outcome::sent;
    sender = good ? std::max(0, sender - 1) : sender + 8;
    listener = good ? std::max(0, listener - 1) : listener + 1;
  }
  EXPECT_EQ(bus.can.transmit_errors(0), sender);
  EXPECT_EQ(bus.can.receive_errors(1), listener);
  // 100 good ones at 0.9 need 111 attempts on average; the deviation is 3.5.
  EXPECT_NEAR(static_cast<double>(bus.records.size()), 111.0, 11.0);
}

TEST(CanBus, BringsAPassiveListenerBackWithOneGoodFrame) {
  Bus bus{2};
  bus.can.set_error_rate(1.0);
  for (int k = 0; k < 6; ++k) {
    bus.send_at(1ms + k * 20ms, 0, CanFrame{});
  }
  bus.do_at(121ms, [&] {
    EXPECT_EQ(bus.can.state(1), State::passive) << bus.can.receive_errors(1);
    bus.can.set_error_rate(0.0);
  });
  bus.send_at(125ms, 0, CanFrame{});
  bus.kernel.run(130ms);
  EXPECT_EQ(bus.can.receive_errors(1), 119);
  EXPECT_EQ(bus.can.state(1), State::active);
}

TEST(CanBus, RefusesWhatIsOutOfBounds) {
  Bus bus{1};
  EXPECT_THROW(bus.can.send(0, CanFrame{.length = 9}), std::invalid_argument);
  EXPECT_THROW(bus.can.set_place(0, {.piece = CanBus::most_nodes}), std::invalid_argument);
  EXPECT_THROW(bus.can.set_error_rate(1.5), std::invalid_argument);
  EXPECT_THROW((CanBus{bus.kernel, 9'999, 7}), std::invalid_argument);
  for (std::size_t i = 1; i < CanBus::most_nodes; ++i) bus.can.add_node("more", {});
  EXPECT_THROW(bus.can.add_node("one too many", {}), std::invalid_argument);
}

}  // namespace
}  // namespace hil::sim
