#include "controller/core/civil_clock.h"

#include <gtest/gtest.h>

namespace hil::controller {
namespace {

using namespace std::chrono_literals;

TEST(CivilClock, IsUnknownUntilItIsSetAndGoesOnWithTime) {
  CivilClock clock;
  EXPECT_FALSE(clock.at(5s).has_value());
  ASSERT_TRUE(clock.set({2025, 5, 24, 11, 3, 39}, 100s));
  EXPECT_EQ(clock.at(100s), (CivilTime{2025, 5, 24, 11, 3, 39}));
  EXPECT_EQ(clock.at(100s + 21s), (CivilTime{2025, 5, 24, 11, 4, 0}));
  EXPECT_EQ(clock.at(100s + 24h), (CivilTime{2025, 5, 25, 11, 3, 39}));
  EXPECT_EQ(clock.at(100s + 999ms), (CivilTime{2025, 5, 24, 11, 3, 39}));
}

TEST(CivilClock, KnowsLeapYears) {
  CivilClock clock;
  ASSERT_TRUE(clock.set({2028, 2, 28, 23, 59, 59}, 0s));
  EXPECT_EQ(clock.at(1s), (CivilTime{2028, 2, 29, 0, 0, 0}));
  ASSERT_TRUE(clock.set({2027, 2, 28, 23, 59, 59}, 0s));
  EXPECT_EQ(clock.at(1s), (CivilTime{2027, 3, 1, 0, 0, 0}));
  EXPECT_TRUE(exists({2000, 2, 29, 0, 0, 0}));
  EXPECT_FALSE(exists({2027, 2, 29, 0, 0, 0}));
}

TEST(CivilClock, RefusesWhatDoesNotExistAndKeepsWhatItHas) {
  CivilClock clock;
  ASSERT_TRUE(clock.set({2025, 1, 1, 0, 0, 0}, 0s));
  for (const CivilTime& bad :
       {CivilTime{2100, 1, 1, 0, 0, 0}, CivilTime{1999, 1, 1, 0, 0, 0}, CivilTime{2025, 0, 1, 0, 0, 0},
        CivilTime{2025, 13, 1, 0, 0, 0}, CivilTime{2025, 4, 31, 0, 0, 0}, CivilTime{2025, 1, 0, 0, 0, 0},
        CivilTime{2025, 1, 1, 24, 0, 0}, CivilTime{2025, 1, 1, 0, 60, 0}, CivilTime{2025, 1, 1, 0, 0, 60}}) {
    EXPECT_FALSE(clock.set(bad, 0s));
  }
  EXPECT_EQ(clock.at(0s), (CivilTime{2025, 1, 1, 0, 0, 0}));
}

}  // namespace
}  // namespace hil::controller
