#include <gtest/gtest.h>

#include "sim/devices/goodwe_et.h"
#include "tests/sim/devices/one_inverter_site.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;

// Case F1 (physics-and-standards 9) for one of two inverters: PV available 6 kW, load 0.4 kW, step of 3 kW, charging
// 1 kW, floor 10 %, hold 150 s, ramp 2 %/s = 120 W/s, export limited to what the load takes.
constexpr double before_w = 400.0;
constexpr double after_w = 3400.0;
constexpr double charge_w = 1000.0;
constexpr double ramp_w_per_s = 120.0;
constexpr double normal = 0.0, cut = 1.0, hold = 2.0, ramp = 3.0;

class FreezingEt : public testing::Test {
 protected:
  FreezingEt() : FreezingEt(quirk()) {}
  explicit FreezingEt(std::optional<GoodweEt::ExportLimitFreeze> freeze)
      : site_{one_inverter_site()}, et_{"et1", site_, 0, identity(), {}, {.export_limit_freeze = freeze}} {
    et_.register_signals(registry_);
    set("ems_mode", 11.0);
    set("ems_power_w", charge_w);
    limit(before_w);
    run(10s);
  }

  static GoodweEt::Identity identity() {
    GoodweEt::Identity et;
    et.rated_w = 10000.0;
    return et;
  }
  static GoodweEt::ExportLimitFreeze quirk() {
    GoodweEt::ExportLimitFreeze freeze;
    freeze.pv_ramp_w_per_s = ramp_w_per_s;
    return freeze;
  }
  void set(const char* setting, double value) { *et_.face().find(setting)->target = value; }
  void limit(double export_limit_w) {
    set("export_limit_enabled", 1.0);
    set("export_limit_w", export_limit_w);
  }
  void unlimit() { set("export_limit_enabled", 0.0); }
  /// What a controller does when the heater comes on: the limit follows the load, and the inverter delivers it.
  void load_step() {
    limit(after_w);
    set("ems_mode", 5.0);
    set("ems_power_w", after_w);
  }
  void step() {
    et_.latch(now_);
    if (now_ > Time{0}) site_.advance();
    et_.refresh(now_);
    now_ += 10ms;
    constexpr double step_h = 0.01 / 3600.0;
    battery_wh_ += site_.lane(0).power.battery_discharge_w * step_h;
    pv_lost_wh_ += (after_w + charge_w - pv_w()) * step_h;
  }
  void run(Time duration) {
    for (const Time end = now_ + duration; now_ < end;) step();
  }
  double state() const { return *registry_.find("et1.freeze_state")->value; }
  double pv_w() const { return site_.lane(0).power.pv_w; }
  double available_w() const { return site_.lane(0).pv_available_w; }

  models::Site site_;
  GoodweEt et_;
  SignalRegistry registry_;
  Time now_{0};
  double battery_wh_ = 0.0;
  double pv_lost_wh_ = 0.0;
};

// Before the step PV gives load and charge. 1 s of CUT, linear from there to a tenth of what is available.
TEST_F(FreezingEt, FallsToTheFloorWithinTheFallTime) {
  EXPECT_NEAR(pv_w(), before_w + charge_w, 0.1);
  EXPECT_EQ(state(), normal);
  const double floor_w = 0.1 * available_w();
  load_step();
  run(510ms);  // latched at 0, so the last step saw 500 ms: half way
  EXPECT_EQ(state(), cut);
  EXPECT_NEAR(pv_w(), 0.5 * (before_w + charge_w + floor_w), 0.1);
  run(500ms);
  EXPECT_EQ(state(), hold);
  EXPECT_NEAR(pv_w(), floor_w, 0.1);
}

TEST_F(FreezingEt, HoldsTheFloorAndLetsTheBatteryCarryTheLoad) {
  load_step();
  run(150s);  // 1 s of CUT, 149 s of HOLD
  EXPECT_EQ(state(), hold);
  EXPECT_NEAR(pv_w(), 0.1 * available_w(), 0.1);
  EXPECT_NEAR(site_.lane(0).power.ac_injection_w, after_w, 0.1);
  run(1100ms);
  EXPECT_EQ(state(), ramp);
}

// F1 halved: the battery delivers 251.5 / 2 = 125.75 Wh, PV lost 350.1 / 2 = 175.05 Wh, recovered after 181.7 s; each
// +-3 % as published (F1 has no fall time; 1 s of it moves each by 0.6 %).
// After PV has reached the load the controller charges again, so PV recovers to load + charge.
TEST_F(FreezingEt, ReproducesCaseF1OfOneInverter) {
  const Time start = now_;
  load_step();
  battery_wh_ = pv_lost_wh_ = 0.0;
  while (pv_w() < after_w - 0.1 || now_ == start) {
    step();
    ASSERT_LT(now_ - start, 300s);
    EXPECT_NEAR(site_.lane(0).power.ac_injection_w, after_w, 0.1);
  }
  EXPECT_NEAR(battery_wh_, 125.75, 0.03 * 125.75);
  set("ems_mode", 11.0);
  set("ems_power_w", charge_w);
  while (pv_w() < after_w + charge_w - 0.1) {
    step();
    ASSERT_LT(now_ - start, 300s);
  }
  EXPECT_NEAR(std::chrono::duration<double>(now_ - start).count(), 181.7, 0.03 * 181.7);
  EXPECT_NEAR(pv_lost_wh_, 175.05, 0.03 * 175.05);
  // By hand with the fall time: 1 + 150 + (4400 - floor) / 120; two steps for counting both ends.
  const double recovered_s = 151.0 + (after_w + charge_w - 0.1 * available_w()) / ramp_w_per_s;
  EXPECT_NEAR(std::chrono::duration<double>(now_ - start).count(), recovered_s, 0.02);
}

// The ramp may lead PV by 5 s x 120 W/s before something else is seen to hold PV back: 3400 + 600 W on the ramp, that
// is (4000 - floor) / 120 s after its begin.
TEST_F(FreezingEt, IsOverOnceTheRampNoLongerBinds) {
  load_step();
  const double ends_s = 151.0 + (after_w + 600.0 - 0.1 * available_w()) / ramp_w_per_s;
  run(std::chrono::duration_cast<Time>(std::chrono::duration<double>(ends_s - 0.5)));
  EXPECT_EQ(state(), ramp);
  run(1s);
  EXPECT_EQ(state(), normal);
  EXPECT_NEAR(pv_w(), after_w, 0.1);
}

// Limit off from 15 s to 20 s after the step: PV is back at once, and what was lost stays below 15 % of the 175.05 Wh.
TEST_F(FreezingEt, ALimitThatIsOffForTheResetTimeCuresIt) {
  load_step();
  pv_lost_wh_ = 0.0;
  run(15s);
  unlimit();
  run(5s);
  EXPECT_EQ(state(), hold);
  EXPECT_LT(pv_lost_wh_, 0.15 * 175.05);
  limit(after_w);
  set("ems_mode", 8.0);
  run(50ms);
  EXPECT_EQ(state(), normal);
  EXPECT_NEAR(pv_w(), after_w, 0.1);
}

TEST_F(FreezingEt, ALimitThatStaysOffLiftsTheCeilingAtOnce) {
  load_step();
  run(15s);
  unlimit();
  set("ems_mode", 8.0);
  run(5s);
  EXPECT_EQ(state(), hold);
  run(10ms);  // the step in which 5 s have passed
  EXPECT_EQ(state(), normal);
  EXPECT_NEAR(pv_w(), available_w(), 0.1);
}

TEST_F(FreezingEt, ALimitThatIsOffTooShortCuresNothing) {
  load_step();
  run(15s);
  unlimit();
  run(4900ms);
  limit(after_w);
  run(10s);
  EXPECT_EQ(state(), hold);
  EXPECT_NEAR(pv_w(), 0.1 * available_w(), 0.1);
}

TEST_F(FreezingEt, SmallOrSlowRisesDoNotTriggerIt) {
  limit(before_w + 2000.0);  // not more than the trigger step
  run(5s);
  EXPECT_EQ(state(), normal);
  // 400 W each 600 ms: four rises in any 2 s at most, 1600 W.
  for (double at_w = before_w + 2400.0; at_w <= 9000.0; at_w += 400.0) {
    limit(at_w);
    run(600ms);
  }
  EXPECT_EQ(state(), normal);
}

TEST_F(FreezingEt, SeveralRisesWithinTheWindowAddUp) {
  for (double at_w = before_w + 700.0; at_w <= before_w + 2100.0; at_w += 700.0) {
    limit(at_w);
    run(600ms);
  }
  EXPECT_NE(state(), normal);
}

TEST_F(FreezingEt, ARiseOfTheOrderTriggersItUnderAWideLimit) {
  limit(10000.0);
  unlimit();
  run(10s);
  limit(10000.0);  // switched on at this value: no rise
  run(3s);
  EXPECT_EQ(state(), normal);
  set("ems_mode", 12.0);
  set("ems_power_w", 3000.0);
  run(50ms);
  EXPECT_EQ(state(), cut);
}

TEST_F(FreezingEt, NothingTriggersItWhileTheLimitIsOff) {
  unlimit();
  run(1s);
  set("ems_mode", 12.0);
  set("ems_power_w", 5000.0);
  run(3s);
  EXPECT_EQ(state(), normal);
}

TEST_F(FreezingEt, SunAfterACloudIsNoRise) {
  unlimit();
  run(1s);
  limit(10000.0);
  site_.set_irradiance(0, 100.0);
  run(5s);
  site_.set_irradiance(0, 974.0);
  run(5s);
  EXPECT_EQ(state(), normal);
  EXPECT_NEAR(pv_w(), available_w(), 0.1);
}

class PlainEt : public FreezingEt {
 protected:
  PlainEt() : FreezingEt(std::nullopt) {}
};

TEST_F(PlainEt, WithoutTheQuirkPvFollowsTheLoadStep) {
  load_step();
  run(50ms);
  EXPECT_EQ(state(), normal);
  EXPECT_NEAR(pv_w(), after_w, 0.1);
}

}  // namespace
}  // namespace hil::sim
