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
///             that the code does not have shows the end of its range and is added by the first write, which is refused
///             where the code's list is full. Further stages of a longer code and its rate of change of frequency act
///             unseen and cannot be written.
///   enter     wait (of first start and return alike, assumed), ramp of the start and of the return after a fault: time
///             from nothing to the rating; 0: none
///   cos(P)    points A..D; magnitude, absorbing (assumed); a point of cos phi 0 is unset
///   P(f)      bit 0 on; bit 1: from the start point to nothing at the end point, of the power before, else by the
///             slope, of what the code refers to. A code without the side below nominal frequency gets it by a write of
///             45443 or of one of that side's registers.
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

  /// Settings by name, with what they take (goodwe-et-modbus 6.3 and B):
  ///   overvoltage_1_v, ... undervoltage_2_v, ten_minute_mean_v   60..300 V, line to neutral
  ///   overfrequency_1_hz, ... underfrequency_2_hz                30..80 Hz
  ///   overvoltage_1_s, ... underfrequency_2_s                    0.02..1000 s
  ///   connect_wait_s, connect_ramp_s, reconnect_ramp_s           0..1200 s
  ///   power_factor_curve, volt_var_curve, volt_watt_curve, power_curves_off   0 or 1
  ///   power_factor_curve_1_share, power_factor_curve_1, ...      -1..1 of the rating; -1..1
  ///   volt_var_1_v, volt_var_1_share, ... volt_watt_4_share      0 or 60..300 V; -1..1 of the rating
  ///   volt_watt_response_s                                       0..1200 s
  ///   frequency_curve, frequency_curve_over_hz, ...              see FrequencyCurve
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
  /// 45443..45447, 45453, 45454 (goodwe-et-modbus 6.3 and B); frequencies 30..80, starts act within 40..70. Where the
  /// code has no such curve: as it stands here (assumed).
  struct FrequencyCurve {
    double bits = 0.0;  ///< 0..3
    double over_hz = 50.2;
    double under_hz = 49.8;
    double over_stop_hz = 52.0;
    double under_stop_hz = 47.5;
    double over_share_per_hz = 0.4;   ///< -1..1; the sign does not count
    double under_share_per_hz = 0.4;  ///< likewise
  };

  void show_code();
  void show_stages(Kind kind);
  void show_curves();
  void publish_curves(DeviceFace& face);
  void publish_points(DeviceFace& face, const char* curve, Points& points, void (EtGridCode::*written)());
  Stages& stages(Kind kind);
  double unit_of_threshold(Kind kind) const;
  bool takes_stage(Kind kind, std::size_t number);
  void set_stage(Kind kind, std::size_t number);
  std::size_t place_of_ten_minute_mean();
  bool takes_ten_minute_mean();
  void set_ten_minute_mean();
  void set_enter_service();
  void set_power_factor_curve();
  void set_volt_var();
  void set_volt_watt();
  void set_frequency_curve();
  void set_under_frequency_curve();
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
  models::FrequencyReference over_reference_ = models::FrequencyReference::rated;  ///< of the code, for the slope
  bool has_under_frequency_ = false;  ///< by the code, or since a write that means it
  double all_off_ = 0.0;
};

}  // namespace hil::sim
