#include "controller/core/unit_scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "controller/core/commissioning_text.h"
#include "tests/controller/small_bench.h"

namespace hil::controller {
namespace {

using namespace std::chrono_literals;
using tests::SmallBench;

/// Three identity reads, firmware and meter for each unit, one a round: 4 x 5 x 1.3 s with what monitoring reads,
/// the second of waiting, one round more.
constexpr Time configured_done = 28s;
/// Eleven probes, one each two seconds.
constexpr Time sweep_done = 50s;

std::vector<std::string> lines_of(const CommissioningReport& report) {
  std::vector<std::string> lines;
  for (std::size_t k = 0; k < report.finding_count; ++k) lines.emplace_back(text_of(report.findings[k]).text());
  return lines;
}

std::vector<std::string> found_after(SmallBench& bench, Time end) {
  bench.run_until(end);
  return lines_of(bench.controller().report());
}

TEST(UnitScan, FindsNothingWrongOnASoundSite) {
  SmallBench bench{{0, 0, 0, 0, 1, 1, 1, 2, 2, 2}, 0.0};
  EXPECT_TRUE(found_after(bench, configured_done).empty());
  const CommissioningReport report = bench.controller().report();
  EXPECT_TRUE(report.scan_done);
  ASSERT_EQ(report.unit_count, 10U);
  EXPECT_EQ(report.units[4].port, 2);
  EXPECT_EQ(report.units[4].address, 15);
  const EtIdentity& identity = report.units[4].record.identity;
  EXPECT_EQ(std::string(identity.serial.begin(), identity.serial.end()), "9010KETU22AW0004");
  EXPECT_DOUBLE_EQ(identity.rated_w, 10000.0);
  EXPECT_EQ(report.units[4].record.firmware->arm_version, 23);
}

TEST(UnitScan, LeavesTheFirstSecondToRegulation) {
  SmallBench bench{{0, 0}, 0.0};
  bench.run_until(990ms);
  EXPECT_EQ(bench.controller().report().units[0].record.presence, UnitRecord::Presence::not_asked);
}

// One question a round, 92 ms, or 0.19 s when nobody answers.
TEST(UnitScan, NeverAsksTwiceWithoutARoundBetween) {
  SmallBench bench{{0, 0}, 0.0};
  bench.run_until(configured_done);
  const auto& reads = bench.ac_reads_of_first;
  Time longest{0};
  for (std::size_t k = 1; k < reads.size(); ++k) longest = std::max(longest, reads[k] - reads[k - 1]);
  EXPECT_LT(longest, 475ms + 245ms);  // a round of two with orders, and a probe
}

TEST(UnitScan, NamesAMissingUnit) {
  SmallBench bench{{0, 1}, 0.0};
  bench.silent[1] = true;
  EXPECT_EQ(found_after(bench, configured_done), std::vector<std::string>{"COM2, address 12: silent"});
}

TEST(UnitScan, NamesAnswersThatCannotBeRead) {
  SmallBench bench{{0, 1}, 0.0};
  bench.garbled[0] = true;
  EXPECT_EQ(
      found_after(bench, configured_done),
      std::vector<std::string>{"COM1, address 11: answers cannot be read: two units at this address, or bad wiring"});
}

TEST(UnitScan, NamesTwoUnitsByTheirSerialNumbers) {
  SmallBench bench{{0}, 0.0};
  int reads = 0;
  bench.on_reply = [&](std::size_t, const std::vector<std::uint8_t>& request, std::vector<std::uint8_t>& reply) {
    if (request[2] != 0x88 || request[3] != 0xB9) return;  // 35001
    if (++reads == 2) reply[3 + 2 * 2] = '8';              // first character of the serial number, 35003
  };
  EXPECT_EQ(found_after(bench, configured_done), std::vector<std::string>{"COM1, address 11: two units answer"});
}

TEST(UnitScan, NamesTwoUnitsByASecondAnswer) {
  SmallBench bench{{0}, 0.0};
  bench.answers_twice[0] = true;
  EXPECT_EQ(found_after(bench, configured_done), std::vector<std::string>{"COM1, address 11: two units answer"});
}

TEST(UnitScan, NamesAMeterAtAnInvertersAddress) {
  SmallBench bench{{0}, 0.0};
  bench.on_reply = [&](std::size_t, const std::vector<std::uint8_t>& request, std::vector<std::uint8_t>& reply) {
    if (request[2] == 0x88) reply = {request[0], 0x83, 0x02};  // it has no such block
  };
  const std::string text =
      "COM1, address 11: answers without an inverter's device information: a meter or another device";
  EXPECT_EQ(found_after(bench, configured_done), std::vector<std::string>{text});
  SmallBench zeros{{0}, 0.0};
  zeros.set_serial(0, std::string(16, '\0'));  // or answers everything with zeros
  EXPECT_EQ(found_after(zeros, configured_done), std::vector<std::string>{text});
}

TEST(UnitScan, NamesAnInverterWithAMeterOfItsOwn) {
  SmallBench bench{{0}, 0.0};
  bench.word(0, 36004) = 1;
  EXPECT_EQ(found_after(bench, configured_done),
            std::vector<std::string>{"COM1, address 11: has a smart meter of its own, must have none"});
}

TEST(UnitScan, NamesOldFirmware) {
  SmallBench bench{{0, 0, 0}, 0.0};
  bench.word(0, 35016) = 0;
  bench.word(1, 35019) = 8;
  bench.word(2, 35016) = 1;
  bench.word(2, 35019) = 9;  // just new enough
  EXPECT_EQ(found_after(bench, configured_done),
            (std::vector<std::string>{"COM1, address 11: DSP firmware is 0, must be 1 or newer",
                                      "COM1, address 12: ARM firmware is 8, must be 9 or newer"}));
}

TEST(UnitScan, NamesACapacityThatTheUnitsDoNotHave) {
  SmallBench bench{{0, 0}, 0.0};
  bench.word(1, 35001) = 8000;
  EXPECT_EQ(
      found_after(bench, configured_done),
      std::vector<std::string>{"ratings of the units found add up to 18000 W, total capacity entered is 20000 W"});
}

TEST(UnitScan, AMissingUnitIsNoMismatchOfTheCapacity) {
  SmallBench bench{{0, 0}, 0.0};
  bench.silent[0] = true;
  bench.run_until(configured_done);
  EXPECT_FALSE(bench.controller().report().has(FindingKind::capacity_mismatch));
}

TEST(UnitScan, NamesAUnitOnTheWrongPort) {
  // Entered: 11 on COM1, 12 on COM1; plugged: 12 on COM3.
  SmallBench bench{{0, 2}, SmallBench::settings_for({0, 0}, 0.0)};
  EXPECT_EQ(found_after(bench, sweep_done),
            (std::vector<std::string>{"COM1, address 12: silent", "COM3, address 12: entered for COM1"}));
  EXPECT_TRUE(bench.controller().report().sweep_done);
}

TEST(UnitScan, NamesAUnitThatNobodyEntered) {
  SmallBench bench{{0, 0}, SmallBench::settings_for({0}, 0.0)};
  EXPECT_EQ(found_after(bench, sweep_done), std::vector<std::string>{"COM1, address 12: not entered"});
}

TEST(UnitScan, ProbesTheRangeAndTheFactorysAddress) {
  SmallBench bench{{0}, 0.0};
  bench.run_until(sweep_done);
  const auto& asked = bench.asked[1];  // COM2, where nobody is entered
  EXPECT_EQ(asked, (std::vector<std::uint8_t>{11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 247}));
  bench.run_until(sweep_done + 60s);
  EXPECT_EQ(bench.asked[1].size(), 11U);  // once
  bench.controller().scan(bench.now());
  bench.carry_out();
  bench.run_until(2 * sweep_done + 60s);
  EXPECT_EQ(bench.asked[1].size(), 22U);  // and again on request
}

TEST(UnitScan, NoiseOnceIsNoUnit) {
  UnitScan scan;
  scan.begin({}, 1, 0s);
  const auto first = scan.next(0s, true);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->address, 1);
  scan.timed_out(true);
  const auto second = scan.next(10s, true);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->address, 1);  // asked again
  scan.timed_out(false);
  EXPECT_TRUE(scan.strangers().empty());
  const auto third = scan.next(20s, true);
  ASSERT_TRUE(third);
  EXPECT_EQ(third->address, 2);
  scan.timed_out(true);
  ASSERT_TRUE(scan.next(30s, true));
  scan.timed_out(true);
  ASSERT_EQ(scan.strangers().size(), 1U);
  EXPECT_EQ(scan.strangers()[0].record.presence, UnitRecord::Presence::garbled);
}

TEST(UnitScan, AnAnswerToWhatWasAskedBeforeANewScanIsDropped) {
  UnitScan scan;
  scan.begin({}, 1, 0s);
  ASSERT_TRUE(scan.next(0s, true));
  scan.begin({}, 1, 1s);
  scan.refused();
  EXPECT_TRUE(scan.strangers().empty());
}

TEST(UnitScan, WaitsForAnIdleLineBeforeItProbes) {
  UnitScan scan;
  scan.begin({}, 1, 0s);
  EXPECT_FALSE(scan.next(0s, false));
  EXPECT_TRUE(scan.next(0s, true));
}

}  // namespace
}  // namespace hil::controller
