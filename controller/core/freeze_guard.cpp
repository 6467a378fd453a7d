#include "controller/core/freeze_guard.h"

#include <algorithm>

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

constexpr Time between_samples = 400ms;
/// Least load step that is looked at; the field's examples are heaters and other strong appliances.
constexpr double load_step_w = 1500.0;
constexpr Time load_step_within = 2500ms;
/// Of the step; a cloud has none of it, but bounds are wider than the load by what moves a little all the time.
constexpr double certain_step_w = load_step_w / 2.0;
/// The batteries have taken over, and two or three rounds of the largest fleet have passed since.
constexpr Time certain_within = 8s;
/// The bounds look back over two or three rounds.
constexpr Time at_most_from = load_step_within + 1500ms;
/// PV before the step, by age at the step: the estimate sees a step up to a round late.
constexpr Time before_from = 6s;
constexpr Time before_to = 1500ms;
constexpr double least_pv_w = 500.0;
constexpr double held_down_ratio = 0.6;
/// PV on its way up gains 100 W and more from one sample to the next.
constexpr double rising_w = 50.0;
constexpr Time judged_from = 2s;
constexpr Time judged_until = 12s;
constexpr Time held_down_for = 1500ms;
constexpr int least_samples = 4;
/// The field's 5 s, a refresh of the inverter, and a second in which PV shows what it can give.
constexpr Time limit_off_for = 6200ms;
/// With the slowest PV of physics-and-standards 2.1, 3 s to full.
constexpr Time limit_off_at_most = 9s;
constexpr Time acknowledged_within = 3s;
/// Until the next unit's window: the others have to follow first.
constexpr Time rest = 4s;
/// physics-and-standards 9: not repeated inside 5 min.
constexpr Time between_cures = 300s;

}  // namespace

void FreezeGuard::Past::add(double value_w, Time now) {
  const std::size_t newest = (next_ + samples_.size() - 1) % samples_.size();
  if (count_ > 0 && now - samples_[newest].at < between_samples) return;
  samples_[next_] = {value_w, now};
  next_ = (next_ + 1) % samples_.size();
  count_ = std::min(count_ + 1, samples_.size());
}

std::optional<double> FreezeGuard::Past::lowest(Time now, Time from_age, Time to_age) const {
  std::optional<double> found_w;
  for (std::size_t k = 0; k < count_; ++k) {
    const Time age = now - samples_[k].at;
    if (age <= from_age && age >= to_age)
      found_w = std::min(found_w.value_or(samples_[k].value_w), samples_[k].value_w);
  }
  return found_w;
}

void FreezeGuard::reset() {
  for (Unit& unit : units_) {
    const std::optional<Time> cured_at = unit.cured_at;
    unit = {};
    unit.cured_at = cured_at;
  }
  if (unlimited_) units_[*unlimited_].cured_at = ordered_at_;
  load_.clear();
  bounds_.reset();
  at_most_.clear();
  stepped_at_.reset();
  unlimited_.reset();
}

void FreezeGuard::watch_bounds(const Measurements& measurements, std::size_t count, bool new_round) {
  if (!measurements.counted_import_w) return;
  double ac_w = 0.0;
  bool same_members = true;
  for (std::size_t k = 0; k < count; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    const bool counts = unit.feeds() && unit.ac_injection;
    same_members = same_members && members_[k] == counts;
    members_[k] = counts;
    if (counts) ac_w += unit.ac_injection->value_w;
  }
  if (!same_members) {
    // Whoever falls silent or comes back changes the load that is seen, by what it gives.
    load_.clear();
    bounds_.reset();
    at_most_.clear();
    if (!step_certain_) stepped_at_.reset();
  }
  bounds_.observe(*measurements.counted_import_w, ac_w, new_round, measurements.now);
  if (!bounds_.known()) return;
  if (stepped_at_ && bounds_.lowest_w() >= at_most_before_w_ + certain_step_w) step_certain_ = true;
  if (new_round) at_most_.add(bounds_.highest_w(), measurements.now);
}

void FreezeGuard::watch_load(const Measurements& measurements, std::size_t count, double site_load_w) {
  const Time now = measurements.now;
  const std::optional<double> before_w = load_.lowest(now, load_step_within, 0s);
  load_.add(site_load_w, now);
  const std::optional<double> at_most_w = at_most_.lowest(now, at_most_from, 0s);
  const bool judging = stepped_at_ && now - *stepped_at_ < (step_certain_ ? judged_until : certain_within);
  if (judging || !before_w || !at_most_w || site_load_w - *before_w < load_step_w) return;
  stepped_at_ = now;
  step_certain_ = false;
  at_most_before_w_ = *at_most_w;
  for (std::size_t k = 0; k < count; ++k) {
    Unit& unit = units_[k];
    if (unit.frozen) continue;  // still to be cured, by what it gave before
    unit.pv_before_w = unit.pv.lowest(now, before_from, before_to);
    unit.held_back_before = unit.above_limit.lowest(now, before_from, before_to).value_or(-least_pv_w) > -at_limit_w;
    unit.held_down_since.reset();
    unit.samples_held_down = 0;
  }
}

bool FreezeGuard::is_down(const Unit& unit, double pv_w, double limit_w) {
  const bool fell = unit.pv_before_w && *unit.pv_before_w >= least_pv_w && pv_w < held_down_ratio * *unit.pv_before_w;
  const bool stays = unit.held_back_before && limit_w >= least_pv_w && pv_w < held_down_ratio * limit_w &&
                     pv_w < unit.last_pv_w + rising_w;
  return fell || stays;
}

void FreezeGuard::watch_unit(Unit& unit, const InverterMeasurement& measured, Time now) const {
  if (!measured.answering || !measured.ac_injection || !measured.battery_discharge || !measured.limit_in_force_w) {
    unit.held_down_since.reset();
    return;
  }
  if (measured.ac_injection->at <= unit.used) return;
  unit.used = measured.ac_injection->at;
  const double pv_w = measured.ac_injection->value_w - measured.battery_discharge->value_w;
  const double limit_w = *measured.limit_in_force_w;
  unit.pv.add(pv_w, now);
  unit.above_limit.add(measured.ac_injection->value_w - limit_w, now);
  const bool judged = stepped_at_ && now - *stepped_at_ >= judged_from && now - *stepped_at_ < judged_until;
  const bool down = is_down(unit, pv_w, limit_w);
  unit.pv_rise_w = pv_w - unit.last_pv_w;
  unit.last_pv_w = pv_w;
  unit.frozen = unit.frozen && down;  // while it waited for its turn PV may have come back
  const bool below_limit = measured.ac_injection->value_w < limit_w - at_limit_w;
  // At its limit the battery has taken the room that PV left: the limit itself explains no fall.
  const bool battery_instead =
      down && unit.pv_before_w && measured.battery_discharge->value_w >= *unit.pv_before_w - pv_w;
  const bool held_down = judged && measured.on_grid && down && (below_limit || battery_instead);
  if (!held_down) {
    unit.held_down_since.reset();
    return;
  }
  if (!unit.held_down_since) {
    unit.held_down_since = now;
    unit.samples_held_down = 0;
  }
  ++unit.samples_held_down;
  const bool long_enough = now - *unit.held_down_since >= held_down_for && unit.samples_held_down >= least_samples;
  if (long_enough && step_certain_) unit.frozen = true;
}

void FreezeGuard::begin(const Measurements& measurements, std::size_t count) {
  const Time now = measurements.now;
  if (now < rest_until_) return;
  for (std::size_t k = 0; k < count; ++k) {
    Unit& unit = units_[k];
    if (!unit.frozen) continue;
    unit.frozen = false;
    if (!measurements.inverters[k].answering || (unit.cured_at && now - *unit.cured_at < between_cures)) continue;
    unlimited_ = k;
    ordered_at_ = now;
    off_at_.reset();
    return;
  }
}

void FreezeGuard::go_on(const InverterMeasurement& measured, Time now) {
  if (!off_at_ && measured.limit_off) {
    off_at_ = now;
    ++cures_;
  }
  const bool rising = units_[*unlimited_].pv_rise_w >= rising_w;
  const bool done = off_at_ && now - *off_at_ >= (rising ? limit_off_at_most : limit_off_for);
  const bool given_up = !measured.answering || (!off_at_ && now - ordered_at_ >= acknowledged_within);
  if (!done && !given_up) return;
  units_[*unlimited_].cured_at = now;
  unlimited_.reset();
  rest_until_ = now + rest;
}

void FreezeGuard::observe(const Measurements& measurements, std::size_t count, std::optional<double> new_site_load_w) {
  watch_bounds(measurements, count, new_site_load_w.has_value());
  if (new_site_load_w) watch_load(measurements, count, *new_site_load_w);
  for (std::size_t k = 0; k < count; ++k) watch_unit(units_[k], measurements.inverters[k], measurements.now);
  if (unlimited_) {
    go_on(measurements.inverters[*unlimited_], measurements.now);
  } else {
    begin(measurements, count);
  }
}

}  // namespace hil::controller
