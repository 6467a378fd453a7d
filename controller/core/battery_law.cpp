#include "controller/core/battery_law.h"

#include <algorithm>
#include <cmath>

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

/// Dead time and lag of an order (0.2 s each assumed, goodwe-et-modbus 13.5) with 0.2 s of averaging.
constexpr Time order_settles = 500ms;
/// A limit that was lowered cures the export by itself: what is seen of it sooner is not for the batteries to take.
constexpr Time lowering_settles = 800ms;
/// Most of what PV brings in place of a charge is there by then (0.7 s), and all that the charge takes.
constexpr Time probe_shows = 700ms;
/// After a large step what is left of the lag would count double in readings that are not of the same moment.
constexpr Time step_settles = 1000ms;
/// After a port was last seen at its limit, the limits get this long to cure an import: three rounds of readings.
constexpr Time release_takes = 1500ms;
/// PV that falls by more than this between two looks does not follow a released limit: clouds, or a freeze.
constexpr double pv_falls_w = 300.0;
constexpr double largest_order_w = 1e6;  ///< no bound
/// No hunting around 0: leave it above the first, return to it below the second (physics-and-standards 10: 50..100 W).
constexpr double leave_zero_w = 60.0;
constexpr double return_to_zero_w = 25.0;

/// Beside a bound on what is generated, an import is not for the batteries to cover.
double excess_of(double import_w, const BatteryLaw::Situation& situation) {
  return std::min(import_w - situation.target_import_w, situation.generation_room_w - situation.spare_w);
}

}  // namespace

void BatteryLaw::reset(Time ignore_before) {
  *this = BatteryLaw{};
  used_.fill(ignore_before);
}

std::optional<BatteryLaw::Observed> BatteryLaw::observe(const Measurements& measurements, std::size_t count) {
  Observed observed;
  double units = 0.0;
  for (std::size_t k = 0; k < count; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (!unit.feeds()) continue;
    const std::optional<PairedSample>& sample = unit.battery_discharge;
    if (!sample || sample->at <= used_[k] || sample->at < unit.battery_order_since + order_settles ||
        sample->at < unit.battery_stepped_at + step_settles || sample->at < unit.limit_lowered_at + lowering_settles) {
      return std::nullopt;
    }
    observed.battery_w += sample->value_w;
    observed.import_w += sample->grid_import_w;
    units += 1.0;
  }
  if (units == 0.0) return std::nullopt;
  observed.import_w /= units;
  for (std::size_t k = 0; k < count; ++k) {
    if (measurements.inverters[k].feeds()) used_[k] = measurements.inverters[k].battery_discharge->at;
  }
  return observed;
}

bool BatteryLaw::shown(const Measurements& measurements, std::size_t count) {
  for (std::size_t k = 0; k < count; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (unit.feeds() && unit.battery_discharge && unit.battery_discharge->at < unit.battery_ordered_at + probe_shows) {
      return false;
    }
  }
  return true;
}

std::optional<double> BatteryLaw::decide(const Measurements& measurements, std::size_t count,
                                         const Situation& situation, PvProbe& probe) {
  const std::optional<Observed> observed = observe(measurements, count);
  if (!observed) return std::nullopt;
  const Time now = measurements.now;
  double order_w = order_w_;
  const double excess_w = excess_of(observed->import_w, situation);
  const bool pv_fell = situation.pv_w < pv_before_w_ - pv_falls_w;
  pv_before_w_ = situation.pv_w;
  if (pv_fell) probe.pv_fell();
  const double uncovered_w = excess_w - probe.relief_w(now);
  if (situation.any_pv_held_back) at_limit_at_ = now;
  // The limits decide, and PV waits behind them: what the batteries take more is for the probe to say.
  const bool for_the_probe = situation.held_back && excess_w >= -situation.target_import_w;
  if (excess_w <= 0.0 && !for_the_probe) {
    order_w = std::min(situation.any_at_limit ? order_w_ : largest_order_w, observed->battery_w + excess_w);
  } else if (uncovered_w > 0.0 && now - at_limit_at_ >= release_takes) {
    // An import beside a port at its limit is for the limits to cure.
    order_w = observed->battery_w + uncovered_w;
    probe.failed(now);
  }
  if (order_w > -situation.max_charge_w) {
    order_w -= probe.step_w(
        {situation.held_back, situation.pv_w, excess_w, situation.inverters, shown(measurements, count)}, now);
  }
  probe.end_decision(situation.held_back);
  return settle_on(order_w, situation);
}

double BatteryLaw::settle_on(double order_w, const Situation& situation) {
  order_w = std::clamp(order_w, -situation.max_charge_w, situation.max_discharge_w);
  resting_ = std::abs(order_w) < (resting_ ? leave_zero_w : return_to_zero_w);
  order_w_ = resting_ ? 0.0 : order_w;
  return order_w_;
}

std::optional<double> BatteryLaw::follow(const StepWatch::Powers& powers, const Situation& situation, double relief_w,
                                         Time now) {
  if (powers.at_limit) return std::nullopt;
  const double excess_w = excess_of(powers.import_w, situation);
  const double uncovered_w = excess_w > 0.0 ? std::max(excess_w - relief_w, 0.0) : excess_w;
  used_.fill(now);  // older samples know less
  return settle_on(powers.battery_w + uncovered_w, situation);
}

}  // namespace hil::controller
