#include "controller/core/bus_master.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace hil::controller {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;
using Outcome = BusMaster::Outcome;

const Request read_47511{0xF7, Function::read, 47511, 2, {}};
const Bytes reply_47511{0xF7, 0x03, 0x04, 0x00, 0x01, 0x00, 0x00, 0x3D, 0xFC};  // goodwe-et-modbus 12
const Bytes reply_36025{0xF7, 0x03, 0x04, 0xFF, 0xFF, 0xFA, 0x24, 0x2E, 0xA3};  // same unit, same length

class BusMasterTest : public testing::Test {
 protected:
  BusMaster master_{LineTiming{9600}};
  std::array<std::uint8_t, largest_frame> frame_{};
};

// goodwe-et-modbus 1.1: at 9600 8N1 a character takes 1.0417 ms, t3.5 3.6458 ms. 2 ns: each is rounded up.
TEST_F(BusMasterTest, CharacterTimesAreThoseOfTheTable) {
  const LineTiming slow{9600};
  EXPECT_NEAR(static_cast<double>(slow.characters(8).count()), 8'333'333.0, 2.0);
  EXPECT_NEAR(static_cast<double>(slow.frame_gap().count()), 3'645'833.0, 2.0);
  EXPECT_EQ(LineTiming{115200}.frame_gap(), 1750us);
}

// Request 8 characters 8.333 ms + t3.5 3.646 ms + 200 ms + reply 9 characters 9.375 ms = 221.354 ms.
TEST_F(BusMasterTest, TheTimeoutIsWireTimePlusTheLongestTurnAround) {
  ASSERT_TRUE(master_.free(1s));
  EXPECT_EQ(master_.send(read_47511, 1s, frame_), 8U);
  const Time timeout = master_.next_wake();
  EXPECT_NEAR(static_cast<double>((timeout - 1s).count()), 221'354'166.0, 10.0);
  EXPECT_EQ(master_.woken(timeout - 1ns), Outcome::none);
  EXPECT_EQ(master_.woken(timeout), Outcome::timed_out);
  EXPECT_EQ(master_.woken(timeout), Outcome::none);  // told once
}

TEST_F(BusMasterTest, AfterAReplyTheLineRestsForThreeAndAHalfCharacters) {
  master_.send(read_47511, 0s, frame_);
  EXPECT_EQ(master_.heard(reply_47511, 80ms), Outcome::answered);
  EXPECT_EQ(master_.data().size(), 4U);
  EXPECT_FALSE(master_.free(83'645us));
  EXPECT_TRUE(master_.free(83'646us));
}

TEST_F(BusMasterTest, AReplyInPiecesIsOneReply) {
  master_.send(read_47511, 0s, frame_);
  EXPECT_EQ(master_.heard(Bytes(reply_47511.begin(), reply_47511.begin() + 4), 76ms), Outcome::none);
  EXPECT_EQ(master_.heard(Bytes(reply_47511.begin() + 4, reply_47511.end()), 81ms), Outcome::answered);
}

TEST_F(BusMasterTest, WhatArrivesWhileNoRequestIsOpenIsDropped) {
  master_.send(read_47511, 0s, frame_);
  const Time timeout = master_.next_wake();
  ASSERT_EQ(master_.woken(timeout), Outcome::timed_out);
  EXPECT_EQ(master_.heard(reply_47511, timeout + 1ms), Outcome::none);
  // The line was not silent: the next request waits t3.5 from then, and starts with nothing heard.
  EXPECT_FALSE(master_.free(timeout + 2ms));
  ASSERT_TRUE(master_.free(timeout + 5ms));
  master_.send(read_47511, timeout + 5ms, frame_);
  EXPECT_EQ(master_.heard(Bytes{}, timeout + 6ms), Outcome::none);
}

TEST_F(BusMasterTest, ALateReplyOfAnotherLengthDoesNotAnswerTheNextRequest) {
  master_.send({0xF7, Function::read, 35137, 4, {}}, 0s, frame_);
  const Time timeout = master_.next_wake();
  ASSERT_EQ(master_.woken(timeout), Outcome::timed_out);
  ASSERT_TRUE(master_.free(timeout + 4ms));
  master_.send({0xF7, Function::read, 35180, 5, {}}, timeout + 4ms, frame_);
  EXPECT_EQ(master_.heard(reply_36025, timeout + 20ms), Outcome::none);
  const Bytes right{0xF7, 0x03, 0x0A, 0x09, 0xEE, 0xFF, 0x9E, 0xFF, 0xFF, 0xF6, 0x30, 0x00, 0x03, 0x7B, 0x5A};
  EXPECT_EQ(master_.heard(right, timeout + 90ms), Outcome::answered);
  EXPECT_EQ(master_.data().size(), 10U);
}

TEST_F(BusMasterTest, ARefusalIsAnAnswerWithoutData) {
  master_.send(read_47511, 0s, frame_);
  EXPECT_EQ(master_.heard(Bytes{0xF7, 0x83, 0x02, 0x20, 0xC3}, 70ms), Outcome::refused);
  EXPECT_TRUE(master_.data().empty());
}

TEST_F(BusMasterTest, NoiseWithoutEndStopsNeitherTheTimeoutNorTheNextRequest) {
  master_.send(read_47511, 0s, frame_);
  const Bytes noise(16, 0x55);
  Time now = 10ms;
  for (; now < 2s; now += 2ms) {
    master_.heard(noise, now);
    master_.woken(now);
    if (master_.free(now)) break;
  }
  // Timeout at 221 ms, then at most 200 ms of waiting for silence; 2 ms: the steps of this loop.
  EXPECT_LE(now, 425ms);
}

TEST(UnitHealth, ThreeMissesInARowMakeAUnitLostAndFiveSecondsPassBetweenTrials) {
  UnitHealth health;
  EXPECT_EQ(health.state(), UnitHealth::State::never_heard);
  health.answered();
  health.missed(1s);
  health.missed(2s);
  EXPECT_TRUE(health.answering());
  health.answered();  // the count starts again
  health.missed(3s);
  health.missed(4s);
  EXPECT_TRUE(health.answering());
  health.missed(5s);
  EXPECT_EQ(health.state(), UnitHealth::State::lost);
  EXPECT_FALSE(health.due(9999ms));
  EXPECT_TRUE(health.due(10s));
  health.missed(10s);
  EXPECT_FALSE(health.due(14s));
  health.answered();
  EXPECT_TRUE(health.answering());
}

}  // namespace
}  // namespace hil::controller
