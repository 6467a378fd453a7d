#include "models/storage/battery_management.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/models/validation/validation_case.h"

namespace hil::models {
namespace {

using Parameters = BatteryManagement::Parameters;
using tests::ValidationCase;

constexpr BatteryManagement::Pack pack_100ah{
    .capacity_ah = 100.0, .max_charge_a = 50.0, .max_discharge_a = 80.0, .coulombic_efficiency = 1.0};

BatteryManagement management(const Parameters& parameters, double soc = 0.5, double tick_s = 0.1) {
  return {parameters, pack_100ah, soc, 25.0, tick_s};
}

/// In the middle of everything, limits wide open.
BatteryManagement::Inputs calm() {
  return {.discharge_a = 0.0,
          .cell_min_v = 3.29,
          .cell_max_v = 3.30,
          .cell_min_c = 25.0,
          .cell_max_c = 25.0,
          .soc = 0.5,
          .reported_charge_a = 50.0,
          .reported_discharge_a = 80.0};
}

void run(BatteryManagement& bms, const BatteryManagement::Inputs& inputs, int ticks) {
  for (int tick = 0; tick < ticks; ++tick) bms.advance(inputs);
}

/// "charge_at_m10_c" -> -10.
double temperature_in(const std::string& quantity) {
  std::string text = quantity.substr(quantity.find("_at_") + 4);
  const double sign = text[0] == 'm' ? -1.0 : 1.0;
  if (text[0] == 'm') text.erase(0, 1);
  return sign * std::stod(text);
}

TEST(BatteryManagement, NamesWhyItAllowsNothing) {
  // Half full, only temperature can stop it: a cause where a limit is zero, none where it is not.
  for (const TemperatureProfile profile :
       {TemperatureProfile::none, TemperatureProfile::first_maker, TemperatureProfile::second_maker}) {
    BatteryManagement bms = management({.temperature_profile = profile});
    for (double c = -40.0; c <= 80.0; c += 0.5) {
      BatteryManagement::Inputs inputs = calm();
      inputs.cell_min_c = c;
      inputs.cell_max_c = c + 2.0;
      bms.advance(inputs);
      const LimitCause charge = bms.charge_cause(0.5, c, c + 2.0);
      const LimitCause discharge = bms.discharge_cause(0.5, c, c + 2.0);
      EXPECT_EQ(bms.allowed(0.5).charge_a == 0.0, charge != LimitCause::none) << c;
      EXPECT_EQ(bms.allowed(0.5).discharge_a == 0.0, discharge != LimitCause::none) << c;
      EXPECT_NE(charge, c < 20.0 ? LimitCause::hot : LimitCause::cold) << c;
      EXPECT_NE(discharge, c < 20.0 ? LimitCause::hot : LimitCause::cold) << c;
    }
  }
  BatteryManagement bms = management({.minimum_soc = 0.2});
  EXPECT_EQ(bms.discharge_cause(0.2, 25.0, 25.0), LimitCause::empty);
  EXPECT_EQ(bms.discharge_cause(0.21, 25.0, 25.0), LimitCause::none);
  EXPECT_EQ(bms.charge_cause(1.0, 25.0, 25.0), LimitCause::full);
  EXPECT_EQ(bms.charge_cause(0.5, 25.0, 25.0), LimitCause::none);
  bms.open_contactor();
  EXPECT_EQ(bms.charge_cause(1.0, 25.0, 25.0), LimitCause::contactor_open);
  EXPECT_EQ(bms.discharge_cause(0.2, 25.0, 25.0), LimitCause::contactor_open);
}

TEST(BatteryManagement, LimitsByTemperatureAsBothMakersPublish) {
  for (const auto& [folder, profile] :
       {std::pair{"storage/bms_temperature_first_maker", TemperatureProfile::first_maker},
        std::pair{"storage/bms_temperature_second_maker", TemperatureProfile::second_maker}}) {
    ValidationCase expected{folder};
    for (const std::string& quantity : expected.quantities()) {
      const double temperature_c = temperature_in(quantity);
      expected.check(quantity, quantity[0] == 'c' ? charge_c_rate_limit(profile, temperature_c)
                                                  : discharge_c_rate_limit(profile, temperature_c));
    }
  }
}

TEST(BatteryManagement, LimitsBySocAsPublished) {
  ValidationCase expected{"storage/bms_soc"};
  const BatteryManagement plain = management({});
  for (const auto& [name, soc] : {std::pair{"90", 0.90}, {"94", 0.94}, {"98", 0.98}, {"100", 1.0}}) {
    expected.check(std::string("charge_share_at_") + name, plain.allowed(soc).charge_a / 50.0);
  }
  for (const auto& [name, soc] : {std::pair{"10", 0.10}, {"7.5", 0.075}, {"5", 0.05}, {"0", 0.0}}) {
    expected.check(std::string("discharge_share_at_") + name, plain.allowed(soc).discharge_a / 80.0);
  }
  const BatteryManagement tapering = management({.minimum_soc = 0.2, .taper_c_rate = 0.03});
  expected.check("taper_charge_at_99_a", tapering.allowed(0.99).charge_a);
  expected.check("taper_charge_at_100_a", tapering.allowed(1.0).charge_a);
  expected.check("minimum_discharge_at_21_a", tapering.allowed(0.21).discharge_a);
  expected.check("minimum_discharge_at_20_a", tapering.allowed(0.20).discharge_a);
}

// The coldest cell decides below, the hottest above: 100 Ah at .1 C is 10 A, at .2 C 20 A.
TEST(BatteryManagement, LimitsByTheWorseOfTheExtremeCells) {
  BatteryManagement bms = management({.temperature_profile = TemperatureProfile::first_maker});
  BatteryManagement::Inputs inputs = calm();
  inputs.cell_min_c = 9.0;
  inputs.cell_max_c = 16.0;
  bms.advance(inputs);
  EXPECT_NEAR(bms.allowed(0.5).charge_a, 10.0, 1e-9);
  inputs.cell_min_c = 44.0;
  inputs.cell_max_c = 46.0;
  bms.advance(inputs);
  EXPECT_NEAR(bms.allowed(0.5).charge_a, 20.0, 1e-9);
}

// 4.2: stop at 2.8 / 3.60 V of the lowest / highest cell, release at 3.1 / 3.40 V.
TEST(BatteryManagement, StopsAtACellVoltageUntilItsRelease) {
  BatteryManagement bms = management({.supervises = true});
  const auto allowed_at = [&bms](double cell_min_v, double cell_max_v) {
    BatteryManagement::Inputs inputs = calm();
    inputs.cell_min_v = cell_min_v;
    inputs.cell_max_v = cell_max_v;
    bms.advance(inputs);
    return bms.allowed(0.5);
  };
  EXPECT_EQ(allowed_at(2.81, 3.30).discharge_a, 80.0);
  EXPECT_EQ(allowed_at(2.80, 3.30).discharge_a, 0.0);
  EXPECT_EQ(allowed_at(3.09, 3.30).discharge_a, 0.0);
  EXPECT_EQ(allowed_at(3.09, 3.30).charge_a, 50.0);
  EXPECT_TRUE(has(bms.warnings(), BatteryWarning::cell_voltage_low));
  EXPECT_EQ(allowed_at(3.11, 3.30).discharge_a, 80.0);
  EXPECT_EQ(allowed_at(3.30, 3.59).charge_a, 50.0);
  EXPECT_EQ(allowed_at(3.30, 3.60).charge_a, 0.0);
  EXPECT_EQ(allowed_at(3.30, 3.41).charge_a, 0.0);
  EXPECT_EQ(allowed_at(3.30, 3.39).charge_a, 50.0);
  EXPECT_EQ(bms.warnings(), 0U);
}

TEST(BatteryManagement, OpensAfterEachAlarmHasLastedItsDelay) {
  struct Case {
    BatteryAlarm alarm;
    BatteryManagement::Inputs inputs;
    int delay_ticks;
  };
  const auto spoiled = [](auto spoil) {
    BatteryManagement::Inputs inputs = calm();
    spoil(inputs);
    return inputs;
  };
  using Inputs = BatteryManagement::Inputs;
  const std::array cases{
      Case{BatteryAlarm::cell_undervoltage, spoiled([](Inputs& i) { i.cell_min_v = 2.49; }), 10},
      Case{BatteryAlarm::cell_overvoltage, spoiled([](Inputs& i) { i.cell_max_v = 3.66; }), 10},
      Case{BatteryAlarm::undertemperature, spoiled([](Inputs& i) { i.cell_min_c = -21.0; }), 10},
      Case{BatteryAlarm::overtemperature, spoiled([](Inputs& i) { i.cell_max_c = 61.0; }), 10},
      Case{BatteryAlarm::overcurrent, spoiled([](Inputs& i) { i.discharge_a = 101.0; }), 10},
      Case{BatteryAlarm::overcurrent, spoiled([](Inputs& i) { i.discharge_a = -64.0; }), 10},
      Case{BatteryAlarm::limit_ignored, spoiled([](Inputs& i) {
             i.discharge_a = 20.0;
             i.reported_discharge_a = 10.0;
           }),
           100},
  };
  for (const Case& each : cases) {
    const auto name = static_cast<std::uint32_t>(each.alarm);
    BatteryManagement bms = management({.supervises = true});
    run(bms, each.inputs, each.delay_ticks - 1);
    EXPECT_TRUE(bms.contactor_closed()) << name;
    bms.advance(each.inputs);
    EXPECT_FALSE(bms.contactor_closed()) << name;
    EXPECT_EQ(bms.opened_by(), name);
    EXPECT_EQ(bms.allowed(0.5).charge_a + bms.allowed(0.5).discharge_a, 0.0) << name;
    EXPECT_FALSE(bms.close_contactor()) << name << " still holds";
    bms.advance(calm());
    EXPECT_EQ(bms.alarms(), 0U);
    EXPECT_FALSE(bms.contactor_closed()) << name << " only on command";
    EXPECT_TRUE(bms.close_contactor()) << name;
    EXPECT_EQ(bms.opened_by(), 0U);
  }
}

TEST(BatteryManagement, ForgivesAnIgnoredLimitThatIsObeyedWithinTenSeconds) {
  BatteryManagement bms = management({.supervises = true});
  BatteryManagement::Inputs ignoring = calm();
  ignoring.discharge_a = -20.0;
  ignoring.reported_charge_a = 0.0;
  for (int round = 0; round < 5; ++round) {
    run(bms, ignoring, 99);
    EXPECT_TRUE(has(bms.warnings(), BatteryWarning::above_limit));
    bms.advance(calm());
  }
  EXPECT_TRUE(bms.contactor_closed());
}

TEST(BatteryManagement, ClosesByItselfOnlyAfterItsTime) {
  BatteryManagement bms = management({.supervises = true, .auto_reclose_s = 5.0});
  BatteryManagement::Inputs hot = calm();
  hot.cell_max_c = 65.0;
  run(bms, hot, 20);
  ASSERT_FALSE(bms.contactor_closed());
  hot.cell_max_c = 59.0;  // not 2 K back inside yet
  run(bms, hot, 100);
  EXPECT_FALSE(bms.contactor_closed());
  run(bms, calm(), 48);
  EXPECT_FALSE(bms.contactor_closed());
  run(bms, calm(), 4);
  EXPECT_TRUE(bms.contactor_closed());
}

// Gain +1 % on 10 A and +.5 A offset for an hour: .1 + .5 Ah too much out of 100 Ah. A day at rest adds the drift.
TEST(BatteryManagement, DriftsWithItsSensorAndSnapsToFullAtTheTaper) {
  BatteryManagement bms =
      management({.estimates_soc = true, .current_offset_a = 0.5, .current_gain_error = 0.01}, 0.5, 1.0);
  BatteryManagement::Inputs inputs = calm();
  inputs.discharge_a = 10.0;
  run(bms, inputs, 3600);
  EXPECT_NEAR(bms.soc(0.4), 0.4 - 0.006, 1e-9);

  BatteryManagement drifting = management({.estimates_soc = true, .drift_per_day = 0.02}, 0.5, 1.0);
  run(drifting, calm(), 86400);
  EXPECT_NEAR(drifting.soc(0.5), 0.52, 1e-9);
  inputs.cell_max_v = 3.46;
  inputs.discharge_a = -20.0;  // high, but not tapering: more than .05 C
  drifting.advance(inputs);
  EXPECT_LT(drifting.soc(0.99), 0.53);
  inputs.discharge_a = -4.0;
  drifting.advance(inputs);
  EXPECT_EQ(drifting.soc(0.99), 1.0);
}

// Sampled at 1.0, 2.0, .. s, seen 1.5 s later.
TEST(ReportedLimits, AreThoseOfALagAgoAndHeldForAPeriod) {
  ReportedLimits reported{1.0, 1.5, 0.1};
  reported.start({.charge_a = 7.0});
  double now_a = 0.0;
  const auto seen_after = [&](int tick) {
    for (; now_a < tick; now_a += 1.0) reported.advance([&] { return BatteryLimits{.charge_a = now_a + 1.0}; });
    return reported.visible().charge_a;
  };
  EXPECT_EQ(seen_after(24), 7.0);
  EXPECT_EQ(seen_after(25), 10.0);
  EXPECT_EQ(seen_after(34), 10.0);
  EXPECT_EQ(seen_after(35), 20.0);
}

}  // namespace
}  // namespace hil::models
