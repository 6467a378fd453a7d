#include "controller/core/pv_probe.h"

#include <gtest/gtest.h>

#include <vector>

namespace hil::controller {
namespace {

using namespace std::chrono_literals;

/// Two units, one with PV behind its limit. Decisions come each second.
class Probing : public testing::Test {
 protected:
  /// What the batteries charge more after a decision that leaves `excess_w` of import.
  double decide(double excess_w, bool settled = true) {
    now_ += 1s;
    const PvProbe::Situation situation{true, 3000.0, excess_w, 2.0, settled};
    const double step_w = probe_.step_w(situation, now_);
    probe_.end_decision(true);
    return step_w;
  }
  void fail() { probe_.failed(now_); }

  PvProbe probe_;
  Time now_{100s};
};

TEST_F(Probing, BeginsOnceHeldBackTwice) {
  EXPECT_EQ(decide(-40.0), 0.0);
  EXPECT_EQ(decide(-40.0), 60.0);
}

// Times 2.5, but 75 W for each of two inverters, and 400 W once four steps in a row have brought PV.
TEST_F(Probing, GrowsWhilePvFollows) {
  decide(-40.0);
  std::vector<double> steps;
  for (int k = 0; k < 8; ++k) steps.push_back(decide(0.0));
  EXPECT_EQ(steps, (std::vector{60.0, 150.0, 150.0, 150.0, 375.0, 400.0, 400.0, 400.0}));
}

// 0.6 of the step is left as import: PV has not followed, whatever else says that it waits.
TEST_F(Probing, WaitsForPvBeforeTheNextStep) {
  decide(-40.0);
  EXPECT_EQ(decide(-40.0), 60.0);
  EXPECT_EQ(decide(36.0), 0.0);
  EXPECT_EQ(decide(35.0), 150.0);
}

TEST_F(Probing, WaitsForReadingsThatShowTheLastStep) {
  decide(-40.0);
  EXPECT_EQ(decide(-40.0), 60.0);
  EXPECT_EQ(decide(-40.0, false), 0.0);
  EXPECT_EQ(decide(-40.0), 150.0);
}

// 2, 4, 8 s after a first step that brought nothing, then as it began.
TEST_F(Probing, RestsLongerAfterEachFailure) {
  decide(-40.0);
  for (const int rest : {2, 4, 8}) {
    int waited = 0;
    while (decide(-40.0) == 0.0) ++waited;
    EXPECT_LE(waited, rest);
    fail();
    for (int k = 1; k < rest; ++k) EXPECT_EQ(decide(-40.0), 0.0) << rest;
  }
}

TEST_F(Probing, KeepsLimitsForTwoSecondsAfterAStep) {
  decide(-40.0);
  EXPECT_FALSE(probe_.under_way(now_));
  decide(-40.0);
  EXPECT_TRUE(probe_.under_way(now_ + 1900ms));
  EXPECT_FALSE(probe_.under_way(now_ + 2s));
}

/// One unit whose AC power of `pv_w` was read at `at`, with its battery at rest.
Measurements unit_with_pv(double pv_w, Time at) {
  Measurements measurements;
  measurements.now = at;
  InverterMeasurement& unit = measurements.inverters[0];
  unit.answering = true;
  unit.ac_injection = PairedSample{pv_w, 0.0, at};
  unit.battery_discharge = PairedSample{0.0, 0.0, at};
  return measurements;
}

class Released : public testing::Test {
 protected:
  void see(double pv_w, Time at) {
    const Measurements measurements = unit_with_pv(pv_w, at);
    Commands commands;
    probe_.look({measurements, commands, 1, 10000.0, 20.0, std::nullopt});
  }
  PvProbe probe_;
};

// A released limit is PV's first for a second of readings, then 1.6 s of its rise count, nothing after three.
TEST_F(Released, PvIsExpectedByWhatIsSeenOfIt) {
  see(1000.0, 100s);
  probe_.limit_released(5000.0, 100s);
  see(1200.0, 100500ms);
  EXPECT_DOUBLE_EQ(probe_.relief_w(100500ms), 5000.0);
  see(2000.0, 101500ms);  // 800 W in a second
  EXPECT_DOUBLE_EQ(probe_.relief_w(101500ms), 1280.0);
  see(2000.0, 102500ms);
  EXPECT_DOUBLE_EQ(probe_.relief_w(102500ms), 0.0);
}

TEST_F(Released, NothingIsExpectedAfterThreeSeconds) {
  see(1000.0, 100s);
  probe_.limit_released(5000.0, 100s);
  see(1100.0, 102s);
  EXPECT_GT(probe_.relief_w(102s), 0.0);
  see(2000.0, 103s);
  EXPECT_DOUBLE_EQ(probe_.relief_w(103s), 0.0);
}

// Orders of four units on a line take 1.2 s: PV begins to follow when the last one has its own.
TEST_F(Released, CreditBeginsWhenTheLastUnitHasBeenSentItsLimit) {
  const auto see_limit_in_force = [&](double limit_w, double pv_w, Time at) {
    Measurements measurements = unit_with_pv(pv_w, at);
    measurements.inverters[0].limit_in_force_w = limit_w;
    Commands commands;
    commands.inverters[0].ac_limit_w = 6000.0;
    probe_.look({measurements, commands, 1, 10000.0, 20.0, std::nullopt});
  };
  see_limit_in_force(1000.0, 1000.0, 100s);
  probe_.limit_released(5000.0, 100s);
  see_limit_in_force(1000.0, 1000.0, 101s);
  see_limit_in_force(6000.0, 1400.0, 101900ms);
  EXPECT_DOUBLE_EQ(probe_.relief_w(101900ms), 5000.0);
  see_limit_in_force(6000.0, 1400.0, 103s);
  EXPECT_DOUBLE_EQ(probe_.relief_w(103s), 0.0);
}

// One whose order finds no time within 1.2 s holds up nothing.
TEST_F(Released, CreditEndsThoughAnOrderIsNeverSent) {
  Commands commands;
  commands.inverters[0].ac_limit_w = 6000.0;
  for (int k = 0; k <= 8; ++k) {
    Measurements measurements = unit_with_pv(1000.0, 100s + k * 500ms);
    measurements.inverters[0].limit_in_force_w = 1000.0;
    probe_.look({measurements, commands, 1, 10000.0, 20.0, std::nullopt});
    if (k == 0) probe_.limit_released(5000.0, 100s);
  }
  EXPECT_DOUBLE_EQ(probe_.relief_w(104s), 0.0);
}

TEST_F(Released, NothingIsExpectedOfSilentUnitsAfterFourSeconds) {
  see(1000.0, 100s);
  probe_.limit_released(5000.0, 100s);
  EXPECT_DOUBLE_EQ(probe_.relief_w(103900ms), 5000.0);
  EXPECT_DOUBLE_EQ(probe_.relief_w(104s), 0.0);
}

}  // namespace
}  // namespace hil::controller
