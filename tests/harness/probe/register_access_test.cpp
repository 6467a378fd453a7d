#include "harness/probe/register_access.h"

#include <gtest/gtest.h>

#include <array>

namespace hil::harness {
namespace {

using sim::Access;
using sim::Encoding;
using Words = std::vector<std::uint16_t>;

sim::RegisterRow row(std::uint16_t address, Encoding encoding, double scale, const std::string& unit,
                     const std::string& binding, Access access = Access::read_write) {
  sim::RegisterRow made;
  made.address = address;
  made.count = encoding == Encoding::ascii ? 4 : sim::registers_of(encoding);
  made.encoding = encoding;
  made.scale = scale;
  made.unit = unit;
  made.binding = binding;
  made.access = access;
  return made;
}

/// Two blocks of holding registers, and one of input registers.
sim::RegisterMap map() {
  sim::RegisterMap made;
  made.name = "two_blocks";
  made.blocks = {{.first = 100, .last = 299, .fill = 0}, {.first = 1000, .last = 1003}};
  sim::RegisterBlock input{.first = 100, .last = 109, .fill = 0};
  input.table = sim::Table::input;
  made.blocks.push_back(input);
  made.rows = {row(100, Encoding::u16, 0.1, "V", "pv1_v", Access::read),
               row(102, Encoding::s32_high_first, 1.0, "W", "grid_export_w"), row(230, Encoding::u16, 1.0, "", "mode"),
               row(1000, Encoding::ascii, 1.0, "", "serial"), row(100, Encoding::s16, 1.0, "W", "pv1_w")};
  made.rows[2].lowest = 1.0;
  made.rows[2].highest = 3.0;
  made.rows[4].table = sim::Table::input;
  return made;
}

const sim::RegisterRow& named(const sim::RegisterMap& map, const std::string& name) {
  std::string fault;
  const auto rows = rows_named(map, name, fault);
  EXPECT_EQ(rows.size(), 1u) << name << ": " << fault;
  return *rows.at(0);
}

TEST(RegisterAccess, FindsRowsByNamePatternAndAddress) {
  const sim::RegisterMap all = map();
  EXPECT_EQ(named(all, "mode").address, 230);
  EXPECT_EQ(named(all, "1000").binding, "serial");
  std::string fault;
  EXPECT_EQ(rows_named(all, "pv1_*", fault).size(), 2u);
  EXPECT_EQ(rows_named(all, "100", fault).size(), 2u);  // in either table
  EXPECT_EQ(fault, "");
  EXPECT_TRUE(rows_named(all, "pv1_y", fault).empty());
  EXPECT_TRUE(fault.starts_with("pv1_y: two_blocks has no such name and no row at such an address, nearest: pv1_"))
      << fault;
  EXPECT_NE(fault.find("; `hilbench list --registers two_blocks` has all "), std::string::npos) << fault;
}

// 102 and 230 are 130 registers apart, more than one request may ask for; a block ends a request, a table too.
TEST(RegisterAccess, AsksForManyRowsInFewRequests) {
  const sim::RegisterMap all = map();
  std::string fault;
  const std::vector<RegisterRun> runs = runs_of(all, rows_named(all, "*", fault));
  ASSERT_EQ(runs.size(), 4u);
  EXPECT_EQ(runs[0].first, 100);
  EXPECT_EQ(runs[0].count, 4);
  EXPECT_EQ(runs[0].rows.size(), 2u);
  EXPECT_EQ(runs[1].first, 230);
  EXPECT_EQ(runs[2].first, 1000);
  EXPECT_EQ(runs[2].count, 4);
  EXPECT_EQ(runs[3].table, sim::Table::input);
  const Words words{2301, 0, 0xFFFF, 0xFFFE};
  EXPECT_EQ(value_text(*runs[0].rows[1], runs[0].words_of(*runs[0].rows[1], words)), "-2 W");
}

TEST(RegisterAccess, AsksForARowOnce) {
  const sim::RegisterMap all = map();
  const sim::RegisterRow* mode = &named(all, "mode");
  const std::vector<RegisterRun> runs = runs_of(all, {mode, &named(all, "pv1_v"), mode});
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[1].rows.size(), 1u);
}

TEST(RegisterAccess, SaysWhatWordsMean) {
  const sim::RegisterMap all = map();
  EXPECT_EQ(value_text(named(all, "pv1_v"), Words{6543}), "654.3 V");
  EXPECT_EQ(value_text(named(all, "pv1_v"), Words{0xFFFF}), "not available");
  EXPECT_EQ(value_text(named(all, "grid_export_w"), Words{0xFFFF, 0xFFFF}), "-1 W");
  EXPECT_EQ(value_text(named(all, "mode"), Words{2}), "2");
  EXPECT_EQ(value_text(named(all, "serial"), Words{0x3930, 0x3130, 0x4B20, 0x2000}), "\"9010K\"");
}

TEST(RegisterAccess, EncodesWhatIsWritten) {
  const sim::RegisterMap all = map();
  std::string fault;
  EXPECT_EQ(words_for(named(all, "grid_export_w"), -2.0, fault), (Words{0xFFFF, 0xFFFE}));
  EXPECT_EQ(words_for(named(all, "mode"), 3.0, fault), Words{3});
  EXPECT_EQ(fault, "");
}

TEST(RegisterAccess, RefusesWhatDoesNotFit) {
  const sim::RegisterMap all = map();
  const auto fault_of = [&all](const std::string& name, double value) {
    std::string fault;
    EXPECT_TRUE(words_for(named(all, name), value, fault).empty());
    return fault;
  };
  EXPECT_EQ(fault_of("mode", 4.0), "mode: 4 does not fit, must be 1 to 3 in 1 register, in steps of 1");
  EXPECT_EQ(fault_of("grid_export_w", 3e9),
            "grid_export_w: 3000000000 W does not fit, must be -2147483648 W to 2147483647 W in 2 registers, "
            "in steps of 1 W");
  EXPECT_EQ(fault_of("pv1_v", 600.0), "pv1_v: can be read only");
  EXPECT_EQ(fault_of("serial", 1.0), "serial: is a text, only numbers can be written");
}

}  // namespace
}  // namespace hil::harness
