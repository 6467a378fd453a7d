// The register map of scenarios/registers/sinexcel_pws2.xml: what section 12 of sinexcel-pcs-modbus lists, and the
// blocks that the OpenEMS driver reads (section 14).
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/devices/asked_et.h"
#include "tests/sim/devices/running_pws2.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using test::bytes;
using test::RunningPws2;

struct Range {
  int first = 0;
  int last = 0;
};
/// Each register of section 12, by hand; beside SunSpec, which has all of 500..623 but its options.
const std::vector<Range> listed{{1, 24},    {32, 33},   {36, 40},   {44, 45},   {47, 47},   {101, 107},  {110, 138},
                                {141, 148}, {224, 226}, {300, 314}, {316, 316}, {320, 320}, {325, 333},  {650, 658},
                                {748, 750}, {752, 753}, {755, 757}, {768, 786}, {790, 802}, {805, 805},  {807, 815},
                                {846, 858}, {862, 872}, {876, 894}, {934, 934}, {948, 967}, {4001, 4008}};
/// Registers that only the driver names.
const std::set<int> of_driver_only{754, 803, 804, 825};

std::set<int> covered(const RegisterMap& map) {
  std::set<int> all;
  for (const RegisterRow& row : map.rows) {
    for (int i = 0; i < row.count; ++i) all.insert(row.address + i);
  }
  return all;
}

TEST(Pws2Map, HasARowForEachListedRegisterAndNoOther) {
  RunningPws2 pws2;
  std::set<int> expected = of_driver_only;
  for (const Range& range : listed) {
    for (int address = range.first; address <= range.last; ++address) expected.insert(address);
  }
  std::set<int> rows = covered(pws2.server.map());
  std::erase_if(rows, [](int address) { return address >= 500 && address <= 623; });
  EXPECT_EQ(rows, expected);
}

TEST(Pws2Map, AnswersTheBlocksOfTheClientWithoutException) {
  RunningPws2 pws2;
  pws2.run(20ms);
  const std::set<int> known = covered(pws2.server.map());
  for (const auto& [first, count] :
       {std::pair{1, 32}, {33, 15}, {101, 48}, {224, 110}, {650, 9}, {748, 68}, {825, 70}, {934, 34}}) {
    const std::vector<int> words = pws2.read(first, count);
    ASSERT_EQ(words.size(), static_cast<std::size_t>(count)) << first;
    for (int i = 0; i < count; ++i) {
      if (!known.contains(first + i)) {
        EXPECT_EQ(words[static_cast<std::size_t>(i)], 0) << first + i;
      }
    }
  }
}

TEST(Pws2Map, ReadsEveryRowByItself) {
  RunningPws2 pws2;
  pws2.run(20ms);
  for (const RegisterRow& row : pws2.server.map().rows) {
    EXPECT_EQ(pws2.read(row.address, row.count).size(), static_cast<std::size_t>(row.count)) << row.address;
    EXPECT_FALSE(row.source.empty()) << row.address;
  }
}

TEST(Pws2Map, ReadsBackWhatIsWrittenAndRefusesWhatIsBeyond) {
  RunningPws2 pws2;
  pws2.run(20ms);
  int settings = 0;
  for (const RegisterRow& row : pws2.server.map().rows) {
    if (row.access == Access::read) {
      EXPECT_EQ(pws2.write(row.address, 0), 2) << row.address;
    } else if (row.access == Access::read_write && row.count == 1) {
      ++settings;
      const int value = pws2.read(row.address);
      EXPECT_EQ(pws2.write(row.address, value), 0) << row.address << " = " << value;
      EXPECT_EQ(pws2.read(row.address), value) << row.address;
      const DeviceFace::Entry* entry = pws2.pws2.face().find(row.binding);
      if (entry == nullptr) continue;
      const double highest = entry->allowed.empty() ? entry->highest : entry->allowed.back();
      const long raw = std::lround(highest / row.scale);
      if (raw < 0x7FFF) {
        EXPECT_EQ(pws2.write(row.address, static_cast<int>(raw + 1)), 3) << row.address;
      }
    }
  }
  EXPECT_GT(settings, 120);
}

TEST(Pws2Map, KnowsFunctions03And06Only) {
  RunningPws2 pws2;
  EXPECT_EQ(pws2.ask(bytes("04 00 20 00 01")), bytes("84 01"));
  EXPECT_EQ(pws2.ask(bytes("10 00 87 00 01 02 00 00")), bytes("90 01"));
  EXPECT_EQ(pws2.ask(bytes("01 00 20 00 01")), bytes("81 01"));
  EXPECT_EQ(pws2.read(48), -1);
  EXPECT_EQ(pws2.read(53010), -1);
}

TEST(Pws2Map, TellsNamesAsText) {
  RunningPws2 pws2;
  pws2.run(20ms);
  std::string text;
  for (const int word : pws2.read(1, 24)) {
    text += static_cast<char>(word >> 8);
    text += static_cast<char>(word & 0xFF);
  }
  EXPECT_EQ(text.substr(0, 8), "PWS2-30K");
  EXPECT_EQ(text.substr(32), "HIL0000000000001");
}

TEST(Pws2Map, ShowsAddressAndBaudOfItsPort) {
  SinexcelPws2::Settings settings = test::pws2_settings();
  settings.modbus_address = 7;
  settings.baud = 19200;
  RunningPws2 pws2{settings};
  pws2.run(20ms);
  EXPECT_EQ(pws2.read(316), 7);
  EXPECT_EQ(pws2.read(320), 0);
  EXPECT_EQ(pws2.read(568), 7);
  EXPECT_EQ(pws2.write(316, 8), 0);
  EXPECT_EQ(pws2.read(316), 8);
  EXPECT_EQ(pws2.read(568), 7) << "the one in force";
  settings.baud = 9600;
  RunningPws2 slow{settings};
  slow.run(20ms);
  EXPECT_EQ(slow.read(320), 1);
}

// SunSpec: identifier at 500, common block of 66, model 103 of 50 at 570, its state at 608, then the end.
TEST(Pws2Map, HasTheSunSpecModelsWhereTheyFollowFromEachOther) {
  RunningPws2 pws2;
  pws2.run(20ms);
  EXPECT_EQ(pws2.read(500, 2), (std::vector<int>{0x5375, 0x6E53}));
  EXPECT_EQ(pws2.read(502, 2), (std::vector<int>{1, 66}));
  EXPECT_EQ(502 + 2 + 66, 570);
  EXPECT_EQ(pws2.read(570, 2), (std::vector<int>{103, 50}));
  EXPECT_EQ(pws2.read(570 + 2 + 50, 2), (std::vector<int>{0xFFFF, 0}));
  EXPECT_EQ(pws2.read(608), 1);
  pws2.write(135, RunningPws2::tenths_kw(12e3));
  pws2.start();
  EXPECT_EQ(pws2.read(608), 9);
  EXPECT_NEAR(pws2.read_signed(584) * std::pow(10.0, pws2.read_signed(585)), 12e3, 10.0);
  EXPECT_NEAR(pws2.read(580) * std::pow(10.0, pws2.read_signed(583)), 230.0, 1.0);
}

// 30 kW for 12 s are 100 Wh: one count of 0.1 kWh, high word first.
TEST(Pws2Map, CountsEnergyAndResetsItByAZero) {
  RunningPws2 pws2;
  pws2.write(135, RunningPws2::tenths_kw(30e3));
  pws2.start();
  pws2.run(30s);
  const int counted = pws2.read(127);
  EXPECT_EQ(pws2.read(126), 0);
  EXPECT_NEAR(counted, 2.5, 1.0);
  EXPECT_EQ(pws2.write(127, 5), 3) << "only a reset may be written";
  EXPECT_EQ(pws2.write(126, 0), 0);
  EXPECT_EQ(pws2.read(127), 0);
  pws2.run(13s);
  EXPECT_EQ(pws2.read(127), 1);
}

}  // namespace
}  // namespace hil::sim
