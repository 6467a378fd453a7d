#include "models/metering/energy_meter.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>

#include "models/invalid_parameter.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;

constexpr auto step = 10ms;

EnergyMeter::Parameters parameters_of(std::chrono::nanoseconds window, std::chrono::nanoseconds refresh,
                                      double quantum_w) {
  return {.ct_ratio = 50.0, .averaging_window = window, .refresh_period = refresh, .power_quantum_w = quantum_w};
}

/// Secondary currents of 250/5 transformers that carry these powers at 230 V.
PhasePhasors secondary_for(const std::array<Phasor, 3>& import_va) {
  const PhasePhasors v = balanced(230.0);
  PhasePhasors secondary_a;
  for (std::size_t k = 0; k < phase_count; ++k) secondary_a[k] = std::conj(import_va[k] / v[k]) / 50.0;
  return secondary_a;
}

// |S| of the phases, added: |3000 + j4000| + |0 - j1000| + |-500| = 5000 + 1000 + 500.
TEST(EnergyMeter, AddsApparentPowerArithmetically) {
  EnergyMeter meter(parameters_of(step, step, 0.0), step);
  meter.advance(balanced(230.0), secondary_for({Phasor{3000.0, 4000.0}, Phasor{0.0, -1000.0}, Phasor{-500.0, 0.0}}),
                50.0);
  EXPECT_NEAR(meter.reading().total_va, 6500.0, 1e-6);
  EXPECT_NEAR(meter.reading().total_import_var, 3000.0, 1e-6);
  EXPECT_NEAR(meter.reading().voltage_ln_v[1], 230.0, 1e-9);
  EXPECT_NEAR(meter.reading().current_a[0], 5000.0 / 230.0, 1e-9);
  EXPECT_EQ(meter.reading().frequency_hz, 50.0);
}

// A step of 9 kW into a 200 ms window of 20 steps shows one twentieth more with each step: 450 W.
TEST(EnergyMeter, AveragesOverItsMovingWindow) {
  EnergyMeter meter(parameters_of(200ms, step, 0.0), step);
  const auto idle = secondary_for({});
  const auto heater = secondary_for({3000.0, 3000.0, 3000.0});
  for (int k = 0; k < 30; ++k) meter.advance(balanced(230.0), idle, 50.0);
  for (int k = 1; k <= 20; ++k) {
    meter.advance(balanced(230.0), heater, 50.0);
    EXPECT_NEAR(meter.reading().total_import_w, 450.0 * k, 1e-6);
  }
  meter.advance(balanced(230.0), heater, 50.0);
  EXPECT_NEAR(meter.reading().total_import_w, 9000.0, 1e-6);
}

TEST(EnergyMeter, AveragesOverWhatItHasWhileTheWindowFills) {
  EnergyMeter meter(parameters_of(200ms, step, 0.0), step);
  meter.advance(balanced(230.0), secondary_for({1000.0, 0.0, 0.0}), 50.0);
  EXPECT_NEAR(meter.reading().total_import_w, 1000.0, 1e-9);
  meter.advance(balanced(230.0), secondary_for({2000.0, 0.0, 0.0}), 50.0);
  EXPECT_NEAR(meter.reading().total_import_w, 1500.0, 1e-9);
}

TEST(EnergyMeter, ShowsNewValuesOnlyAtItsRefresh) {
  EnergyMeter meter(parameters_of(step, 50ms, 0.0), step);
  const auto at_w = [&](double w) {
    meter.advance(balanced(230.0), secondary_for({w, 0.0, 0.0}), 50.0);
    return meter.reading().total_import_w;
  };
  EXPECT_NEAR(at_w(100.0), 100.0, 1e-9);  // 10 ms: the first reading
  EXPECT_NEAR(at_w(200.0), 100.0, 1e-9);
  EXPECT_NEAR(at_w(300.0), 100.0, 1e-9);
  EXPECT_NEAR(at_w(400.0), 100.0, 1e-9);
  EXPECT_NEAR(at_w(500.0), 500.0, 1e-9);  // 50 ms
  for (int k = 0; k < 4; ++k) EXPECT_NEAR(at_w(900.0), 500.0, 1e-9);
  EXPECT_NEAR(at_w(600.0), 600.0, 1e-9);  // 100 ms
}

TEST(EnergyMeter, RoundsPowersButNotEnergies) {
  EnergyMeter meter(parameters_of(step, step, 10.0), step);
  // 360 s of 3 x 104.9 W: each phase shows 100, the sum 314.7 shows 310, the energy is 31.47 Wh.
  for (int k = 0; k < 36000; ++k) meter.advance(balanced(230.0), secondary_for({104.9, 104.9, 104.9}), 50.0);
  EXPECT_NEAR(meter.reading().import_w[0], 100.0, 1e-9);
  EXPECT_NEAR(meter.reading().total_import_w, 310.0, 1e-9);
  EXPECT_NEAR(meter.reading().imported_wh, 31.47, 1e-7);  // rounding of 36 000 additions
}

// Netting: 4000 - 1000 - 3000 W is zero, so neither register moves; then 10 s of -6000 W in total export
// 6000 / 360 Wh.
TEST(EnergyMeter, NetsThePhasesBeforeItCountsEnergy) {
  EnergyMeter meter(parameters_of(step, step, 0.0), step);
  for (int k = 0; k < 1000; ++k) meter.advance(balanced(230.0), secondary_for({4000.0, -1000.0, -3000.0}), 50.0);
  EXPECT_NEAR(meter.reading().imported_wh, 0.0, 1e-9);
  EXPECT_NEAR(meter.reading().exported_wh, 0.0, 1e-9);
  for (int k = 0; k < 1000; ++k) meter.advance(balanced(230.0), secondary_for({-4000.0, 1000.0, -3000.0}), 50.0);
  EXPECT_NEAR(meter.reading().imported_wh, 0.0, 1e-9);
  EXPECT_NEAR(meter.reading().exported_wh, 6000.0 * 10.0 / 3600.0, 1e-9);
}

// A spike of 1e12 W leaves rounding of 1e-4 W in a running sum; the next round of the window must have cleared it.
TEST(EnergyMeter, DoesNotKeepTheRoundingOfWhatHasLeftTheWindow) {
  EnergyMeter meter(parameters_of(100ms, step, 0.0), step);
  meter.advance(balanced(230.0), secondary_for({1e12, 0.0, 0.0}), 50.0);
  for (int k = 0; k < 30; ++k) meter.advance(balanced(230.0), secondary_for({123.456, 0.0, 0.0}), 50.0);
  EXPECT_NEAR(meter.reading().import_w[0], 123.456, 1e-9);
}

TEST(EnergyMeter, NamesTheParameterThatIsOutOfRange) {
  const auto field_of = [](const EnergyMeter::Parameters& parameters) {
    try {
      const EnergyMeter meter(parameters, step);
      return std::string("accepted");
    } catch (const InvalidParameter& refused) {
      return refused.field();
    }
  };
  EXPECT_EQ(field_of(parameters_of(200ms, 200ms, 1.0)), "accepted");
  EXPECT_EQ(field_of(parameters_of(15ms, 200ms, 1.0)), "averaging_window");
  EXPECT_EQ(field_of(parameters_of(200ms, 0ms, 1.0)), "refresh_period");
  EXPECT_EQ(field_of(parameters_of(200ms, 200ms, -1.0)), "power_quantum_w");
  EnergyMeter::Parameters no_ratio = parameters_of(200ms, 200ms, 1.0);
  no_ratio.ct_ratio = 0.0;
  EXPECT_EQ(field_of(no_ratio), "ct_ratio");
}

// S001: phase 60..280 V, line 100..480 V, inputs below 5 A, 50 and 60 Hz. One fault at a time.
TEST(EnergyMeter, FlagsWhatIsOutsideTheLimitsOfItsTerminals) {
  const auto flags_with = [](double volts, double amperes, double hertz) {
    EnergyMeter meter(parameters_of(step, step, 0.0), step);
    meter.advance(balanced(volts), {amperes, 0.0, 0.0}, hertz);
    return meter.reading().flags;
  };
  const auto only = [](std::initializer_list<MeterFlag> list) {
    MeterFlags flags;
    for (const MeterFlag flag : list) flags.put(flag);
    return flags;
  };
  EXPECT_FALSE(flags_with(230.0, 4.999, 50.0).any());
  EXPECT_FALSE(flags_with(230.0, 4.999, 60.0).any());
  EXPECT_EQ(flags_with(230.0, 5.0, 50.0), only({MeterFlag::current_high}));
  EXPECT_EQ(flags_with(230.0, 1.0, 72.0), only({MeterFlag::frequency_wrong}));
  EXPECT_EQ(flags_with(59.0, 1.0, 50.0), only({MeterFlag::phase_voltage_low}));  // 102 V line to line
  EXPECT_EQ(flags_with(50.0, 1.0, 50.0), only({MeterFlag::phase_voltage_low, MeterFlag::line_voltage_low}));
  EXPECT_EQ(flags_with(279.0, 1.0, 50.0), only({MeterFlag::line_voltage_high}));  // 483 V line to line
  EXPECT_EQ(flags_with(281.0, 1.0, 50.0), only({MeterFlag::phase_voltage_high, MeterFlag::line_voltage_high}));
}

TEST(EnergyMeter, ClipsBeyondItsLimitsOnlyWhenAskedTo) {
  EnergyMeter::Parameters parameters = parameters_of(step, step, 0.0);
  const auto import_w = [&](double volts, double amperes) {
    EnergyMeter meter(parameters, step);
    meter.advance(balanced(volts), {amperes, 0.0, 0.0}, 50.0);
    return meter.reading().import_w[0];
  };
  EXPECT_NEAR(import_w(230.0, 8.0), 230.0 * 400.0, 1e-6);
  EXPECT_NEAR(import_w(40.0, 1.0), 40.0 * 50.0, 1e-6);
  parameters.beyond_limits = BeyondLimits::clips;
  EXPECT_NEAR(import_w(230.0, 8.0), 230.0 * 6.0 * 50.0, 1e-6);  // 1.2 x 5 A
  EXPECT_NEAR(import_w(400.0, 1.0), 336.0 * 50.0, 1e-6);        // 1.2 x 280 V
  EXPECT_EQ(import_w(40.0, 1.0), 0.0);
}

TEST(EnergyMeter, NoticesExchangedPhasesOfTheSupply) {
  EnergyMeter meter(parameters_of(step, step, 0.0), step);
  PhasePhasors v = balanced(230.0);
  std::swap(v[0], v[2]);
  meter.advance(v, {}, 50.0);
  EXPECT_TRUE(meter.reading().flags.has(MeterFlag::sequence_wrong));
}

// Lines at 230 V, neutral of the load 60 V off along L1: line to neutral 170 V on L1, but against the star point of the
// inputs still 230 V. 10 A in L1: 1700 W with neutral, 2300 W without.
TEST(EnergyMeter, MeasuresAgainstTheStarPointWithoutItsNeutral) {
  EnergyMeter meter(parameters_of(step, step, 0.0), step);
  PhasePhasors v = balanced(230.0);
  for (Phasor& each : v) each -= 60.0;
  meter.advance(v, {0.2, 0.0, 0.0}, 50.0);
  EXPECT_NEAR(meter.reading().import_w[0], 1700.0, 1e-9);
  meter.set_neutral_connected(false);
  meter.advance(v, {0.2, 0.0, 0.0}, 50.0);
  EXPECT_NEAR(meter.reading().import_w[0], 2300.0, 1e-9);
  EXPECT_NEAR(meter.reading().voltage_ln_v[0], 230.0, 1e-9);
  EXPECT_TRUE(meter.reading().flags.has(MeterFlag::neutral_missing));
}

TEST(EnergyMeter, KeepsAFlagOfAnyStepUntilThePublicationAfterIt) {
  EnergyMeter meter(parameters_of(step, 50ms, 0.0), step);
  const auto after = [&](double amperes) {
    meter.advance(balanced(230.0), {amperes, 0.0, 0.0}, 50.0);
    return meter.reading().flags.has(MeterFlag::current_high);
  };
  EXPECT_FALSE(after(1.0));
  EXPECT_FALSE(after(7.0));  // seen, not published yet
  EXPECT_FALSE(after(1.0));
  EXPECT_FALSE(after(1.0));
  EXPECT_TRUE(after(1.0));
  for (int k = 0; k < 4; ++k) EXPECT_TRUE(after(1.0));
  EXPECT_FALSE(after(1.0));
}

// Class .5S starts at .001 of 5 A. 4 mA through 50 is 46 W that is not counted; 6 mA is 69 W, with 1 % at position 1.
TEST(EnergyMeter, StartsToCountAtTheStartCurrentOfItsClass) {
  EnergyMeter::Parameters parameters = parameters_of(step, step, 0.0);
  parameters.meter_class = MeterClass::class_05s;
  parameters.class_position = 1.0;
  EnergyMeter meter(parameters, step);
  meter.advance(balanced(230.0), {0.004, 0.0, 0.0}, 50.0);
  EXPECT_EQ(meter.reading().import_w[0], 0.0);
  EXPECT_TRUE(meter.reading().flags.has(MeterFlag::below_start));
  meter.advance(balanced(230.0), {0.006, 0.0, 0.0}, 50.0);
  EXPECT_NEAR(meter.reading().import_w[0], 69.0 * 1.01, 1e-9);
  meter.advance(balanced(230.0), {1.0, 0.0, 0.0}, 50.0);
  EXPECT_NEAR(meter.reading().import_w[0], 11500.0 * 1.005, 1e-9);
}

// Half an hour of 4000 / -1000 / -3000 W: netted 0, per phase 2000 Wh in and 500 + 1500 Wh out.
TEST(EnergyMeter, CountsThePhasesByThemselvesWhenItsRegisterIsPerPhase) {
  EnergyMeter::Parameters parameters = parameters_of(1s, 1s, 0.0);
  parameters.energy_register = EnergyRegister::per_phase;
  EnergyMeter meter(parameters, 1s);
  for (int k = 0; k < 1800; ++k) meter.advance(balanced(230.0), secondary_for({4000.0, -1000.0, -3000.0}), 50.0);
  EXPECT_NEAR(meter.reading().imported_wh, 2000.0, 1e-6);
  EXPECT_NEAR(meter.reading().exported_wh, 2000.0, 1e-6);
  EXPECT_NEAR(meter.reading().phase_exported_wh[2], 1500.0, 1e-6);
  EXPECT_NEAR(meter.reading().netted_imported_wh + meter.reading().netted_exported_wh, 0.0, 1e-6);
}

// 3000 W and 4000 var on L1: power factor .6; exporting: -.6; at no load 1.
TEST(EnergyMeter, GivesThePowerFactorTheSignOfThePower) {
  EnergyMeter meter(parameters_of(step, step, 0.0), step);
  const auto factor_of = [&](Phasor va) {
    meter.advance(balanced(230.0), secondary_for({va, 0.0, 0.0}), 50.0);
    EXPECT_NEAR(meter.reading().phase_power_factor[0], meter.reading().power_factor, 1e-12);
    return meter.reading().power_factor;
  };
  EXPECT_NEAR(factor_of({3000.0, 4000.0}), 0.6, 1e-12);
  EXPECT_NEAR(factor_of({-3000.0, 4000.0}), -0.6, 1e-12);
  EXPECT_EQ(factor_of(0.0), 1.0);
}

}  // namespace
}  // namespace hil::models
