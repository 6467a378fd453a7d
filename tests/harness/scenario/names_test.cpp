#include "harness/scenario/names.h"

#include <gtest/gtest.h>

namespace hil::harness {
namespace {

TEST(Names, ListTheNearestFirstWhenItIsASlip) {
  EXPECT_EQ(list_nearest_first("socc", {"bus", "line", "soc"}), "soc, bus, line");
  EXPECT_EQ(list_nearest_first("colour", {"bus", "line", "soc"}), "bus, line, soc");
}

TEST(Names, AreLowerSnake) {
  EXPECT_TRUE(is_lower_snake("et1_cable"));
  EXPECT_FALSE(is_lower_snake("1et"));
  EXPECT_FALSE(is_lower_snake("Et1"));
  EXPECT_FALSE(is_lower_snake(""));
  EXPECT_TRUE(is_lower_snake(std::string(64, 'a')));
  EXPECT_FALSE(is_lower_snake(std::string(65, 'a')));
}

TEST(Names, OfSignalsHaveDotsAndOnlyPatternsHaveStars) {
  EXPECT_TRUE(is_signal_name("et1.battery_soc"));
  EXPECT_FALSE(is_signal_name("*.battery_soc"));
  EXPECT_TRUE(is_signal_pattern("*.battery_soc"));
  EXPECT_FALSE(is_signal_pattern("et1..soc"));
  EXPECT_FALSE(is_signal_pattern(".soc"));
}

TEST(Names, OfValuesStayOnOneLineAndKeepWholeCharacters) {
  EXPECT_EQ(in_quotes("a\nb"), "\"a b\"");
  // 59 letters and a two-byte character: the cut after 60 bytes would halve it.
  EXPECT_EQ(in_quotes(std::string(59, 'x') + "\xC3\xA4"), '"' + std::string(59, 'x') + "...\"");
}

TEST(Names, TrimsBlanksAtBothEndsOnly) {
  EXPECT_EQ(trimmed(" \t\r\n1 2\n"), "1 2");
  EXPECT_EQ(trimmed(" \n"), "");
}

}  // namespace
}  // namespace hil::harness
