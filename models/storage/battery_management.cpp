#include "models/storage/battery_management.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

constexpr double unlimited = std::numeric_limits<double>::infinity();
constexpr double day_s = 86400.0;

// A request that follows a limit exactly must not count as ignoring it: meter noise, rounding (assumed).
constexpr double limit_margin_a = 0.5;
constexpr double limit_margin_share = 0.02;

// An alarm holds until its value is this far back inside (assumed).
constexpr double alarm_return_v = 0.05;
constexpr double alarm_return_k = 2.0;

// Between the ends of every temperature profile.
constexpr double mild_c = 25.0;
// What counts as empty or full when a limit has run out.
constexpr double next_to_end_soc = 0.005;

struct Band {
  double below_c;
  double c_rate;
};

// physics-and-standards 4.2 [BMS]. First maker: "0-5 (10)" read up to 10 deg C, the careful way.
constexpr std::array<Band, 5> first_maker_charge{{{0.0, 0.0}, {10.0, 0.1}, {15.0, 0.2}, {45.0, 0.5}, {55.0, 0.2}}};
constexpr std::array<Band, 6> second_maker_charge{
    {{0.0, 0.0}, {5.0, 0.1}, {10.0, 0.2}, {25.0, 1.0}, {50.0, 0.75}, {60.0, 0.1}}};
constexpr std::array<Band, 3> both_discharge{{{-20.0, 0.0}, {0.0, 0.5}, {60.0, 1.0}}};

template <std::size_t count>
double rate_in(const std::array<Band, count>& bands, double temperature_c) {
  for (const Band& band : bands) {
    if (temperature_c < band.below_c) return band.c_rate;
  }
  return temperature_c <= bands.back().below_c ? bands.back().c_rate : 0.0;
}

/// Shares of the limit in the middle (4.2, certainty C).
double charge_share(double soc) {
  if (soc <= 0.90) return 1.0;
  if (soc <= 0.98) return 1.0 - 0.9 * (soc - 0.90) / 0.08;
  return std::max(0.0, 0.1 * (1.0 - soc) / 0.02);
}

double discharge_share(double soc) {
  if (soc >= 0.10) return 1.0;
  if (soc >= 0.05) return 0.2 + 0.8 * (soc - 0.05) / 0.05;
  return std::max(0.0, 0.2 * soc / 0.05);
}

void require_within(double value, double lowest, double highest, const char* field, const char* allowed) {
  require(value >= lowest && value <= highest, field, value, allowed);
}

void check(const BatteryManagement::Parameters& p) {
  require_within(p.minimum_soc, 0.0, 0.5, "minimum_soc", "0..0.5");
  require_within(p.taper_c_rate, 0.0, 0.2, "taper_c_rate", "0..0.2");
  require_within(p.stop_discharge_cell_v, 1.5, 3.3, "stop_discharge_cell_v", "1.5..3.3");
  require(p.release_discharge_cell_v > p.stop_discharge_cell_v && p.release_discharge_cell_v <= 3.5,
          "release_discharge_cell_v", p.release_discharge_cell_v, "above stop_discharge_cell_v, up to 3.5");
  require_within(p.stop_charge_cell_v, 3.3, 4.2, "stop_charge_cell_v", "3.3..4.2");
  require(p.release_charge_cell_v < p.stop_charge_cell_v && p.release_charge_cell_v >= 3.0, "release_charge_cell_v",
          p.release_charge_cell_v, "3.0 or more, below stop_charge_cell_v");
  require(p.undervoltage_alarm_cell_v <= p.stop_discharge_cell_v && p.undervoltage_alarm_cell_v >= 1.0,
          "undervoltage_alarm_cell_v", p.undervoltage_alarm_cell_v, "1.0 to stop_discharge_cell_v");
  require(p.overvoltage_alarm_cell_v >= p.stop_charge_cell_v && p.overvoltage_alarm_cell_v <= 4.5,
          "overvoltage_alarm_cell_v", p.overvoltage_alarm_cell_v, "stop_charge_cell_v to 4.5");
  require_within(p.undertemperature_alarm_c, -60.0, 100.0, "undertemperature_alarm_c", "-60..100");
  require(p.overtemperature_alarm_c > p.undertemperature_alarm_c && p.overtemperature_alarm_c <= 100.0,
          "overtemperature_alarm_c", p.overtemperature_alarm_c, "above undertemperature_alarm_c, up to 100");
  require_within(p.warning_margin_k, 0.0, 20.0, "warning_margin_k", "0..20");
  require_within(p.overcurrent_factor, 1.0, 10.0, "overcurrent_factor", "1..10");
  require_within(p.alarm_delay_s, 0.0, 60.0, "alarm_delay_s", "0..60");
  require_within(p.ignored_limit_s, 0.0, 600.0, "ignored_limit_s", "0..600");
  require_within(p.auto_reclose_s, 0.0, day_s, "auto_reclose_s", "0..86400");
  require_within(p.current_offset_a, -10.0, 10.0, "current_offset_a", "-10..10");
  require_within(p.current_gain_error, -0.1, 0.1, "current_gain_error", "-0.1..0.1");
  require_within(p.drift_per_day, -0.1, 0.1, "drift_per_day", "-0.1..0.1");
  require_within(p.full_cell_v, 3.0, 4.0, "full_cell_v", "3..4");
  require_within(p.full_c_rate, 0.0, 0.5, "full_c_rate", "0..0.5");
}

bool above_limit(double current_a, double limit_a) {
  return current_a > limit_a * (1.0 + limit_margin_share) + limit_margin_a;
}

}  // namespace

double charge_c_rate_limit(TemperatureProfile profile, double temperature_c) {
  if (profile == TemperatureProfile::none) return unlimited;
  return profile == TemperatureProfile::first_maker ? rate_in(first_maker_charge, temperature_c)
                                                    : rate_in(second_maker_charge, temperature_c);
}

double discharge_c_rate_limit(TemperatureProfile profile, double temperature_c) {
  return profile == TemperatureProfile::none ? unlimited : rate_in(both_discharge, temperature_c);
}

BatteryManagement::BatteryManagement(const Parameters& parameters, const Pack& pack, double soc, double temperature_c,
                                     double tick_s)
    : parameters_(parameters),
      pack_(pack),
      tick_s_(tick_s),
      estimate_(soc),
      temperature_charge_a_(pack.capacity_ah * charge_c_rate_limit(parameters.temperature_profile, temperature_c)),
      temperature_discharge_a_(pack.capacity_ah *
                               discharge_c_rate_limit(parameters.temperature_profile, temperature_c)) {
  check(parameters);
}

BatteryManagement::Allowed BatteryManagement::allowed(double true_soc) const {
  if (!closed_) return {};
  const double known_soc = soc(true_soc);
  Allowed allowed;
  allowed.charge_a = pack_.max_charge_a * charge_share(known_soc);
  if (parameters_.taper_c_rate > 0.0 && known_soc > 0.98 && known_soc < 1.0) {
    allowed.charge_a = std::min(0.1 * pack_.max_charge_a, parameters_.taper_c_rate * pack_.capacity_ah);
  }
  allowed.discharge_a = pack_.max_discharge_a * discharge_share(known_soc);
  allowed.charge_a = std::min(allowed.charge_a, temperature_charge_a_);
  allowed.discharge_a = std::min(allowed.discharge_a, temperature_discharge_a_);
  if (has(warnings_, BatteryWarning::cell_voltage_high)) allowed.charge_a = 0.0;
  if (has(warnings_, BatteryWarning::cell_voltage_low) || known_soc <= parameters_.minimum_soc) {
    allowed.discharge_a = 0.0;
  }
  return allowed;
}

LimitCause BatteryManagement::charge_cause(double true_soc, double cell_min_c, double cell_max_c) const {
  if (!closed_) return LimitCause::contactor_open;
  const TemperatureProfile profile = parameters_.temperature_profile;
  if (cell_min_c < mild_c && charge_c_rate_limit(profile, cell_min_c) == 0.0) return LimitCause::cold;
  if (cell_max_c > mild_c && charge_c_rate_limit(profile, cell_max_c) == 0.0) return LimitCause::hot;
  const bool full = has(warnings_, BatteryWarning::cell_voltage_high) || soc(true_soc) >= 1.0 - next_to_end_soc;
  return full ? LimitCause::full : LimitCause::none;
}

LimitCause BatteryManagement::discharge_cause(double true_soc, double cell_min_c, double cell_max_c) const {
  if (!closed_) return LimitCause::contactor_open;
  const bool empty = has(warnings_, BatteryWarning::cell_voltage_low) ||
                     soc(true_soc) <= std::max(parameters_.minimum_soc, next_to_end_soc);
  if (empty) return LimitCause::empty;
  const TemperatureProfile profile = parameters_.temperature_profile;
  if (cell_min_c < mild_c && discharge_c_rate_limit(profile, cell_min_c) == 0.0) return LimitCause::cold;
  if (cell_max_c > mild_c && discharge_c_rate_limit(profile, cell_max_c) == 0.0) return LimitCause::hot;
  return LimitCause::none;
}

void BatteryManagement::advance(const Inputs& inputs) {
  if (parameters_.temperature_profile != TemperatureProfile::none) {
    const TemperatureProfile profile = parameters_.temperature_profile;
    temperature_charge_a_ = pack_.capacity_ah * std::min(charge_c_rate_limit(profile, inputs.cell_min_c),
                                                         charge_c_rate_limit(profile, inputs.cell_max_c));
    temperature_discharge_a_ = pack_.capacity_ah * std::min(discharge_c_rate_limit(profile, inputs.cell_min_c),
                                                            discharge_c_rate_limit(profile, inputs.cell_max_c));
  }
  if (parameters_.estimates_soc) estimate_soc(inputs);
  if (!parameters_.supervises) return;
  watch_cell_voltages(inputs);
  raise_alarms(inputs);
  if (alarms_ != 0) {
    if (closed_) opened_by_ = alarms_;
    closed_ = false;
    calm_s_ = 0.0;
  } else if (!closed_ && opened_by_ != 0 && parameters_.auto_reclose_s > 0.0) {
    calm_s_ += tick_s_;
    if (calm_s_ >= parameters_.auto_reclose_s) close_contactor();
  }
}

bool BatteryManagement::close_contactor() {
  if (alarms_ != 0) return false;
  closed_ = true;
  opened_by_ = 0;
  lasting_s_ = {};
  return true;
}

void BatteryManagement::estimate_soc(const Inputs& inputs) {
  // What the open contactor does not let through is still "measured" as the sensor's offset.
  const double read_a = inputs.discharge_a * (1.0 + parameters_.current_gain_error) + parameters_.current_offset_a;
  const double stored_share = read_a < 0.0 ? pack_.coulombic_efficiency : 1.0;
  estimate_ += tick_s_ * (parameters_.drift_per_day / day_s - read_a * stored_share / (3600.0 * pack_.capacity_ah));
  const bool tapering = inputs.discharge_a <= 0.0 && -inputs.discharge_a <= parameters_.full_c_rate * pack_.capacity_ah;
  if (tapering && inputs.cell_max_v >= parameters_.full_cell_v) estimate_ = 1.0;
  estimate_ = std::clamp(estimate_, 0.0, 1.0);
}

void BatteryManagement::set(BatteryWarning warning, bool on) {
  const auto bit = static_cast<std::uint32_t>(warning);
  warnings_ = on ? warnings_ | bit : warnings_ & ~bit;
}

void BatteryManagement::watch_cell_voltages(const Inputs& inputs) {
  const Parameters& p = parameters_;
  const bool low = has(warnings_, BatteryWarning::cell_voltage_low);
  const bool high = has(warnings_, BatteryWarning::cell_voltage_high);
  set(BatteryWarning::cell_voltage_low,
      inputs.cell_min_v <= (low ? p.release_discharge_cell_v : p.stop_discharge_cell_v));
  set(BatteryWarning::cell_voltage_high, inputs.cell_max_v >= (high ? p.release_charge_cell_v : p.stop_charge_cell_v));
  set(BatteryWarning::cold, inputs.cell_min_c <= p.undertemperature_alarm_c + p.warning_margin_k);
  set(BatteryWarning::hot, inputs.cell_max_c >= p.overtemperature_alarm_c - p.warning_margin_k);
  set(BatteryWarning::above_limit, above_limit(inputs.discharge_a, inputs.reported_discharge_a) ||
                                       above_limit(-inputs.discharge_a, inputs.reported_charge_a));
}

void BatteryManagement::raise(BatteryAlarm alarm, std::size_t index, bool starts, bool stays, double delay_s) {
  const auto bit = static_cast<std::uint32_t>(alarm);
  lasting_s_[index] = starts ? lasting_s_[index] + tick_s_ : 0.0;
  // Half a tick: a delay of 10 s made of ticks is reached by counting, not by rounding.
  const bool on = (alarms_ & bit) != 0 ? stays : starts && lasting_s_[index] >= delay_s - tick_s_ / 2.0;
  alarms_ = on ? alarms_ | bit : alarms_ & ~bit;
}

void BatteryManagement::raise_alarms(const Inputs& inputs) {
  const Parameters& p = parameters_;
  const double delay_s = p.alarm_delay_s;
  raise(BatteryAlarm::cell_undervoltage, 0, inputs.cell_min_v < p.undervoltage_alarm_cell_v,
        inputs.cell_min_v < p.undervoltage_alarm_cell_v + alarm_return_v, delay_s);
  raise(BatteryAlarm::cell_overvoltage, 1, inputs.cell_max_v > p.overvoltage_alarm_cell_v,
        inputs.cell_max_v > p.overvoltage_alarm_cell_v - alarm_return_v, delay_s);
  raise(BatteryAlarm::undertemperature, 2, inputs.cell_min_c < p.undertemperature_alarm_c,
        inputs.cell_min_c < p.undertemperature_alarm_c + alarm_return_k, delay_s);
  raise(BatteryAlarm::overtemperature, 3, inputs.cell_max_c > p.overtemperature_alarm_c,
        inputs.cell_max_c > p.overtemperature_alarm_c - alarm_return_k, delay_s);
  const bool overcurrent = inputs.discharge_a > p.overcurrent_factor * pack_.max_discharge_a + limit_margin_a ||
                           -inputs.discharge_a > p.overcurrent_factor * pack_.max_charge_a + limit_margin_a;
  raise(BatteryAlarm::overcurrent, 4, overcurrent, overcurrent, delay_s);
  const bool ignored = has(warnings_, BatteryWarning::above_limit);
  raise(BatteryAlarm::limit_ignored, 5, ignored, ignored, p.ignored_limit_s);
}

}  // namespace hil::models
