#include "sim/devices/register_map.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/devices/register_server.h"

namespace hil::sim {
namespace {

using Faults = std::vector<std::string>;

RegisterRow constant_row(std::uint16_t address, int line) {
  RegisterRow row;
  row.address = address;
  row.name = "row";
  row.line = line;
  return row;
}

RegisterRow bound_row(std::uint16_t address, std::string binding) {
  RegisterRow row = constant_row(address, 7);
  row.binding = std::move(binding);
  return row;
}

RegisterMap map_of(std::vector<RegisterRow> rows) {
  return {"map", "map.xml", {{100, 109, 0, 0, 2}}, std::move(rows)};
}

std::vector<std::string> faults_with(const RegisterMap& map, const DeviceFace& face) {
  try {
    const RegisterServer server{map, face};
  } catch (const BadRegisterMap& bad) {
    return bad.faults();
  }
  return {};
}

TEST(RegisterMap, HasNoFaultsWhenRowsAscendInsideBlocks) {
  EXPECT_EQ(faults_of(map_of({constant_row(100, 3), constant_row(109, 4)})), Faults{});
}

TEST(RegisterMap, NamesBothRowsOfAnOverlap) {
  RegisterRow wide = constant_row(100, 3);
  wide.encoding = Encoding::u32_high_first;
  wide.count = 2;
  EXPECT_EQ(faults_of(map_of({wide, constant_row(101, 4)})),
            (Faults{"map.xml:4: row 101 \"row\": begins at or before the end of row 100 \"row\" (line 3), must "
                    "ascend without overlap"}));
}

TEST(RegisterMap, RefusesARowThatLeavesItsBlock) {
  RegisterRow wide = constant_row(109, 3);
  wide.encoding = Encoding::s32_high_first;
  wide.count = 2;
  EXPECT_EQ(faults_of(map_of({wide})), (Faults{"map.xml:3: row 109 \"row\": 109..110 must lie inside one block"}));
}

TEST(RegisterMap, RefusesACountThatDoesNotFitTheEncoding) {
  RegisterRow row = constant_row(100, 3);
  row.encoding = Encoding::float32_high_first;
  EXPECT_EQ(faults_of(map_of({row})), (Faults{"map.xml:3: row 100 \"row\": count is 1, must be 2"}));
}

TEST(RegisterMap, RefusesAScaleOfZero) {
  RegisterRow row = constant_row(100, 3);
  row.scale = 0.0;
  EXPECT_EQ(faults_of(map_of({row})),
            (Faults{"map.xml:3: row 100 \"row\": scale is 0, must be a number other than 0"}));
}

TEST(RegisterMap, RefusesTextThatIsLongerThanItsRegisters) {
  RegisterRow row = constant_row(100, 3);
  row.encoding = Encoding::ascii;
  row.count = 2;
  row.constant_text = "12345";
  EXPECT_EQ(faults_of(map_of({row})),
            (Faults{"map.xml:3: row 100 \"row\": constant has 5 characters, must be at most 4 (2 a register)"}));
}

TEST(RegisterMap, RefusesWrittenText) {
  RegisterRow row = constant_row(100, 3);
  row.encoding = Encoding::ascii;
  row.access = Access::read_write;
  EXPECT_EQ(faults_of(map_of({row})), (Faults{"map.xml:3: row 100 \"row\": access of an ascii row must be read"}));
}

TEST(RegisterMap, RefusesBlocksThatOverlapOrRunBackwards) {
  RegisterMap map = map_of({});
  map.blocks.push_back({109, 108, 0, -1, 5});
  EXPECT_EQ(faults_of(map),
            (Faults{"map.xml:5: block 109..108: last is below first, must be first or above",
                    "map.xml:5: block 109..108: refresh_ms is -1, must be 0 (every step) or above",
                    "map.xml:5: block 109..108: begins at or before the end of block 100..109 (line 2), must "
                    "ascend without overlap"}));
}

TEST(RegisterMap, RefusesHolesThatItDoesNotFill) {
  RegisterMap map = map_of({constant_row(101, 3), constant_row(105, 4)});
  map.blocks[0].fill.reset();
  EXPECT_EQ(faults_of(map),
            (Faults{"map.xml:2: block 100..109: no row for 100..100, must have one or the block a fill",
                    "map.xml:2: block 100..109: no row for 102..104, must have one or the block a fill",
                    "map.xml:2: block 100..109: no row for 106..109, must have one or the block a fill"}));
}

TEST(RegisterMap, KeepsBitsInTablesOfBits) {
  RegisterRow row = constant_row(100, 3);
  row.encoding = Encoding::bit;
  EXPECT_EQ(faults_of(map_of({row})),
            (Faults{"map.xml:3: row 100 \"row\": encoding bit must stand in the tables coils or discrete"}));
  RegisterMap coils = map_of({constant_row(100, 3)});
  coils.blocks[0].table = coils.rows[0].table = Table::coils;
  EXPECT_EQ(faults_of(coils), (Faults{"map.xml:3: row 100 \"row\": encoding in a table of bits must be bit"}));
}

TEST(RegisterMap, RefusesToWriteAnInputRegister) {
  RegisterMap map = map_of({constant_row(100, 3)});
  map.blocks[0].table = map.rows[0].table = Table::input;
  map.rows[0].access = Access::read_write;
  EXPECT_EQ(faults_of(map),
            (Faults{"map.xml:3: row 100 \"row\": access must be read, as its table cannot be written"}));
}

TEST(RegisterMap, RefusesBoundsThatBoundNothing) {
  RegisterRow row = constant_row(100, 3);
  row.highest = 5.0;
  EXPECT_EQ(faults_of(map_of({row})),
            (Faults{"map.xml:3: row 100 \"row\": lowest and highest bound what is written, but access is read"}));
  row.access = Access::read_write;
  row.lowest = 6.0;
  EXPECT_EQ(faults_of(map_of({row})), (Faults{"map.xml:3: row 100 \"row\": lowest is 6, must be at most highest (5)"}));
}

// The base has 100 and 104; the extension covers 104..105 with a wider row and adds a block.
TEST(RegisterMap, TakesTheRowsOfTheMapItExtendsButThoseItTouches) {
  RegisterMap base = map_of({constant_row(100, 3), constant_row(104, 4), constant_row(105, 5)});
  RegisterRow wide = constant_row(104, 13);
  wide.encoding = Encoding::u32_high_first;
  wide.count = 2;
  RegisterMap extra{"more", "more.xml", {{200, 200, {}, 0, 12}}, {wide, constant_row(200, 14)}};
  const RegisterMap map = extended(base, extra);
  EXPECT_EQ(faults_of(map), Faults{});
  EXPECT_EQ(map.name, "more");
  ASSERT_EQ(map.rows.size(), 3U);
  EXPECT_EQ(place_of(map, map.rows[0]), "map.xml:3");
  EXPECT_EQ(place_of(map, map.rows[1]), "more.xml:13");
  EXPECT_EQ(map.blocks.size(), 2U);
}

TEST(RegisterMap, RefusesAUnitThatIsNotThatOfTheName) {
  const double value = 0.0;
  DeviceFace face;
  face.signal("pv_w", &value);
  RegisterRow row = bound_row(100, "pv_w");
  row.unit = "V";
  EXPECT_EQ(faults_with(map_of({row}), face), (Faults{"map.xml:7: row 100 \"row\": \"pv_w\": unit is V, must be W"}));
}

TEST(RegisterMap, WithoutABlockSaysSo) {
  RegisterMap map = map_of({});
  map.blocks.clear();
  EXPECT_EQ(faults_of(map), (Faults{"map.xml:0: no block, must be at least one"}));
}

TEST(RegisterMap, ReportsAllFaultsInOneMessage) {
  RegisterRow scaleless = constant_row(100, 3);
  scaleless.scale = 0.0;
  const BadRegisterMap bad{faults_of(map_of({scaleless, constant_row(99, 4)}))};
  EXPECT_EQ(bad.faults().size(), 3U);  // scale, outside the block, order
  const std::string text = bad.what();
  EXPECT_EQ(text.find("map.xml:3:"), 0U);
  EXPECT_NE(text.find("\nmap.xml:4:"), std::string::npos);
}

TEST(RegisterMap, ListsTheNearestNamesForAnUnknownBinding) {
  const double value = 0.0;
  DeviceFace face;
  face.signal("pv_w", &value);
  face.signal("battery_v", &value);
  EXPECT_EQ(faults_with(map_of({bound_row(100, "pv_kw")}), face),
            (Faults{"map.xml:7: row 100 \"row\": \"pv_kw\" is unknown to the device, nearest: pv_w, battery_v"}));
}

TEST(RegisterMap, RefusesToWriteASignal) {
  const double value = 0.0;
  DeviceFace face;
  face.signal("pv_w", &value);
  RegisterRow row = bound_row(100, "pv_w");
  row.access = Access::read_write;
  EXPECT_EQ(faults_with(map_of({row}), face),
            (Faults{"map.xml:7: row 100 \"row\": \"pv_w\" cannot be written, access must be read"}));
}

TEST(RegisterMap, RefusesAnActionThatCanOnlyBeRead) {
  DeviceFace face;
  face.action("restart", [](double) {});
  EXPECT_EQ(faults_with(map_of({bound_row(100, "restart")}), face),
            (Faults{"map.xml:7: row 100 \"row\": \"restart\" is an action, access must be write or read_write"}));
}

TEST(RegisterMap, KeepsTextAndNumbersApart) {
  const std::string serial = "9010KETU22AW0001";
  DeviceFace face;
  face.text("serial", &serial);
  EXPECT_EQ(faults_with(map_of({bound_row(100, "serial")}), face),
            (Faults{"map.xml:7: row 100 \"row\": \"serial\" is a text, its encoding must be ascii"}));
}

TEST(RegisterMap, RefusesPercentOfARatioWithoutItsHundredth) {
  const double value = 0.5;
  DeviceFace face;
  face.signal("battery_soc", &value);
  EXPECT_EQ(faults_with(map_of({bound_row(100, "battery_soc")}), face),
            (Faults{"map.xml:7: row 100 \"row\": \"battery_soc\": scale is 1, must be at most 0.01"}));
}

TEST(DeviceFace, RefusesANameTwice) {
  const double value = 0.0;
  DeviceFace face;
  face.signal("pv_w", &value);
  EXPECT_THROW(face.signal("pv_w", &value), std::invalid_argument);
}

}  // namespace
}  // namespace hil::sim
