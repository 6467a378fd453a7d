#include "sim/wire/reply_faults.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/sim/wire/line_rig.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using test::Bytes;
using test::with_crc;

constexpr WireMarks everything = decided_at_request | decided_at_reply;

/// The reply 0B 03 02 12 34 with one fault.
class OneFault : public testing::Test {
 protected:
  const Bytes sound = with_crc({11, 3, 2, 0x12, 0x34});

  OutgoingReply reply(ReplyFault fault, int number = 0, Time time = Time{0}) {
    ReplyFaults faults;
    faults[fault] = {.probability = 1.0, .number = number, .time = time};
    OutgoingReply built;
    std::copy(sound.begin() + 1, sound.end() - 2, built.pdu().begin());
    built.build(11, 4, faults, draw(faults, everything, random_), random_);
    EXPECT_EQ(built.marks(), mark_of(fault));
    return built;
  }
  static Bytes run(const OutgoingReply& reply, std::size_t which = 0) {
    const auto bytes = reply.bytes(reply.runs()[which]);
    return {bytes.begin(), bytes.end()};
  }

 private:
  models::SplitMix64 random_{7};
};

TEST_F(OneFault, ChangesNothingWhenItIsOff) {
  OutgoingReply built;
  models::SplitMix64 random{7};
  std::copy(sound.begin() + 1, sound.end() - 2, built.pdu().begin());
  built.build(11, 4, {}, draw({}, everything, random), random);
  ASSERT_EQ(built.runs().size(), 1u);
  EXPECT_EQ(run(built), sound);
  EXPECT_EQ(models::SplitMix64{7}.next(), random.next()) << "nothing was drawn";
}

TEST(ReplyFaults, DelayAndJitterMoveTheFirstBit) {
  ReplyFaults faults;
  faults[ReplyFault::delay] = {.probability = 1.0, .time = 300ms};
  faults[ReplyFault::jitter] = {.probability = 1.0, .time = 300ms};
  models::SplitMix64 random{7};
  EXPECT_EQ(added_wait(faults, wire_mark::delay, random), 300ms);
  Time least = 1s;
  Time most{0};
  for (int i = 0; i < 100; ++i) {
    const Time wait = added_wait(faults, draw(faults, decided_at_request, random), random);
    least = std::min(least, wait);
    most = std::max(most, wait);
  }
  EXPECT_LT(least, 330ms);
  EXPECT_GT(most, 570ms);
  EXPECT_LT(most, 600ms);
}

TEST_F(OneFault, WrongUnitAndFunctionKeepAGoodChecksum) {
  EXPECT_EQ(run(reply(ReplyFault::wrong_unit, 12)), with_crc({12, 3, 2, 0x12, 0x34}));
  EXPECT_EQ(run(reply(ReplyFault::wrong_function, 4)), with_crc({11, 4, 2, 0x12, 0x34}));
}

TEST_F(OneFault, WrongCrcAndFlippedBitKeepTheLength) {
  const Bytes inverted = run(reply(ReplyFault::wrong_crc));
  EXPECT_TRUE(std::equal(sound.begin(), sound.end() - 2, inverted.begin()));
  EXPECT_EQ(inverted[5], static_cast<std::uint8_t>(~sound[5]));
  EXPECT_EQ(inverted[6], static_cast<std::uint8_t>(~sound[6]));
  for (int i = 0; i < 100; ++i) {
    const Bytes flipped = run(reply(ReplyFault::flipped_bit));
    ASSERT_EQ(flipped.size(), sound.size());
    int bits = 0;
    for (std::size_t k = 0; k < sound.size(); ++k) {
      bits += std::popcount(static_cast<unsigned>(flipped[k] ^ sound[k]));
    }
    EXPECT_EQ(bits, 1);
  }
}

TEST_F(OneFault, DoubledAndExtraBytesMakeItLonger) {
  EXPECT_EQ(run(reply(ReplyFault::doubled_byte)).size(), sound.size() + 1);
  const Bytes behind = run(reply(ReplyFault::extra_bytes, 3));
  EXPECT_EQ(Bytes(behind.begin(), behind.end() - 3), sound);
  const Bytes ahead = run(reply(ReplyFault::extra_bytes, -3));
  EXPECT_EQ(Bytes(ahead.begin() + 3, ahead.end()), sound);
}

TEST_F(OneFault, TruncatedKeepsTheFirstBytesAndLosesOneAtLeast) {
  EXPECT_EQ(run(reply(ReplyFault::truncated, 3)), Bytes(sound.begin(), sound.begin() + 3));
  EXPECT_EQ(run(reply(ReplyFault::truncated, 200)).size(), sound.size() - 1);
  std::array<bool, 8> seen{};
  for (int i = 0; i < 100; ++i) seen.at(run(reply(ReplyFault::truncated)).size()) = true;
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 6) << "1 to 6 of 7 bytes, all of them";
}

TEST_F(OneFault, SplitAndDuplicatedLeaveInTwoRuns) {
  const OutgoingReply split = reply(ReplyFault::split, 3, 20ms);
  ASSERT_EQ(split.runs().size(), 2u);
  EXPECT_EQ(run(split, 0), Bytes(sound.begin(), sound.begin() + 3));
  EXPECT_EQ(run(split, 1), Bytes(sound.begin() + 3, sound.end()));
  EXPECT_EQ(split.runs()[1].pause, 20ms);
  const OutgoingReply twice = reply(ReplyFault::duplicated, 0, 5ms);
  ASSERT_EQ(twice.runs().size(), 2u);
  EXPECT_EQ(run(twice, 0), sound);
  EXPECT_EQ(run(twice, 1), sound);
}

// 10,000 draws of 0.3: the deviation of the mean is 0.0046.
TEST(ReplyFaults, HitAsOftenAsTheirProbability) {
  ReplyFaults faults;
  faults[ReplyFault::wrong_crc].probability = 0.3;
  models::SplitMix64 random{7};
  int hits = 0;
  for (int i = 0; i < 10'000; ++i) hits += draw(faults, everything, random) != 0 ? 1 : 0;
  EXPECT_NEAR(hits, 3000, 150);
}

// The largest reply with every fault that makes it longer stays inside its buffer.
TEST(ReplyFaults, FitTheBufferAllAtOnce) {
  ReplyFaults faults;
  for (auto& setting : faults.settings) setting.probability = 1.0;
  faults[ReplyFault::truncated].probability = 0.0;
  faults[ReplyFault::extra_bytes].number = static_cast<int>(OutgoingReply::most_extra_bytes);
  models::SplitMix64 random{7};
  OutgoingReply built;
  built.build(11, 253, faults, draw(faults, everything, random), random);
  EXPECT_EQ(built.runs().size(), 4u);
  EXPECT_EQ(built.runs()[0].length + built.runs()[1].length, 256u + 1 + 64);
}

}  // namespace
}  // namespace hil::sim
