#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/load/demand.h"

namespace hil::models {

/// Load after a series of times and scales.
///
/// Each step takes the value at its start. By steps, a value holds until the next time; linear, it moves there on a
/// straight line, and past the last point to the first of the next round. Without repetition the last value stays.
/// Times are counted in nanoseconds and go on while the load is off.
class ProfileLoad {
 public:
  enum class Interpolation : unsigned char { step, linear };

  struct Parameters {
    std::vector<double> time_s{};          ///< ascending, the first 0; at least one; up to 1e9
    std::vector<double> active_scale{};    ///< as many, >= 0
    std::vector<double> reactive_scale{};  ///< as many, >= 0; empty: as active_scale
    Interpolation interpolation = Interpolation::step;
    double repeat_s = -1.0;    ///< > the last time; 0: does not repeat
    double start_at_s = -1.0;  ///< 0..1e9, where in the series the first step stands
  };

  /// Throws InvalidParameter. Takes all memory here.
  ProfileLoad(const Parameters& parameters, std::chrono::nanoseconds step);

  Demand advance(const LoadConditions& conditions);

 private:
  struct Point {
    std::int64_t time_ns;
    double active;
    double reactive;
  };
  void find();

  std::vector<Point> points_;  ///< closed by a point at the end of the round, or never
  bool linear_ = false;
  std::int64_t step_ns_ = 0;
  std::int64_t repeat_ns_ = 0;
  std::int64_t position_ns_ = 0;
  std::size_t at_ = 0;  ///< last point that is not after position
};

/// Factor on the H0 profile by day of the year, 1..366 (physics-and-standards 8):
///
///   F = -3.92e-10 t^4 + 3.2e-7 t^3 - 7.02e-5 t^2 + 2.1e-3 t + 1.24
///
/// The profile is a mean of many homes; one home is spiky. Checked against: six published values.
double h0_dynamisation(double day_of_year);

}  // namespace hil::models
