#include "harness/cli/shard.h"

#include <gtest/gtest.h>

namespace hil::harness {
namespace {

TEST(Shard, SharesHoldEveryCaseOnce) {
  for (std::size_t place = 0; place < 100; ++place) {
    int holders = 0;
    for (const char* text : {"1/3", "2/3", "3/3"}) holders += shard_from(text)->holds(place) ? 1 : 0;
    EXPECT_EQ(holders, 1) << place;
  }
  EXPECT_TRUE(Shard{}.holds(0));
  EXPECT_TRUE(Shard{}.holds(17));
}

TEST(Shard, IsTwoWholeNumbersInOrder) {
  for (const char* text : {"", "1", "1/", "/2", "0/2", "3/2", "-1/2", "1/2/3", "1.5/2", " 1/2", "a/b", "1/0"}) {
    EXPECT_FALSE(shard_from(text)) << text;
    EXPECT_NE(shard_fault(text).find("must be I/N with 1 <= I <= N"), std::string::npos);
  }
  EXPECT_EQ(shard_from("4/4")->part, 4U);
}

}  // namespace
}  // namespace hil::harness
