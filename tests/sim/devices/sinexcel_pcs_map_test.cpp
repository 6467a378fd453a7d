// The register maps of scenarios/registers/sinexcel_*.xml: every register read and written, frames, gaps, exceptions.
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "sim/wire/modbus_rtu.h"
#include "tests/sim/devices/asked_et.h"
#include "tests/sim/devices/running_pcs.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using test::bytes;
using test::pcs_site;
using test::RunningPcs;
using Pdu = std::vector<std::uint8_t>;

struct MapCase {
  const char* map;
  std::size_t strings;  ///< that the PCS has
  std::size_t places;   ///< that the map has
};
class PcsMap : public testing::TestWithParam<MapCase> {
 protected:
  PcsMap() : pcs_{pcs_site(GetParam().strings), {}, GetParam().map} { pcs_.run(20ms); }
  RunningPcs pcs_;
};

/// What section 2 lists, and what section 11 invents.
std::set<int> listed(std::size_t places) {
  std::set<int> all{53010, 53011, 53012, 53013, 53900, 53901, 53903};
  for (int address = 53020; address <= 53031; ++address) all.insert(address);
  for (const auto& [first, last] : {std::pair{53600, 53601}, {53620, 53631}, {53635, 53636}}) {
    for (int address = first; address <= last; ++address) all.insert(address);
  }
  for (int n = 1; n <= static_cast<int>(places); ++n) {
    for (int i = 0; i < 5; ++i) all.insert(53040 + 10 * (n - 1) + i);
    for (int i = 0; i < 16; ++i) all.insert(53650 + 30 * (n - 1) + i);
    for (const int i : {0, 1, 3}) all.insert(53920 + 10 * (n - 1) + i);
    all.insert(55600 + n - 1);
  }
  return all;
}

TEST_P(PcsMap, HasARowForEachListedRegisterAndNoOther) {
  std::set<int> rows;
  for (const RegisterRow& row : pcs_.server.map().rows) rows.insert(row.address);
  EXPECT_EQ(rows, listed(GetParam().places));
}

TEST_P(PcsMap, ReadsEveryRegisterAndZeroInBetween) {
  const std::set<int> known = listed(GetParam().places);
  for (const RegisterBlock& block : pcs_.server.map().blocks) {
    for (int address = block.first; address <= block.last; ++address) {
      const int value = pcs_.read(address);
      EXPECT_GE(value, 0) << address;
      if (!known.contains(address)) {
        EXPECT_EQ(value, 0) << address;
      }
    }
    EXPECT_EQ(pcs_.read(block.first - 1), -1);
    EXPECT_EQ(pcs_.read(block.last + 1), -1);
  }
}

/// Of a value of this row, as a word.
int word_of(const RegisterRow& row, double value) {
  return static_cast<int>(std::lround(value / row.scale)) & 0xFFFF;
}

// What stands in a register may be written again, and reads back; a command reads 0 and refuses all but 1.
TEST_P(PcsMap, WritesEveryRegisterThatMayBeWritten) {
  int settings = 0;
  int commands = 0;
  for (const RegisterRow& row : pcs_.server.map().rows) {
    if (row.access == Access::read) {
      EXPECT_EQ(pcs_.write(row.address, 0), 2) << row.address;
    } else if (row.access == Access::write) {
      ++commands;
      EXPECT_EQ(pcs_.read(row.address), 0) << row.address;
      for (const int other : {0, 2, 0xFFFF}) EXPECT_EQ(pcs_.write(row.address, other), 3) << row.address;
      EXPECT_EQ(pcs_.write(row.address, 1), 0) << row.address;
      EXPECT_EQ(pcs_.read(row.address), 0) << row.address;
      pcs_.write(53901, 1);
      pcs_.run(20ms);
    } else {
      ++settings;
      const int value = pcs_.read(row.address);
      EXPECT_EQ(pcs_.write(row.address, value), 0) << row.address;
      EXPECT_EQ(pcs_.read(row.address), value) << row.address;
      const DeviceFace::Entry& entry = *pcs_.pcs.face().find(row.binding);
      const double highest = entry.allowed.empty() ? entry.highest : entry.allowed.back();
      if (word_of(row, highest) < 0x7FFF) {
        EXPECT_EQ(pcs_.write(row.address, word_of(row, highest) + 1), 3) << row.address;
      }
    }
  }
  const int places = static_cast<int>(GetParam().places);
  EXPECT_EQ(commands, 3 + 3 * places);
  EXPECT_EQ(settings, 16 + 17 * places);
}

TEST_P(PcsMap, SaysOfEachRowWhereItComesFrom) {
  for (const RegisterRow& row : pcs_.server.map().rows) {
    EXPECT_FALSE(row.source.empty()) << row.address;
    const bool invented = row.address >= 53012 && row.address < 53600;
    EXPECT_EQ(row.name.starts_with("bench-assigned"), invented) << row.address;
    if (invented) {
      EXPECT_EQ(row.certainty, Certainty::unknown) << row.address;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, PcsMap,
                         testing::Values(MapCase{"sinexcel_pws1", 1, 1}, MapCase{"sinexcel_pws1_500ktl_na", 1, 1},
                                         MapCase{"sinexcel_pwg2", 1, 1}, MapCase{"sinexcel_pws1_multi_string", 8, 8},
                                         MapCase{"sinexcel_pws1_multi_string", 3, 8}),
                         [](const auto& one) {
                           return std::string{one.param.map} + "_" + std::to_string(one.param.strings);
                         });

// 1 to 100 % a second in 004; the manual of the 500KTL-NA has 200 %.
TEST(PcsMaps, BoundTheSoftStartByTheirModel) {
  RunningPcs usual;
  RunningPcs large{test::pcs_site(), {}, "sinexcel_pws1_500ktl_na"};
  for (RunningPcs* pcs : {&usual, &large}) {
    EXPECT_EQ(pcs->write(53626, 99), 3);
    EXPECT_EQ(pcs->write(53626, 100), 0);
    EXPECT_EQ(pcs->write(53626, 10000), 0);
  }
  EXPECT_EQ(usual.write(53626, 10001), 3);
  EXPECT_EQ(large.write(53626, 20000), 0);
  EXPECT_EQ(large.write(53626, 20001), 3);
}

/// Frames of slave 1 with their CRCs, section 17.
Pdu answer(RunningPcs& pcs, const std::string& request_hex) {
  const Pdu request = bytes(request_hex);
  EXPECT_TRUE(has_valid_crc(request)) << request_hex;
  Pdu reply = pcs.ask({request.begin() + 1, request.end() - 2});
  reply.insert(reply.begin(), request[0]);
  append_crc(reply);
  return reply;
}

TEST(PcsFrames, AreAnsweredAsTheReferenceHasThem) {
  RunningPcs pcs;
  pcs.run(20ms);
  EXPECT_EQ(answer(pcs, "01 03 CF 12 00 02 5B 1A"), bytes("01 03 04 00 00 00 00 FA 33"));
  EXPECT_EQ(answer(pcs, "01 06 D1 61 00 00 E1 28"), bytes("01 06 D1 61 00 00 E1 28"));
  EXPECT_EQ(answer(pcs, "01 06 D2 8C 00 01 B0 99"), bytes("01 06 D2 8C 00 01 B0 99"));
  pcs.run(20ms);
  EXPECT_EQ(answer(pcs, "01 03 CF 12 00 02 5B 1A"), bytes("01 03 04 00 01 00 00 AB F3"));
  // 1006 is of an older map: no register here.
  EXPECT_EQ(pcs.ask(bytes("06 03 EE 00 01")), bytes("86 02"));
}

TEST(PcsFrames, OfOtherFunctionsAreException01) {
  RunningPcs pcs;
  EXPECT_EQ(pcs.ask(bytes("04 CF 12 00 02")), bytes("84 01"));
  EXPECT_EQ(pcs.ask(bytes("10 D1 76 00 01 02 00 00")), bytes("90 01"));
  EXPECT_EQ(pcs.ask(bytes("05 D2 8C FF 00")), bytes("85 01"));
  EXPECT_EQ(pcs.ask(bytes("0F D2 8C 00 01 01 01")), bytes("8F 01"));
  EXPECT_EQ(pcs.ask(bytes("01 CF 12 00 01")), bytes("81 01"));
}

TEST(PcsFrames, OutsideOfTheListsAreException02) {
  RunningPcs pcs;
  for (const int address : {0, 53009, 53500, 53700, 53950, 55601, 65535}) {
    EXPECT_EQ(pcs.read(address), -1) << address;
    EXPECT_EQ(pcs.write(address, 1), 2) << address;
  }
  EXPECT_EQ(pcs.write(53602, 1), 2) << "a gap may be read, not written";
  EXPECT_EQ(pcs.write(53902, 1), 2);
}

// 230 V to neutral are 398.4 V between lines; 60 kW of 400 V are 86.6 A.
TEST(PcsFrames, TellWhatTheBenchAssigned) {
  RunningPcs pcs;
  pcs.write(53622, 600);
  pcs.write(53620, 1);
  pcs.write(53623, 200);
  pcs.start();
  for (int address = 53020; address <= 53022; ++address) EXPECT_NEAR(pcs.read(address) * 0.1, 398.4, 0.5);
  EXPECT_EQ(pcs.read(53026), 5000);
  EXPECT_EQ(pcs.read_signed(53027), 600);
  EXPECT_EQ(pcs.read_signed(53028), 200);
  EXPECT_NEAR(pcs.read(53029), std::hypot(600.0, 200.0), 1.0);
  EXPECT_NEAR(pcs.read(53030) * 0.01, 600.0 / std::hypot(600.0, 200.0), 0.01);
  EXPECT_NEAR(pcs.read(53023) * 0.1, std::hypot(60e3, 20e3) / 3.0 / 230.0, 0.5);
  EXPECT_NEAR(pcs.read(53040) * 0.1, pcs.lane().battery.terminal_v, 0.06);
  EXPECT_NEAR(pcs.read_signed(53041) * 0.1, pcs.lane().battery.discharge_a, 0.06);
  EXPECT_EQ(pcs.read_signed(53042), 600);
  EXPECT_EQ(pcs.read(53043), 1);
  EXPECT_EQ(pcs.read(53044), 25);
}

}  // namespace
}  // namespace hil::sim
