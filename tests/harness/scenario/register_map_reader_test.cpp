#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

const std::filesystem::path root = HILBENCH_SOURCE_DIR;

/// What the reader says about this text, without the file's name.
std::vector<std::string> faults_in(const std::string& content) {
  const std::filesystem::path file = std::filesystem::path{testing::TempDir()} / "map_under_test.xml";
  std::ofstream{file} << content;
  Diagnostics diagnostics;
  const auto map = read_register_map(file, root / "scenarios", diagnostics);
  std::filesystem::remove(file);
  EXPECT_EQ(map.has_value(), diagnostics.empty());
  std::vector<std::string> faults;
  for (const Fault& fault : diagnostics.sorted()) faults.push_back(fault.text().substr(file.string().size() + 1));
  return faults;
}

constexpr const char* row_end = " name=\"n\" source=\"s\" certainty=\"C\"/>\n</register_map>\n";

TEST(RegisterMapReader, ReadsRowsAndBlocksAsTheyStand) {
  Diagnostics diagnostics;
  const auto map =
      read_register_map(root / "tests/harness/scenario/library/registers/inv_map.xml", root / "scenarios", diagnostics);
  ASSERT_TRUE(map.has_value());
  EXPECT_EQ(map->name, "inv_map");
  ASSERT_EQ(map->blocks.size(), 1U);
  EXPECT_EQ(map->blocks[0].last, 0x010F);
  EXPECT_EQ(map->blocks[0].refresh_ms, 200);
  ASSERT_EQ(map->rows.size(), 2U);
  EXPECT_EQ(map->rows[0].binding, "l1_voltage_ln_rms_v");
  EXPECT_DOUBLE_EQ(map->rows[0].scale, 0.1);
  EXPECT_EQ(map->rows[0].certainty, sim::Certainty::unknown);
  EXPECT_EQ(map->rows[1].address, 0x0102);
  EXPECT_EQ(map->rows[1].encoding, sim::Encoding::s32_high_first);
  EXPECT_EQ(map->rows[1].access, sim::Access::read_write);
  EXPECT_EQ(map->rows[1].binding, "");
  EXPECT_DOUBLE_EQ(map->rows[1].constant, -7.0);
  EXPECT_EQ(map->rows[1].line, 5);
}

TEST(RegisterMapReader, ReadsEveryMapOfTheLibrary) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator{root / "scenarios/registers"}) {
    if (entry.path().extension() != ".xml") continue;
    Diagnostics diagnostics;
    EXPECT_TRUE(read_register_map(entry.path(), root / "scenarios", diagnostics).has_value()) << entry.path();
    ++count;
  }
  EXPECT_GE(count, 2);
}

TEST(RegisterMapReader, ReadsThatADeviceHasNoFunctionForSeveralWrites) {
  for (const auto& [map, single] :
       {std::pair{"sinexcel_pws1", true}, {"sinexcel_pwg2", true}, {"goodwe_et_205", false}}) {
    Diagnostics diagnostics;
    const auto read =
        read_register_map(root / "scenarios/registers" / (std::string{map} + ".xml"), root / "scenarios", diagnostics);
    ASSERT_TRUE(read.has_value()) << map;
    EXPECT_EQ(read->single_writes, single) << map;
  }
}

TEST(RegisterMapReader, ReportsEveryFaultOfTheForm) {
  const auto faults = faults_in(
      "<register_map name=\"map_under_test\">\n"
      "<block first=\"0\" last=\"65536\" refresh_ms=\"-1\" fill=\"x\"/>\n"
      "<row address=\"0x1G\" count=\"0\" encoding=\"u61\" scale=\"one\" access=\"reed\" signal=\"a\" text=\"b\"" +
      std::string{row_end});
  const std::vector<std::string> expected{
      "2:18: <block>: last is \"65536\", must be 0..65535, decimal or 0x",
      "2:31: <block>: refresh_ms is -1, must be 0..3600000",
      "2:47: <block>: fill is \"x\", must be 0..65535, decimal or 0x",
      "3:1: <row name=\"n\">: has 2 of signal, setting, action, text and constant, must be exactly one",
      "3:6: <row name=\"n\">: address is \"0x1G\", must be 0..65535, decimal or 0x",
      "3:21: <row name=\"n\">: count is 0, must be 1..125",
      "3:31: <row name=\"n\">: encoding is \"u61\", known encodings: u16, ascii, bit, float32_high_first, s16, "
      "s32_high_first, s32_low_first, "
      "u32_high_first, u32_low_first, u64_high_first",
      "3:46: <row name=\"n\">: scale is \"one\", must be a decimal number",
      "3:58: <row name=\"n\">: access is \"reed\", known accesses: read, read_write, write"};
  EXPECT_EQ(faults, expected);
}

// 0 to 1 and 1 to 2 share register 1.
TEST(RegisterMapReader, PlacesFaultsOfContentAtTheirRow) {
  const auto faults = faults_in(
      "<register_map name=\"map_under_test\">\n"
      "<block first=\"0\" last=\"9\" refresh_ms=\"0\" fill=\"0\"/>\n"
      "<row address=\"0\" count=\"2\" encoding=\"u32_high_first\" scale=\"1\" access=\"read\" signal=\"a\" name=\"a\" "
      "source=\"s\" certainty=\"C\"/>\n"
      "  <row address=\"1\" count=\"2\" encoding=\"u32_high_first\" scale=\"1\" access=\"read\" signal=\"b\"" +
      std::string{row_end});
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].substr(0, 5), "4:3: ");
  EXPECT_NE(faults[0].find("must ascend without overlap"), std::string::npos) << faults[0];
}

TEST(RegisterMapReader, ReadsTheMapThatAnotherExtends) {
  Diagnostics diagnostics;
  const auto map = read_register_map(root / "scenarios/registers/goodwe_et_745.xml", root / "scenarios", diagnostics);
  ASSERT_TRUE(map.has_value());
  EXPECT_EQ(map->name, "goodwe_et_745");
  const auto row = [&](int address) {
    return *std::find_if(map->rows.begin(), map->rows.end(), [&](const auto& each) { return each.address == address; });
  };
  EXPECT_EQ(row(35001).binding, "rated_w");  // of the base
  EXPECT_EQ(std::filesystem::path{row(35001).file}.stem(), "goodwe_et_205");
  EXPECT_EQ(row(47510).highest, 65535.0);  // its own, in the place of the base's
}

TEST(RegisterMapReader, FindsTheMapThatItExtendsInTheLibraryToo) {
  EXPECT_TRUE(faults_in("<register_map name=\"map_under_test\" extends=\"goodwe_et_205\"/>\n").empty());
  const auto faults = faults_in("<register_map name=\"map_under_test\"\n extends=\"goodwe_et_206\"/>\n");
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].find("2:2: <register_map name=\"map_under_test\">: extends is \"goodwe_et_206\", no such map: "),
            0U)
      << faults[0];
}

TEST(RegisterMapReader, HoldsTheUnitAgainstTheName) {
  const auto faults = faults_in(
      "<register_map name=\"map_under_test\">\n<block first=\"0\" last=\"9\" refresh_ms=\"0\" fill=\"0\"/>\n"
      "<row address=\"0\" count=\"1\" encoding=\"u16\" scale=\"1\" access=\"read\" unit=\"V\" signal=\"pv_w\"" +
      std::string{row_end});
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_NE(faults[0].find("\"pv_w\": unit is V, must be W"), std::string::npos) << faults[0];
}

TEST(RegisterMapReader, RefusesAMapThatExtendsItself) {
  const auto faults = faults_in(
      "<register_map name=\"map_under_test\" extends=\"map_under_test\">"
      "<block first=\"0\" last=\"9\" refresh_ms=\"0\" fill=\"0\"/></register_map>");
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_NE(faults[0].find("extends is \"map_under_test\", but another map extends this one"), std::string::npos);
}

TEST(RegisterMapReader, ReadsUnitsBoundsAndTables) {
  const auto faults = faults_in(
      "<register_map name=\"map_under_test\">\n"
      "<block table=\"shelf\" first=\"0\" last=\"9\" refresh_ms=\"0\"/>\n"
      "<row address=\"0\" count=\"1\" encoding=\"u16\" scale=\"1\" unit=\"kW\" access=\"read_write\" "
      "lowest=\"low\" highest=\"1\" constant=\"0\"" +
      std::string{row_end});
  ASSERT_EQ(faults.size(), 3U);
  EXPECT_EQ(
      faults[0],
      "2:8: <block>: table is \"shelf\", known tables: block_write, coils, discrete, holding, input, single_write");
  EXPECT_EQ(faults[1].substr(0, 47), "3:53: <row name=\"n\">: unit is \"kW\", known units");
  EXPECT_EQ(faults[2], "3:83: <row name=\"n\">: lowest is \"low\", must be a decimal number");
}

TEST(RegisterMapReader, RefusesANameThatIsNotTheFiles) {
  const auto faults = faults_in(
      "<register_map name=\"other\"><block first=\"0\" last=\"9\" refresh_ms=\"0\" fill=\"0\"/></register_map>");
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0],
            "1:15: <register_map name=\"other\">: name is \"other\", must be that of the file (map_under_test)");
}

// Of two for one block the last counts; what a run does not know for certain is listed.
TEST(RegisterRefresh, SetsThePeriodOfABlockAndListsAllPeriodsAsAssumed) {
  const std::filesystem::path folder = root / "tests/harness/scenario";
  Diagnostics diagnostics;
  const auto scenario = read_scenario(folder / "good/register_refresh.xml", folder / "library", diagnostics);
  ASSERT_TRUE(scenario.has_value());
  const sim::RegisterMap& map = scenario->register_maps.at("inv_map");
  ASSERT_EQ(map.blocks.size(), 1U);
  EXPECT_EQ(map.blocks[0].refresh_ms, 500);
  const auto listed = std::find_if(scenario->assumed.begin(), scenario->assumed.end(), [](const Assumed& each) {
    return each.what == "inv_map: registers renewed, blocks from 256";
  });
  ASSERT_NE(listed, scenario->assumed.end());
  EXPECT_EQ(listed->value, "every 0.5 s");
}

}  // namespace
}  // namespace hil::harness
