#include "controller/core/load_bounds.h"

#include <gtest/gtest.h>

namespace hil::controller {
namespace {

using namespace std::chrono_literals;

/// Rounds of 0.4 s.
class LoadBoundsTest : public testing::Test {
 protected:
  void rounds(int count, double import_w, double ac_w) {
    for (int k = 0; k < count; ++k, now_ += 400ms) bounds_.observe(import_w, ac_w, true, now_);
  }
  LoadBounds bounds_;
  Time now_{0};
};

TEST_F(LoadBoundsTest, AreTheLoadWhileNothingMoves) {
  rounds(2, 50.0, 3950.0);
  EXPECT_FALSE(bounds_.known());
  rounds(1, 50.0, 3950.0);
  ASSERT_TRUE(bounds_.known());
  EXPECT_DOUBLE_EQ(bounds_.lowest_w(), 4000.0);
  EXPECT_DOUBLE_EQ(bounds_.highest_w(), 4000.0);
}

// PV falls by 3 kW, and the meter shows it a round earlier than the inverters: together 7 kW of load where 4 kW are.
TEST_F(LoadBoundsTest, HoldTheLoadBetweenThemWhileTheMeterIsAheadOfTheInverters) {
  rounds(5, 50.0, 3950.0);
  rounds(1, 3050.0, 3950.0);
  EXPECT_DOUBLE_EQ(bounds_.lowest_w(), 4000.0);
  EXPECT_DOUBLE_EQ(bounds_.highest_w(), 7000.0);
  rounds(2, 3050.0, 950.0);
  EXPECT_LE(bounds_.lowest_w(), 4000.0);
  EXPECT_GE(bounds_.highest_w(), 4000.0);
}

// ... and while it is behind them: together 1 kW.
TEST_F(LoadBoundsTest, HoldTheLoadBetweenThemWhileTheMeterIsBehindTheInverters) {
  rounds(5, 50.0, 3950.0);
  rounds(1, 50.0, 950.0);
  EXPECT_DOUBLE_EQ(bounds_.lowest_w(), 1000.0);
  EXPECT_DOUBLE_EQ(bounds_.highest_w(), 4000.0);
  rounds(2, 3050.0, 950.0);
  EXPECT_LE(bounds_.lowest_w(), 4000.0);
  EXPECT_GE(bounds_.highest_w(), 4000.0);
}

TEST_F(LoadBoundsTest, CloseInOnAStepOfTheLoadAfterThreeRoundsOfRest) {
  rounds(5, 50.0, 3950.0);
  rounds(2, 4050.0, 3950.0);
  rounds(2, 50.0, 7950.0);
  EXPECT_LT(bounds_.lowest_w(), 8000.0);
  rounds(1, 50.0, 7950.0);
  EXPECT_DOUBLE_EQ(bounds_.lowest_w(), 8000.0);
  EXPECT_DOUBLE_EQ(bounds_.highest_w(), 8000.0);
}

// Means and images of 0.2 s each set the readings apart by more than a round of one inverter, 0.25 s.
TEST_F(LoadBoundsTest, LookBackFurtherThanTwoShortRounds) {
  rounds(5, 50.0, 3950.0);
  for (int k = 0; k < 4; ++k, now_ += 200ms) bounds_.observe(3050.0, 3950.0, true, now_);
  EXPECT_DOUBLE_EQ(bounds_.lowest_w(), 4000.0);
}

}  // namespace
}  // namespace hil::controller
