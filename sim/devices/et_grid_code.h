#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "models/grid_code/grid_codes.h"
#include "models/site/site.h"
#include "sim/devices/device_face.h"

namespace hil::sim {

/// Grid protection and power curves of an ET by register (goodwe-et-modbus 6.3; units and points from B): what its grid
/// code has stands there at the start, and what a master writes acts on the lane from the next step on. Nothing acts
/// that nobody wrote.
///
///   trips     two stages each of over and under voltage and frequency with their times; the ten-minute mean. A stage
///             that the code does not have shows the end of its range and is added by the first write.
///   enter     wait (of first start and return alike, assumed), ramp of the start and of the return after a fault: time
///             from nothing to the rating; 0: none
///   cos(P)    points A..D; magnitude, absorbing (assumed); a point of cos phi 0 is unset
///   P(f)      bit 0 on; bit 1: from the start point to nothing at the end point, else by the slope
///   Q(U)      points 1..4, + injects (assumed), in shares of the rating; a point of 0 V is unset
///   P(U)      points 1..4 of the injection; below 0 counts as 0 (assumed)
///
/// A reactive curve takes the place of the other; switched off, or with all curves off, the power factor is 1 beside
/// what 45482 and 45483 ask for. Without a grid code the settings are kept and act on nothing.
/// Left out: lock-in and lock-out of the curves, their filters and recovery, the ramp of a reduction.
class EtGridCode {
 public:
  EtGridCode(models::Site& site, std::size_t lane);
  EtGridCode(const EtGridCode&) = delete;  // the face points into it
  EtGridCode& operator=(const EtGridCode&) = delete;

  /// Settings overvoltage_1_v, overvoltage_1_s, ... underfrequency_2_s, ten_minute_mean_v, connect_wait_s,
  /// connect_ramp_s, reconnect_ramp_s; power_factor_curve..., frequency_curve..., volt_var_..., volt_watt_...;
  /// power_curves_off.
  void publish(DeviceFace& face);

 private:
  using Stages = models::InterfaceProtection::Stages;
  static constexpr std::size_t stages_by_register = 2;
  static constexpr std::size_t curve_points = 4;
  enum class Kind : unsigned char { overvoltage, undervoltage, overfrequency, underfrequency };
  struct Stage {
    double threshold = 0.0;  ///< V or Hz
    double delay_s = 0.2;
    std::optional<std::size_t> place{};  ///< in the code's list
  };
  struct Point {
    double x = 0.0;  ///< V, or share of the rating
    double y = 0.0;
  };
  using Points = std::array<Point, curve_points>;
  struct FrequencyCurve {
    double bits = 0.0;
    double over_hz = 50.2;
    double under_hz = 49.8;
    double over_stop_hz = 52.0;
    double under_stop_hz = 47.5;
    double over_share_per_hz = 0.4;
    double under_share_per_hz = 0.4;
  };

  void show_code();
  void show_stages(Kind kind);
  void show_curves();
  void publish_curves(DeviceFace& face);
  void publish_points(DeviceFace& face, const char* curve, Points& points, void (EtGridCode::*written)());
  Stages& stages(Kind kind);
  double unit_of_threshold(Kind kind) const;
  void set_stage(Kind kind, std::size_t number);
  void set_ten_minute_mean();
  void set_enter_service();
  void set_power_factor_curve();
  void set_volt_var();
  void set_volt_watt();
  void set_frequency_curve();
  /// To the lane.
  void apply();

  models::Site& site_;
  std::size_t lane_;
  std::optional<models::GridCode> code_;                           ///< with what was written
  std::array<std::array<Stage, stages_by_register>, 4> stages_{};  ///< by Kind
  double ten_minute_mean_v_ = 0.0;
  double connect_wait_s_ = 60.0;
  double connect_ramp_s_ = 60.0;
  double reconnect_ramp_s_ = 600.0;
  double power_factor_on_ = 0.0;
  Points power_factor_{};
  double volt_var_on_ = 0.0;
  Points volt_var_{};
  double volt_watt_on_ = 0.0;
  double volt_watt_response_s_ = 0.0;
  Points volt_watt_{};
  FrequencyCurve frequency_;
  double all_off_ = 0.0;
};

}  // namespace hil::sim
