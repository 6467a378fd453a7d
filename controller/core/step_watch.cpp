#include "controller/core/step_watch.h"

#include <algorithm>
#include <cmath>

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

/// Dead time of 0.2 s and lag of 0.2 s are assumed (goodwe-et-modbus 13.5); three lags and a little.
constexpr Time order_settles = 900ms;
constexpr Time nothing_moves = 250ms;
/// A limit just raised held PV back a moment ago.
constexpr Time limit_holds_back = 2s;
/// Smaller changes are for the rounds of readings.
constexpr double step_w = 300.0;
/// A mean of 200 ms (section 3), and the reading after it.
constexpr Time meter_mean = 210ms;

}  // namespace

void StepWatch::look_at_units(const Measurements& measurements, std::size_t count, bool any_at_limit) {
  Time changed{0};
  Time earliest_change = Time::max();
  bool same_members = true;
  for (std::size_t k = 0; k < count; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    same_members = same_members && members_[k] == unit.feeds();
    members_[k] = unit.feeds();
    if (!unit.feeds()) continue;
    for (const Time at : {unit.battery_order_since, unit.limit_lowered_at}) {
      changed = std::max(changed, at);
      if (at > base_at_) earliest_change = std::min(earliest_change, at);
    }
  }
  if (!same_members) base_.reset();
  if (base_ && !changed_at_ && earliest_change < Time::max()) changed_at_ = earliest_change;
  Powers powers;
  Time oldest = Time::max();
  for (std::size_t k = 0; k < count; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (!unit.feeds()) continue;
    if (!unit.ac_injection || !unit.battery_discharge) return;
    oldest = std::min({oldest, unit.ac_injection->at, unit.battery_discharge->at});
    powers.ac_w += unit.ac_injection->value_w;
    powers.battery_w += unit.battery_discharge->value_w;
  }
  if (oldest == Time::max() || oldest < changed + order_settles || oldest <= base_at_) return;
  if (any_at_limit) at_limit_at_ = oldest;
  powers.at_limit = oldest - at_limit_at_ < limit_holds_back;
  base_ = powers;
  base_at_ = oldest;
  changed_at_.reset();
}

std::optional<StepWatch::Powers> StepWatch::observe(const Measurements& measurements, std::size_t count,
                                                    double target_import_w, bool any_at_limit) {
  look_at_units(measurements, count, any_at_limit);
  if (!measurements.counted_import_w || measurements.grid_import_at <= last_reading_) return std::nullopt;
  last_reading_ = measurements.grid_import_at;
  const double away_w = *measurements.counted_import_w - target_import_w;
  if (std::abs(away_w) < step_w) {
    away_since_.reset();
    return std::nullopt;
  }
  if (!away_since_) away_since_ = last_reading_;
  if (!base_ || (changed_at_ && last_reading_ > *changed_at_ + nothing_moves)) return std::nullopt;
  if (last_reading_ - *away_since_ < meter_mean) return std::nullopt;
  Powers powers = *base_;
  powers.import_w = *measurements.counted_import_w;
  return powers;
}

}  // namespace hil::controller
