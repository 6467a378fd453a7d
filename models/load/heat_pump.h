#pragma once

#include <chrono>
#include <optional>

#include "models/load/demand.h"
#include "models/load/motor.h"

namespace hil::models {

/// Compressor of a heat pump, speed by inverter or direct on line.
///
///   request = (heating_limit_c - ambient) / (heating_limit_c - design_c), within 0..1, unless commanded
///
/// By inverter it modulates between lowest_modulation and 1 on a ramp of `ramp_s` for the whole span. A request that
/// it cannot modulate down to is met by cycles: what the house lacks adds up to at most `buffer_s` of full power,
/// which starts the compressor, and it stops when that is made up. A request of 0 stops it. It runs min_run_s and
/// stands min_stop_s at least, but for a loss of supply, which stops it at once. Direct on line (`direct_on_line`
/// given) there is full power or nothing, with a motor's start. The load's nominal power is that at full speed.
///
/// Left out: dependence of the power on temperature, defrosting, back-up heater, pumps.
/// Checked against: hand cases.
class HeatPump {
 public:
  static constexpr double lowest_voltage_pu = 0.5;  ///< assumed (C)

  struct Parameters {
    double ramp_s = 0.0;              ///< > 0
    double lowest_modulation = 0.0;   ///< > 0, <= 1; not used direct on line
    double min_run_s = -1.0;          ///< >= 0
    double min_stop_s = -1.0;         ///< >= 0
    double buffer_s = 0.0;            ///< > 0
    double heating_limit_c = -300.0;  ///< -50..60, > design_c
    double design_c = -300.0;         ///< -50..60
    std::optional<Motor::Parameters> direct_on_line{};
  };
  /// Ramp of 30..60 s (physics-and-standards 8, C); the rest is assumed (C).
  static constexpr Parameters typical_inverter() {
    return {.ramp_s = 45.0,
            .lowest_modulation = 0.3,
            .min_run_s = 300.0,
            .min_stop_s = 180.0,
            .buffer_s = 300.0,
            .heating_limit_c = 15.0,
            .design_c = -10.0,
            .direct_on_line = {}};
  }
  /// The old type: 4..6 In for 0.2 s (physics-and-standards 8, C).
  static constexpr Parameters typical_direct_on_line() {
    Parameters parameters = typical_inverter();
    parameters.direct_on_line = Motor::Parameters{.locked_rotor_multiple = 5.0,
                                                  .starting_power_factor = 0.3,
                                                  .running_power_factor = 0.8,
                                                  .start_s = 0.2,
                                                  .star_delta = false};
    return parameters;
  }

  /// Throws InvalidParameter. Starts at rest, ready to run.
  HeatPump(const Parameters& parameters, std::chrono::nanoseconds step);

  /// 0..1 instead of what the ambient asks for; nullopt gives that back. Throws InvalidParameter outside.
  void command(std::optional<double> request);
  Demand advance(const LoadConditions& conditions);
  bool running() const { return running_; }

 private:
  double request(double ambient_c) const;

  Parameters parameters_;
  std::optional<Motor> motor_;
  std::optional<double> command_;
  double step_s_ = 0.0;
  double most_change_ = 0.0;
  double lowest_ = 0.0;  ///< lowest output while running
  bool running_ = false;
  double since_s_ = 0.0;  ///< last start or stop
  double lack_s_ = 0.0;   ///< of full power
  double output_ = 0.0;
};

}  // namespace hil::models
