#include "harness/checks/bus_exchange.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

#include "harness/checks/bus_evaluators.h"
#include "sim/wire/modbus_rtu.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;
using sim::Time;

/// Plays frames to a follower and keeps what it tells.
class Line {
 public:
  void request(Time begin, std::initializer_list<std::uint8_t> frame) { play(begin, frame, true); }
  void reply(Time begin, std::initializer_list<std::uint8_t> frame) { play(begin, frame, false); }
  void spoilt_reply(Time begin, std::initializer_list<std::uint8_t> frame) { play(begin, frame, false, true); }

  std::vector<BusExchange> requested;
  std::vector<BusExchange> concluded;

 private:
  void play(Time begin, std::initializer_list<std::uint8_t> frame, bool from_far_side, bool spoilt = false) {
    std::vector<std::uint8_t> bytes(frame);
    sim::append_crc(bytes);
    if (spoilt) bytes.back() ^= 1U;
    follower_.frame({.bytes = bytes, .begin = begin, .end = begin + 10ms, .from_far_side = from_far_side});
  }
  ExchangeFollower follower_{{[this](const BusExchange& exchange) { requested.push_back(exchange); },
                              [this](const BusExchange& exchange) { concluded.push_back(exchange); }}};
};

TEST(ExchangeFollower, PutsRequestAndAnswerTogether) {
  Line line;
  // Unit 1: 5 holding registers from 0x8900 on; its answer has 10 bytes of data.
  line.request(1s, {1, 3, 0x89, 0x00, 0, 5});
  line.reply(1050ms, {1, 3, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  ASSERT_EQ(line.concluded.size(), 1U);
  const BusExchange& exchange = line.concluded[0];
  EXPECT_TRUE(exchange.answered);
  EXPECT_FALSE(exchange.refused);
  EXPECT_EQ(exchange.begin, Time{1s});
  EXPECT_EQ(exchange.answered_at, Time{1060ms});
  EXPECT_TRUE(exchange.reads(sim::Table::holding));
  EXPECT_FALSE(exchange.reads(sim::Table::input));
  EXPECT_TRUE(exchange.covers(0x8903, 2));
  EXPECT_FALSE(exchange.covers(0x8904, 2));
  EXPECT_FALSE(exchange.covers(0x88FF, 1));
}

TEST(ExchangeFollower, TakesNeitherSpoiltNorOtherUnitsRepliesForAnswers) {
  Line line;
  line.request(1s, {1, 6, 0, 7, 0, 9});
  line.spoilt_reply(1050ms, {1, 6, 0, 7, 0, 9});
  line.reply(1100ms, {2, 6, 0, 7, 0, 9});
  EXPECT_TRUE(line.concluded.empty());
  line.request(2s, {1, 6, 0, 7, 0, 9});
  ASSERT_EQ(line.concluded.size(), 1U);
  EXPECT_FALSE(line.concluded[0].answered);
  EXPECT_TRUE(line.requested[1].repeated);
  EXPECT_TRUE(line.requested[1].writes(sim::Table::holding));
  EXPECT_TRUE(line.requested[1].covers(7, 1));
}

TEST(ExchangeFollower, CallsTheSameRequestNoRepetitionOnceItWasAnswered) {
  Line line;
  line.request(1s, {1, 3, 0, 7, 0, 1});
  line.reply(1050ms, {1, 0x83, 2});
  line.request(2s, {1, 3, 0, 7, 0, 1});
  EXPECT_TRUE(line.concluded.at(0).refused);
  EXPECT_FALSE(line.requested.at(1).repeated);
}

/// Plays what an EMS asks one device on Modbus TCP to a follower.
class Connection {
 public:
  void request(Time at, const std::vector<std::uint8_t>& pdu) {
    pdu_ = pdu;
    follower_.exchange({.unit = 7, .request = pdu_, .at = at});
  }
  void over(Time at, EmsMaster::Outcome outcome, const std::vector<std::uint8_t>& reply = {}) {
    follower_.exchange({.unit = 7, .request = pdu_, .over = true, .outcome = outcome, .reply = reply, .at = at});
  }

  std::vector<BusExchange> requested;
  std::vector<BusExchange> concluded;

 private:
  std::vector<std::uint8_t> pdu_;
  TcpExchangeFollower follower_{{[this](const BusExchange& exchange) { requested.push_back(exchange); },
                                 [this](const BusExchange& exchange) { concluded.push_back(exchange); }}};
};

TEST(TcpExchangeFollower, PutsRequestAndAnswerTogether) {
  Connection connection;
  connection.request(1s, {3, 0xCF, 0x12, 0, 2});
  connection.over(1020ms, EmsMaster::Outcome::reply, {3, 4, 0, 1, 0, 0});
  ASSERT_EQ(connection.concluded.size(), 1U);
  const BusExchange& exchange = connection.concluded[0];
  EXPECT_EQ(exchange.unit, 7);
  EXPECT_TRUE(exchange.on_network);
  EXPECT_TRUE(exchange.answered);
  EXPECT_FALSE(exchange.refused);
  EXPECT_EQ(exchange.begin, Time{1s});
  EXPECT_EQ(exchange.answered_at, Time{1020ms});
  EXPECT_TRUE(exchange.reads(sim::Table::holding));
  EXPECT_TRUE(exchange.covers(0xCF13, 1));
  EXPECT_FALSE(exchange.covers(0xCF14, 1));
}

TEST(TcpExchangeFollower, TellsWhatIsNoAnswerAndWhatRepeats) {
  Connection connection;
  for (const EmsMaster::Outcome outcome : {EmsMaster::Outcome::none, EmsMaster::Outcome::garbled}) {
    connection.request(1s, {6, 0, 7, 0, 9});
    connection.over(2s, outcome);
    EXPECT_FALSE(connection.concluded.back().answered);
  }
  connection.request(3s, {6, 0, 7, 0, 9});
  connection.over(3020ms, EmsMaster::Outcome::reply, {0x86, 3});
  EXPECT_TRUE(connection.concluded.back().answered);
  EXPECT_TRUE(connection.concluded.back().refused);
  connection.request(4s, {6, 0, 7, 0, 9});
  std::vector<bool> repeated;
  for (const BusExchange& each : connection.requested) repeated.push_back(each.repeated);
  EXPECT_EQ(repeated, (std::vector<bool>{false, true, true, false})) << "the last follows an answer";
}

AnswersEvaluator answers(AnswersCheck::Measure measure, double bound) {
  AnswersCheck check;
  check.measure = measure;
  check.bound = bound;
  check.answered_in = 100ms;
  return AnswersEvaluator(check);
}

BusExchange exchange(Time begin, bool answered, bool repeated = false, Time took = 50ms) {
  BusExchange made;
  made.begin = begin;
  made.answered = answered;
  made.repeated = repeated;
  made.answered_at = begin + took;
  return made;
}

// Four requests, the third late, the fourth without an answer: two of four in time, one unanswered.
TEST(AnswersEvaluator, CountsAndTakesTheShareInTime) {
  for (const auto& [measure, bound, margin] : {std::tuple{AnswersCheck::Measure::share, 0.75, -0.25},
                                               std::tuple{AnswersCheck::Measure::unanswered, 1.0, 0.0}}) {
    AnswersEvaluator evaluator = answers(measure, bound);
    for (const BusExchange& each :
         {exchange(1s, true), exchange(2s, true), exchange(3s, true, false, 101ms), exchange(4s, false)}) {
      evaluator.requested(each);
      evaluator.concluded(each);
    }
    EXPECT_DOUBLE_EQ(evaluator.finding().margin, margin);
  }
}

TEST(AnswersEvaluator, KeepsTheLongestRunOfRepetitions) {
  AnswersEvaluator evaluator = answers(AnswersCheck::Measure::retries, 1.0);
  for (const bool repeated : {false, true, true, false, true}) {
    evaluator.requested(exchange(1s, false, repeated));
    evaluator.concluded(exchange(1s, false, repeated));
  }
  EXPECT_DOUBLE_EQ(evaluator.finding().margin, -1.0);
}

TEST(AnswersEvaluator, IsUntestedWithoutARequest) {
  EXPECT_EQ(answers(AnswersCheck::Measure::share, 1.0).finding().state, CheckState::untested);
}

// Window 10 s to 20 s at steps of 1 s. Unit 0 is asked at 9, 12.5 and 19 s: from the window's start 2.5 s, then 6.5 s,
// then 1 s to the end. Unit 1 is asked at 14 s only: 4 s and 6 s.
TEST(PollGapEvaluator, KeepsTheLongestTimeInsideTheWindow) {
  PollGapEvaluator evaluator(BusCheck{.line = "com1", .poll_period_below = 7s}, 2);
  for (Time now = 10s; now <= 20s; now += 1s) {
    if (now == Time{13s}) evaluator.polled(0, 12500ms);
    if (now == Time{14s}) evaluator.polled(1, 14s);
    if (now == Time{19s}) evaluator.polled(0, 19s);
    evaluator.observe(now - Time{10s}, now);
  }
  EXPECT_EQ(evaluator.finding().state, CheckState::holds);
  EXPECT_NEAR(evaluator.finding().worst, 6.5, 1e-9);
  EXPECT_NEAR(evaluator.finding().margin, 0.5, 1e-9);
  EXPECT_EQ(evaluator.finding().worst_at, Time{19s});
}

TEST(PollGapEvaluator, SeesAUnitThatIsNeverAsked) {
  PollGapEvaluator evaluator(BusCheck{.line = "com1", .poll_period_below = 3s}, 1);
  EXPECT_EQ(evaluator.finding().state, CheckState::untested);
  evaluator.polled(0, 2s);  // before the window opens
  for (Time now = 10s; now <= 15s; now += 1s) evaluator.observe(now - Time{10s}, now);
  EXPECT_EQ(evaluator.finding().state, CheckState::broken);
  EXPECT_NEAR(evaluator.finding().worst, 5.0, 1e-9);
}

// Window from 10 s on, written at 12 s and 13 s, seen until 17 s: 2 s, 1 s and 4 s old at most.
TEST(FreshEvaluator, KeepsTheGreatestAge) {
  FreshCheck check;
  check.age_below = 3s;
  FreshEvaluator evaluator(check);
  for (Time now = 10s; now <= 17s; now += 10ms) {
    if (now == Time{12s} || now == Time{13s}) evaluator.written(now);
    evaluator.observe(now);
  }
  EXPECT_EQ(evaluator.finding().state, CheckState::broken);
  EXPECT_NEAR(evaluator.finding().margin, -1.0, 1e-9);
  EXPECT_EQ(evaluator.finding().worst_at, Time{17s});
}

TEST(OrderEvaluator, CountsWhatWasReadAheadOfTheWindow) {
  OrderEvaluator evaluator(OrderCheck{});
  evaluator.written(1s, false);
  EXPECT_EQ(evaluator.finding().state, CheckState::untested);
  evaluator.read();
  evaluator.written(2s, true);
  EXPECT_EQ(evaluator.finding().state, CheckState::holds);
}

TEST(OrderEvaluator, TakesTheWriteWithTheFewestReadings) {
  OrderEvaluator evaluator(OrderCheck{});
  evaluator.read();
  evaluator.read();
  evaluator.written(1s, true);
  evaluator.written(2s, true);
  evaluator.read();
  evaluator.written(3s, true);
  EXPECT_EQ(evaluator.finding().state, CheckState::broken);
  EXPECT_DOUBLE_EQ(evaluator.finding().margin, -1.0);
  EXPECT_EQ(evaluator.finding().worst_at, Time{2s});
}

}  // namespace
}  // namespace hil::harness
