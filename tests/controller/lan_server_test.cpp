#include "controller/lan/lan_server.h"

#include <gtest/gtest.h>

#include "tests/controller/lan_rig.h"
#include "tests/controller/small_bench.h"

namespace hil::controller {
namespace {

using namespace std::chrono_literals;
using tests::Bytes;
using Writes = std::vector<Bytes>;
using tests::hex;
using tests::LanRig;
using tests::read_limit;
using tests::read_telemetry;
using tests::short_answer;

const Bytes limit_zero_value = hex("04 52 45 56 4F 00 12 01 01 43 03 00 00 4F 4C 00 00 00 28 00 00 00 00 01 0B");
const Bytes write_seven_kw = hex("00 0E 01 01 42 00 00 4F 4C 00 00 1B 58 02 01 54");
const Bytes write_accepted = hex("04 52 45 56 4F 00 06 01 01 42 06 00 4A");

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// A frame around a body, the sum done anew.
Bytes request(const Bytes& body) {
  Bytes frame{0, static_cast<std::uint8_t>(body.size() + 4), 1, 1};
  frame.insert(frame.end(), body.begin(), body.end());
  unsigned sum = 2;
  for (const std::uint8_t byte : body) sum += byte;
  frame.push_back(static_cast<std::uint8_t>(sum >> 8));
  frame.push_back(static_cast<std::uint8_t>(sum & 0xFF));
  return frame;
}

TEST(LanServer, ReadsAndWritesTheLimitAsTheWorkedFramesDo) {
  LanRig rig;
  ASSERT_TRUE(rig.controller.lan_opened(0, rig.now));
  EXPECT_EQ(rig.ask(0, read_limit), Writes{limit_zero_value});
  EXPECT_EQ(rig.ask(0, write_seven_kw), Writes{write_accepted});
  EXPECT_EQ(rig.ask(0, read_limit),
            Writes{hex("04 52 45 56 4F 00 12 01 01 43 03 00 00 4F 4C 00 00 00 28 00 00 1B 58 01 7E")});
  EXPECT_EQ(rig.ask(0, hex("00 06 01 01 40 02 00 44")), Writes{hex("04 52 45 56 4F 00 06 01 01 40 06 00 48")});
  EXPECT_EQ(rig.ask(0, read_limit),
            Writes{hex("04 52 45 56 4F 00 12 01 01 43 00 00 00 4F 4C 00 00 00 28 00 00 1B 58 01 7B")});
}

TEST(LanServer, PhaseModeAndNegativeLimitReachTheSettings) {
  LanRig rig;
  rig.exchange(hex("00 0E 01 01 42 00 00 4F 4C 00 00 1B 58 01 01 53"));
  EXPECT_EQ(rig.controller.settings().phase_mode, PhaseMode::each);
  EXPECT_DOUBLE_EQ(rig.controller.settings().export_limit_w, 7000.0);
  rig.exchange(hex("00 0E 01 01 42 00 00 4F 4C FF FF FE 0C 02 03 E9"));
  EXPECT_EQ(rig.controller.settings().phase_mode, PhaseMode::sum);
  EXPECT_DOUBLE_EQ(rig.controller.settings().export_limit_w, -500.0);
}

TEST(LanServer, ValuesOutOfRangeAreRefusedWithStatus15AndChangeNothing) {
  LanRig rig;
  const Bytes refused = hex("04 52 45 56 4F 00 06 01 01 42 15 00 59");
  const Bytes over = request({0x42, 0, 0, 0x4F, 0x4C, 0, 1, 0x86, 0xA1, 2});           // 100,001 W
  const Bytes no_capacity = request({0x42, 0, 0, 0, 0, 0, 0, 0, 0, 2});                // 0 W
  const Bytes no_phase_mode = request({0x42, 0, 0, 0x4F, 0x4C, 0, 0, 0x1B, 0x58, 3});  // neither each nor sum
  for (const Bytes& frame : {over, no_capacity, no_phase_mode}) EXPECT_EQ(rig.exchange(frame), Writes{refused});
  EXPECT_EQ(rig.exchange(read_limit), Writes{limit_zero_value});
}

TEST(LanServer, OfTheModesTheLastOneSwitchedOnWins) {
  LanRig rig;
  const auto mode = [&] { return rig.controller.settings().control_mode; };
  rig.exchange(hex("00 06 01 01 33 01 00 36"));
  EXPECT_EQ(mode(), ControlMode::dred);
  rig.exchange(hex("00 06 01 01 28 01 00 2B"));
  EXPECT_EQ(mode(), ControlMode::rcr);
  rig.exchange(hex("00 06 01 01 33 02 00 37"));  // DRED off, which is not on
  EXPECT_EQ(mode(), ControlMode::rcr);
  rig.exchange(hex("00 06 01 01 40 01 00 43"));
  EXPECT_EQ(mode(), ControlMode::value);
  rig.exchange(hex("00 06 01 01 40 02 00 44"));
  EXPECT_EQ(mode(), ControlMode::off);
}

TEST(LanServer, TheClockIsSetByTheWorkedFrameAndRefusesWhatDoesNotExist) {
  LanRig rig;
  EXPECT_FALSE(rig.controller.civil_time(rig.now).has_value());
  EXPECT_EQ(rig.exchange(hex("00 0C 01 01 05 1A 0C 00 1F 17 3B 3B 00 D9")),
            Writes{hex("04 52 45 56 4F 00 06 01 01 05 03 00 0A")});
  EXPECT_EQ(rig.controller.civil_time(rig.now + 1s), (CivilTime{2027, 1, 1, 0, 0, 0}));
  const Bytes thirteenth_month = request({0x05, 25, 13, 0, 1, 0, 0, 0});
  EXPECT_EQ(rig.exchange(thirteenth_month), Writes{hex("04 52 45 56 4F 00 06 01 01 05 15 00 1C")});
  EXPECT_EQ(rig.controller.civil_time(rig.now), (CivilTime{2026, 12, 31, 23, 59, 59}));
}

// sec1000-lan-protocol 5: what is done with a bad frame is unknown; nothing changes, and the next request is answered.
TEST(LanServer, AMalformedRequestIsPassedOverAndTheNextOneAnswered) {
  for (const char* bad : {"00 0E 01 01 42 00 00 4F 4C 00 00 1B 58 02 01 55",  // checksum
                          "00 07 01 01 0B 00 0D",                             // length too large: swallows the next
                          "00 06 01 01 0B 00 00 0D",                          // length not that of the command
                          "00 05 01 01 77 00 79",                             // unknown command
                          "00 00", "00 01 01", "FF FF 01 01 0B 00 0D", "47 45 54 20 2F 0D 0A"}) {
    LanRig rig;
    ASSERT_TRUE(rig.controller.lan_opened(0, rig.now));
    EXPECT_TRUE(rig.ask(0, hex(bad)).empty()) << bad;
    EXPECT_EQ(rig.ask(0, read_limit), Writes{limit_zero_value}) << bad;
    EXPECT_FALSE(rig.closed[0]) << bad;
  }
}

TEST(LanServer, AMalformedRequestGetsStatus15WhereThatIsSet) {
  LanRig rig{{.answers_malformed = true}};
  EXPECT_EQ(rig.exchange(hex("00 0E 01 01 42 00 00 4F 4C 00 00 1B 58 02 01 55")),
            Writes{hex("04 52 45 56 4F 00 06 01 01 42 15 00 59")});
  EXPECT_EQ(rig.exchange(hex("00 05 01 01 77 00 79")), Writes{hex("04 52 45 56 4F 00 06 01 01 77 15 00 8E")});
  EXPECT_EQ(rig.exchange(hex("00 06 01 01 40 03 00 45")), Writes{hex("04 52 45 56 4F 00 06 01 01 40 15 00 57")});
  EXPECT_DOUBLE_EQ(rig.controller.settings().export_limit_w, 0.0);
}

TEST(LanServer, RequestsInAnyPiecesAndMergedAreAnsweredEachWithOneWrite) {
  LanRig rig;
  ASSERT_TRUE(rig.controller.lan_opened(1, rig.now));
  for (const std::uint8_t byte : read_limit) rig.send(1, {byte});
  EXPECT_EQ(rig.writes[1], Writes{limit_zero_value});
  EXPECT_EQ(rig.ask(1, joined({read_limit, write_seven_kw, read_limit, hex("00 05 01")})).size(), 3U);
  EXPECT_EQ(rig.writes[1][0], limit_zero_value);
  EXPECT_EQ(rig.writes[1][1], write_accepted);
  EXPECT_EQ(rig.writes[1][2].size(), 25U);
  EXPECT_EQ(rig.ask(1, hex("01 43 00 45")).size(), 1U);  // the rest of the fourth
}

TEST(LanServer, ServesTwoClientsAndRefusesAThird) {
  LanRig rig;
  EXPECT_TRUE(rig.controller.lan_opened(0, rig.now));
  EXPECT_TRUE(rig.controller.lan_opened(1, rig.now));
  EXPECT_FALSE(rig.controller.lan_opened(2, rig.now));
  EXPECT_FALSE(rig.controller.lan_opened(1, rig.now));
  // Half a request of one does not hold up the other.
  rig.send(0, hex("00 05 01"));
  EXPECT_EQ(rig.ask(1, read_limit), Writes{limit_zero_value});
  EXPECT_EQ(rig.ask(0, hex("01 43 00 45")), Writes{limit_zero_value});
  rig.controller.lan_closed(0, rig.now);
  EXPECT_TRUE(rig.controller.lan_opened(0, rig.now));
  // What the former client left unfinished is gone.
  EXPECT_EQ(rig.ask(0, read_limit), Writes{limit_zero_value});
}

TEST(LanServer, BytesOfAClientThatIsNotThereAreNobodys) {
  LanRig rig;
  rig.send(0, read_limit);
  rig.send(7, read_limit);
  EXPECT_TRUE(rig.writes[0].empty());
  rig.controller.lan_closed(7, rig.now);
}

TEST(LanServer, ASilentClientIsClosedAfterItsTimeAndATalkingOneIsNot) {
  LanRig rig{{.idle_timeout = 30s}};
  ASSERT_TRUE(rig.controller.lan_opened(0, rig.now));
  ASSERT_TRUE(rig.controller.lan_opened(1, rig.now));
  rig.run_until(20s);
  rig.send(1, hex("00"));
  rig.run_until(29900ms);
  EXPECT_FALSE(rig.closed[0]);
  rig.run_until(30s);
  EXPECT_TRUE(rig.closed[0]);
  EXPECT_FALSE(rig.closed[1]);
  EXPECT_TRUE(rig.controller.lan_opened(0, rig.now));  // its place is free
  LanRig patient{{.idle_timeout = 0s}};
  ASSERT_TRUE(patient.controller.lan_opened(0, patient.now));
  patient.run_until(1000s);
  EXPECT_FALSE(patient.closed[0]);
}

TEST(LanServer, SlowBytesAreAnsweredAndAnAbandonedRequestDoesNotSwallowTheNext) {
  LanRig rig{{.idle_timeout = 0s}};
  ASSERT_TRUE(rig.controller.lan_opened(0, rig.now));
  for (const std::uint8_t byte : read_limit) {
    rig.run_until(rig.now + 9s);
    rig.send(0, {byte});
  }
  EXPECT_EQ(rig.writes[0], Writes{limit_zero_value});
  rig.send(0, hex("00 0E 01 01 42 00 00"));
  rig.run_until(rig.now + 10s);
  EXPECT_EQ(rig.ask(0, read_limit), Writes{limit_zero_value});
}

TEST(LanServer, AFloodOfRequestsClosesItsClientAndAFloodOfGarbageStallsNobody) {
  LanRig rig;
  ASSERT_TRUE(rig.controller.lan_opened(0, rig.now));
  ASSERT_TRUE(rig.controller.lan_opened(1, rig.now));
  Bytes requests;
  for (int k = 0; k < 100; ++k) requests.insert(requests.end(), read_telemetry.begin(), read_telemetry.end());
  rig.send(0, requests);
  EXPECT_TRUE(rig.closed[0]);
  EXPECT_LE(rig.writes[0].size(), 1U);
  Bytes garbage = read_limit;
  for (int k = 0; k < 100000; ++k) garbage.push_back(static_cast<std::uint8_t>(k * 7919 >> 3));
  EXPECT_EQ(rig.ask(1, garbage), Writes{limit_zero_value});
  EXPECT_FALSE(rig.closed[1]);
  EXPECT_EQ(rig.ask(1, joined({hex("FF"), read_limit})), Writes{limit_zero_value});
  EXPECT_GT(rig.controller.output().next_wake, rig.now);
}

TEST(LanServer, TelemetryShowsThePlant) {
  tests::SmallBench bench{{0, 0}, 0.0};
  for (tests::SmallInverter& unit : bench.site.inverters) unit.max_discharge_w = 10000.0;
  bench.site.load_w = 3000.0;
  bench.run_until(60s);
  Controller& controller = bench.controller();
  ASSERT_TRUE(controller.lan_opened(0, bench.now()));
  controller.lan_bytes_arrived(0, read_telemetry, bench.now());
  const auto frame = controller.output().lan[0].pending();
  ASSERT_EQ(frame.size(), 56U);
  const auto value = [&](std::size_t at) {
    std::uint32_t raw = 0;
    for (std::size_t k = 0; k < 4; ++k) raw = raw << 8 | frame[at + k];
    return static_cast<std::int32_t>(raw);
  };
  EXPECT_EQ(value(10), 2300);                               // 0.1 V
  EXPECT_EQ(value(26), 200);                                // 0.01 A
  EXPECT_NEAR(value(46), -bench.site.grid_import_w, 30.0);  // + export; means over 200 ms
  EXPECT_NEAR(value(34) + value(38) + value(42), value(46), 2.0);
  EXPECT_NEAR(value(50), bench.site.ac_w(), 30.0);
}

// --- Quirks, in virtual time

/// How many exchanges were answered with telemetry, shortly, not at all.
struct Course {
  int good = 0;
  int wrong = 0;
  int silent = 0;
};
Course poll(LanRig& rig, int exchanges, Time interval) {
  Course course;
  for (int k = 0; k < exchanges; ++k) {
    const std::vector<Bytes> answers = rig.exchange(read_telemetry);
    if (answers.empty()) {
      ++course.silent;
    } else if (answers.front() == short_answer) {
      ++course.wrong;
    } else {
      ++course.good;
    }
    rig.run_until(rig.now + interval);
  }
  return course;
}

TEST(LanOverload, TheSequencesOfThePublicClientsAreSurvived) {
  LanRig rig{{.overload = LanSettings::Overload{}}};
  // Polled every 10 s, with a watchdog reset: 3, 5 s, 3, 1 s, 4 (sec1000-lan-protocol 6).
  EXPECT_EQ(poll(rig, 12, 10s).good, 12);
  EXPECT_EQ(poll(rig, 3, 0s).good, 3);
  rig.run_until(rig.now + 5s);
  EXPECT_EQ(poll(rig, 3, 0s).good, 3);
  rig.run_until(rig.now + 1s);
  EXPECT_EQ(poll(rig, 4, 0s).good, 4);
  EXPECT_EQ(poll(rig, 30, 10s).good, 30);
}

// By hand: 13 exchanges at once are more than 12 in 3 s: from the thirteenth on 5 wrong answers, then silence.
TEST(LanOverload, ABurstGetsWrongAnswersThenSilenceWhichALongerIntervalDoesNotCure) {
  LanRig rig{{.overload = LanSettings::Overload{}}};
  const Course burst = poll(rig, 20, 100ms);
  EXPECT_EQ(burst.good, 12);
  EXPECT_EQ(burst.wrong, 5);
  EXPECT_EQ(burst.silent, 3);
  rig.run_until(rig.now + 3600s);
  EXPECT_EQ(poll(rig, 5, 60s).silent, 5);
  LanRig power_cycled{{.overload = LanSettings::Overload{}}};
  EXPECT_EQ(poll(power_cycled, 5, 60s).good, 5);
}

// By hand: every 2 s the 49th exchange lies 96 s after the first: a mean below 2.5 s over two minutes. Every 2.6 s
// there are never more than 47 in 120 s.
TEST(LanOverload, SustainedPollingBelowTheIntervalTripsItAndAboveDoesNot) {
  LanRig fast{{.overload = LanSettings::Overload{}}};
  EXPECT_EQ(poll(fast, 100, 2s).good, 48);
  LanRig slow{{.overload = LanSettings::Overload{}}};
  EXPECT_EQ(poll(slow, 200, 2600ms).good, 200);
}

TEST(LanOverload, ItsThresholdsAreSettings) {
  LanSettings::Overload thresholds;
  thresholds.sustained_interval = 5s;
  thresholds.sustained_window = 60s;
  thresholds.wrong_answers = 1;
  LanRig rig{{.overload = thresholds}};
  // 60 s / 5 s: the 13th within a minute trips it.
  const Course course = poll(rig, 20, 4s);
  EXPECT_EQ(course.good, 12);
  EXPECT_EQ(course.wrong, 1);
  EXPECT_EQ(course.silent, 7);
}

TEST(LanOverload, AnOverloadedDeviceCarriesNothingOut) {
  LanRig rig{{.overload = LanSettings::Overload{}}};
  poll(rig, 14, 0s);
  EXPECT_EQ(rig.exchange(write_seven_kw), Writes{hex("04 52 45 56 4F 00 06 01 01 42 15 00 59")});
  EXPECT_DOUBLE_EQ(rig.controller.settings().export_limit_w, 0.0);
}

TEST(LanQuirks, EachNthTelemetryRequestIsAnsweredShort) {
  LanRig rig{{.short_answer_every = 4}};
  const Course course = poll(rig, 12, 1s);
  EXPECT_EQ(course.wrong, 3);
  EXPECT_EQ(course.good, 9);
  EXPECT_EQ(rig.exchange(read_limit), Writes{limit_zero_value});
}

TEST(LanQuirks, TheInvertersFigureIsHeldForItsPeriodAndIsSometimesZero) {
  HeldFigure figure{{.period = 30s, .zero_every = 3}};
  figure.see(100.0, 0s);
  EXPECT_DOUBLE_EQ(figure.shown(), 100.0);
  figure.see(200.0, 29s);
  EXPECT_DOUBLE_EQ(figure.shown(), 100.0);
  figure.see(200.0, 30s);
  EXPECT_DOUBLE_EQ(figure.shown(), 200.0);
  figure.see(300.0, 60s);
  EXPECT_DOUBLE_EQ(figure.shown(), 0.0);
  figure.see(400.0, 90s);
  EXPECT_DOUBLE_EQ(figure.shown(), 400.0);
}

}  // namespace
}  // namespace hil::controller
