#include "controller/hosts/linux/json_lines.h"

#include <gtest/gtest.h>

namespace hil::hosts {
namespace {

TEST(JsonLines, KnowsTheLineOfEveryName) {
  JsonFault fault;
  const auto json = read_json("{\n  \"a\": 1\n,\n  \"b\":\n    2,\n  \"c\": {\"x\": true,\n  \"y\": [1,\n 2]}}", fault);
  ASSERT_TRUE(json);
  ASSERT_EQ(json->items.size(), 3u);
  EXPECT_EQ(json->items[0].line, 2);
  EXPECT_EQ(json->items[1].line, 4);
  EXPECT_EQ(json->items[1].number, 2.0);
  ASSERT_EQ(json->items[2].items.size(), 2u);
  EXPECT_EQ(json->items[2].items[0].line, 6);
  EXPECT_EQ(json->items[2].items[1].line, 7);
  EXPECT_EQ(json->items[2].items[1].items.size(), 2u);
}

TEST(JsonLines, KeepsNamesGivenTwice) {
  JsonFault fault;
  const auto json = read_json(R"({"a": 1, "a": 2})", fault);
  ASSERT_TRUE(json);
  EXPECT_EQ(json->items.size(), 2u);
}

TEST(JsonLines, SaysInWhichLineItIsNoJson) {
  JsonFault fault;
  EXPECT_FALSE(read_json("{\n\"a\": }", fault));
  EXPECT_EQ(fault.line, 2);
  EXPECT_NE(fault.what.find("is no JSON"), std::string::npos);
  EXPECT_FALSE(read_json("{\n\n\"a\" 1}", fault));
  EXPECT_EQ(fault.line, 3);
  EXPECT_FALSE(read_json("", fault));
  EXPECT_EQ(fault.line, 1);
  EXPECT_FALSE(read_json("{}\n\nx", fault));
  EXPECT_EQ(fault.line, 3);
}

}  // namespace
}  // namespace hil::hosts
