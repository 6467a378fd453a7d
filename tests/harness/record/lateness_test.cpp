#include "harness/record/lateness.h"

#include <gtest/gtest.h>

#include <numeric>

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

// 1 ms itself is not late, and belongs to the first range as 2 ms does to the second.
TEST(Lateness, CountsEachInItsRange) {
  Lateness lateness;
  for (const std::chrono::nanoseconds by :
       {std::chrono::nanoseconds{0}, std::chrono::nanoseconds{1ms}, std::chrono::nanoseconds{1ms} + 1ns,
        std::chrono::nanoseconds{2ms}, std::chrono::nanoseconds{30ms}, std::chrono::nanoseconds{7s}}) {
    lateness.add(by);
  }
  EXPECT_EQ(lateness.instants, 6u);
  EXPECT_EQ(lateness.late, 4u);
  EXPECT_EQ(lateness.worst, 7s);
  EXPECT_EQ(lateness.in_range, (std::array<std::uint64_t, 8>{2, 2, 0, 0, 0, 1, 0, 1}));
}

TEST(PacedRun, IsTooLateBeyondItsLimitOnly) {
  PacedRun paced;
  paced.late_limit_ms = 50.0;
  paced.steps.add(50ms);
  EXPECT_FALSE(paced.too_late());
  paced.answers.add(51ms);
  EXPECT_TRUE(paced.too_late());
}

}  // namespace
}  // namespace hil::harness
