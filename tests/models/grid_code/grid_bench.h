#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string_view>

#include "models/grid_code/grid_codes.h"

namespace hil::tests {

inline constexpr std::chrono::milliseconds bench_step{10};
inline constexpr double bench_step_s = 0.01;

inline const models::GridCode& code(std::string_view name) {
  const models::GridCode* found = models::find_grid_code(name);
  if (found == nullptr) throw std::invalid_argument("no such grid code");
  return *found;
}

/// What an ideal measurement says of a balanced grid.
inline models::GridMeasurement::Outputs measured(double pu, double hz) {
  models::GridMeasurement::Outputs grid;
  grid.voltage_pu = {pu, pu, pu};
  grid.mean_pu = pu;
  grid.positive_sequence_pu = pu;
  grid.ten_minute_mean_pu = {1.0, 1.0, 1.0};
  grid.frequency_hz = hz;
  grid.valid = true;
  return grid;
}

/// Protection that has entered service on a nominal grid and finished its ramp.
inline models::InterfaceProtection running_protection(const models::InterfaceProtection::Parameters& parameters,
                                                      double nominal_hz) {
  models::InterfaceProtection protection{parameters, bench_step};
  for (int i = 0; i < 300'000; ++i) {
    if (protection.advance({.grid = measured(1.0, nominal_hz)}).operation == models::Operation::running) break;
  }
  EXPECT_EQ(protection.outputs().operation, models::Operation::running);
  return protection;
}

/// Measurement and protection on a grid whose voltage and frequency the test sets.
class GridBench {
 public:
  explicit GridBench(const models::GridCode& code)
      : nominal_ln_v_(code.nominal_ln_v),
        measurement_(code.measurement, bench_step),
        protection_(running_protection(code.protection, code.nominal_frequency_hz)) {
    for (int i = 0; i < 100; ++i) step(1.0, code.nominal_frequency_hz);
  }
  const models::InterfaceProtection::Outputs& step(double pu, double hz) {
    const auto& grid =
        measurement_.advance({.terminal_ln_v = models::balanced(pu * nominal_ln_v_), .frequency_hz = hz});
    // Until the phase is found a second after the start, the relay is not asked.
    if (++steps_ > 50) protection_.advance({.grid = grid});
    return protection_.outputs();
  }
  const models::InterfaceProtection::Outputs& run(double seconds, double pu, double hz) {
    for (double t = 0.5 * bench_step_s; t < seconds; t += bench_step_s) step(pu, hz);
    return protection_.outputs();
  }
  /// Time from now until the relay is open; negative if it stays closed.
  double trip_s(double pu, double hz, double at_most_s) {
    for (int i = 1; i * bench_step_s <= at_most_s; ++i) {
      if (!step(pu, hz).connected) return i * bench_step_s;
    }
    return -1.0;
  }
  const models::InterfaceProtection::Outputs& outputs() const { return protection_.outputs(); }

 private:
  double nominal_ln_v_ = 0.0;
  models::GridMeasurement measurement_;
  models::InterfaceProtection protection_;
  int steps_ = 0;
};

}  // namespace hil::tests
