#include "controller/core/freeze_guard.h"

#include <gtest/gtest.h>

namespace hil::controller {
namespace {

using namespace std::chrono_literals;

/// Two units that give 3 kW of PV each and charge 1 kW, read every 0.4 s with the meter; 4 kW of load until 20 s, then
/// 8 kW.
class FreezeGuardTest : public testing::Test {
 protected:
  FreezeGuardTest() {
    for (std::size_t k = 0; k < 2; ++k) {
      InverterMeasurement& unit = measurements_.inverters[k];
      unit.answering = true;
      unit.limit_in_force_w = 6000.0;
    }
  }
  /// PV of both units, what the batteries give.
  void give(double pv0_w, double pv1_w, double discharge_w) {
    pv_w_ = {pv0_w, pv1_w};
    discharge_w_ = discharge_w;
  }
  void run_until(Time end) {
    for (; now_ < end; now_ += 400ms) {
      double import_w = load_w_;
      double seen_ac_w = 0.0;
      for (std::size_t k = 0; k < 2; ++k) {
        InverterMeasurement& unit = measurements_.inverters[k];
        const double ac_w = pv_w_[k] + discharge_w_;
        const double seen_w = inverters_late_ ? late_ac_w_[k] : ac_w;
        late_ac_w_[k] = ac_w;
        unit.ac_injection = PairedSample{seen_w, 0.0, now_};
        unit.battery_discharge = PairedSample{discharge_w_, 0.0, now_};
        unit.limit_off = guard_.unlimited() == k && acknowledges_;
        import_w -= ac_w;
        seen_ac_w += unit.answering ? seen_w : 0.0;
      }
      measurements_.now = now_;
      measurements_.counted_import_w = import_w;
      guard_.observe(measurements_, 2, import_w + seen_ac_w);
      if (guard_.unlimited() && !windows_open_) ++windows_;
      windows_open_ = guard_.unlimited().has_value();
    }
  }
  void set_limits(double limit_w) {
    for (std::size_t k = 0; k < 2; ++k) measurements_.inverters[k].limit_in_force_w = limit_w;
  }
  void freeze_both() {
    give(3000.0, 3000.0, -1000.0);
    run_until(20s);
    load_w_ = 8000.0;
    give(600.0, 600.0, 3400.0);
  }

  FreezeGuard guard_;
  Measurements measurements_;
  Time now_{0};
  double load_w_ = 4000.0;
  std::array<double, 2> pv_w_{};
  std::array<double, 2> late_ac_w_{};
  bool inverters_late_ = false;  ///< their AC powers are those of the round before
  double discharge_w_ = 0.0;
  bool acknowledges_ = true;
  bool windows_open_ = false;
  int windows_ = 0;
};

// 2 s until a step is judged, 1.5 s of four samples, samples every 0.4 s.
TEST_F(FreezeGuardTest, ACollapseWithTheLoadStepOpensOneWindowAfterTheOther) {
  freeze_both();
  run_until(23s);
  EXPECT_FALSE(guard_.unlimited());
  run_until(24'500ms);
  EXPECT_EQ(guard_.unlimited(), 0U);
  give(3000.0, 600.0, 2000.0);
  run_until(32s);
  EXPECT_FALSE(guard_.unlimited()) << "6.2 s later";
  run_until(36s);
  EXPECT_EQ(guard_.unlimited(), 1U) << "after 4 s of rest";
  give(3000.0, 3000.0, 1000.0);
  run_until(120s);
  EXPECT_EQ(windows_, 2);
}

TEST_F(FreezeGuardTest, WhoRecoversWhileItWaitsForItsTurnIsNotCured) {
  freeze_both();
  run_until(26s);
  ASSERT_EQ(guard_.unlimited(), 0U);
  give(3000.0, 3000.0, 1000.0);
  run_until(60s);
  EXPECT_EQ(windows_, 1);
}

TEST_F(FreezeGuardTest, ACloudWithoutALoadStepIsNone) {
  give(3000.0, 3000.0, -1000.0);
  run_until(20s);
  give(600.0, 600.0, 1400.0);
  run_until(60s);
  EXPECT_EQ(windows_, 0);
}

// For a round the import has risen by the 4.8 kW that PV lost while the AC powers still show them: a load of 8.8 kW.
TEST_F(FreezeGuardTest, ACloudIsNoneThoughMeterAndInvertersAreReadAtDifferentMoments) {
  inverters_late_ = true;
  give(3000.0, 3000.0, -1000.0);
  run_until(20s);
  give(600.0, 600.0, -600.0);
  run_until(22s);
  give(600.0, 600.0, 1400.0);
  run_until(60s);
  EXPECT_EQ(windows_, 0);
}

TEST_F(FreezeGuardTest, ACollapseWithTheLoadStepIsSeenThoughMeterAndInvertersAreReadAtDifferentMoments) {
  inverters_late_ = true;
  freeze_both();
  run_until(24'500ms);
  EXPECT_EQ(guard_.unlimited(), 0U);
}

// The sun comes back into the batteries' discharge: for a round the load seems to have fallen by 4.8 kW, and then to
// rise again; the next cloud follows.
TEST_F(FreezeGuardTest, SunBetweenTwoCloudsIsNone) {
  inverters_late_ = true;
  give(600.0, 600.0, 1400.0);
  run_until(20s);
  give(3000.0, 3000.0, 1400.0);
  run_until(20'800ms);
  give(3000.0, 3000.0, -1000.0);
  run_until(22s);
  give(600.0, 600.0, 1400.0);
  run_until(60s);
  EXPECT_EQ(windows_, 0);
}

// Its 4 kW were missing in the load that is seen, and are back in it.
TEST_F(FreezeGuardTest, AUnitThatComesBackIsNoStepOfTheLoad) {
  give(3000.0, 3000.0, 1000.0);
  measurements_.inverters[1].answering = false;
  run_until(20s);
  measurements_.inverters[1].answering = true;
  give(600.0, 3000.0, 1000.0);
  run_until(60s);
  EXPECT_EQ(windows_, 0);
}

TEST_F(FreezeGuardTest, PvThatItsLimitHoldsBackIsNone) {
  freeze_both();
  give(600.0, 600.0, 0.0);
  for (InverterMeasurement& unit : measurements_.inverters) unit.limit_in_force_w = 600.0;
  run_until(60s);
  EXPECT_EQ(windows_, 0);
}

// Full batteries: until the step the limits hold PV at the load, 400 W a unit. Afterwards the floor of the freeze
// shows.
TEST_F(FreezeGuardTest, PvThatTheLimitHeldBackAndThatDoesNotRiseIsCured) {
  set_limits(410.0);
  load_w_ = 800.0;
  give(400.0, 400.0, 0.0);
  run_until(20s);
  load_w_ = 6800.0;
  set_limits(3400.0);
  give(600.0, 600.0, 2800.0 - 50.0);
  run_until(24'500ms);
  EXPECT_EQ(guard_.unlimited(), 0U);
  give(3400.0, 3400.0, 0.0);
  run_until(60s);
  EXPECT_EQ(windows_, 1);
}

TEST_F(FreezeGuardTest, PvThatTheLimitHeldBackAndThatRisesIsNone) {
  set_limits(410.0);
  load_w_ = 800.0;
  give(400.0, 400.0, 0.0);
  run_until(20s);
  load_w_ = 6800.0;
  set_limits(3400.0);
  for (double pv_w = 500.0; pv_w < 3400.0; pv_w += 120.0) {
    give(pv_w, pv_w, 0.0);
    run_until(now_ + 400ms);
  }
  run_until(60s);
  EXPECT_EQ(windows_, 0);
}

TEST_F(FreezeGuardTest, ABatteryThatFillsTheLimitInPlaceOfPvDoesNotHideAFreeze) {
  freeze_both();  // PV fell by 2.4 kW, the batteries give 3.4 kW
  for (InverterMeasurement& unit : measurements_.inverters) unit.limit_in_force_w = 4000.0;
  run_until(24'500ms);
  EXPECT_EQ(guard_.unlimited(), 0U);
}

TEST_F(FreezeGuardTest, AnotherFreezeWithinFiveMinutesIsLeftAlone) {
  freeze_both();
  give(600.0, 3000.0, 1000.0);
  run_until(100s);
  ASSERT_EQ(windows_, 1);
  const auto freeze_again = [this](Time end) {
    load_w_ = 4000.0;
    give(3000.0, 3000.0, -1000.0);
    run_until(end - 40s);
    load_w_ = 8000.0;
    give(600.0, 3000.0, 1000.0);
    run_until(end);
  };
  freeze_again(200s);
  EXPECT_EQ(windows_, 1);
  freeze_again(400s);
  EXPECT_EQ(windows_, 2);
}

TEST_F(FreezeGuardTest, TheWindowEndsWhenTheUnitFallsSilent) {
  freeze_both();
  give(600.0, 3000.0, 1000.0);
  run_until(26s);
  ASSERT_EQ(guard_.unlimited(), 0U);
  measurements_.inverters[0].answering = false;
  run_until(26'400ms);
  EXPECT_FALSE(guard_.unlimited());
}

TEST_F(FreezeGuardTest, TheWindowIsGivenUpWhenNobodyAcknowledgesIt) {
  acknowledges_ = false;
  freeze_both();
  give(600.0, 3000.0, 1000.0);
  run_until(24'500ms);
  ASSERT_EQ(guard_.unlimited(), 0U);
  run_until(28s);
  EXPECT_FALSE(guard_.unlimited());
}

}  // namespace
}  // namespace hil::controller
