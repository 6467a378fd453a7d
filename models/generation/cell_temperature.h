#pragma once

#include <chrono>

namespace hil::models {

/// Faiman: air + G / (25 + 6.84 v), wind v in m/s at module height (free-standing rack). physics-and-standards 5.2.
double faiman_cell_c(double air_c, double irradiance_w_m2, double wind_m_s);

/// From the nominal operating cell temperature of the data sheet (about 45 deg C): air + G (NOCT - 20) / 800.
double noct_cell_c(double air_c, double irradiance_w_m2, double noct_c);

/// Cell temperature that follows its steady value with first-order lag, exact for a constant target.
///
///   d(cell_c)/dt = (steady_c - cell_c) / time_constant_s
///
/// Left out: wind and roof in the lag. Valid: any step.
/// Checked against: hand calculation, see tests/models/generation.
class CellTemperature {
 public:
  static constexpr double assumed_time_constant_s = 420.0;  ///< assumed, 5..10 min (physics-and-standards 5.2, C)

  struct Parameters {
    double time_constant_s = 0.0;  ///< > 0
  };
  struct State {
    double cell_c = -1e9;  ///< -60..150
  };

  /// Throws InvalidParameter.
  CellTemperature(const Parameters& parameters, const State& initial, std::chrono::nanoseconds step);

  void advance(double steady_c) { state_.cell_c += share_ * (steady_c - state_.cell_c); }
  double cell_c() const { return state_.cell_c; }
  const State& state() const { return state_; }

 private:
  State state_;
  double share_ = 0.0;  ///< of the way to go that one step covers
};

}  // namespace hil::models
