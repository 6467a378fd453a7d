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
  EXPECT_EQ(lateness.in_range, (std::array<std::uint64_t, 11>{1, 0, 0, 1, 2, 0, 0, 0, 1, 0, 1}));
}

// 99 of 100 within 0.3 ms. What is told is the end of a range, an eighth of an octave wide at most.
TEST(Lateness, TellsWhatAShareIsNotLaterThan) {
  Lateness lateness;
  EXPECT_EQ(lateness.quantile_ms(0.99), 0.0);
  for (int k = 0; k < 99; ++k) lateness.add(300us);
  lateness.add(40ms);
  EXPECT_GE(lateness.quantile_ms(0.99), 0.3);
  EXPECT_LE(lateness.quantile_ms(0.99), 0.3 * 1.1);
  EXPECT_EQ(lateness.quantile_ms(0.999), 40.0);
  EXPECT_EQ(lateness.early, 0u);
  lateness.add(-1ns);
  EXPECT_EQ(lateness.early, 1u);
}

TEST(Lateness, KnowsNoEndOfItsRanges) {
  Lateness lateness;
  lateness.add(0ns);
  EXPECT_EQ(lateness.quantile_ms(1.0), 0.0);
  lateness.add(70s);
  EXPECT_EQ(lateness.quantile_ms(1.0), 70'000.0);
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
