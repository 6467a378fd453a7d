#include "models/metering/energy_meter.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>

#include "models/invalid_parameter.h"
#include "models/metering/current_transformer.h"

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

// Cases M1..M4 of physics-and-standards 6.3: 4000 / -1000 / -3000 W, no vars, through real transformers. 0.01 W there.
struct Wiring {
  std::array<std::size_t, 3> element_sees{0, 1, 2};
  bool first_reversed = false;
};

EnergyMeter::Reading reading_with(const Wiring& wiring) {
  const PhasePhasors v = balanced(230.0);
  const std::array<Phasor, 3> import_va{4000.0, -1000.0, -3000.0};
  PhasePhasors secondary_a;
  for (std::size_t k = 0; k < phase_count; ++k) {
    CurrentTransformer transformer({.rated_primary_a = 250.0, .rated_secondary_a = 5.0});
    transformer.set_reversed(wiring.first_reversed && k == 0);
    const std::size_t seen = wiring.element_sees[k];
    secondary_a[k] = transformer.secondary_a(std::conj(import_va[seen] / v[seen]));
  }
  EnergyMeter meter(parameters_of(step, step, 0.0), step);
  meter.advance(v, secondary_a, 50.0);
  return meter.reading();
}

void expect_powers(const EnergyMeter::Reading& reading, const PhaseValues& import_w, double total_w, double total_var) {
  for (std::size_t k = 0; k < phase_count; ++k) EXPECT_NEAR(reading.import_w[k], import_w[k], 0.01);
  EXPECT_NEAR(reading.total_import_w, total_w, 0.01);
  EXPECT_NEAR(reading.total_import_var, total_var, 0.01);
}

TEST(EnergyMeter, M1ReadsEveryPhaseAndTheSumWhenWiredRight) {
  expect_powers(reading_with({}), {4000.0, -1000.0, -3000.0}, 0.0, 0.0);
}

TEST(EnergyMeter, M2TurnsTheSignOfThePhaseWhoseTransformerIsReversed) {
  expect_powers(reading_with({.first_reversed = true}), {-4000.0, -1000.0, -3000.0}, -8000.0, 0.0);
}

TEST(EnergyMeter, M3ReadsPhantomPowerWhenTwoTransformersAreSwapped) {
  expect_powers(reading_with({.element_sees = {1, 0, 2}}), {500.0, -2000.0, -3000.0}, -4500.0, -4330.13);
}

TEST(EnergyMeter, M4ReadsARightSumAndWrongPhasesWhenAllAreRotated) {
  expect_powers(reading_with({.element_sees = {1, 2, 0}}), {500.0, 1500.0, -2000.0}, 0.0, 0.0);
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

}  // namespace
}  // namespace hil::models
