#pragma once

#include <array>
#include <cstdint>

#include "models/storage/reported_limits.h"

namespace hil::models {

/// Bits of BatteryManagement::warnings().
enum class BatteryWarning : std::uint32_t {
  cell_voltage_low = 1U << 0,   ///< discharge stopped until release
  cell_voltage_high = 1U << 1,  ///< charge stopped until release
  cold = 1U << 2,               ///< within the warning margin of an alarm
  hot = 1U << 3,
  above_limit = 1U << 4,  ///< more current than reported, right now
};
/// Bits of BatteryManagement::alarms().
enum class BatteryAlarm : std::uint32_t {
  cell_undervoltage = 1U << 0,
  cell_overvoltage = 1U << 1,
  undertemperature = 1U << 2,
  overtemperature = 1U << 3,
  overcurrent = 1U << 4,
  limit_ignored = 1U << 5,
};
constexpr bool has(std::uint32_t bits, BatteryWarning bit) {
  return (bits & static_cast<std::uint32_t>(bit)) != 0;
}
constexpr bool has(std::uint32_t bits, BatteryAlarm bit) {
  return (bits & static_cast<std::uint32_t>(bit)) != 0;
}

/// Published charge and discharge limits by temperature, in C of rated capacity (physics-and-standards 4.2 [BMS]).
enum class TemperatureProfile { none, first_maker, second_maker };
/// Stepwise as published. A limit between two bands belongs to the upper one, the top end to the last band.
double charge_c_rate_limit(TemperatureProfile profile, double temperature_c);
double discharge_c_rate_limit(TemperatureProfile profile, double temperature_c);

/// Why a limit is zero.
enum class LimitCause : unsigned char { none, contactor_open, cold, hot, full, empty };

/// BMS of an LFP pack: limits by SOC, temperature and cell voltage, warnings, alarms, contactor, own SOC estimate.
///
///   charge    max to soc .90, linear to .1 at .98, then to 0 at 1 (or taper_c_rate held until full)
///   discharge max down to soc .10, linear to .2 at .05, to 0 at 0; 0 at minimum_soc and below
///   both      not above the temperature profile; 0 between stop and release of a cell voltage, and with the
///             contactor open
///   estimate  d(est)/dt = -(i (1 + gain) + offset) stored_share / (3600 Ah) + drift;  1 once a full charge tapers
///
/// An alarm that has lasted its delay opens the contactor. It closes by close_contactor() once no alarm is left, or by
/// itself `auto_reclose_s` after that. A limit counts as ignored from .5 A + 2 % above it.
///
/// Sign:     discharge > 0.
/// Left out: precharge, isolation fault, short circuit (a fuse's business), single bad sensors.
/// Valid:    ticks up to 1 s. Everything is off by default but the limits by SOC: `supervises` switches cell voltage
///           stops, warnings, alarms and the contactor on. SOC curve, stops and delays are certainty C (assumed).
/// Checked against: both tables of 4.2; see tests/models/storage/battery_management_test.cpp.
class BatteryManagement {
 public:
  struct Parameters {
    bool supervises = false;
    TemperatureProfile temperature_profile = TemperatureProfile::none;
    double minimum_soc = 0.0;   ///< 0..0.5
    double taper_c_rate = 0.0;  ///< 0..0.2; 0: linear to 0 at full; 0.02..0.05 is usual
    double stop_discharge_cell_v = 2.80;
    double release_discharge_cell_v = 3.10;  ///< above its stop
    double stop_charge_cell_v = 3.60;
    double release_charge_cell_v = 3.40;      ///< below its stop
    double undervoltage_alarm_cell_v = 2.50;  ///< not above the stop
    double overvoltage_alarm_cell_v = 3.65;   ///< not below the stop
    double undertemperature_alarm_c = -20.0;
    double overtemperature_alarm_c = 60.0;  ///< above the other
    double warning_margin_k = 5.0;          ///< 0..20
    double overcurrent_factor = 1.25;       ///< of max_charge_a, max_discharge_a; >= 1
    double alarm_delay_s = 1.0;             ///< 0..60
    double ignored_limit_s = 10.0;          ///< 0..600
    double auto_reclose_s = 0.0;            ///< 0..86400; 0: only on command
    bool estimates_soc = false;             ///< off: the BMS knows the true soc
    double current_offset_a = 0.0;          ///< -10..10, read in excess of the true discharge
    double current_gain_error = 0.0;        ///< -0.1..0.1
    double drift_per_day = 0.0;             ///< -0.1..0.1; 0.005 to 0.03 is usual (4.2, C)
    double full_cell_v = 3.45;              ///< highest cell, for the snap to full; 3..4
    double full_c_rate = 0.05;              ///< charge current below which that counts; 0..0.5
    double report_period_s = 0.0;           ///< 0..60; 0: limits are seen at once
    double report_lag_s = 0.0;              ///< 0..30 periods; 1..2 s is usual
  };
  struct Pack {
    double capacity_ah = 0.0;
    double max_charge_a = 0.0;
    double max_discharge_a = 0.0;
    double coulombic_efficiency = 1.0;
  };
  struct Inputs {
    double discharge_a = 0.0;  ///< mean over the tick
    double cell_min_v = 0.0;
    double cell_max_v = 0.0;
    double cell_min_c = 0.0;
    double cell_max_c = 0.0;
    double soc = 0.0;  ///< the true one
    double reported_charge_a = 0.0;
    double reported_discharge_a = 0.0;
  };
  struct Allowed {
    double charge_a = 0.0;
    double discharge_a = 0.0;
  };

  /// Throws InvalidParameter.
  BatteryManagement(const Parameters& parameters, const Pack& pack, double soc, double temperature_c, double tick_s);

  void advance(const Inputs& inputs);
  /// `soc`: the true one; used unless the BMS estimates its own.
  Allowed allowed(double soc) const;

  /// Of a limit that is zero, or next to it; `none`: of another one. Temperatures are those of the extreme cells.
  LimitCause charge_cause(double true_soc, double cell_min_c, double cell_max_c) const;
  LimitCause discharge_cause(double true_soc, double cell_min_c, double cell_max_c) const;

  double soc(double true_soc) const { return parameters_.estimates_soc ? estimate_ : true_soc; }
  std::uint32_t warnings() const { return warnings_; }
  std::uint32_t alarms() const { return alarms_; }        ///< those that hold now
  std::uint32_t opened_by() const { return opened_by_; }  ///< those that opened the contactor last; 0 after closing
  bool contactor_closed() const { return closed_; }
  void open_contactor() { closed_ = false; }
  /// False, and still open, while an alarm holds.
  bool close_contactor();

 private:
  static constexpr std::size_t alarm_count = 6;

  void estimate_soc(const Inputs& inputs);
  void watch_cell_voltages(const Inputs& inputs);
  void raise_alarms(const Inputs& inputs);
  void raise(BatteryAlarm alarm, std::size_t index, bool starts, bool stays, double delay_s);
  void set(BatteryWarning warning, bool on);

  Parameters parameters_;
  Pack pack_;
  double tick_s_;
  double estimate_;
  double temperature_charge_a_;
  double temperature_discharge_a_;
  std::array<double, alarm_count> lasting_s_{};
  double calm_s_ = 0.0;  ///< since the last alarm went
  std::uint32_t warnings_ = 0;
  std::uint32_t alarms_ = 0;
  std::uint32_t opened_by_ = 0;
  bool closed_ = true;
};

}  // namespace hil::models
