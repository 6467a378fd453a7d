// What a master sees of the trouble that the field knows: physics-and-standards 7 and the acceptance list of the wires.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <memory>

#include "tests/models/validation/validation_case.h"
#include "tests/sim/wire/polling_master.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using test::Bytes;
using test::ConstantServer;
using test::PollingMaster;
using test::read_request;

// At 9600 8N1 with 50 ms of turn-around a poll of ten registers takes 8.333 + 3.646 + 50 + 26.042 = 88.021 ms.
constexpr Time on_time = 88'022us;
constexpr Time timeout = 300ms;

/// Units at addresses from 1 on, on one line with a polling master.
struct PolledLine {
  explicit PolledLine(Kernel& kernel, int units, const SerialFormat& format = {}, std::uint64_t seed = 7,
                      int registers = 10)
      : line(kernel, "com1", format, seed), servers(static_cast<std::size_t>(units)) {
    std::vector<std::uint8_t> addresses;
    for (int i = 1; i <= units; ++i) {
      addresses.push_back(static_cast<std::uint8_t>(i));
      line.add_unit({.name = "et" + std::to_string(i),
                     .address = addresses.back(),
                     .server = &servers[static_cast<std::size_t>(i - 1)],
                     .turnaround = 50ms,
                     .seed = seed + static_cast<std::uint64_t>(i)});
    }
    master.emplace(kernel, line, addresses, registers == 10 ? timeout : 2 * timeout, registers);
  }
  void change(const std::string& unit, const std::function<void(UnitCondition&)>& what) {
    UnitCondition condition = line.condition(unit);
    what(condition);
    line.set_condition(unit, condition);
  }
  const PollingMaster::Tally& of(int unit) const { return master->of(static_cast<std::uint8_t>(unit)); }
  void expect_all_good(int unit) const {
    const PollingMaster::Tally& tally = of(unit);
    EXPECT_GT(tally.polls, 20) << unit;
    EXPECT_GE(tally.good, tally.polls - 1) << unit << ": the last may be under way";
    EXPECT_LE(tally.longest, on_time) << unit;
  }
  void expect_only_silence(int unit) const {
    EXPECT_GT(of(unit).polls, 20) << unit;
    EXPECT_GE(of(unit).silent, of(unit).polls - 1) << unit;
  }

  SerialLine line;
  std::vector<ConstantServer> servers;
  std::optional<PollingMaster> master;
};

TEST(FieldTrouble, LeavesNineOfTenUnitsOnThreeLinesOnTimeWhenOneIsSilent) {
  Kernel kernel{10ms};
  PolledLine com1{kernel, 4};
  PolledLine com2{kernel, 3};
  PolledLine com3{kernel, 3};
  com1.change("et2", [](UnitCondition& condition) { condition.silent = true; });
  kernel.run(60s);
  for (const int unit : {1, 3, 4}) com1.expect_all_good(unit);
  for (const int unit : {1, 2, 3}) com2.expect_all_good(unit);
  for (const int unit : {1, 2, 3}) com3.expect_all_good(unit);
  com1.expect_only_silence(2);
  // A round of com1: three exchanges, one timeout, four times t3.5. The other lines do not notice.
  EXPECT_LE(com1.of(1).longest_between, 3 * on_time + timeout + 4 * 3'646us);
  EXPECT_LE(com2.of(1).longest_between, 3 * (on_time + 3'646us));
}

TEST(FieldTrouble, GivesChecksumErrorsForADuplicatedAddress) {
  Kernel kernel{10ms};
  PolledLine com1{kernel, 3};
  com1.change("et2", [](UnitCondition& condition) { condition.address = std::uint8_t{1}; });
  kernel.run(60s);
  EXPECT_GE(com1.of(1).bad, com1.of(1).polls - 1);
  com1.expect_only_silence(2);
  com1.expect_all_good(3);
}

TEST(FieldTrouble, GivesNoValidFrameFromAUnitWithSwappedWires) {
  Kernel kernel{10ms};
  PolledLine com1{kernel, 2};
  com1.change("et2", [](UnitCondition& condition) { condition.polarity_swapped = true; });
  kernel.run(60s);
  com1.expect_all_good(1);
  com1.expect_only_silence(2);
  EXPECT_EQ(com1.servers[1].served, 0);
}

TEST(FieldTrouble, HearsNobodyWithTheMastersWiresSwapped) {
  Kernel kernel{10ms};
  PolledLine com1{kernel, 2};
  com1.line.set_condition(LineCondition{.polarity_swapped = true});
  com1.change("et2", [](UnitCondition& condition) { condition.polarity_swapped = true; });  // twice is right again
  kernel.run(60s);
  com1.expect_only_silence(1);
  com1.expect_all_good(2);
}

TEST(FieldTrouble, LeavesAUnitOfAnotherBaudOrParitySilent) {
  Kernel kernel{10ms};
  PolledLine com1{kernel, 4};
  com1.change("et2", [](UnitCondition& condition) { condition.format = SerialFormat{.baud = 19'200}; });
  com1.change("et3", [](UnitCondition& condition) { condition.format = SerialFormat{.parity = Parity::even}; });
  com1.change("et4", [](UnitCondition& condition) { condition.format = SerialFormat{.stop_bits = 2}; });
  kernel.run(60s);
  com1.expect_all_good(1);
  com1.expect_only_silence(2);
  com1.expect_only_silence(3);
  // A second stop bit is only time: 25 characters of 11 bits take 2.604 ms more.
  EXPECT_GE(com1.of(4).good, com1.of(4).polls - 1);
  EXPECT_NEAR(static_cast<double>((com1.of(4).longest - com1.of(1).longest).count()), 2'604'167.0, 1.0);
}

// A port that is set to another baud while its reply waits: the master hears garbage of another length.
TEST(FieldTrouble, HearsGarbageOfAReplyAtAnotherBaud) {
  test::LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server, 50ms);
  rig.kernel.each_step(StepPhase::timeline, [&](Time now) {
    if (now != 30ms) return;
    rig.change("et1", [](UnitCondition& condition) { condition.format = SerialFormat{.baud = 19'200}; });
  });
  rig.send_at(0ms, read_request(11, 10));
  rig.kernel.run(1s);
  ASSERT_EQ(rig.heard.size(), 1u);
  EXPECT_FALSE(has_valid_crc(rig.heard[0].bytes));
  EXPECT_LT(rig.heard[0].bytes.size(), 25u);
  EXPECT_EQ(rig.frames.back().marks, wire_mark::wrong_baud);
  EXPECT_EQ(rig.frames.back().bytes, rig.heard[0].bytes);
}

/// Share of good polls with `rate` on the bus, of about 5,000.
double share_of_good_polls(double rate) {
  Kernel kernel{100ms};
  PolledLine com1{kernel, 1};
  com1.line.set_condition(LineCondition{.reflection_error_rate = rate});
  kernel.run(500s);
  return static_cast<double>(com1.of(1).good) / com1.of(1).polls;
}

// Request 8 and reply 25 bytes: (1 - p)^33. Section 7: .9675 for p = 1e-3 and 33 bytes; 1e-2: .7177; 5,000 polls
// give deviations of .0025 and .0064 of the share, of which four are allowed.
TEST(FieldTrouble, LosesAsManyFramesToReflectionsAsTheRateSays) {
  EXPECT_NEAR(share_of_good_polls(1e-3), 0.9675, 0.01);
}
TEST(FieldTrouble, LosesMoreFramesToReflectionsWithNoise) {
  EXPECT_NEAR(share_of_good_polls(1e-2), std::pow(0.99, 33), 0.026);
}
// 33, 113 and 263 bytes: requests of 8 and replies of 5 + 2n, for 10, 50 and 125 registers. Within three tries:
// 1 - (1 - P)^3.
TEST(FieldTrouble, LosesLongFramesMoreOften) {
  hil::tests::ValidationCase expected("wire/frame_success");
  Kernel kernel{100ms};
  PolledLine tens{kernel, 1, {}, 7};
  PolledLine fifties{kernel, 1, {}, 8, 50};
  PolledLine longest{kernel, 1, {}, 9, 125};
  for (PolledLine* line : {&tens, &fifties, &longest}) {
    line->line.set_condition(LineCondition{.byte_error_rate = 1e-3});
  }
  kernel.run(3000s);
  const auto share = [](const PolledLine& line) { return static_cast<double>(line.of(1).good) / line.of(1).polls; };
  const auto in_three = [](double p) { return 1.0 - std::pow(1.0 - p, 3.0); };
  expected.check("33_bytes", share(tens));
  expected.check("113_bytes", share(fifties));
  expected.check("263_bytes", share(longest));
  expected.check("263_bytes_in_three_tries", in_three(share(longest)));
}

TEST(FieldTrouble, LosesNoFrameWithTerminators) {
  EXPECT_GT(share_of_good_polls(0.0), 0.999);
}

TEST(FieldTrouble, CutsOffExactlyTheUnitsBeyondTheCut) {
  Kernel kernel{10ms};
  PolledLine com1{kernel, 4};
  com1.line.set_chain({"et3", "et1", "et4", "et2"});
  com1.change("et4", [](UnitCondition& condition) { condition.cable_cut = true; });
  kernel.run(60s);
  com1.expect_all_good(1);
  com1.expect_all_good(3);
  com1.expect_only_silence(2);
  com1.expect_only_silence(4);
}

// The reply of ten registers lasts from 61.979 to 88.021 ms; at 70 ms seven of its characters have ended.
TEST(FieldTrouble, LosesTheRestOfAReplyWithTheCable) {
  test::LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server, 50ms);
  rig.kernel.each_step(StepPhase::timeline, [&](Time now) {
    if (now == 70ms) rig.change("et1", [](UnitCondition& condition) { condition.cable_cut = true; });
  });
  rig.send_at(0ms, read_request(11, 10));
  rig.kernel.run(1s);
  ASSERT_EQ(rig.heard.size(), 1u);
  EXPECT_EQ(rig.heard[0].bytes.size(), 7u);
  EXPECT_EQ(rig.heard[0].at, 70ms);
  EXPECT_EQ(rig.frames.back().marks, wire_mark::cable_cut);
}

// The reply of ten registers lasts from 61.979 to 88.021 ms: faults of 50 ms on, in the turn-around, hit it; noise of
// 70 .. 80 ms hits the characters that begin then: numbers 8 (70.313 ms) to 17 (79.688 ms).
TEST(FieldTrouble, BeginsAndEndsWithTheFirstByteAfterTheMoment) {
  test::LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server, 50ms);
  rig.kernel.each_step(StepPhase::timeline, [&](Time now) {
    if (now == 50ms) {
      rig.change("et1", [](UnitCondition& condition) {
        condition.replies[ReplyFault::wrong_unit] = {.probability = 1.0, .number = 12};
      });
    }
    if (now == 70ms) rig.line.set_condition(LineCondition{.byte_error_rate = 1.0});
    if (now == 80ms) rig.line.set_condition(LineCondition{});
  });
  rig.send_at(0ms, read_request(11, 10));
  rig.kernel.run(1s);
  ASSERT_EQ(rig.heard.size(), 1u);
  Bytes sent{12, 3, 20};
  sent.resize(23, 0x11);
  sent = test::with_crc(sent);
  for (std::size_t i = 0; i < sent.size(); ++i) EXPECT_EQ(rig.heard[0].bytes[i] != sent[i], i >= 8 && i <= 17) << i;
  EXPECT_EQ(rig.frames[1].marks, wire_mark::wrong_unit | wire_mark::noise);
}

/// What the far side hears of the reply of ten registers above when `lay` begins at 70 and ends at 80 ms.
Bytes heard_with_trouble_inside(const std::function<void(test::LineRig&, bool on)>& lay) {
  test::LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server, 50ms);
  rig.kernel.each_step(StepPhase::timeline, [&](Time now) {
    if (now == 70ms || now == 80ms) lay(rig, now == 70ms);
  });
  rig.send_at(0ms, read_request(11, 10));
  rig.kernel.run(1s);
  EXPECT_EQ(rig.frames.back().marks, wire_mark::polarity_swapped);
  EXPECT_EQ(rig.heard.size(), 1u);
  return rig.heard.empty() ? Bytes{} : rig.heard[0].bytes;
}

/// Eight characters as sent, then garbage, then the last seven as sent.
void expect_garbage_inside(const Bytes& heard) {
  Bytes sent{11, 3, 20};
  sent.resize(23, 0x11);
  sent = test::with_crc(sent);
  ASSERT_GE(heard.size(), 15u);
  EXPECT_TRUE(std::equal(sent.begin(), sent.begin() + 8, heard.begin()));
  EXPECT_TRUE(std::equal(sent.end() - 7, sent.end(), heard.end() - 7));
  EXPECT_NE(heard, sent);
}

TEST(FieldTrouble, SwapsTheWiresOfAUnitInsideItsReply) {
  expect_garbage_inside(heard_with_trouble_inside([](test::LineRig& rig, bool on) {
    rig.change("et1", [on](UnitCondition& condition) { condition.polarity_swapped = on; });
  }));
}

TEST(FieldTrouble, SwapsTheWiresOfTheMasterInsideAReply) {
  expect_garbage_inside(heard_with_trouble_inside(
      [](test::LineRig& rig, bool on) { rig.line.set_condition(LineCondition{.polarity_swapped = on}); }));
}

// Nine characters of the reply have begun at 70.4 ms; the other sixteen take half their time.
TEST(FieldTrouble, ChangesTheBaudOfAReplyWithTheNextCharacter) {
  test::LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server, 50ms);
  Kernel::Alarm change = rig.kernel.make_alarm([&rig](Time) {
    rig.change("et1", [](UnitCondition& condition) { condition.format = SerialFormat{.baud = 19'200}; });
  });
  change.set(70'400us);
  rig.send_at(0ms, read_request(11, 10));
  rig.kernel.run(1s);
  ASSERT_EQ(rig.heard.size(), 1u);
  const Bytes as_sent{11, 3, 20, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11};
  ASSERT_GT(rig.heard[0].bytes.size(), as_sent.size());
  EXPECT_LT(rig.heard[0].bytes.size(), 25u);
  EXPECT_TRUE(std::equal(as_sent.begin(), as_sent.end(), rig.heard[0].bytes.begin()));
  EXPECT_EQ(rig.frames.back().marks, wire_mark::wrong_baud);
  // 9 x 10 / 9600 + 16 x 10 / 19200 s.
  EXPECT_NEAR(static_cast<double>((rig.frames.back().end - rig.frames.back().begin).count()), 17'708'333.0, 2.0);
  EXPECT_EQ(rig.heard[0].at, rig.frames.back().end);
}

/// How often the unit serves a request of 1 to 9.333 ms, its silence till 12.979 ms, when its wires are swapped
/// meanwhile.
int served_with_wires_swapped(Time from, Time until) {
  test::LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server, 50ms);
  const auto swap = [&rig](bool on) {
    rig.change("et1", [on](UnitCondition& condition) { condition.polarity_swapped = on; });
  };
  Kernel::Alarm begin = rig.kernel.make_alarm([&](Time) { swap(true); });
  Kernel::Alarm end = rig.kernel.make_alarm([&](Time) { swap(false); });
  begin.set(from);
  end.set(until);
  rig.send_at(1ms, read_request(11, 10));
  rig.kernel.run(1s);
  return server.served;
}

TEST(FieldTrouble, SpoilsARequestByASwapInsideIt) {
  EXPECT_EQ(served_with_wires_swapped(4ms, 7ms), 0);
}
TEST(FieldTrouble, LosesARequestWhoseSwapEndsInTheSilenceAfterIt) {
  EXPECT_EQ(served_with_wires_swapped(500us, 10ms), 0);
}
TEST(FieldTrouble, SparesARequestFromASwapInTheSilenceAfterIt) {
  EXPECT_EQ(served_with_wires_swapped(10ms, 20ms), 1);
}
TEST(FieldTrouble, SparesARequestFromASwapBeforeIt) {
  EXPECT_EQ(served_with_wires_swapped(200us, 900us), 1);
}

TEST(FieldTrouble, LetsNobodyThroughWhileADriverIsStuckAndEverybodyAfterwards) {
  Kernel kernel{10ms};
  PolledLine com1{kernel, 2};
  int good_before = 0;
  int good_at_the_end_of_it = 0;
  kernel.each_step(StepPhase::timeline, [&](Time now) {
    const auto stick = [&](bool stuck) {
      com1.change("et2", [stuck](UnitCondition& condition) { condition.stuck_driver = stuck; });
    };
    if (now == 20s) {
      good_before = com1.of(1).good;
      stick(true);
    }
    if (now == 40s) {
      good_at_the_end_of_it = com1.of(1).good;
      stick(false);
    }
  });
  kernel.run(60s);
  EXPECT_GT(good_before, 50);
  EXPECT_LE(good_at_the_end_of_it, good_before);
  EXPECT_GT(com1.of(1).good, good_at_the_end_of_it + 50);
}

TEST(FieldTrouble, LeavesTheUnitsAheadOfACutAloneWhenADriverBeyondItIsStuck) {
  Kernel kernel{10ms};
  PolledLine com1{kernel, 2};
  com1.change("et2", [](UnitCondition& condition) { condition.cable_cut = condition.stuck_driver = true; });
  kernel.run(60s);
  com1.expect_all_good(1);
}

// The driver of et1 stays on for 5 ms; the next request begins 3.646 ms after its reply and loses its first two bytes.
TEST(FieldTrouble, LosesTheRequestAfterAReplyWhoseDriverIsSlow) {
  Kernel kernel{10ms};
  PolledLine com1{kernel, 2};
  com1.change("et1", [](UnitCondition& condition) { condition.slow_release = 5ms; });
  kernel.run(60s);
  com1.expect_all_good(1);
  com1.expect_only_silence(2);
}

// The reply of et1 begins at 462 ms, 400 ms late. By then the master has given up (300 ms), asked et2 (303.6 .. 391.7
// ms) and asked et1 again, which it takes the late reply for: address, function and length fit. et1 itself did not hear
// that second request. Every second poll of et1 ends so, sooner than any honest reply could.
TEST(FieldTrouble, PassesALateReplyForTheNextOneOfTheSameUnitAndOfNoOther) {
  Kernel kernel{10ms};
  PolledLine com1{kernel, 2};
  com1.change("et1", [](UnitCondition& condition) {
    condition.replies[ReplyFault::delay] = {.probability = 1.0, .time = 400ms};
  });
  kernel.run(60s);
  com1.expect_all_good(2);
  EXPECT_NEAR(com1.of(1).good, com1.of(1).polls / 2, 1);
  EXPECT_EQ(com1.servers[0].served, (com1.of(1).polls + 1) / 2);
  EXPECT_EQ(com1.line.counters().collisions, 0.0);
}

TEST(FieldTrouble, LetsTheFarSideHearItselfWithEcho) {
  test::LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server, 50ms);
  rig.line.set_condition(LineCondition{.echo = true});
  rig.send_at(0ms, read_request(11, 1));
  rig.kernel.run(1s);
  ASSERT_EQ(rig.heard.size(), 2u);
  EXPECT_EQ(rig.heard[0].bytes, read_request(11, 1));
  EXPECT_EQ(rig.heard[0].at, 8'333'333ns);
  EXPECT_EQ(rig.heard[1].bytes.size(), 7u);
}

// 20 a second for 100 s; the master is silent: 2,000 expected, deviation 45.
TEST(FieldTrouble, BringsStrayBytesInSilenceWithoutBias) {
  test::LineRig rig;
  ConstantServer server;
  rig.add_unit("et1", 11, server);
  rig.line.set_condition(LineCondition{.stray_bytes_per_s = 20.0});
  rig.kernel.run(100s);
  EXPECT_NEAR(static_cast<double>(rig.heard.size()), 2000.0, 180.0);
}

// A request that begins within t3.5 of a stray byte is one frame with it: over a thousand polls at 20 stray bytes a
// second, some are lost that way, some get a byte into their reply, most go well.
TEST(FieldTrouble, LosesSomePollsToStrayBytes) {
  Kernel kernel{10ms};
  PolledLine com1{kernel, 1};
  com1.line.set_condition(LineCondition{.stray_bytes_per_s = 5.0});
  kernel.run(120s);
  const PollingMaster::Tally& tally = com1.of(1);
  EXPECT_GT(tally.bad + tally.silent, tally.polls / 20);
  EXPECT_GT(tally.good, tally.polls / 2);
}

// A gap of 2 characters inside the request, above t1.5 and below t3.5.
TEST(FieldTrouble, VoidsAFrameWithAGapAboveT15ForStrictUnitsOnly) {
  test::LineRig rig;
  ConstantServer lenient;
  ConstantServer strict;
  rig.add_unit("et1", 11, lenient);
  rig.add_unit("et2", 12, strict);
  rig.change("et2", [](UnitCondition& condition) { condition.strict_gaps = true; });
  Time at = 0ms;
  for (const std::uint8_t address : {std::uint8_t{11}, std::uint8_t{12}}) {
    const Bytes request = read_request(address, 1);
    rig.send_at(at, Bytes(request.begin(), request.begin() + 3));
    rig.send_at(at + rig.line.format().characters(5), Bytes(request.begin() + 3, request.end()));
    at += 500ms;
  }
  rig.send_at(at, read_request(12, 1));
  rig.kernel.run(2s);
  EXPECT_EQ(lenient.served, 1);
  EXPECT_EQ(strict.served, 1) << "the one without a gap";
  EXPECT_EQ(rig.frames[0].marks, wire_mark::gap);
}

TEST(FieldTrouble, KeepsThirtyTwoUnitsApart) {
  Kernel kernel{10ms};
  PolledLine com1{kernel, 32};
  kernel.run(100s);
  for (int unit = 1; unit <= 32; ++unit) com1.expect_all_good(unit);
}

}  // namespace
}  // namespace hil::sim
