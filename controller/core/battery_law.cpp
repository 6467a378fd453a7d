#include "controller/core/battery_law.h"

#include <algorithm>
#include <cmath>

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

/// Dead time and lag of an order (0.2 s each assumed, goodwe-et-modbus 13.5) with 0.2 s of averaging.
constexpr Time order_settles = 500ms;
/// After a large step what is left of the lag would count double in readings that are not of the same moment.
constexpr Time step_settles = 1000ms;
/// PV follows a released limit within 1..3 s (physics-and-standards 2.1): full credit first, then less and less.
constexpr Time full_credit = 1s;
constexpr Time credit_ends = 3s;
/// After a port was last seen at its limit, the limits get this long to cure an import: three rounds of readings.
constexpr Time release_takes = 1500ms;
/// PV that falls by more than this between two looks does not follow a released limit: clouds, or a freeze.
constexpr double pv_falls_w = 300.0;
constexpr double first_probe_w = 100.0;
constexpr double probe_growth = 2.0;
/// PV has followed when the import left over is this part of the probe; after the second it has not.
constexpr double probe_followed = 0.6;
constexpr Time probe_judged = 4s;
/// Less PV than this is none; the battery may have displaced all of it, so look now and then.
constexpr double pv_in_sight_w = 100.0;
constexpr Time blind_probe = 10s;
constexpr double largest_order_w = 1e6;  ///< no bound
/// A probe that PV did not follow: wait before the next one, each time twice as long.
constexpr Time first_pause = 2s;
constexpr Time longest_pause = 60s;
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

double BatteryLaw::relief_w(Time now) const {
  const Time age = now - credit_at_;
  if (age >= credit_ends) return 0.0;
  if (age <= full_credit) return credit_w_;
  return credit_w_ * std::chrono::duration<double>(credit_ends - age) /
         std::chrono::duration<double>(credit_ends - full_credit);
}

void BatteryLaw::limit_released(double raise_w, Time now) {
  credit_w_ = relief_w(now) + raise_w;
  credit_at_ = now;
}

std::optional<BatteryLaw::Observed> BatteryLaw::observe(const Measurements& measurements, std::size_t count) {
  Observed observed;
  double units = 0.0;
  for (std::size_t k = 0; k < count; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (!unit.feeds()) continue;
    const std::optional<PairedSample>& sample = unit.battery_discharge;
    if (!sample || sample->at <= used_[k] || sample->at < unit.battery_order_since + order_settles ||
        sample->at < unit.battery_stepped_at + step_settles) {
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

bool BatteryLaw::may_probe(double order_w, const Situation& situation, double excess_w, Time now) const {
  if (order_w <= -situation.max_charge_w || now < no_probe_before_) return false;
  if (situation.held_back) return was_held_back_ && (situation.pv_w > pv_in_sight_w || now - probed_at_ > blind_probe);
  return probe_w_ > 0.0 && now - probed_at_ < probe_judged && excess_w < probe_followed * probe_w_;
}

double BatteryLaw::probe(double order_w, Time now) {
  probe_w_ = probe_w_ > 0.0 ? std::min(probe_w_ * probe_growth, largest_probe_w) : first_probe_w;
  probed_at_ = now;
  limit_released(probe_w_, now);
  return order_w - probe_w_;
}

std::optional<double> BatteryLaw::decide(const Measurements& measurements, std::size_t count,
                                         const Situation& situation) {
  const std::optional<Observed> observed = observe(measurements, count);
  if (!observed) return std::nullopt;
  const Time now = measurements.now;
  double order_w = order_w_;
  const double excess_w = excess_of(observed->import_w, situation);
  const bool pv_fell = situation.pv_w < pv_before_w_ - pv_falls_w;
  pv_before_w_ = situation.pv_w;
  if (pv_fell) credit_w_ = 0.0;
  const double uncovered_w = excess_w - relief_w(now);
  if (situation.any_at_limit) at_limit_at_ = now;
  if (excess_w <= 0.0) {
    order_w = std::min(situation.any_at_limit ? order_w_ : largest_order_w, observed->battery_w + excess_w);
  } else if (uncovered_w > 0.0 && now - at_limit_at_ >= release_takes) {
    // An import beside a port at its limit is for the limits to cure.
    order_w = observed->battery_w + uncovered_w;
    if (probe_w_ > 0.0 && now - probed_at_ < probe_judged) {
      // Failed at the first step: there was no PV to gain. Failed later: PV came, but slower than asked for.
      probe_pause_ = probe_w_ > first_probe_w ? first_pause : std::clamp(probe_pause_ * 2, first_pause, longest_pause);
      no_probe_before_ = now + probe_pause_;
    }
    probe_w_ = probe_w_ / 2.0 >= first_probe_w ? probe_w_ / 2.0 : 0.0;
  }
  if (may_probe(order_w, situation, excess_w, now)) order_w = probe(order_w, now);
  was_held_back_ = situation.held_back;
  return settle_on(order_w, situation);
}

double BatteryLaw::settle_on(double order_w, const Situation& situation) {
  order_w = std::clamp(order_w, -situation.max_charge_w, situation.max_discharge_w);
  resting_ = std::abs(order_w) < (resting_ ? leave_zero_w : return_to_zero_w);
  order_w_ = resting_ ? 0.0 : order_w;
  return order_w_;
}

std::optional<double> BatteryLaw::follow(const StepWatch::Powers& powers, const Situation& situation, Time now) {
  if (powers.at_limit) return std::nullopt;
  const double excess_w = excess_of(powers.import_w, situation);
  const double uncovered_w = excess_w > 0.0 ? std::max(excess_w - relief_w(now), 0.0) : excess_w;
  used_.fill(now);  // older samples know less
  return settle_on(powers.battery_w + uncovered_w, situation);
}

}  // namespace hil::controller
