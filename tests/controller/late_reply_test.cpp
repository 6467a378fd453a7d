// A reply that comes when its request has been given up: Modbus RTU has no number that tells whose it is.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "controller/core/inverter_line.h"
#include "controller/core/meter_plan.h"

namespace hil::controller {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

Bytes with_crc(Bytes frame) {
  const std::uint16_t crc = frame_crc(frame);
  frame.push_back(static_cast<std::uint8_t>(crc & 0xFF));
  frame.push_back(static_cast<std::uint8_t>(crc >> 8));
  return frame;
}

/// One inverter at address 11, answered by hand.
class LateReply : public testing::Test {
 protected:
  static Settings::Line one_inverter() {
    Settings::Line line;
    line.addresses[0] = 11;
    line.count = 1;
    return line;
  }
  /// What goes out next; the line is free by then.
  Bytes asked() {
    now_ += 10ms;
    std::array<std::uint8_t, largest_frame> frame{};
    const std::size_t size = line_.ask(now_, frame);
    return {frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size)};
  }
  void give_up() {
    now_ = line_.next_wake();
    EXPECT_TRUE(line_.woken(now_));
  }
  bool heard(const Bytes& reply) {
    now_ += 60ms;
    return line_.heard(reply, now_, meter_);
  }
  static std::uint16_t word(const Bytes& frame, std::size_t at) {
    return static_cast<std::uint16_t>(frame[at] << 8 | frame[at + 1]);
  }
  /// The reply of the inverter to a read: its first value `value`, the rest zero.
  static Bytes values(const Bytes& request, std::uint16_t value) {
    const std::size_t count = word(request, 4);
    Bytes reply{11, 3, static_cast<std::uint8_t>(2 * count)};
    reply.resize(3 + 2 * count);
    reply[5] = static_cast<std::uint8_t>(value >> 8);  // the low word of a power
    reply[6] = static_cast<std::uint8_t>(value & 0xFF);
    return with_crc(reply);
  }
  static Bytes acknowledgement(const Bytes& order) { return with_crc({order.begin(), order.begin() + 6}); }
  /// An AC power is read, so that the inverter is known to answer.
  void begin() {
    for (int k = 0; k < 20; ++k) meter_.add(0.0, Time{k * 50ms});
    ASSERT_TRUE(heard(values(asked(), 500)));
    ASSERT_TRUE(line_.measurement(0).ac_injection);
  }
  /// The next order that goes out; reads on the way are answered.
  Bytes next_order() {
    for (int k = 0; k < 10; ++k) {
      const Bytes request = asked();
      if (request[1] == 16) return request;
      heard(values(request, 500));
    }
    ADD_FAILURE() << "no order";
    return {};
  }

  InverterLine line_{one_inverter()};
  MeterHistory meter_;
  Time now_ = 500ms;
};

TEST_F(LateReply, ToAReadingIsNotThatOfItsRepetition) {
  begin();
  Bytes first;
  do {
    first = asked();
    if (word(first, 2) != 35137) heard(values(first, 500));
  } while (word(first, 2) != 35137);
  give_up();
  const Bytes second = asked();
  EXPECT_EQ(word(second, 2), 35137);
  EXPECT_NE(word(second, 4), word(first, 4));
  const Time second_asked = now_;
  EXPECT_FALSE(heard(values(first, 1111)));
  EXPECT_LT(line_.measurement(0).ac_injection->at, second_asked);
  EXPECT_TRUE(heard(values(second, 2222)));
  EXPECT_DOUBLE_EQ(line_.measurement(0).ac_injection->value_w, 2222.0);
  EXPECT_GE(line_.measurement(0).ac_injection->at, second_asked);
}

// The repetition bears the same values, so that it does not matter which of the two is acknowledged; the order after
// them takes other registers, so that it does matter there.
TEST_F(LateReply, ToAnOrderIsNotThatOfALaterOne) {
  begin();
  line_.set_order(0, encode_order(true, 3000.0, 0.0), now_);
  const Bytes before = next_order();
  ASSERT_TRUE(heard(acknowledgement(before)));
  line_.set_order(0, encode_order(true, 2000.0, 0.0), now_);
  const Bytes first = next_order();
  give_up();
  line_.set_order(0, encode_order(true, 1000.0, 0.0), now_);
  EXPECT_EQ(asked(), first);
  EXPECT_TRUE(heard(acknowledgement(first)));
  EXPECT_DOUBLE_EQ(*line_.measurement(0).limit_in_force_w, 2000.0);
  const Bytes third = next_order();
  EXPECT_EQ(word(third, 2), 47510);
  EXPECT_EQ(word(third, 4), 3);
  EXPECT_EQ(word(third, 7), 1000);
  EXPECT_FALSE(heard(acknowledgement(first)));
  EXPECT_DOUBLE_EQ(*line_.measurement(0).limit_in_force_w, 2000.0) << "the highest that may be in force";
  EXPECT_TRUE(heard(acknowledgement(third)));
  EXPECT_DOUBLE_EQ(*line_.measurement(0).limit_in_force_w, 1000.0);
}

// 47509 decides whether there is a limit at all: it is never left out where it changes.
TEST_F(LateReply, TheOrderThatTakesALimitAwayIsWhole) {
  begin();
  line_.set_order(0, encode_order(true, 3000.0, 0.0), now_);
  ASSERT_TRUE(heard(acknowledgement(next_order())));
  line_.set_order(0, encode_order(true, 2000.0, 0.0), now_);
  const Bytes first = next_order();
  give_up();
  EXPECT_EQ(asked(), first);
  EXPECT_TRUE(heard(acknowledgement(first)));
  line_.set_order(0, encode_order(false, 0.0, 0.0), now_);
  EXPECT_EQ(word(next_order(), 2), 47509);
}

TEST_F(LateReply, OtherBlocksAreNotRepeated) {
  begin();
  Bytes request;
  do {
    request = asked();
    if (word(request, 4) <= 8) heard(values(request, 500));
  } while (word(request, 4) <= 8);
  give_up();
  EXPECT_EQ(word(asked(), 2), 35137);
}

TEST(MeterPlan, AReadingOfPowersThatIsMissingIsRepeatedWithAnotherLength) {
  MeterPlan plan;
  EXPECT_EQ(plan.next(0s, false), MeterBlock::powers);
  EXPECT_EQ(plan.next(100ms, false), MeterBlock::powers_and_reactive);
  EXPECT_EQ(plan.next(200ms, false), MeterBlock::powers) << "perhaps it does not give them";
  plan.answered(250ms);
  EXPECT_EQ(plan.next(300ms, false), MeterBlock::powers);
}

}  // namespace
}  // namespace hil::controller
