#include "models/inverter/backup_reserve.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "models/invalid_parameter.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;
using Inputs = BackupReserve::Inputs;

constexpr BackupReserve::Parameters ten_percent{
    .lowest_soc = 0.10, .restart_soc_rise = 0.05, .restart_pv_w = 500.0, .bridge = 3s, .restart_delay = 10s};

BackupReserve reserve(BackupReserve::Parameters parameters = ten_percent) {
  return {parameters, 100ms};
}

/// A battery that carries a load of 2 kW at night.
constexpr Inputs night(double soc, double max_discharge_w = 5000.0) {
  return {.soc = soc, .max_discharge_w = max_discharge_w, .battery_discharge_w = 2000.0};
}

/// Steps until the island must end, at most a thousand.
int steps_until_exhausted(BackupReserve& reserve, const Inputs& inputs) {
  for (int step = 1; step <= 1000; ++step) {
    if (reserve.exhausted(inputs)) return step;
  }
  return -1;
}

/// Steps of waiting until the island begins again, at most a thousand.
int steps_until_restart(BackupReserve& reserve, const Inputs& inputs) {
  for (int step = 1; step <= 1000; ++step) {
    if (reserve.restarts(inputs)) return step;
  }
  return -1;
}

TEST(BackupReserve, AnIslandLastsAsLongAsItsBatteryGives) {
  BackupReserve charged = reserve();
  EXPECT_EQ(steps_until_exhausted(charged, night(0.11)), -1);
}

// 3 s are 30 steps of 0.1 s; the next one is longer.
TEST(BackupReserve, AtTheLowestSocTheBatteryOnlyBridgesTheTimeThatPvNeeds) {
  BackupReserve low = reserve();
  EXPECT_EQ(steps_until_exhausted(low, night(0.10)), 31);
  BackupReserve interrupted = reserve();
  for (int step = 0; step < 20; ++step) EXPECT_FALSE(interrupted.exhausted(night(0.10)));
  Inputs sunny = night(0.10);
  sunny.battery_discharge_w = -100.0;
  EXPECT_FALSE(interrupted.exhausted(sunny));
  EXPECT_EQ(steps_until_exhausted(interrupted, night(0.10)), 31);
}

TEST(BackupReserve, WithoutAllowedDischargeTheIslandEndsInTheSameStep) {
  BackupReserve cold = reserve();
  EXPECT_EQ(steps_until_exhausted(cold, night(0.60, 0.0)), 1);
  BackupReserve carried_by_pv = reserve();
  Inputs sunny = night(0.60, 0.0);
  sunny.battery_discharge_w = -100.0;
  EXPECT_EQ(steps_until_exhausted(carried_by_pv, sunny), -1);
  // Beyond its limit but not near empty: an overload, which is not this one's business.
  BackupReserve overloaded = reserve();
  EXPECT_EQ(steps_until_exhausted(overloaded, night(0.60, 1500.0)), -1);
  BackupReserve nearly_empty = reserve();
  EXPECT_EQ(steps_until_exhausted(nearly_empty, night(0.12, 1500.0)), 1);
  BackupReserve to_the_end = reserve({.lowest_soc = 0.0, .restart_soc_rise = 0.05});
  EXPECT_EQ(steps_until_exhausted(to_the_end, night(0.08)), -1);
  EXPECT_EQ(steps_until_exhausted(to_the_end, night(0.08, 1500.0)), 1) << "a BMS lowers its limit from 0.10 on";
  BackupReserve broken_down = reserve();
  Inputs missing = night(0.10);
  missing.missing = true;
  EXPECT_EQ(steps_until_exhausted(broken_down, missing), 1);
}

// 10 s are 100 steps; 0.10 + 0.05 of SOC.
TEST(BackupReserve, AfterAnEmptyBatteryTheIslandWaitsForItsCharge) {
  BackupReserve empty = reserve();
  empty.end(night(0.10), true);
  EXPECT_TRUE(empty.waits());
  EXPECT_EQ(steps_until_restart(empty, night(0.149)), -1);
  EXPECT_EQ(steps_until_restart(empty, night(0.151)), 1);
  EXPECT_FALSE(empty.waits());
  empty.end(night(0.10), true);
  EXPECT_EQ(steps_until_restart(empty, night(0.60)), 100);
  // A BMS that stops at 0.30 gives nothing back at 0.30.
  empty.end(night(0.30, 0.0), true);
  EXPECT_EQ(steps_until_restart(empty, night(0.34)), -1);
  EXPECT_EQ(steps_until_restart(empty, night(0.36)), 1);
}

TEST(BackupReserve, ABatteryThatWasNotEmptyIsTakenAsSoonAsItGivesAgain) {
  BackupReserve open = reserve();
  open.end(night(0.98, 0.0), false);
  EXPECT_EQ(steps_until_restart(open, night(0.98, 0.0)), -1);
  EXPECT_EQ(steps_until_restart(open, night(0.98)), 1);
}

// Ended at 1 kW of PV, so 1.2 kW are needed; ended in the dark, the 500 W of the parameter. 10 s are 100 steps.
TEST(BackupReserve, PvAloneIsEnoughWhenItHasGrown) {
  Inputs evening = night(0.10);
  evening.pv_available_w = 1000.0;
  Inputs later = evening;
  BackupReserve ended_in_sun = reserve();
  ended_in_sun.end(evening, true);
  later.pv_available_w = 1199.0;
  EXPECT_EQ(steps_until_restart(ended_in_sun, later), -1);
  later.pv_available_w = 1200.0;
  EXPECT_EQ(steps_until_restart(ended_in_sun, later), 100);
  BackupReserve ended_at_night = reserve();
  ended_at_night.end(night(0.10), true);
  later.pv_available_w = 499.0;
  EXPECT_EQ(steps_until_restart(ended_at_night, later), -1);
  EXPECT_FALSE(ended_at_night.may_start(later));
  later.pv_available_w = 500.0;
  EXPECT_EQ(steps_until_restart(ended_at_night, later), 100);
  EXPECT_TRUE(ended_at_night.may_start(later));
}

// 30 steps of bridge; above 0.15 the battery is one again, down to 0.10.
TEST(BackupReserve, AfterARestartByPvAloneTheBatteryOnlyBridgesUntilItIsCharged) {
  Inputs sunny = night(0.11);
  sunny.pv_available_w = 3000.0;
  BackupReserve restarted = reserve();
  restarted.end(night(0.10), true);
  EXPECT_EQ(steps_until_restart(restarted, sunny), 100);
  EXPECT_EQ(steps_until_exhausted(restarted, night(0.11)), 31);
  restarted.end(night(0.10), true);
  EXPECT_EQ(steps_until_restart(restarted, sunny), 100);
  EXPECT_FALSE(restarted.exhausted(night(0.16)));
  EXPECT_EQ(steps_until_exhausted(restarted, night(0.11)), -1);
}

TEST(BackupReserve, WhatIsNotASocOrATimeIsRefused) {
  const auto refused = [](BackupReserve::Parameters parameters, const std::string& field) {
    try {
      reserve(parameters);
      ADD_FAILURE() << field << " was accepted";
    } catch (const InvalidParameter& invalid) {
      EXPECT_EQ(invalid.field(), field);
    }
  };
  BackupReserve::Parameters p = ten_percent;
  p.lowest_soc = 1.01;
  refused(p, "lowest_soc");
  p = ten_percent;
  p.restart_soc_rise = std::numeric_limits<double>::quiet_NaN();
  refused(p, "restart_soc_rise");
  p = ten_percent;
  p.restart_pv_w = std::numeric_limits<double>::infinity();
  refused(p, "restart_pv_w");
  p = ten_percent;
  p.bridge = -1s;
  refused(p, "bridge_s");
  p = ten_percent;
  p.restart_delay = -1s;
  refused(p, "restart_delay_s");
}

}  // namespace
}  // namespace hil::models
