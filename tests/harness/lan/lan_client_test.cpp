#include "harness/lan/lan_client.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/harness/lan/fake_sec1000.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;
using tests::LanBench;
using Trouble = LanBench::Trouble;
using Profile = LanClient::Profile;

/// A client that only does what it is ordered.
LanClient::Settings on_order(Profile profile) {
  LanClient::Settings settings;
  settings.profile = profile;
  settings.capacity_kw = 20.3;
  settings.starts_itself = false;
  return settings;
}

// --- The table of faults in sec1000-lan-protocol 6, cell by cell.

struct Cell {
  const char* name;
  LanService service;
  Trouble trouble;
  std::uint8_t command;  ///< that it befalls; 0: each
  unsigned code;         ///< feedback in the profile of the code
  unsigned manual;       ///< and of the manual
};

class FaultTable : public ::testing::TestWithParam<Cell> {};

unsigned feedback_in(const Cell& cell, Profile profile) {
  LanBench bench{on_order(profile)};
  bench.trouble = [&cell](std::size_t, std::uint8_t command) {
    const bool befalls = cell.trouble == Trouble::refused ? command == 0 : cell.command == 0 || command == cell.command;
    return befalls ? cell.trouble : Trouble::none;
  };
  if (cell.service == LanService::get_telemetry) {
    // By its timer alone: at the first tick of a client that starts itself.
    LanClient::Settings settings = on_order(profile);
    settings.starts_itself = true;
    LanBench own{settings};
    own.trouble = bench.trouble;
    own.start();
    own.run_until(10s + 500ms);
    return own.client.feedback_of(LanService::get_telemetry);
  }
  return bench.feedback_of({.service = cell.service, .limit_kw = 7.0});
}

TEST_P(FaultTable, IsWhatTheCodeGives) {
  EXPECT_EQ(feedback_in(GetParam(), Profile::client_code), GetParam().code);
}
TEST_P(FaultTable, IsReadByTheManualsWords) {
  EXPECT_EQ(feedback_in(GetParam(), Profile::manual), GetParam().manual);
}

constexpr auto telemetry = LanService::get_telemetry;
constexpr auto get_limit = LanService::get_export_limit;
constexpr auto set_limit = LanService::set_export_limit;
constexpr auto set_clock = LanService::set_datetime;
constexpr auto watchdog = LanService::reset_export_watchdog;
constexpr auto disable = LanService::export_disable;
constexpr auto enable = LanService::export_enable;

INSTANTIATE_TEST_SUITE_P(
    Section6, FaultTable,
    ::testing::Values(Cell{"bad_checksum_telemetry", telemetry, Trouble::bad_checksum, 0x0B, 32, 32},
                      Cell{"bad_checksum_get_limit", get_limit, Trouble::bad_checksum, 0x43, 36, 32},
                      Cell{"bad_checksum_set_limit_write", set_limit, Trouble::bad_checksum, 0x42, 36, 32},
                      Cell{"bad_checksum_set_limit_mode", set_limit, Trouble::bad_checksum, 0x33, 2, 32},
                      Cell{"bad_checksum_set_date", set_clock, Trouble::bad_checksum, 0x05, 36, 32},
                      Cell{"bad_checksum_watchdog", watchdog, Trouble::bad_checksum, 0x33, 4, 32},
                      Cell{"bad_checksum_disable", disable, Trouble::bad_checksum, 0x42, 4, 32},
                      Cell{"length_6_telemetry", telemetry, Trouble::short_answer, 0x0B, 4, 16},
                      Cell{"length_6_get_limit", get_limit, Trouble::short_answer, 0x43, 4, 16},
                      Cell{"status_15_set_limit", set_limit, Trouble::status_15, 0, 1, 16},
                      Cell{"status_15_set_date", set_clock, Trouble::status_15, 0x05, 16, 16},
                      Cell{"status_15_watchdog", watchdog, Trouble::status_15, 0, 1, 16},
                      Cell{"other_status_set_limit_write", set_limit, Trouble::other_status, 0x42, 16, 16},
                      Cell{"other_status_set_limit_mode", set_limit, Trouble::other_status, 0x40, 2, 16},
                      Cell{"other_status_set_date", set_clock, Trouble::other_status, 0x05, 16, 16},
                      Cell{"other_status_watchdog", watchdog, Trouble::other_status, 0x28, 4, 16},
                      Cell{"no_answer_telemetry", telemetry, Trouble::no_answer, 0x0B, 64, 8},
                      Cell{"no_answer_get_limit", get_limit, Trouble::no_answer, 0x43, 64, 8},
                      Cell{"no_answer_set_limit_write", set_limit, Trouble::no_answer, 0x42, 64, 8},
                      Cell{"no_answer_set_limit_mode", set_limit, Trouble::no_answer, 0x28, 2, 8},
                      Cell{"no_answer_set_date", set_clock, Trouble::no_answer, 0x05, 64, 8},
                      Cell{"no_answer_watchdog", watchdog, Trouble::no_answer, 0x40, 4, 8},
                      Cell{"closed_telemetry", telemetry, Trouble::closed, 0x0B, 4, 64},
                      Cell{"closed_get_limit", get_limit, Trouble::closed, 0x43, 4, 64},
                      Cell{"closed_set_limit_write", set_limit, Trouble::closed, 0x42, 4, 64},
                      Cell{"closed_set_limit_mode", set_limit, Trouble::closed, 0x33, 2, 64},
                      Cell{"closed_set_date", set_clock, Trouble::closed, 0x05, 4, 64},
                      Cell{"closed_watchdog", watchdog, Trouble::closed, 0x33, 4, 64},
                      Cell{"two_segments_telemetry", telemetry, Trouble::two_segments, 0x0B, 32, 1},
                      Cell{"two_segments_get_limit", get_limit, Trouble::two_segments, 0x43, 36, 1},
                      Cell{"two_segments_set_limit_write", set_limit, Trouble::two_segments, 0x42, 36, 1},
                      Cell{"two_segments_set_limit_mode", set_limit, Trouble::two_segments, 0x33, 2, 1},
                      Cell{"two_segments_set_date", set_clock, Trouble::two_segments, 0x05, 36, 1},
                      Cell{"two_segments_watchdog", watchdog, Trouble::two_segments, 0x42, 4, 1},
                      Cell{"wrong_command_telemetry", telemetry, Trouble::wrong_command, 0x0B, 1, 16},
                      Cell{"wrong_command_get_limit", get_limit, Trouble::wrong_command, 0x43, 1, 16},
                      // Of the bitmap's own table: a refused connection, and what calls set_export_limit.
                      Cell{"refused_telemetry", telemetry, Trouble::refused, 0, 64, 64},
                      Cell{"refused_get_limit", get_limit, Trouble::refused, 0, 64, 64},
                      Cell{"refused_set_limit", set_limit, Trouble::refused, 0, 64, 64},
                      Cell{"refused_set_date", set_clock, Trouble::refused, 0, 64, 64},
                      Cell{"refused_watchdog", watchdog, Trouble::refused, 0, 4, 64},
                      Cell{"closed_enable", enable, Trouble::closed, 0x42, 4, 64},
                      Cell{"good_telemetry", telemetry, Trouble::none, 0, 1, 1},
                      Cell{"good_get_limit", get_limit, Trouble::none, 0, 1, 1},
                      Cell{"good_set_limit", set_limit, Trouble::none, 0, 1, 1},
                      Cell{"good_set_date", set_clock, Trouble::none, 0, 1, 1},
                      Cell{"good_watchdog", watchdog, Trouble::none, 0, 1, 1},
                      Cell{"good_disable", disable, Trouble::none, 0, 1, 1},
                      Cell{"good_enable", enable, Trouble::none, 0, 1, 1}),
    [](const auto& cell) { return std::string{cell.param.name}; });

// --- What goes over the wire.

TEST(LanClient, SendsALimitWithCapacityPhasesAndModeOnFourConnectionsWithoutPause) {
  for (const Profile profile : {Profile::manual, Profile::client_code}) {
    LanBench bench{on_order(profile)};
    EXPECT_EQ(bench.feedback_of({.service = set_limit, .limit_kw = 7.0}), feedback::ok);
    EXPECT_EQ(bench.requests(), "42 00 00 4F 4C 00 00 1B 58 02; 33 02; 28 02; 40 01");
    EXPECT_EQ(bench.opened, 4U);
    EXPECT_EQ(bench.closed, 4U);
    EXPECT_EQ(bench.exchanges[3].at, 3 * LanBench::answer_takes);
    EXPECT_EQ(bench.device.limit_w, 7000);
    EXPECT_TRUE(bench.client.view().export_on);
  }
}

TEST(LanClient, SendsEachPhaseByItselfWhenItIsSetUpSo) {
  LanClient::Settings settings = on_order(Profile::manual);
  settings.sum_of_phases = false;
  LanBench bench{settings};
  bench.feedback_of({.service = set_limit, .limit_kw = 7.0});
  EXPECT_EQ(bench.device.phase_mode, 1);
}

TEST(LanClient, DisablesAndEnablesWithItsMinimumAndMaximum) {
  LanClient::Settings settings = on_order(Profile::manual);
  settings.minimum_kw = 0.1;
  settings.maximum_kw = 9.5;
  LanBench bench{settings};
  EXPECT_EQ(bench.feedback_of({.service = enable}), feedback::ok);
  EXPECT_EQ(bench.device.limit_w, 9500);
  EXPECT_TRUE(bench.client.view().export_on);
  EXPECT_EQ(bench.feedback_of({.service = disable}), feedback::ok);
  EXPECT_EQ(bench.device.limit_w, 100);
  EXPECT_FALSE(bench.client.view().export_on);
}

// 2.01 kW, 32.3 kW and 64.1 kW have no exact product with 1000; the code cuts off what is left.
TEST(LanClient, TheCodeLosesAWattWhereTheManualHasTwoDecimals) {
  LanClient::Settings settings = on_order(Profile::client_code);
  settings.maximum_kw = 100.0;
  settings.capacity_kw = 100.0;
  LanBench code{settings};
  settings.profile = Profile::manual;
  LanBench manual{settings};
  const auto sent = [](LanBench& bench, double limit_kw) {
    bench.feedback_of({.service = set_limit, .limit_kw = limit_kw});
    return bench.device.limit_w;
  };
  EXPECT_EQ(sent(code, 2.01), 2009);
  EXPECT_EQ(sent(code, 32.3), 32299);
  EXPECT_EQ(sent(code, 64.1), 64099);
  EXPECT_EQ(sent(manual, 2.01), 2010);
  EXPECT_EQ(sent(manual, 32.3), 32300);
  EXPECT_EQ(sent(manual, 7.254), 7250);
}

TEST(LanClient, TheCodeClampsALimitAndSaysSo) {
  LanClient::Settings settings = on_order(Profile::client_code);
  settings.minimum_kw = -1.0;
  settings.maximum_kw = 15.0;
  settings.capacity_kw = 12.0;
  LanBench bench{settings};
  EXPECT_EQ(bench.feedback_of({.service = set_limit, .limit_kw = -2.0}), 129U);
  EXPECT_EQ(bench.device.limit_w, -1000);
  EXPECT_EQ(bench.feedback_of({.service = set_limit, .limit_kw = 14.0}), 129U);
  EXPECT_EQ(bench.device.limit_w, 12000);
  EXPECT_EQ(bench.feedback_of({.service = set_limit, .limit_kw = 12.0}), 1U);
  EXPECT_EQ(bench.feedback_of({.service = set_limit}), 128U);
  EXPECT_EQ(bench.device.limit_w, 12000);
}

TEST(LanClient, TheManualDropsALimitBeyond0To100KwAndSaysSo) {
  LanBench bench{on_order(Profile::manual)};
  for (const double limit_kw : {-0.01, 100.01, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_EQ(bench.feedback_of({.service = set_limit, .limit_kw = limit_kw}), feedback::invalid_parameter) << limit_kw;
  }
  EXPECT_TRUE(bench.exchanges.empty());
  // Whatever the configured maximum (003 section 2.3).
  EXPECT_EQ(bench.feedback_of({.service = set_limit, .limit_kw = 100.0}), feedback::ok);
  EXPECT_EQ(bench.device.limit_w, 100000);
}

TEST(LanClient, ReadsTheLimitAndTakesModeAndCapacityFromTheDevice) {
  LanBench manual{on_order(Profile::manual)};
  LanBench code{on_order(Profile::client_code)};
  for (LanBench* bench : {&manual, &code}) {
    bench->device.mode = 2;
    bench->device.capacity_w = 20340;
    bench->device.limit_w = 7250;
    EXPECT_EQ(bench->feedback_of({.service = get_limit}), feedback::ok);
    EXPECT_EQ(bench->client.view().mode, sec1000::Mode::rcr);
    EXPECT_EQ(bench->client.view().ct_ratio, 40.0);
    EXPECT_TRUE(bench->client.view().export_on);
  }
  EXPECT_DOUBLE_EQ(manual.client.view().export_limit_w, 7250.0);
  EXPECT_DOUBLE_EQ(manual.client.view().total_capacity_w, 20340.0);
  // One decimal of a kilowatt.
  EXPECT_NEAR(code.client.view().export_limit_w, 7300.0, 1e-9);
  EXPECT_NEAR(code.client.view().total_capacity_w, 20300.0, 1e-9);
  // The next write carries what was read.
  code.feedback_of({.service = set_limit, .limit_kw = 1.0});
  EXPECT_EQ(code.requests(), "43; 42 00 00 4F 4C 00 00 03 E8 02; 40 02; 33 02; 28 01");
}

TEST(LanClient, SetsTheClockOfItsHost) {
  LanBench bench{on_order(Profile::manual)};
  bench.run_until(65s);
  EXPECT_EQ(bench.feedback_of({.service = set_clock}), feedback::ok);
  // 2026-03-29 12:01:05.
  EXPECT_EQ(tests::hex_of(bench.device.clock), "1A 03 00 1D 0C 01 05");
}

// Section 7: 1..3 at 0 s, 4..6 at 5 s, 7..10 at 6 s, each 10 ms here.
TEST(LanClient, ResetsTheWatchdogInTenExchangesWithTheLimitAwayForFiveSeconds) {
  for (const Profile profile : {Profile::manual, Profile::client_code}) {
    LanBench bench{on_order(profile)};
    bench.device.limit_w = 3000;
    bench.feedback_of({.service = get_limit});
    bench.exchanges.clear();
    const sim::Time begin = bench.now;
    EXPECT_EQ(bench.feedback_of({.service = watchdog}), feedback::ok);
    EXPECT_EQ(bench.requests(),
              "40 02; 33 02; 28 02; 33 02; 28 02; 40 01; 42 00 00 4F 4C 00 00 0B B8 02; 33 02; 28 02; 40 01");
    EXPECT_EQ(bench.exchanges[3].at - begin, 5s + 30ms);
    EXPECT_EQ(bench.exchanges[6].at - begin, 6s + 60ms);
    EXPECT_EQ(bench.device.mode, 3);
    EXPECT_EQ(bench.device.limit_w, 3000);
  }
}

TEST(LanClient, RestoresTheLimitWhateverBecameOfItsTakingAway) {
  LanBench bench{on_order(Profile::client_code)};
  bench.trouble = [](std::size_t number, std::uint8_t) { return number < 3 ? Trouble::no_answer : Trouble::none; };
  EXPECT_EQ(bench.feedback_of({.service = watchdog}), feedback::unknown_error);
  ASSERT_EQ(bench.exchanges.size(), 10U);
  // Three timeouts of 10 s, then the whole pause.
  EXPECT_EQ(bench.exchanges[3].at, 35s);
  EXPECT_EQ(bench.device.mode, 3);
}

TEST(LanClient, WritesNoLimitWhenTheModeDidNotComeBack) {
  LanBench bench{on_order(Profile::client_code)};
  bench.trouble = [](std::size_t number, std::uint8_t) { return number == 4 ? Trouble::no_answer : Trouble::none; };
  EXPECT_EQ(bench.feedback_of({.service = watchdog}), feedback::unknown_error);
  EXPECT_EQ(bench.exchanges.size(), 6U);
}

TEST(LanClient, SendsAllThreeSwitchesThoughTheFirstFails) {
  LanBench bench{on_order(Profile::client_code)};
  bench.trouble = [](std::size_t, std::uint8_t command) {
    return command == 0x33 ? Trouble::other_status : Trouble::none;
  };
  EXPECT_EQ(bench.feedback_of({.service = set_limit, .limit_kw = 5.0}), feedback::general_error);
  EXPECT_EQ(bench.exchanges.size(), 4U);
}

// --- Start, timer, derived values.

TEST(LanClient, StartsUpByTheManualWithTelemetryAndLimitThenItsTimer) {
  LanClient::Settings settings = on_order(Profile::manual);
  settings.starts_itself = true;
  LanBench bench{settings};
  EXPECT_FALSE(bench.client.view().ready);
  bench.start();
  bench.run_until(100s);
  EXPECT_TRUE(bench.client.view().ready);
  ASSERT_EQ(bench.exchanges.size(), 5U);
  EXPECT_EQ(bench.requests(), "0B; 43; 0B; 0B; 0B");
  EXPECT_EQ(bench.exchanges[2].at, 30s + 20ms);
  EXPECT_EQ(bench.exchanges[4].at, 90s + 20ms);
}

// The table of section 6: 0B, 43 at once; 4 s; 0B; 15 s after that 43, and 43 again 2 s later; then the timer.
TEST(LanClient, StartsUpAsTheCodeDoes) {
  LanClient::Settings settings = on_order(Profile::client_code);
  settings.starts_itself = true;
  settings.refresh = 10s;
  LanBench bench{settings};
  bench.start();
  bench.run_until(33s);
  ASSERT_EQ(bench.requests(), "0B; 43; 0B; 43; 43; 0B");
  EXPECT_EQ(bench.exchanges[1].at, 10ms);
  EXPECT_EQ(bench.exchanges[2].at, 4s + 20ms);
  EXPECT_EQ(bench.exchanges[3].at, 19s + 30ms);
  EXPECT_EQ(bench.exchanges[4].at, 21s + 40ms);
  EXPECT_EQ(bench.exchanges[5].at, 31s + 50ms);
}

TEST(LanClient, TheCodeDoesNothingAndSaysNothingBeforeItsStart) {
  LanClient::Settings settings = on_order(Profile::client_code);
  settings.starts_itself = true;
  LanBench bench{settings};
  EXPECT_EQ(bench.feedback_of({.service = set_limit, .limit_kw = 5.0}), 0U);
  EXPECT_EQ(bench.feedback_of({.service = disable}), feedback::unknown_error);
  EXPECT_TRUE(bench.exchanges.empty());
}

TEST(LanClient, ShowsTelemetryAndTheLoadBehindIt) {
  LanClient::Settings settings = on_order(Profile::manual);
  settings.starts_itself = true;
  LanBench bench{settings};
  bench.start();
  bench.run_until(1s);
  EXPECT_EQ(bench.client.view().telemetry.grid_export_w, -351.0);
  EXPECT_EQ(bench.client.view().load_w, 3386.0 + 351.0);
}

TEST(LanClient, TheCodeShowsTheLastPowerInPlaceOfAZeroFor60Seconds) {
  LanClient::Settings settings = on_order(Profile::client_code);
  settings.starts_itself = true;
  settings.refresh = 20s;
  LanBench bench{settings};
  bench.start();
  bench.run_until(30s);
  bench.device.telemetry[10] = 0;
  bench.run_until(50s);
  EXPECT_EQ(bench.client.view().telemetry.inverter_output_w, 3386.0);
  EXPECT_EQ(bench.client.view().load_w, 3737.0);
  // Readings that fail for longer than that take the memory away.
  bench.trouble = [](std::size_t, std::uint8_t) { return Trouble::closed; };
  bench.run_until(115s);
  bench.trouble = [](std::size_t, std::uint8_t) { return Trouble::none; };
  bench.run_until(130s);
  EXPECT_EQ(bench.client.view().telemetry.inverter_output_w, 0.0);
}

TEST(LanClient, ReadsTelemetryWhileAServiceIsUnderWay) {
  LanClient::Settings settings = on_order(Profile::manual);
  settings.starts_itself = true;
  settings.refresh = 5s;
  LanBench bench{settings};
  bench.start();
  bench.run_until(3s);
  bench.order({.service = watchdog});
  bench.run_until(20s);
  // The reset lasts from 3 s to a little over 9 s; the timer's tick falls at 5 s.
  const auto tick = std::find_if(bench.exchanges.begin(), bench.exchanges.end(),
                                 [](const auto& exchange) { return exchange.at > 3s && exchange.request == "0B"; });
  ASSERT_NE(tick, bench.exchanges.end());
  EXPECT_EQ(tick->at, 5s + 20ms);
}

TEST(LanClient, LetsServicesWaitForEachOtherAndASecondAfterEach) {
  LanBench bench{on_order(Profile::manual)};
  bench.order({.service = get_limit});
  bench.order({.service = set_clock});
  bench.run_until(10s);
  ASSERT_EQ(bench.exchanges.size(), 2U);
  EXPECT_EQ(bench.exchanges[1].at, 1s + 10ms);
}

TEST(LanClient, LeavesOutATickWhileTheLastReadingIsUnderWay) {
  LanClient::Settings settings = on_order(Profile::manual);
  settings.starts_itself = true;
  settings.refresh = 4s;
  LanBench bench{settings};
  bench.trouble = [](std::size_t number, std::uint8_t) { return number >= 2 ? Trouble::no_answer : Trouble::none; };
  bench.start();
  bench.run_until(25s);
  // Ticks at 4.02, 8.02, ... s; each reading ends by its timeout of 10 s.
  ASSERT_EQ(bench.exchanges.size(), 4U);
  EXPECT_EQ(bench.exchanges[2].at, 4s + 20ms);
  EXPECT_EQ(bench.exchanges[3].at, 16s + 20ms);
}

// --- Death.

TEST(LanClient, DiesInTheMidstOfAnExchangeWithPartOfItsRequestOut) {
  LanBench bench{on_order(Profile::manual)};
  bench.client.die({.exchange = 2, .request_bytes = 6});
  bench.order({.service = watchdog});
  bench.run_until(60s);
  ASSERT_EQ(bench.exchanges.size(), 2U);
  EXPECT_FALSE(bench.client.view().powered);
  EXPECT_EQ(bench.closed, 2U);
  EXPECT_EQ(bench.client.output().next_wake, sim::Time::max());
  bench.order({.service = set_clock});
  bench.run_until(120s);
  EXPECT_EQ(bench.exchanges.size(), 2U);
}

TEST(LanClient, LeavesItsConnectionsOpenWhenItsPowerIsCut) {
  LanBench bench{on_order(Profile::manual)};
  bench.trouble = [](std::size_t, std::uint8_t) { return Trouble::no_answer; };
  bench.order({.service = get_limit});
  bench.run_until(1s);
  bench.client.die({.leaves_connections = true});
  bench.run_until(60s);
  EXPECT_EQ(bench.opened, 1U);
  EXPECT_EQ(bench.closed, 0U);
}

TEST(LanClient, StartsAnewAfterItsDeathWithTheSettingsOfItsUser) {
  LanClient::Settings settings = on_order(Profile::manual);
  settings.starts_itself = true;
  LanBench bench{settings};
  bench.device.mode = 1;
  bench.start();
  bench.run_until(1s);
  EXPECT_EQ(bench.client.view().mode, sec1000::Mode::dred);
  bench.client.die({});
  bench.run_until(50s);
  ASSERT_EQ(bench.exchanges.size(), 2U);
  bench.start();
  EXPECT_EQ(bench.client.view().mode, sec1000::Mode::value);
  bench.run_until(51s);
  EXPECT_EQ(bench.exchanges.size(), 4U);
  EXPECT_TRUE(bench.client.view().ready);
}

TEST(LanClient, FeedbackReadsAsItsBits) {
  EXPECT_EQ(text_of_feedback(0), "waiting");
  EXPECT_EQ(text_of_feedback(1), "OK");
  EXPECT_EQ(text_of_feedback(36), "unknown error, checksum error");
  EXPECT_EQ(text_of_feedback(129), "OK, invalid parameter");
}

}  // namespace
}  // namespace hil::harness
